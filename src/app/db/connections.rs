//! Opens connections, and decides which ones the pool may hand out again.
//!
//! SQLite may end a transaction on its own (disk full, I/O error, out of memory, interrupt). The
//! driver counts transactions and does not notice: its ROLLBACK fails and its count stays at one.
//! From then on each BEGIN creates a savepoint, which no COMMIT saves. So a writer returns to the
//! pool only if a bare ROLLBACK finds no transaction and the driver counts zero; otherwise it is
//! closed, and the pool opens another. A connection with a count above zero is not handed out
//! either.

use std::time::Duration;

use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectOptions,
    sqlx::{
        self, Connection as _, Executor as _,
        sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous},
    },
};

use crate::config::DatabaseConfig;

/// The single write connection.
pub(super) fn sqlite_writer(config: &DatabaseConfig) -> ConnectOptions {
    let mut options = sqlite(config, 1, false);
    options.map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|connection, _| Box::pin(ended_cleanly(connection))));
    options.map_sqlx_sqlite_before_acquire(|connection, _| is_idle(connection));
    options
}

/// The read connections. Their transactions only read and have nothing to lose, so checking the
/// driver's count is enough, which needs no round trip.
pub(super) fn sqlite_readers(config: &DatabaseConfig) -> ConnectOptions {
    let mut options = sqlite(config, config.pool, true);
    options.map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|connection, _| is_idle(connection)));
    options
}

/// The driver's count is enough here: PostgreSQL reports with each answer whether a transaction is
/// open, and a broken connection fails the ping that the pool sends before it takes a connection
/// back.
pub(super) fn postgres(config: &DatabaseConfig) -> ConnectOptions {
    let mut options = ConnectOptions::new(config.url.reveal());
    common(&mut options, config.pool);
    options.map_sqlx_postgres_opts(super::postgres::options);
    options.map_sqlx_postgres_pool_opts(|pool| pool.after_release(|connection, _| is_idle(connection)));
    options.map_sqlx_postgres_before_acquire(|connection, _| is_idle(connection));
    options
}

/// Whether the driver counts no open transaction.
fn is_idle<C: sqlx::Connection>(connection: &C) -> BoxFuture<'static, Result<bool, sqlx::Error>> {
    let is_idle = !connection.is_in_transaction();
    Box::pin(async move { Ok(is_idle) })
}

/// Whether no transaction is open, both in SQLite and by the driver's count. The ROLLBACK runs
/// after everything that the driver queued, so the count is final when it is read.
async fn ended_cleanly(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let found_nothing = match connection.execute("ROLLBACK").await {
        Err(sqlx::Error::Database(error)) => error.message().ends_with("no transaction is active"),
        Ok(_) | Err(_) => false,
    };
    Ok(found_nothing && !connection.is_in_transaction())
}

fn common(options: &mut ConnectOptions, connections: u32) {
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        // Statements contain personal data, which must not be logged.
        .sqlx_logging(false);
}

fn sqlite(config: &DatabaseConfig, connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(config.url.reveal());
    common(&mut options, connections);
    options.map_sqlx_sqlite_opts(move |options| {
        let options = options
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With NORMAL, a power failure may lose the last commits.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        // Makes a write on a read connection fail in the first test that runs it.
        if read_only { options.pragma("query_only", "1") } else { options.optimize_on_close(true, 400) }
    });
    options
}

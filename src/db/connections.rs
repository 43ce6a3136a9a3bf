//! How connections are opened, and which ones may serve again.
//!
//! SQLite may end a transaction by itself (a full disk, an I/O error, no memory, an interrupt). The driver counts transactions and
//! does not notice: its ROLLBACK fails, its count stays at one, and from then on each BEGIN is a savepoint that no COMMIT ever
//! saves. So a writer comes back to the pool only if a bare ROLLBACK finds nothing to roll back and the driver counts zero;
//! otherwise it is closed, and the pool opens another. A connection that counts more than zero is not handed out either.

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

/// The one connection that writes.
pub(super) fn sqlite_writer(config: &DatabaseConfig) -> ConnectOptions {
    let mut options = sqlite(config, 1, false);
    options.map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|connection, _| Box::pin(ended_cleanly(connection))));
    options.map_sqlx_sqlite_before_acquire(|connection, _| is_idle(connection));
    options
}

/// The connections that read. They begin no transactions, so only the driver's count is looked at: it costs no round trip.
pub(super) fn sqlite_readers(config: &DatabaseConfig) -> ConnectOptions {
    let mut options = sqlite(config, config.pool, true);
    options.map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|connection, _| is_idle(connection)));
    options
}

/// PostgreSQL reports with each answer whether a transaction is open, and a connection that broke fails the ping with which the
/// pool takes it back: the driver's count suffices.
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

/// Whether no transaction is open, by SQLite itself and by the driver's count. The ROLLBACK runs after everything that the driver
/// queued, so the count is settled when it is read.
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
        // Statements hold people's data: never in the log.
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
            // NORMAL may lose the last commits when the power fails.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        // A write that sneaks past the writer fails in the first test.
        if read_only { options.pragma("query_only", "1") } else { options.optimize_on_close(true, 400) }
    });
    options
}

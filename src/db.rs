//! One handle, two databases.
//!
//! SQLite: many read-only connections and one writer, whose transactions always begin `IMMEDIATE`, so that a transaction which
//! reads and then writes never fails half-way. PostgreSQL: one pool serves both sides, and rules lock the account row.

use std::time::Duration;

use anyhow::Context as _;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::config::DatabaseConfig;

/// Held while migrations run, so that servers which start together take turns. Any number that nobody else uses.
const MIGRATION_LOCK: i64 = 0x0DE5_4BE1;

#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Db {
    /// Opens the database and brings it up to date.
    ///
    /// # Errors
    /// One line that names the setting, for whoever starts the program.
    pub async fn open(config: &DatabaseConfig) -> anyhow::Result<Self> {
        let open = async {
            let db = Self::connect(config).await?;
            db.migrate().await?;
            Ok(db)
        };
        open.await.map_err(|error: anyhow::Error| error.context("DESKBELL_DATABASE_URL"))
    }

    /// Opens the database; SQLite's file is made when it is missing.
    pub async fn connect(config: &DatabaseConfig) -> anyhow::Result<Self> {
        if config.is_sqlite() {
            // The writer first: it makes the file and sets its journal mode.
            let write = Database::connect(sqlite(config, 1, false)).await.context("opening the SQLite database")?;
            let read = Database::connect(sqlite(config, config.pool, true)).await.context("opening the SQLite database")?;
            Ok(Self { read, write })
        } else {
            let mut options = ConnectOptions::new(config.url.reveal());
            common(&mut options, config.pool);
            let pool = Database::connect(options).await.context("connecting to PostgreSQL")?;
            Ok(Self { read: pool.clone(), write: pool })
        }
    }

    /// For reads outside a transaction.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// A transaction that may write. On SQLite it is the only one.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
        self.write.begin_with_options(options).await
    }

    /// Brings the schema up to date. Servers that start together take turns.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        if self.write.get_database_backend() == DbBackend::Postgres {
            // The lock belongs to this transaction and ends with it, also when the process dies.
            let lock = self.write.begin().await?;
            lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
            let done = Migrator::up(&self.write, None).await;
            lock.commit().await?;
            done.context("migrating")?;
        } else {
            self.migrate_sqlite().await?;
        }
        Ok(())
    }

    /// Two processes may open one file at once: the loser of the race finds the work done, or tries again.
    async fn migrate_sqlite(&self) -> anyhow::Result<()> {
        const TRIES: u32 = 20;
        for attempt in 1.. {
            match Migrator::up(&self.write, None).await {
                Ok(()) => break,
                Err(_) if attempt < TRIES => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(error) => return Err(error).context("migrating"),
            }
        }
        Ok(())
    }

    /// Whether both sides answer and no migration waits.
    pub async fn ready(&self) -> anyhow::Result<()> {
        self.write.ping().await.context("the database does not answer")?;
        self.read.ping().await.context("the database does not answer")?;
        let pending = Migrator::get_pending_migrations(&self.read).await.context("the migrations cannot be read")?;
        anyhow::ensure!(pending.is_empty(), "migrations wait to be run");
        Ok(())
    }

    /// Closes every connection; SQLite folds its journal back into the file.
    pub async fn close(self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.write.close().await
    }
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

//! One handle for both databases.
//!
//! SQLite has many read-only connections and one writer. The writer's transactions always begin
//! `IMMEDIATE`, so that a transaction which reads and then writes never fails half-way. PostgreSQL
//! has one pool for reads and writes, and rules lock the account row.
//!
//! Invariant: an acknowledged write is in the database. [`Txn`] commits only if all of its
//! statements succeeded, and a connection whose transaction did not end cleanly is closed before
//! the pool hands it out again ([`connections`]).

mod connections;
mod file;
mod inspect;
mod lock;
mod postgres;
mod register;
mod snapshot;
mod storage;
mod txn;

#[cfg(test)]
mod tests;

use std::time::Duration;

use anyhow::Context as _;
use edge::ledger::Turn;
use migration::{Migrator, MigratorTrait as _};
use prometheus_client::metrics::counter::Counter;
use sea_orm::{
    AccessMode, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use self::file::DatabaseFile;
pub use self::{
    inspect::{Inspection, Tables, inspect},
    lock::{InUse, ServerLock},
    snapshot::Snapshot,
    storage::{Storage, Trouble, is_reported, watch},
    txn::Txn,
};
use crate::config::{DatabaseConfig, Secret};

/// Advisory lock, held while migrations run, so that servers which start together take turns. An
/// arbitrary number that nothing else uses.
const MIGRATION_LOCK: i64 = 0x0DE5_4BE1;

/// Timeout of the check behind `/readyz`.
const READY_WITHIN: Duration = Duration::from_secs(2);

#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// The writer's pool, for a server's heartbeat: statements on it are not
    /// [counted](Self::count).
    uncounted: DatabaseConnection,
    /// The SQLite file that was opened.
    file: Option<DatabaseFile>,
    /// The URL of the PostgreSQL database.
    url: Option<Secret>,
    storage: Storage,
}

impl Db {
    /// Opens the database and runs the pending migrations.
    ///
    /// # Errors
    /// One line that names the setting, for the operator of the server.
    pub async fn open(config: &DatabaseConfig) -> anyhow::Result<Self> {
        let open = async {
            let db = Self::connect(config).await?;
            db.migrate().await?;
            Ok(db)
        };
        open.await.map_err(|error: anyhow::Error| error.context("DESKBELL_DATABASE_URL"))
    }

    /// Opens the database. A missing SQLite file is created.
    pub async fn connect(config: &DatabaseConfig) -> anyhow::Result<Self> {
        if config.is_sqlite() {
            let path = config.sqlite_file();
            if let Some(path) = &path {
                file::create(path);
            }
            // The writer first: it sets the journal mode.
            let write =
                Database::connect(connections::sqlite_writer(config)).await.context("opening the SQLite database")?;
            let read =
                Database::connect(connections::sqlite_readers(config)).await.context("opening the SQLite database")?;
            Ok(Self {
                read,
                uncounted: write.clone(),
                write,
                file: path.and_then(DatabaseFile::at),
                url: None,
                storage: Storage::default(),
            })
        } else {
            // Boxed: two handshakes would make every future that opens a database large.
            Box::pin(postgres::check(config.url.reveal())).await?;
            let pool = Database::connect(connections::postgres(config)).await.context("connecting to PostgreSQL")?;
            Ok(Self {
                read: pool.clone(),
                uncounted: pool.clone(),
                write: pool,
                file: None,
                url: Some(config.url.clone()),
                storage: Storage::default(),
            })
        }
    }

    /// Counts all further statements, including those inside transactions. A server's heartbeat is
    /// not counted: it runs independently of requests, and a count that grows by itself would say
    /// nothing about a request.
    pub fn count(&mut self, statements: &Counter) {
        for connection in [&mut self.read, &mut self.write] {
            let statements = statements.clone();
            connection.set_metric_callback(move |_| {
                statements.inc();
            });
        }
    }

    /// Connections for reads outside a transaction.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Begins a transaction that may write. SQLite has one at a time.
    ///
    /// It begins in a separate task. A caller that is dropped between BEGIN and its answer would
    /// leave an open PostgreSQL transaction on a connection whose driver counts none. The task
    /// completes the BEGIN, and dropping the result rolls back.
    pub async fn begin(&self) -> Result<Txn, DbErr> {
        self.begin_on(&self.write).await
    }

    async fn begin_on(&self, connection: &DatabaseConnection) -> Result<Txn, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let (write, storage) = (connection.clone(), self.storage.clone());
        let begin = tokio::spawn(async move {
            let begun = write.begin_with_options(options).await;
            begun.map(|inner| Txn::new(inner, storage.clone())).inspect_err(|error| storage.noted(error))
        });
        begin
            .await
            .map_err(|cut_short| DbErr::Custom(format!("the start of a transaction was cut short: {cut_short}")))?
    }

    /// Begins a read-only transaction for the holder of a turn, in a separate task as
    /// [`Db::begin`].
    pub async fn snapshot(&self, turn: Turn) -> Result<Snapshot, DbErr> {
        let options = match self.read.get_database_backend() {
            DbBackend::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..Default::default()
            },
            _ => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..Default::default()
            },
        };
        let (read, storage) = (self.read.clone(), self.storage.clone());
        let begin = tokio::spawn(async move {
            let begun = read.begin_with_options(options).await;
            begun
                .map(|inner| Snapshot::new(inner, storage.clone(), turn))
                .inspect_err(|error| storage.noted_by_read(error))
        });
        begin.await.map_err(|cut_short| DbErr::Custom(format!("the start of a read was cut short: {cut_short}")))?
    }

    /// Whether the database can be written.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Runs the pending migrations. Servers that start together take turns.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        if self.write.get_database_backend() == DbBackend::Postgres {
            // The lock belongs to this transaction and is released with it, even if the process
            // dies.
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

    /// Two processes may open one file at once. The one that loses the race retries, and finds the
    /// migrations done.
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

    /// Checks that the database answers a query. It does not check migrations, which ran at
    /// startup, and does not wait for a busy writer: the check is public and must stay cheap.
    pub async fn ready(&self) -> anyhow::Result<()> {
        let asked = tokio::time::timeout(READY_WITHIN, self.read.execute_unprepared("SELECT 1")).await;
        let answered = asked
            .context("the database does not answer in time")
            .and_then(|asked| asked.context("the database does not answer"));
        if let (Err(_), Some(url)) = (&answered, &self.url) {
            postgres::try_once(url.reveal(), READY_WITHIN).await?;
        }
        answered?;
        if let Some(file) = &self.file {
            anyhow::ensure!(file.is_there(), "the database file is gone, or another one is in its place");
        }
        Ok(())
    }

    /// Closes all connections; SQLite moves its write-ahead log into the file.
    pub async fn close(self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.write.close().await
    }
}

//! One handle, two databases.
//!
//! SQLite: many read-only connections and one writer, whose transactions always begin `IMMEDIATE`, so that a transaction which
//! reads and then writes never fails half-way. PostgreSQL: one pool serves both sides, and rules lock the account row.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use migration::{Migrator, MigratorTrait as _};
use prometheus_client::metrics::counter::Counter;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::config::DatabaseConfig;

/// Held while migrations run, so that servers which start together take turns. Any number that nobody else uses.
const MIGRATION_LOCK: i64 = 0x0DE5_4BE1;

/// A database that takes longer to answer than this is not ready.
const READY_WITHIN: Duration = Duration::from_secs(2);

#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// SQLite's, as it was opened.
    file: Option<DatabaseFile>,
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
            Ok(Self { read, write, file: DatabaseFile::of(config) })
        } else {
            let mut options = ConnectOptions::new(config.url.reveal());
            common(&mut options, config.pool);
            let pool = Database::connect(options).await.context("connecting to PostgreSQL")?;
            Ok(Self { read: pool.clone(), write: pool, file: None })
        }
    }

    /// Counts every statement from now on, those inside transactions included.
    pub fn count(&mut self, statements: &Counter) {
        for connection in [&mut self.read, &mut self.write] {
            let statements = statements.clone();
            connection.set_metric_callback(move |_| {
                statements.inc();
            });
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

    /// Whether the database answers a question. Migrations are run at the start, and a writer that is busy is at work: neither is
    /// looked at here, where anybody may ask as often as they like.
    pub async fn ready(&self) -> anyhow::Result<()> {
        let asked = tokio::time::timeout(READY_WITHIN, self.read.execute_unprepared("SELECT 1")).await;
        asked.context("the database does not answer in time")?.context("the database does not answer")?;
        if let Some(file) = &self.file {
            anyhow::ensure!(file.is_there(), "the database file is gone, or another one is in its place");
        }
        Ok(())
    }

    /// Closes every connection; SQLite folds its journal back into the file.
    pub async fn close(self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.write.close().await
    }
}

/// SQLite goes on with a file that was deleted or replaced, and whatever it writes is lost at the end.
#[derive(Clone, Debug)]
struct DatabaseFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl DatabaseFile {
    /// None where files have no identity to compare, or the path is written in a way that only SQLite reads.
    fn of(config: &DatabaseConfig) -> Option<Self> {
        let path = config.url.reveal().strip_prefix("sqlite:")?.trim_start_matches("//");
        let path = PathBuf::from(path.split('?').next()?);
        Some(Self { identity: identity(&path)?, path })
    }

    fn is_there(&self) -> bool {
        identity(&self.path) == Some(self.identity)
    }
}

/// The device and the number of a file.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    async fn opened(folder: &tempfile::TempDir) -> Db {
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Db::open(&DatabaseConfig { url: Secret::new(url), pool: 2 }).await.expect("a database")
    }

    #[tokio::test]
    async fn a_busy_writer_is_no_reason_not_to_be_ready() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = opened(&folder).await;
        let _writing = db.begin().await.expect("the writer");
        db.ready().await.expect("ready");
    }

    #[tokio::test]
    async fn what_a_newer_version_has_added_does_not_keep_this_one_from_starting() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = opened(&folder).await;
        let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_add_more', 0)";
        let work = db.begin().await.expect("the writer");
        work.execute_unprepared(newer).await.expect("written");
        work.commit().await.expect("committed");
        db.migrate().await.expect("nothing to do");
        opened(&folder).await;
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn without_its_file_sqlite_is_not_ready() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = opened(&folder).await;
        db.ready().await.expect("ready");
        let file = folder.path().join("test.db");
        std::fs::rename(&file, folder.path().join("away.db")).expect("moved");
        assert!(db.ready().await.is_err(), "gone");
        std::fs::write(&file, "").expect("written");
        assert!(db.ready().await.is_err(), "another");
        std::fs::rename(folder.path().join("away.db"), &file).expect("moved");
        db.ready().await.expect("ready");
    }
}

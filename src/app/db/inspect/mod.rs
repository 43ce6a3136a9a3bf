//! What `deskbell check` reports about the database. Nothing is created, locked or written: tables
//! are read in a read-only transaction, or from a file that is opened read-only.

mod postgres;
mod sqlite;

use std::time::Duration;

use anyhow::anyhow;
use chrono::TimeDelta;
use migration::{Migrator, MigratorTrait as _};

use crate::{app::clock::Clock, config::DatabaseConfig};

/// Timeout of everything here. Longer than that of one connection attempt.
const WITHIN: Duration = Duration::from_secs(10);

const APPLIED: &str = "SELECT version FROM seaql_migrations";
const HAS_ACCOUNT: &str = "SELECT EXISTS (SELECT 1 FROM account)";

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// The kind of database, and its file.
    pub place: String,
    pub tables: Tables,
    /// How far this machine's clock is ahead of the database's. `None` for SQLite.
    pub ahead: Option<TimeDelta>,
    /// Servers on a PostgreSQL database that no bus connects.
    pub servers: u64,
    /// What keeps a server from starting or from working, in one line each.
    pub faults: Vec<String>,
}

/// What the tables contain.
#[derive(Clone, Copy, Debug, Default)]
pub enum Tables {
    /// There are none: the server creates them.
    #[default]
    Missing,
    /// They cannot be read without changing a file.
    Unreadable,
    Read {
        pending: usize,
        /// Migrations of a newer version.
        unknown: usize,
        has_account: bool,
    },
}

impl Tables {
    fn of(applied: &[String], has_account: bool) -> Self {
        let known: Vec<_> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
        let pending = known.iter().filter(|name| !applied.contains(name)).count();
        let unknown = applied.iter().filter(|name| !known.contains(name)).count();
        Self::Read { pending, unknown, has_account }
    }
}

/// Inspects the database.
///
/// # Errors
/// The first failure, in one line: no server could start with this database.
pub async fn inspect(config: &DatabaseConfig, clock: &Clock) -> anyhow::Result<Inspection> {
    let inspected = async {
        match config.sqlite_file() {
            Some(path) => sqlite::inspect(&path).await,
            None => Box::pin(postgres::inspect(config, clock)).await,
        }
    };
    let late = |_elapsed| Err(anyhow!("the database does not answer within {} s", WITHIN.as_secs()));
    tokio::time::timeout(WITHIN, inspected).await.unwrap_or_else(late)
}

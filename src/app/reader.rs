//! Reads outside a transaction. Each account and each client waits in its own line for a
//! connection, so the connections are shared fairly.
//!
//! [`App::db`](crate::app::App::db) is the way to read, and
//! [`App::snapshot`](crate::app::App::snapshot) for several reads that must agree. An operation
//! gets an [`App`](crate::app::App) [for its caller](crate::app::App::for_who), so each read waits
//! in that caller's line. A turn lasts for one statement, or for one snapshot. One caller uses at
//! most half of the connections, so others always get one.

use std::time::Duration;

use edge::ledger::{Lines, Turn, Who};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use uuid::Uuid;

use crate::app::db::{Db, Storage};

/// Timeout of the wait for a connection. Clients give up on a request before that.
const WAIT_AT_MOST: Duration = Duration::from_secs(30);
/// Upper bound on one line. Other limits on a client's operations take effect long before.
const LONGEST_LINE: usize = 100_000;

/// The server itself: sweeping, mail, the bus.
pub const SERVER: Who = Who::Account(Uuid::nil());

/// The connections for reads, and the lines of callers that wait for one.
#[derive(Clone, Debug)]
pub struct Reader {
    connection: DatabaseConnection,
    storage: Storage,
    lines: Lines,
    who: Who,
}

impl Reader {
    /// The server's own reader over a pool of `connections`.
    #[must_use]
    pub fn new(db: &Db, connections: u32) -> Self {
        let connections = usize::try_from(connections).unwrap_or(usize::MAX).max(1);
        let lines = Lines::new(connections.div_ceil(2), connections, LONGEST_LINE);
        Self { connection: db.read().clone(), storage: db.storage().clone(), lines, who: SERVER }
    }

    /// The same connections, for another caller.
    #[must_use]
    pub fn for_who(&self, who: Who) -> Self {
        Self { who, ..self.clone() }
    }

    /// The caller whose line this is.
    #[must_use]
    pub fn who(&self) -> Who {
        self.who
    }

    /// The lines of all callers.
    #[must_use]
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Waits for one of the connections.
    pub async fn turn(&self) -> Result<Turn, DbErr> {
        let failed = |why: String| DbErr::Conn(RuntimeErr::Internal(why));
        let entered = tokio::time::timeout(WAIT_AT_MOST, self.lines.enter(self.who)).await;
        entered
            .map_err(|_elapsed| failed("no connection became free in time".to_owned()))?
            .map_err(|full| failed(full.to_string()))
    }
}

impl Reader {
    fn noted<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        result.inspect_err(|error| self.storage.noted_by_read(error))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let _turn = self.turn().await?;
        self.noted(self.connection.execute_raw(statement).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let _turn = self.turn().await?;
        self.noted(self.connection.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let _turn = self.turn().await?;
        self.noted(self.connection.query_one_raw(statement).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let _turn = self.turn().await?;
        self.noted(self.connection.query_all_raw(statement).await)
    }
}

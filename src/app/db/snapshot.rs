//! A read-only transaction.

use edge::ledger::Turn;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::Storage;

/// A read-only transaction, in which all reads see the database as it is at the first of them.
///
/// It holds one turn of the caller's line. Dropping it is harmless: it has nothing to save.
#[derive(Debug)]
pub struct Snapshot {
    inner: DatabaseTransaction,
    storage: Storage,
    /// Released after the transaction has ended.
    _turn: Turn,
}

impl Snapshot {
    pub(super) fn new(inner: DatabaseTransaction, storage: Storage, turn: Turn) -> Self {
        Self { inner, storage, _turn: turn }
    }

    /// Ends the transaction, so that the next caller gets an idle connection.
    pub async fn end(self) -> Result<(), DbErr> {
        self.inner.commit().await.inspect_err(|error| self.storage.noted_by_read(error))
    }

    fn noted<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        result.inspect_err(|error| self.storage.noted_by_read(error))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Snapshot {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.noted(self.inner.execute_raw(statement).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.noted(self.inner.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.noted(self.inner.query_one_raw(statement).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.noted(self.inner.query_all_raw(statement).await)
    }
}

//! A transaction that may write.

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::Storage;

/// A transaction that commits as a whole or not at all. Dropping it without [`Txn::commit`] rolls
/// back.
///
/// After a failed statement it never commits. SQLite may have rolled back on its own, and would
/// then save later statements one by one; PostgreSQL answers the COMMIT of a failed transaction
/// with a rollback, which the driver reports as success. It opens no savepoints, so its COMMIT is
/// the outermost one.
#[derive(Debug)]
pub struct Txn {
    inner: DatabaseTransaction,
    has_failed: AtomicBool,
    storage: Storage,
}

impl Txn {
    pub(super) fn new(inner: DatabaseTransaction, storage: Storage) -> Self {
        Self { inner, has_failed: AtomicBool::new(false), storage }
    }

    /// Commits. On SQLite an error means that nothing was saved; on PostgreSQL the connection may
    /// have broken after the commit.
    pub async fn commit(self) -> Result<(), DbErr> {
        if self.has_failed.load(Ordering::Relaxed) {
            return Err(DbErr::Custom("a statement of the transaction failed, so it is not committed".to_owned()));
        }
        self.inner.commit().await.inspect_err(|error| self.storage.noted(error))
    }

    fn noted<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        result.inspect_err(|error| {
            self.has_failed.store(true, Ordering::Relaxed);
            self.storage.noted(error);
        })
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Txn {
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

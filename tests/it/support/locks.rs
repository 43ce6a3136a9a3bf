//! Rows that a story has locked, so that it sees what a transaction does before it needs them. On
//! PostgreSQL only, because with SQLite one transaction writes at a time.

use deskbell::app::Work;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::{TestApp, eventually};

/// Locked rows. Released when dropped.
#[derive(Debug)]
pub struct Held(Work);

impl Held {
    /// Locks one more row. False if another transaction has locked it.
    pub async fn takes(&self, table: &str, key: Uuid) -> bool {
        let query = format!("SELECT id FROM {table} WHERE id = '{key}' FOR NO KEY UPDATE SKIP LOCKED");
        let found = self.0.query_one_raw(Statement::from_string(self.0.get_database_backend(), query)).await;
        found.expect("the database answers").is_some()
    }
}

impl TestApp {
    /// Locks the row with this key, as a transaction does that changes it.
    pub async fn db_hold(&self, table: &str, key: Uuid) -> Held {
        let held = Held(self.app().begin().await.expect("a transaction"));
        assert!(held.takes(table, key).await, "the row is free");
        held
    }

    /// Waits until this many transactions wait for locks.
    pub async fn db_wait(&self, for_locks: i64) {
        let query =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let db = self.app().db();
        eventually("transactions that wait", async || {
            let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), query)).await;
            let row = row.expect("the database answers").expect("a row");
            row.try_get_by_index::<i64>(0).expect("a number") == for_locks
        })
        .await;
    }
}

//! Records which servers run on one PostgreSQL database, where no bus connects them: one row for
//! each server, with the database's time.

use entity::ServerId;
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement, Value};

use super::Db;

/// Records a heartbeat.
const BEAT: &str = "INSERT INTO server (id, seen_at) VALUES ($1, CURRENT_TIMESTAMP)
    ON CONFLICT (id) DO UPDATE SET seen_at = CURRENT_TIMESTAMP";
/// Counts the other servers with a recent heartbeat. A server counts as gone after three missing
/// ones.
const OTHERS: &str = "SELECT COUNT(*) FROM server
    WHERE id <> $1 AND filler IS NULL AND seen_at > CURRENT_TIMESTAMP - INTERVAL '15 seconds'";
/// Also deletes the rows of servers that crashed long ago. It skips rows that another server is
/// deleting, which would deadlock.
const LEAVE: &str = "DELETE FROM server WHERE id IN (SELECT id FROM server
    WHERE id = $1 OR seen_at < CURRENT_TIMESTAMP - INTERVAL '1 hour' FOR UPDATE SKIP LOCKED)";

impl Db {
    /// Records that this server runs, and returns the number of other servers. PostgreSQL only.
    pub async fn beat(&self, me: ServerId) -> Result<u64, DbErr> {
        self.run(BEAT, me).await?;
        let counted = self.uncounted.query_one_raw(statement(OTHERS, me)).await?;
        let others: i64 = counted.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(others).unwrap_or(0))
    }

    /// Records that this server has ended. PostgreSQL only.
    pub async fn leave(&self, me: ServerId) -> Result<(), DbErr> {
        self.run(LEAVE, me).await
    }

    async fn run(&self, sql: &str, me: ServerId) -> Result<(), DbErr> {
        let work = self.begin_on(&self.uncounted).await?;
        work.execute_raw(statement(sql, me)).await?;
        work.commit().await
    }
}

fn statement(sql: &str, me: ServerId) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [Value::from(me.0)])
}

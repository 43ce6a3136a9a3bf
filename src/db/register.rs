//! Which servers run on one PostgreSQL database, where no bus tells: a row each, whose time is the database's own.

use entity::ServerId;
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement, Value};

use super::Db;

/// Notes a sign of life.
const BEAT: &str = "INSERT INTO server (id, seen_at) VALUES ($1, CURRENT_TIMESTAMP)
    ON CONFLICT (id) DO UPDATE SET seen_at = CURRENT_TIMESTAMP";
/// Others that showed one lately: three of theirs are missing before they count as gone.
const OTHERS: &str = "SELECT COUNT(*) FROM server
    WHERE id <> $1 AND filler IS NULL AND seen_at > CURRENT_TIMESTAMP - INTERVAL '15 seconds'";
/// Also what servers left behind that crashed long ago. Rows that another server is deleting are skipped: the two would deadlock.
const LEAVE: &str = "DELETE FROM server WHERE id IN (SELECT id FROM server
    WHERE id = $1 OR seen_at < CURRENT_TIMESTAMP - INTERVAL '1 hour' FOR UPDATE SKIP LOCKED)";

impl Db {
    /// Notes that this server runs; how many others do. PostgreSQL only.
    pub async fn beat(&self, me: ServerId) -> Result<u64, DbErr> {
        self.run(BEAT, me).await?;
        let counted = self.uncounted.query_one_raw(statement(OTHERS, me)).await?;
        let others: i64 = counted.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(others).unwrap_or(0))
    }

    /// Notes that this server has ended. PostgreSQL only.
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

//! Inspects a PostgreSQL database, in a read-only transaction.

use std::str::FromStr as _;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use sea_orm::sqlx::{
    self, Connection as _, Row as _,
    postgres::{PgConnectOptions, PgConnection, PgRow},
};

use super::{
    super::postgres::{check, connect, options, plain},
    APPLIED, HAS_ACCOUNT, Inspection, Tables,
};
use crate::{app::clock::Clock, config::DatabaseConfig};

/// The oldest version that is tested.
const OLDEST: u32 = 13;
/// Connections that `deskbell check` and commands take next to a server.
const BESIDE: i64 = 3;

/// All as text, because the statements are not prepared: a pooler may not keep prepared statements.
const FACTS: &str = "SELECT current_setting('server_version'), current_setting('server_version_num'),
    pg_is_in_recovery()::text, current_setting('default_transaction_read_only'),
    coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)::text,
    current_setting('max_connections'), (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text,
    (to_regclass('seaql_migrations') IS NOT NULL)::text, (to_regclass('account') IS NOT NULL)::text,
    (to_regclass('server') IS NOT NULL)::text";
/// Servers that no bus connects record a heartbeat every few seconds.
const SERVERS: &str = "SELECT COUNT(*)::text FROM server
    WHERE filler IS NULL AND seen_at > CURRENT_TIMESTAMP - INTERVAL '15 seconds'";

pub(super) async fn inspect(config: &DatabaseConfig, clock: &Clock) -> anyhow::Result<Inspection> {
    let url = config.url.reveal();
    check(url).await?;
    let options = options(PgConnectOptions::from_str(url).map_err(plain)?);
    let mut connection = connect(&options).await.context("connecting to PostgreSQL")?;
    let read = read(&mut connection, config.pool, clock).await;
    // The result does not depend on how it closes.
    let _ = connection.close().await;
    read
}

async fn read(connection: &mut PgConnection, pool: u32, clock: &Clock) -> anyhow::Result<Inspection> {
    sqlx::raw_sql("BEGIN READ ONLY").execute(&mut *connection).await.map_err(plain)?;
    let before = clock.now();
    let facts = Facts(rows(connection, FACTS).await?.pop().context("no row")?);
    let halfway = before + (clock.now() - before) / 2;
    let tables = if facts.is(7) {
        let applied: Vec<String> = rows(connection, APPLIED).await?.iter().map(|row| row.get(0)).collect();
        let has_account = facts.is(8) && rows(connection, HAS_ACCOUNT).await?.iter().any(|row| row.get(0));
        Tables::of(&applied, has_account)
    } else {
        Tables::Missing
    };
    let servers = if facts.is(9) { rows(connection, SERVERS).await? } else { Vec::new() };
    let must_create = !matches!(tables, Tables::Read { pending: 0, .. });
    Ok(Inspection {
        place: format!("PostgreSQL {}", facts.text(0)),
        tables,
        ahead: facts.time().map(|there| halfway - there),
        servers: servers.first().and_then(|row| row.get::<String, _>(0).parse().ok()).unwrap_or(0),
        faults: facts.faults(must_create, pool),
    })
}

async fn rows(connection: &mut PgConnection, sql: &'static str) -> anyhow::Result<Vec<PgRow>> {
    sqlx::raw_sql(sql).fetch_all(connection).await.map_err(plain)
}

/// The row of [`FACTS`].
struct Facts(PgRow);

impl Facts {
    fn text(&self, column: usize) -> String {
        self.0.get(column)
    }

    fn is(&self, column: usize) -> bool {
        matches!(self.text(column).as_str(), "true" | "on")
    }

    fn number(&self, column: usize) -> i64 {
        self.text(column).parse().unwrap_or(0)
    }

    fn time(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.number(6))
    }

    fn faults(&self, must_create: bool, pool: u32) -> Vec<String> {
        let (version, most) = (self.number(1) / 10_000, self.number(5));
        let mut faults = Vec::new();
        if version < i64::from(OLDEST) {
            faults.push(format!("PostgreSQL {} is older than {OLDEST}, the oldest supported version", self.text(0)));
        }
        if self.is(2) || self.is(3) {
            faults.push("the database is read-only, such as a standby: name the primary server".to_owned());
        } else if must_create && !self.is(4) {
            faults.push(
                "this user may not create tables: make it the owner of the database, or run GRANT CREATE ON SCHEMA public TO …"
                    .to_owned(),
            );
        }
        if i64::from(pool) + BESIDE > most {
            faults.push(format!(
                "PostgreSQL allows {most} connections (max_connections), and a server opens up to {pool}: lower DESKBELL_DATABASE_POOL"
            ));
        }
        faults
    }
}

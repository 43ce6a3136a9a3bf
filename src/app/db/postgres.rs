//! Requirements on a PostgreSQL database, checked on two separate connections before the pool is
//! opened.
//!
//! The pool retries a refused connection until its timeout and reports the timeout; this check
//! reports the first error.

use std::{str::FromStr as _, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use sea_orm::sqlx::{
    self, Connection as _,
    postgres::{PgConnectOptions, PgConnection},
};

/// Timeout of one connection attempt, including retries.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Delay before a retry, while the server starts up or has no connection left.
const PAUSE: Duration = Duration::from_millis(100);
/// How often the check for a pooler is repeated: a single one may miss it while other clients use
/// the same pool.
const LOOKS: usize = 3;

const POOLED: &str = "a pooler that shares PostgreSQL's connections between transactions is not supported: set it to session pooling \
    (PgBouncer: pool_mode = session), or connect to PostgreSQL itself";

/// Options of all connections.
///
/// `PgBouncer` rejects the startup parameter `extra_float_digits` by default. It only affects
/// floating-point numbers in text format, which are not used.
pub(super) fn options(options: PgConnectOptions) -> PgConnectOptions {
    options.extra_float_digits(None)
}

/// Checks that the database answers, stores UTF-8 and gives each connection its own session.
///
/// # Errors
/// The first failure, in one line.
pub(super) async fn check(url: &str) -> anyhow::Result<()> {
    let options = options(PgConnectOptions::from_str(url).map_err(plain)?);
    let checked = async {
        let mut one = connect(&options).await.context("connecting to PostgreSQL")?;
        check_encoding(&mut one).await?;
        let mut other = connect(&options).await.context("connecting to PostgreSQL")?;
        check_sessions(&mut one, &mut other).await?;
        // The result does not depend on how they close.
        let _ = tokio::join!(one.close(), other.close());
        Ok(())
    };
    tokio::time::timeout(2 * ANSWER_WITHIN, checked).await.unwrap_or_else(|_elapsed| Err(silent()))
}

/// Opens a separate connection, because the pool reports every failure to connect as a timeout. No
/// error if it opens, or if the attempt takes longer than `within`.
///
/// # Errors
/// Why it was refused.
pub(super) async fn try_once(url: &str, within: Duration) -> anyhow::Result<()> {
    let options = options(PgConnectOptions::from_str(url).map_err(plain)?);
    match tokio::time::timeout(within, PgConnection::connect_with(&options)).await {
        Ok(Ok(connection)) => drop(connection),
        Ok(Err(error)) => return Err(plain(error)).context("connecting to PostgreSQL"),
        Err(_elapsed) => {}
    }
    Ok(())
}

fn silent() -> anyhow::Error {
    anyhow!("PostgreSQL does not answer within {} s", ANSWER_WITHIN.as_secs())
}

/// Opens a connection. Retries while the server starts up or has no connection left.
pub(super) async fn connect(options: &PgConnectOptions) -> anyhow::Result<PgConnection> {
    let mut last = None;
    let opened = async {
        loop {
            match PgConnection::connect_with(options).await {
                Err(error) if is_passing(&error) => last = Some(error),
                opened => return opened.map_err(plain),
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let opened = tokio::time::timeout(ANSWER_WITHIN, opened).await;
    opened.unwrap_or_else(|_elapsed| Err(last.map_or_else(silent, plain)))
}

/// `cannot_connect_now` and `too_many_connections`.
fn is_passing(error: &sqlx::Error) -> bool {
    matches!(code(error).as_deref(), Some("57P03" | "53300"))
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

/// The cause alone: sqlx's message would repeat it.
pub(super) fn plain(error: sqlx::Error) -> anyhow::Error {
    match error {
        sqlx::Error::Io(error) => error.into(),
        sqlx::Error::Database(error) => anyhow!("{}", error.message().to_owned()),
        other => anyhow!("{other}"),
    }
}

/// Checks the encoding. Names may use any script; another encoding could not store some of them,
/// which would show only long after startup.
async fn check_encoding(connection: &mut PgConnection) -> anyhow::Result<()> {
    // Not prepared: a pooler may not keep prepared statements.
    let row = sqlx::raw_sql("SELECT current_database(), current_setting('server_encoding')")
        .fetch_one(connection)
        .await
        .map_err(plain)?;
    let (name, encoding): (String, String) = (sqlx::Row::get(&row, 0), sqlx::Row::get(&row, 1));
    if encoding != "UTF8" {
        bail!(
            "the database {name:?} has the encoding {encoding} and must have UTF8: createdb --encoding=UTF8 --template=template0 …"
        );
    }
    Ok(())
}

/// Checks that each connection keeps its server process, which holds its prepared statements.
async fn check_sessions(one: &mut PgConnection, other: &mut PgConnection) -> anyhow::Result<()> {
    let first = process(one).await?;
    for _ in 0..LOOKS {
        sqlx::raw_sql("BEGIN").execute(&mut *other).await.map_err(plain)?;
        // Checked first: while the other transaction holds the only process of a pool, `one` would
        // wait for it.
        if process(other).await? == first {
            bail!(POOLED);
        }
        let now = process(one).await?;
        sqlx::raw_sql("COMMIT").execute(&mut *other).await.map_err(plain)?;
        if now != first {
            bail!(POOLED);
        }
    }
    Ok(())
}

async fn process(connection: &mut PgConnection) -> anyhow::Result<String> {
    let row = sqlx::raw_sql("SELECT pg_backend_pid()::text").fetch_one(connection).await.map_err(plain)?;
    Ok(sqlx::Row::get(&row, 0))
}

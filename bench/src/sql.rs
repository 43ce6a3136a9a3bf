//! The statements of a query and a mutation, run as the server runs them, without GraphQL, HTTP and
//! rules.
//!
//! Same library, same rows, same connection settings: the difference is the cost of the server.

use std::time::Duration;

use anyhow::Context as _;
use chrono::Utc;
use entity::{OperatorId, account, operator, session};
use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::Set,
    ColumnTrait as _, ConnectOptions, Database, DatabaseConnection, DbErr, EntityTrait as _, ExprTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
    sea_query::Expr,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use crate::{clock::now, place::Account};

/// A database opened with the server's settings, and an account in it.
#[derive(Debug)]
pub struct Statements {
    runtime: Runtime,
    read: DatabaseConnection,
    write: DatabaseConnection,
    account: Account,
}

impl Statements {
    pub fn open(url: &str, account: &Account) -> anyhow::Result<Self> {
        // One thread a core, like the server. SQLite's statements run on separate threads in both
        // cases.
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let (read, write) = runtime.block_on(async {
            let write = Database::connect(options(url)).await?;
            let read = if url.starts_with("sqlite:") { Database::connect(options(url)).await? } else { write.clone() };
            anyhow::Ok((read, write))
        })?;
        Ok(Self { runtime, read, write, account: account.clone() })
    }

    /// Runs the statements of `account { operators(first: N) { nodes { id name email } } }`.
    /// Returns the time.
    pub fn list(&self, first: u64) -> anyhow::Result<Duration> {
        self.timed(async {
            self.signed_in().await?;
            account::Entity::find_by_id(self.account.id).one(&self.read).await?.context("the account")?;
            let operators = operator::Entity::find()
                .filter(operator::COLUMN.account_id.eq(self.account.id))
                .filter(operator::COLUMN.removed_at.is_null())
                .order_by_asc(operator::Column::Id)
                // One more than the page, to detect a next page.
                .limit(first + 1)
                .all(&self.read)
                .await?;
            anyhow::ensure!(operators.len() as u64 == first + 1, "the page is not full");
            Ok(())
        })
    }

    /// Runs the statements of `activateOperator` or `deactivateOperator`.
    pub fn set_active(&self, id: OperatorId, active: bool) -> anyhow::Result<Duration> {
        self.timed(async {
            self.signed_in().await?;
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            };
            let work = self.write.begin_with_options(options).await?;
            account::Entity::find_by_id(self.account.id).lock_exclusive().one(&work).await?.context("the account")?;
            session::Entity::find_by_id(self.account.session)
                .find_also_related(operator::Entity)
                .one(&work)
                .await?
                .context("the session")?;
            let found = operator::Entity::find()
                .filter(operator::COLUMN.account_id.eq(self.account.id))
                .filter(operator::COLUMN.removed_at.is_null())
                .filter(operator::COLUMN.id.eq(id))
                .one(&work)
                .await?
                .context("the operator")?;
            if active {
                self.usage(&work).await?;
            }
            let mut row = found.into_active_model();
            row.activated_at = Set(active.then(Utc::now));
            row.updated_at = Set(Utc::now());
            row.update(&work).await?;
            account::Entity::update_many()
                .col_expr(account::Column::AvailabilityVersion, Expr::col(account::Column::AvailabilityVersion).add(1))
                .filter(account::COLUMN.id.eq(self.account.id))
                .exec_with_returning(&work)
                .await?;
            work.commit().await?;
            Ok(())
        })
    }

    async fn signed_in(&self) -> anyhow::Result<()> {
        let token = Sha256::digest(&self.account.token).to_vec();
        let select =
            session::Entity::find().filter(session::COLUMN.token_hash.eq(token)).find_also_related(operator::Entity);
        select.one(&self.read).await?.context("the session").map(drop)
    }

    async fn usage(&self, work: &sea_orm::DatabaseTransaction) -> anyhow::Result<()> {
        let active = operator::Entity::find()
            .select_only()
            .column_as(operator::Column::Id.count(), "active")
            .filter(operator::COLUMN.account_id.eq(self.account.id))
            .filter(operator::COLUMN.activated_at.is_not_null())
            .into_query();
        let usage: Option<(account::PlanCode, i32, i64)> = account::Entity::find_by_id(self.account.id)
            .select_only()
            .columns([account::Column::Plan, account::Column::Seats])
            .expr_as(Expr::from(active), "used")
            .into_tuple()
            .one(work)
            .await?;
        usage.context("the account").map(drop)
    }

    fn timed(&self, work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<Duration> {
        let began = now();
        self.runtime.block_on(work)?;
        Ok(now().saturating_sub(began))
    }
}

/// Opens one connection with the server's settings.
pub async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    Database::connect(options(url)).await
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).min_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
    });
    options
}

const BUSY: Duration = Duration::from_secs(5);

//! The data that is served: accounts and their operators, inserted into a database before a server
//! opens it.

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use entity::{
    AccountId, OperatorId, SessionId,
    account::{self, PlanCode},
    operator::{self, AccessLevel},
    session,
};
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ActiveValue::Set, ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, EntityTrait as _,
    QuerySelect as _, TransactionTrait as _,
};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

/// Rows in one statement.
const ROWS: usize = 100;
/// The description of every operator, of a typical length.
pub const DESCRIPTION: &str = "Shipping, customs and returns";

/// An account to create.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub active: usize,
    pub inactive: usize,
}

/// A typical account: a widget receives about 430 bytes of it.
pub const USUAL: Wanted = Wanted { active: 3, inactive: 1 };

/// An account that was created.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: AccountId,
    pub widget_key: String,
    /// The prefix of all names in it.
    pub tag: String,
    /// The owner's session token.
    pub token: String,
    /// The owner first; the inactive ones last.
    pub operators: Vec<OperatorId>,
    pub session: SessionId,
}

impl Account {
    /// The name of an operator. All names have the same length.
    #[must_use]
    pub fn name(&self, number: usize) -> String {
        name(&self.tag, number)
    }
}

fn name(tag: &str, number: usize) -> String {
    format!("{tag}Operator {number:06}")
}

/// The id of an operator in the API.
#[must_use]
pub fn global_id(id: OperatorId) -> String {
    let mut bytes = b"op".to_vec();
    bytes.extend(id.0.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The state of an account with three operators, as the server would send it; the first operator
/// has the name with this `number`.
#[must_use]
pub fn state(tag: &str, version: i32, number: usize) -> serde_json::Value {
    let operators: Vec<_> = [number, 1, 2]
        .into_iter()
        .enumerate()
        .map(|(nth, number)| {
            let id = format!("card_{}", public_name(&format!("{tag}{nth}")));
            serde_json::json!({ "id": id, "publicName": name(tag, number), "description": DESCRIPTION, "photoUrl": null })
        })
        .collect();
    serde_json::json!({ "version": version, "isAvailable": true, "isChatEnabled": true, "operators": operators })
}

/// A database and its accounts.
#[derive(Debug)]
pub struct Site {
    pub url: String,
    pub accounts: Vec<Account>,
    runtime: Runtime,
    db: DatabaseConnection,
}

impl Site {
    /// Migrates an empty database and fills it.
    pub fn provision(url: String, wanted: &[Wanted]) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (db, accounts) = runtime.block_on(async {
            let mut options = ConnectOptions::new(&url);
            options.max_connections(1).sqlx_logging(false);
            let db = Database::connect(options).await.context("opening the database")?;
            Migrator::up(&db, None).await?;
            // Without WAL, readers and writers would block each other while the server is measured.
            if url.starts_with("sqlite:") {
                db.execute_unprepared("PRAGMA journal_mode = WAL").await?;
            }
            let accounts = fill(&db, wanted).await?;
            anyhow::Ok((db, accounts))
        })?;
        Ok(Self { url, accounts, runtime, db })
    }

    /// Signs all operators of an account in. Returns their tokens, in the same order.
    pub fn sign_in_operators(&self, account: &Account) -> anyhow::Result<Vec<String>> {
        let token = |id: &OperatorId| format!("dbs_{}", URL_SAFE_NO_PAD.encode(Sha256::digest(id.to_string())));
        let tokens: Vec<_> = account.operators.iter().map(token).collect();
        let rows: Vec<_> = tokens
            .iter()
            .zip(&account.operators)
            .map(|(token, id)| session_row(account.id, *id, SessionId::new(), token))
            .collect();
        self.runtime.block_on(session::Entity::insert_many(rows).exec_without_returning(&self.db))?;
        Ok(tokens)
    }

    /// The version of an account in the database.
    pub fn version(&self, account: &Account) -> anyhow::Result<i32> {
        let query = account::Entity::find_by_id(account.id)
            .select_only()
            .column(account::Column::AvailabilityVersion)
            .into_tuple();
        self.runtime.block_on(query.one(&self.db))?.context("the account does not exist")
    }
}

async fn fill(db: &DatabaseConnection, wanted: &[Wanted]) -> anyhow::Result<Vec<Account>> {
    let made: Vec<_> = wanted.iter().enumerate().map(|(nth, wanted)| (make(nth, *wanted), *wanted)).collect();
    let work = db.begin().await?;
    for part in made.chunks(ROWS) {
        account::Entity::insert_many(part.iter().map(|(account, _)| account_row(account)))
            .exec_without_returning(&work)
            .await?;
    }
    let operators: Vec<_> = made.iter().flat_map(|(account, wanted)| operator_rows(account, wanted.active)).collect();
    for part in operators.chunks(ROWS) {
        operator::Entity::insert_many(part.to_vec()).exec_without_returning(&work).await?;
    }
    for part in made.chunks(ROWS) {
        let owner = |account: &Account| session_row(account.id, account.operators[0], account.session, &account.token);
        session::Entity::insert_many(part.iter().map(|(account, _)| owner(account)))
            .exec_without_returning(&work)
            .await?;
    }
    work.commit().await?;
    Ok(made.into_iter().map(|(account, _)| account).collect())
}

fn make(nth: usize, wanted: Wanted) -> Account {
    let id = AccountId::new();
    Account {
        id,
        widget_key: format!("wk_{}", public_name(&id.to_string())),
        tag: format!("A{nth:04} "),
        token: format!("dbs_{}", URL_SAFE_NO_PAD.encode(Sha256::digest(id.to_string()))),
        operators: (0..wanted.active + wanted.inactive).map(|_| OperatorId::new()).collect(),
        session: SessionId::new(),
    }
}

/// 22 characters that look random, but are derived.
fn public_name(of: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(of)[..16])
}

fn account_row(account: &Account) -> account::ActiveModel {
    account::ActiveModel {
        id: Set(account.id),
        name: Set(format!("{}Company", account.tag)),
        widget_key: Set(account.widget_key.clone()),
        plan: Set(PlanCode::Pro),
        seats: Set(1_000),
        version: Set(1),
        availability_version: Set(1),
        created_at: Set(Utc::now()),
        is_chat_enabled: Set(true),
    }
}

fn operator_rows(account: &Account, active: usize) -> Vec<operator::ActiveModel> {
    let now = Utc::now();
    let row = |(nth, id): (usize, &OperatorId)| {
        let name = account.name(nth);
        let email = format!("{}@example.com", id.0.simple());
        operator::ActiveModel {
            id: Set(*id),
            account_id: Set(account.id),
            is_owner: Set(nth == 0),
            access_level: Set(if nth == 0 { AccessLevel::Full } else { AccessLevel::Limited }),
            search_key: Set(name.to_lowercase()),
            name: Set(name),
            public_name: Set(None),
            email_key: Set(Some(email.clone())),
            email: Set(Some(email)),
            description: Set(Some(DESCRIPTION.to_owned())),
            // Visitors are shown only operators with a password. No password has this hash.
            password_hash: Set(Some("none".to_owned())),
            activated_at: Set((nth < active).then_some(now)),
            photo_hash: Set(None),
            photo_side: Set(None),
            card_key: Set(format!("card_{}", public_name(&id.to_string()))),
            created_at: Set(now),
            updated_at: Set(now),
            last_seen_at: Set(Some(now)),
            removed_at: Set(None),
            email_proven_at: Set(Some(now)),
            ..Default::default()
        }
    };
    account.operators.iter().enumerate().map(row).collect()
}

fn session_row(account_id: AccountId, operator_id: OperatorId, id: SessionId, token: &str) -> session::ActiveModel {
    let now = Utc::now();
    session::ActiveModel {
        id: Set(id),
        account_id: Set(account_id),
        operator_id: Set(operator_id),
        token_hash: Set(Sha256::digest(token).to_vec()),
        created_at: Set(now),
        // In the future, so that the server records no use of the session while something is
        // measured.
        last_used_at: Set(now + TimeDelta::hours(1)),
        expires_at: Set(now + TimeDelta::days(1)),
        device_hash: Set(None),
    }
}

/// The single account of a server without a database.
#[must_use]
pub fn stranger() -> Account {
    make(0, USUAL)
}

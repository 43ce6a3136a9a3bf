//! Reads of accounts.

use entity::{AccountId, account, operator};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Statement};

use crate::app::{App, reads::Read};

/// The account with this id.
pub async fn find(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(account_id).one(db).await
}

/// [`find`] as a read that can be shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Find(pub AccountId);

impl Read for Find {
    type Value = Option<account::Model>;

    async fn run(self, app: &App) -> Result<Self::Value, DbErr> {
        find(app.db(), self.0).await
    }
}

/// [`find_owner`] as a read that can be shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FindOwner(pub AccountId);

impl Read for FindOwner {
    type Value = Option<operator::Model>;

    async fn run(self, app: &App) -> Result<Self::Value, DbErr> {
        find_owner(app.db(), self.0).await
    }
}

/// The account whose website uses this widget key. The key is public, so any account may be found.
pub async fn find_by_widget_key_any_account(
    db: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<account::Model>, DbErr> {
    // This server generates the keys. Text in another form never reaches the database.
    if key.len() > 64 || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Ok(None);
    }
    account::Entity::find().filter(account::COLUMN.widget_key.eq(key)).one(db).await
}

/// The owner of an account.
pub async fn find_owner(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Option<operator::Model>, DbErr> {
    operator::Entity::find()
        .filter(operator::COLUMN.account_id.eq(account_id))
        .filter(operator::COLUMN.is_owner.eq(true))
        .one(db)
        .await
}

/// A mark for each of these accounts, for a server that may have missed changes. The mark differs
/// once the row of the account, the rows of its operators or the set of their sessions differ. On
/// PostgreSQL only: with SQLite there is one server, and it misses no change.
///
/// `last_seen_at` does not count, since its changes are not published.
pub async fn list_marks_any_account(
    db: &impl ConnectionTrait,
    accounts: &[AccountId],
) -> Result<Vec<(AccountId, String)>, DbErr> {
    const MARKS: &str = "
        SELECT a.id, md5(concat_ws('|', a::text,
            (SELECT string_agg((to_jsonb(o) - 'last_seen_at')::text, '|' ORDER BY o.id)
                FROM operator o WHERE o.account_id = a.id AND o.removed_at IS NULL),
            (SELECT string_agg(s.id::text, '|' ORDER BY s.id)
                FROM session s JOIN operator o ON o.id = s.operator_id WHERE o.account_id = a.id))) AS mark
        FROM account a WHERE a.id = ANY($1)";
    let ids: Vec<_> = accounts.iter().map(|id| id.0).collect();
    let rows = db.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, MARKS, [ids.into()])).await?;
    rows.into_iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "mark")?))).collect()
}

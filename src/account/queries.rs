//! Reads of accounts.

use entity::{AccountId, account, operator};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect, Statement};
use uuid::Uuid;

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
    if !has_key_form(key) {
        return Ok(None);
    }
    account::Entity::find().filter(account::COLUMN.widget_key.eq(key)).one(db).await
}

/// This server generates the keys. Text in another form never reaches the database.
pub(crate) fn has_key_form(key: &str) -> bool {
    key.len() <= 64 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// The owner of an account.
pub async fn find_owner(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Option<operator::Model>, DbErr> {
    operator::Entity::find()
        .filter(operator::COLUMN.account_id.eq(account_id))
        .filter(operator::COLUMN.is_owner.eq(true))
        .one(db)
        .await
}

/// The versions of these accounts, for a server that may have missed changes.
pub async fn list_versions_any_account(
    db: &impl ConnectionTrait,
    accounts: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, DbErr> {
    let chosen = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::Version])
        .filter(account::Column::Id.is_in(accounts.iter().copied()));
    chosen.into_tuple().all(db).await
}

/// A mark for each of these accounts, for a server that may have missed changes of a server of the
/// previous version, which counts no versions. The mark differs once the row of the account or the
/// rows of its operators differ. On PostgreSQL only: with SQLite there is one server, and it misses
/// no change.
///
/// `last_seen_at` does not count, since its changes are not published.
pub async fn list_marks_any_account(db: &impl ConnectionTrait, accounts: &[Uuid]) -> Result<Vec<(Uuid, i64)>, DbErr> {
    const MARKS: &str = "
        SELECT a.id, ('x' || left(md5(concat_ws('|', a::text,
            (SELECT string_agg((to_jsonb(o) - 'last_seen_at')::text, '|' ORDER BY o.id)
                FROM operator o WHERE o.account_id = a.id AND o.removed_at IS NULL))), 16))::bit(64)::bigint AS mark
        FROM account a WHERE a.id = ANY($1)";
    let ids = accounts.to_vec();
    let rows = db.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, MARKS, [ids.into()])).await?;
    rows.into_iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "mark")?))).collect()
}

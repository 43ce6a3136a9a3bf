//! Reads of accounts.

use entity::{AccountId, account, operator};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

/// The account with this key.
pub async fn find(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(account_id).one(db).await
}

/// The account whose website carries this key. The key is public, so any account may be found.
pub async fn find_by_widget_key_any_account(db: &impl ConnectionTrait, key: &str) -> Result<Option<account::Model>, DbErr> {
    // Keys are ours: whatever does not look like one never reaches the database.
    if key.len() > 64 || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Ok(None);
    }
    account::Entity::find().filter(account::COLUMN.widget_key.eq(key)).one(db).await
}

/// The owner of an account.
pub async fn find_owner(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Option<operator::Model>, DbErr> {
    operator::Entity::find().filter(operator::COLUMN.account_id.eq(account_id)).filter(operator::COLUMN.is_owner.eq(true)).one(db).await
}

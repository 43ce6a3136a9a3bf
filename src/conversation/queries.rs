//! Reads of conversations.

use entity::{AccountId, ConversationId, VisitorId, conversation};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// A conversation of an account.
pub async fn find(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
) -> Result<Option<conversation::Model>, DbErr> {
    let found = conversation::Entity::find_by_id(id).filter(conversation::COLUMN.account_id.eq(account_id));
    found.one(db).await
}

/// The conversation of a visitor that began last.
pub async fn find_latest(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    visitor_id: VisitorId,
) -> Result<Option<conversation::Model>, DbErr> {
    conversation::Entity::find()
        .filter(conversation::COLUMN.account_id.eq(account_id))
        .filter(conversation::COLUMN.visitor_id.eq(visitor_id))
        .order_by_desc(conversation::Column::StartedAt)
        .order_by_desc(conversation::Column::Id)
        .one(db)
        .await
}

/// The revisions of these conversations, for a server that may have missed changes.
pub async fn list_versions_any_account(
    db: &impl ConnectionTrait,
    conversations: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, DbErr> {
    let chosen = conversation::Entity::find()
        .select_only()
        .columns([conversation::Column::Id, conversation::Column::Revision])
        .filter(conversation::Column::Id.is_in(conversations.iter().copied()));
    chosen.into_tuple().all(db).await
}

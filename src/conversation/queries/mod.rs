//! Reads of conversations. Each function takes the account, unless its name says `any_account`.

mod details;
mod list;
mod loaders;
pub mod log;
pub mod shared;

use chrono::{DateTime, Utc};
use entity::{AccountId, ConversationId, VisitorId, conversation, message, note, operator, participation};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait as _, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait as _, Select, sea_query::Expr,
};
use uuid::Uuid;

pub use self::{
    details::{Details, FindDetails, Readers, Wanted},
    list::{COUNTED, Count, Filter, List, Listed, Place, ids_of_page, ids_to_count},
    loaders::{LastMessages, Marks, Participants},
};

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

/// The conversations of a visitor that began last, at most this many; the newest last.
pub async fn list_of_visitor(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    visitor_id: VisitorId,
    last: u64,
) -> Result<Vec<conversation::Model>, DbErr> {
    let mut rows = conversation::Entity::find()
        .filter(conversation::COLUMN.account_id.eq(account_id))
        .filter(conversation::COLUMN.visitor_id.eq(visitor_id))
        .order_by_desc(conversation::Column::StartedAt)
        .order_by_desc(conversation::Column::Id)
        .limit(last)
        .all(db)
        .await?;
    rows.reverse();
    Ok(rows)
}

/// The last messages of a conversation, or the last before a sequence, at most this many; the
/// oldest first.
pub async fn list_messages(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    conversation_id: ConversationId,
    last: u64,
    before: Option<i32>,
) -> Result<Vec<message::Model>, DbErr> {
    let mut select = message::Entity::find()
        .filter(message::COLUMN.account_id.eq(account_id))
        .filter(message::COLUMN.conversation_id.eq(conversation_id));
    if let Some(before) = before {
        select = select.filter(message::COLUMN.sequence.lt(before));
    }
    let mut rows = select.order_by_desc(message::Column::Sequence).limit(last).all(db).await?;
    rows.reverse();
    Ok(rows)
}

/// The last messages with text after a sequence, at most this many; the oldest first.
pub async fn list_newer(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    conversation_id: ConversationId,
    after: i32,
    last: u64,
) -> Result<Vec<message::Model>, DbErr> {
    let mut rows = message::Entity::find()
        .filter(message::COLUMN.account_id.eq(account_id))
        .filter(message::COLUMN.conversation_id.eq(conversation_id))
        .filter(message::COLUMN.sequence.gt(after))
        .filter(message::COLUMN.text.is_not_null())
        .order_by_desc(message::Column::Sequence)
        .limit(last)
        .all(db)
        .await?;
    rows.reverse();
    Ok(rows)
}

/// The last notes about a conversation, at most this many; the oldest first.
pub async fn list_notes(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    conversation_id: ConversationId,
    last: u64,
) -> Result<Vec<note::Model>, DbErr> {
    let mut rows = note::Entity::find()
        .filter(note::COLUMN.account_id.eq(account_id))
        .filter(note::COLUMN.conversation_id.eq(conversation_id))
        .order_by_desc(note::Column::Revision)
        .limit(last)
        .all(db)
        .await?;
    rows.reverse();
    Ok(rows)
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

/// Selects conversations that are not closed, without a message since a time, whose visitor does
/// not wait.
pub(super) fn silent(since: DateTime<Utc>) -> Select<conversation::Entity> {
    conversation::Entity::find()
        .filter(conversation::COLUMN.closed_at.is_null())
        .filter(conversation::COLUMN.waiting_since.is_null())
        .filter(conversation::COLUMN.last_activity_at.lte(since))
}

/// The ids of silent conversations after this one, in the order of their ids.
pub async fn list_silent_any_account(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    after: Option<ConversationId>,
    first: u64,
) -> Result<Vec<ConversationId>, DbErr> {
    let mut select = silent(since).select_only().column(conversation::Column::Id);
    if let Some(after) = after {
        select = select.filter(conversation::COLUMN.id.gt(after));
    }
    select.order_by_asc(conversation::Column::Id).limit(first).into_tuple().all(db).await
}

/// Selects account and id of each operator without a seat who takes part in conversations, or has
/// some assigned.
#[must_use]
pub fn stranded_any_account() -> Select<operator::Entity> {
    let stays = participation::Entity::find()
        .select_only()
        .column(participation::Column::OperatorId)
        .filter(participation::COLUMN.left_at.is_null());
    let assigned = conversation::Entity::find()
        .select_only()
        .column(conversation::Column::AssigneeId)
        .filter(conversation::COLUMN.closed_at.is_null())
        .filter(conversation::COLUMN.assignee_id.is_not_null());
    let is_busy = Condition::any()
        .add(operator::COLUMN.id.in_subquery(stays.into_query()))
        .add(operator::COLUMN.id.in_subquery(assigned.into_query()));
    operator::Entity::find()
        .select_only()
        .columns([operator::Column::AccountId, operator::Column::Id])
        .filter(operator::COLUMN.activated_at.is_null())
        .filter(is_busy)
        .order_by_asc(operator::Column::Id)
}

/// The conversations of one status.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Counted {
    pub status: conversation::Status,
    pub number: i64,
    /// Size of the texts of their messages.
    pub text_bytes: i64,
}

/// The number and size of conversations by status, for metrics.
pub async fn count_any_account(db: &impl ConnectionTrait) -> Result<Vec<Counted>, DbErr> {
    // PostgreSQL adds big integers to a decimal number.
    let bytes = Expr::col(conversation::Column::TextBytes).sum().cast_as("bigint");
    conversation::Entity::find()
        .select_only()
        .column(conversation::Column::Status)
        .expr_as(Expr::col(conversation::Column::Id).count(), "number")
        .expr_as(bytes, "text_bytes")
        .group_by(conversation::Column::Status)
        .into_model()
        .all(db)
        .await
}

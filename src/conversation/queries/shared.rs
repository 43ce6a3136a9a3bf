//! Reads for the state that the followers of a conversation share.

use std::sync::Arc;

use entity::{
    AccountId, ConversationId, ParticipationId, conversation, conversation_mark, message, note, participation, visitor,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, Iterable, JoinType, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, QueryTrait, RelationDef, RelationTrait as _,
    sea_query::{Expr, SelectStatement},
};
use uuid::Uuid;

use super::log::{Entry, PAGE, participation_of_message};

/// The prefixes of the columns of joined tables.
const CONVERSATION: &str = "c_";
const VISITOR: &str = "v_";
const PARTICIPATION: &str = "p_";

/// A conversation and its visitor.
#[derive(Clone, Debug)]
pub struct Head {
    pub conversation: conversation::Model,
    pub visitor: visitor::Model,
    /// The id of the newest message.
    pub newest: Uuid,
}

/// The messages after a revision, oldest first, and the conversation with the last of them: read by
/// one statement, so they agree.
#[derive(Clone, Debug)]
pub struct News {
    /// At least one, and at most one more than [`PAGE`].
    pub messages: Vec<Arc<Entry>>,
    pub conversation: Arc<conversation::Model>,
    pub visitor: Arc<visitor::Model>,
}

/// A message without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Anchor {
    pub sequence: i32,
    pub id: Uuid,
    pub revision: i64,
    pub visitor_revision: i64,
}

/// Selects all columns of a joined table.
fn select<E: EntityTrait>(query: &mut SelectStatement, table: E, prefix: &str) {
    for column in E::Column::iter() {
        let name = format!("{prefix}{}", sea_orm::IdenStatic::as_str(&column));
        query.expr_as(column.select_as(Expr::col((table, column))), name);
    }
}

/// The newest message of a conversation.
fn newest_message() -> RelationDef {
    let of = message::Relation::Conversation.def().rev();
    of.on_condition(|conversation, message| {
        let last = Expr::col((conversation, conversation::Column::LastSequence));
        Expr::col((message, message::Column::Sequence)).eq(last).into()
    })
}

/// A conversation, its visitor and its newest message.
pub async fn find_head(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
) -> Result<Option<Head>, DbErr> {
    let mut query = conversation::Entity::find_by_id(id)
        .filter(conversation::COLUMN.account_id.eq(account_id))
        .join(JoinType::InnerJoin, conversation::Relation::Visitor.def())
        .join(JoinType::LeftJoin, newest_message())
        .into_query();
    select(&mut query, visitor::Entity, VISITOR);
    query.expr_as(Expr::col((message::Entity, message::Column::Id)), "newest");
    let Some(row) = db.query_one(&query).await? else { return Ok(None) };
    Ok(Some(Head {
        conversation: conversation::Model::from_query_result(&row, "")?,
        visitor: visitor::Model::from_query_result(&row, VISITOR)?,
        newest: row.try_get::<Option<Uuid>>("", "newest")?.unwrap_or_default(),
    }))
}

/// The messages after a revision, with the conversation and its visitor. `None` if there is none.
pub async fn find_news(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
    after: i64,
) -> Result<Option<News>, DbErr> {
    let mut query = message::Entity::find()
        .filter(message::COLUMN.conversation_id.eq(id))
        .filter(message::COLUMN.account_id.eq(account_id))
        .filter(message::COLUMN.revision.gt(after))
        .join(JoinType::InnerJoin, message::Relation::Conversation.def())
        .join(JoinType::InnerJoin, conversation::Relation::Visitor.def())
        .join(JoinType::LeftJoin, participation_of_message())
        .order_by_asc(message::Column::Revision)
        .limit(PAGE as u64 + 1)
        .into_query();
    select(&mut query, conversation::Entity, CONVERSATION);
    select(&mut query, visitor::Entity, VISITOR);
    select(&mut query, participation::Entity, PARTICIPATION);
    let rows = db.query_all(&query).await?;
    let Some(last) = rows.last() else { return Ok(None) };
    Ok(Some(News {
        conversation: Arc::new(conversation::Model::from_query_result(last, CONVERSATION)?),
        visitor: Arc::new(visitor::Model::from_query_result(last, VISITOR)?),
        messages: rows.iter().map(entry).collect::<Result<_, _>>()?,
    }))
}

fn entry(row: &QueryResult) -> Result<Arc<Entry>, DbErr> {
    let message = message::Model::from_query_result(row, "")?;
    let participation = match message.participation_id {
        Some(_) => Option::<participation::Model>::from_query_result(row, PARTICIPATION)?.map(Arc::new),
        None => None,
    };
    Ok(Arc::new(Entry { message: Arc::new(message), participation }))
}

/// How far each operator has read a conversation.
pub async fn list_marks(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
) -> Result<Vec<conversation_mark::Model>, DbErr> {
    conversation_mark::Entity::find()
        .filter(conversation_mark::COLUMN.conversation_id.eq(id))
        .filter(conversation_mark::COLUMN.account_id.eq(account_id))
        .order_by_asc(conversation_mark::Column::OperatorId)
        .all(db)
        .await
}

/// The participations of a conversation that have not ended, and these others, in the order in
/// which the operators joined.
pub async fn list_participations(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
    others: impl IntoIterator<Item = ParticipationId>,
) -> Result<Vec<participation::Model>, DbErr> {
    let wanted = participation::COLUMN.left_at.is_null().or(participation::COLUMN.id.is_in(others));
    participation::Entity::find()
        .filter(participation::COLUMN.account_id.eq(account_id))
        .filter(participation::COLUMN.conversation_id.eq(id))
        .filter(wanted)
        .order_by_asc(participation::Column::JoinedSequence)
        .all(db)
        .await
}

/// The notes after one revision and up to another, oldest first, at most `first`.
pub async fn list_notes(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
    (after, up_to): (i64, i64),
    first: u64,
) -> Result<Vec<note::Model>, DbErr> {
    note::Entity::find()
        .filter(note::COLUMN.account_id.eq(account_id))
        .filter(note::COLUMN.conversation_id.eq(id))
        .filter(note::COLUMN.revision.gt(after))
        .filter(note::COLUMN.revision.lte(up_to))
        .order_by_asc(note::Column::Revision)
        .limit(first)
        .all(db)
        .await
}

/// The last notes up to a revision, oldest first.
pub async fn list_last_notes(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
    up_to: i64,
    last: u64,
) -> Result<Vec<note::Model>, DbErr> {
    let mut found = note::Entity::find()
        .filter(note::COLUMN.account_id.eq(account_id))
        .filter(note::COLUMN.conversation_id.eq(id))
        .filter(note::COLUMN.revision.lte(up_to))
        .order_by_desc(note::Column::Revision)
        .limit(last)
        .all(db)
        .await?;
    found.reverse();
    Ok(found)
}

/// The revisions of a conversation.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Revisions {
    pub revision: i64,
    pub visitor_revision: i64,
}

pub async fn find_revisions(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
) -> Result<Option<Revisions>, DbErr> {
    conversation::Entity::find_by_id(id)
        .select_only()
        .columns([conversation::Column::Revision, conversation::Column::VisitorRevision])
        .filter(conversation::COLUMN.account_id.eq(account_id))
        .into_model()
        .one(db)
        .await
}

/// The message with this sequence and the next one, as far as there are.
pub async fn list_anchors(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
    sequence: i32,
) -> Result<Vec<Anchor>, DbErr> {
    let columns =
        [message::Column::Sequence, message::Column::Id, message::Column::Revision, message::Column::VisitorRevision];
    message::Entity::find()
        .select_only()
        .columns(columns)
        .filter(message::COLUMN.account_id.eq(account_id))
        .filter(message::COLUMN.conversation_id.eq(id))
        .filter(message::COLUMN.sequence.is_in([sequence, sequence.saturating_add(1)]))
        .order_by_asc(message::Column::Sequence)
        .into_model()
        .all(db)
        .await
}

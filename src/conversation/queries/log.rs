//! Reads of the log of a conversation, with what visitors see of operators.

use std::sync::Arc;

use entity::{AccountId, ConversationId, ParticipationId, conversation, message, note, participation};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait as _, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationDef, Select, SelectTwo,
};

/// A message, and what visitors see of the operator who wrote it or whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub message: Arc<message::Model>,
    pub participation: Option<Arc<participation::Model>>,
}

impl From<(message::Model, Option<participation::Model>)> for Entry {
    fn from((message, participation): (message::Model, Option<participation::Model>)) -> Self {
        Self { message: Arc::new(message), participation: participation.map(Arc::new) }
    }
}

/// The participation of a message.
pub(super) fn participation_of_message() -> RelationDef {
    message::Entity::belongs_to(participation::Entity)
        .from(message::Column::ParticipationId)
        .to(participation::Column::Id)
        .into()
}

fn of(account_id: AccountId, id: ConversationId) -> Select<message::Entity> {
    message::Entity::find()
        .filter(message::COLUMN.conversation_id.eq(id))
        .filter(message::COLUMN.account_id.eq(account_id))
}

fn with_participations(messages: Select<message::Entity>) -> SelectTwo<message::Entity, participation::Entity> {
    messages.join(JoinType::LeftJoin, participation_of_message()).select_also(participation::Entity)
}

/// The last messages of a conversation whose sequence is at most `up_to`, oldest first.
pub async fn list_last(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
    up_to: i32,
    last: u64,
) -> Result<Vec<Entry>, DbErr> {
    if last == 0 || up_to < 1 {
        return Ok(Vec::new());
    }
    let newest = of(account_id, id)
        .filter(message::COLUMN.sequence.lte(up_to))
        .order_by_desc(message::Column::Sequence)
        .limit(last);
    let mut found: Vec<Entry> = with_participations(newest).all(db).await?.into_iter().map(Entry::from).collect();
    found.reverse();
    Ok(found)
}

/// The conversations of the same visitor that began before this one: the last of them, in the order
/// in which they began.
pub async fn list_earlier(
    db: &impl ConnectionTrait,
    than: &conversation::Model,
    last: u64,
) -> Result<Vec<conversation::Model>, DbErr> {
    let began_before = conversation::COLUMN.started_at.lt(than.started_at);
    let began_with = conversation::COLUMN.started_at.eq(than.started_at).and(conversation::COLUMN.id.lt(than.id));
    let mut found = conversation::Entity::find()
        .filter(conversation::COLUMN.account_id.eq(than.account_id))
        .filter(conversation::COLUMN.visitor_id.eq(than.visitor_id))
        .filter(began_before.or(began_with))
        .order_by_desc(conversation::Column::StartedAt)
        .order_by_desc(conversation::Column::Id)
        .limit(last)
        .all(db)
        .await?;
    found.reverse();
    Ok(found)
}

/// The operators who take part in a conversation, in the order in which they joined.
pub async fn list_present(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
) -> Result<Vec<participation::Model>, DbErr> {
    participation::Entity::find()
        .filter(participation::COLUMN.account_id.eq(account_id))
        .filter(participation::COLUMN.conversation_id.eq(id))
        .filter(participation::COLUMN.left_at.is_null())
        .order_by_asc(participation::Column::JoinedSequence)
        .all(db)
        .await
}

/// One stay of an operator in a conversation.
pub async fn find_participation(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ParticipationId,
) -> Result<Option<participation::Model>, DbErr> {
    let found = participation::Entity::find_by_id(id).filter(participation::COLUMN.account_id.eq(account_id));
    found.one(db).await
}

/// Maximum number of messages, and of notes, in one item of a subscription.
pub const PAGE: usize = 100;
/// Maximum size of their texts, in bytes of UTF-8, for each of the two. JSON at most doubles it. A
/// single text is smaller.
pub const PAGE_BYTES: usize = 64 << 10;

/// How many of these rows fit into a page. At least one, if there is one.
pub fn fitting<'a, T: Written + 'a>(rows: impl IntoIterator<Item = &'a T>) -> usize {
    let (mut count, mut bytes) = (0, 0);
    for row in rows.into_iter().take(PAGE) {
        bytes += row.text_bytes();
        if count > 0 && bytes > PAGE_BYTES {
            break;
        }
        count += 1;
    }
    count
}

/// What has a text.
pub trait Written {
    /// The size of the text, in bytes of UTF-8.
    fn text_bytes(&self) -> usize;
}

impl Written for Entry {
    fn text_bytes(&self) -> usize {
        self.message.text.as_ref().map_or(0, String::len)
    }
}

impl Written for note::Model {
    fn text_bytes(&self) -> usize {
        self.text.len()
    }
}

impl<T: Written> Written for Arc<T> {
    fn text_bytes(&self) -> usize {
        (**self).text_bytes()
    }
}

/// The messages after one sequence and up to another, oldest first, at most `first`.
pub async fn list_after(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
    (after, up_to): (i32, i32),
    first: u64,
) -> Result<Vec<Entry>, DbErr> {
    let next = of(account_id, id)
        .filter(message::COLUMN.sequence.gt(after))
        .filter(message::COLUMN.sequence.lte(up_to))
        .order_by_asc(message::Column::Sequence)
        .limit(first);
    Ok(with_participations(next).all(db).await?.into_iter().map(Entry::from).collect())
}

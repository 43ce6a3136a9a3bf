//! What was written, or what happened, in a conversation. An event is a message without text.

use sea_orm::entity::prelude::*;

use crate::{AccountId, ConversationId, OperatorId, ParticipationId, VisitorId};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Author {
    Visitor,
    Operator,
    /// The server: the message is an event.
    System,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Event {
    OperatorJoined,
    OperatorLeft,
    Closed,
    Reopened,
}

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
    /// 1, 2, 3 and so on, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i32,
    /// Random. Differs from the id of a message that had the same sequence before a backup was
    /// restored.
    pub id: Uuid,
    pub account_id: AccountId,
    pub author: Author,
    /// The visitor, if the visitor is the author.
    pub visitor_id: Option<VisitorId>,
    /// The operator who is the author, or whom the event is about.
    pub operator_id: Option<OperatorId>,
    /// What visitors see of that operator.
    pub participation_id: Option<ParticipationId>,
    /// The client's id of the send, in UTF-8; null for events. Bytes, because it may contain
    /// U+0000, which PostgreSQL accepts in no text.
    #[sea_orm(column_type = "Blob", nullable)]
    pub client_message_id: Option<Vec<u8>>,
    /// Null for an event.
    #[sea_orm(column_type = "Text", nullable)]
    pub text: Option<String>,
    /// Null for a message with text.
    pub event: Option<Event>,
    pub sent_at: DateTimeUtc,
    /// Number of messages of the visitor up to this one; events do not count.
    pub visitor_messages: i32,
    /// Number of messages of operators up to this one.
    pub operator_messages: i32,
    /// The revision of the conversation that the message came with.
    pub revision: i64,
    /// The same for the visitor's side.
    pub visitor_revision: i64,
    #[sea_orm(belongs_to, from = "conversation_id", to = "id")]
    pub conversation: BelongsTo<super::conversation::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!(
    "message": conversation_id, sequence, id, account_id, author, visitor_id, operator_id, participation_id, event,
    sent_at, visitor_messages, operator_messages, revision, visitor_revision
);

//! The talk between one visitor and the account.
//!
//! The numbers of messages count those with text. Differences of them give what is unread, without
//! reading messages.

use sea_orm::entity::prelude::*;

use crate::{AccountId, OperatorId, VisitorId};

key!(
    /// The talk between one visitor and the account.
    ConversationId
);

/// Whether an operator takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Status {
    /// No operator takes part.
    Pending,
    /// At least one operator takes part.
    Open,
    /// The conversation is over.
    Closed,
}

/// Who closed a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum ClosedBy {
    Visitor,
    Operator,
    /// The server, because nothing was written for a long time.
    Silence,
}

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConversationId,
    pub account_id: AccountId,
    pub visitor_id: VisitorId,
    pub status: Status,
    /// The operator responsible; null if none is.
    pub assignee_id: Option<OperatorId>,
    pub started_at: DateTimeUtc,
    /// Null while the status is not [`Status::Closed`]; a constraint enforces this. Of each
    /// visitor, one conversation at most has null here.
    pub closed_at: Option<DateTimeUtc>,
    /// Null while the status is not [`Status::Closed`].
    pub closed_by: Option<ClosedBy>,
    /// When the visitor wrote the first message that no operator has answered; null if none waits.
    pub waiting_since: Option<DateTimeUtc>,
    /// The sequence of the newest message; events are messages.
    pub last_sequence: i32,
    /// Incremented with every change.
    pub revision: i64,
    /// Incremented with every change that the visitor can see.
    pub visitor_revision: i64,
    /// The sequence of the newest message with text.
    pub last_message_sequence: Option<i32>,
    /// When the newest message was sent; events are messages.
    pub last_activity_at: DateTimeUtc,
    /// Number of messages of the visitor.
    pub visitor_messages: i32,
    /// Number of messages of operators.
    pub operator_messages: i32,
    /// The sequence up to which the visitor has read.
    pub visitor_read_up_to: i32,
    /// Number of messages of operators up to there.
    pub visitor_read_operator_messages: i32,
    /// The greatest sequence up to which any operator has read.
    pub operator_read_up_to: i32,
    /// Size of the texts of all messages, in bytes.
    pub text_bytes: i64,
    /// The page from which the visitor wrote last; null if it is unknown.
    pub page_url: Option<String>,
    pub page_title: Option<String>,
    /// The origin of the page that led there.
    pub page_referrer: Option<String>,
    #[sea_orm(belongs_to, from = "visitor_id", to = "id")]
    pub visitor: BelongsTo<super::visitor::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!(
    "conversation": id, account_id, visitor_id, status, assignee_id, started_at, closed_at, closed_by, waiting_since,
    last_sequence, revision, visitor_revision, last_message_sequence, last_activity_at, visitor_messages,
    operator_messages, visitor_read_up_to, visitor_read_operator_messages, operator_read_up_to, text_bytes
);

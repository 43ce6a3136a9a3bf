//! How far an operator has read a conversation.

use sea_orm::entity::prelude::*;

use crate::{AccountId, ConversationId, OperatorId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_mark")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub operator_id: OperatorId,
    pub account_id: AccountId,
    /// The sequence of the last message that was read.
    pub read_up_to: i32,
    /// Number of messages of the visitor up to there.
    pub visitor_messages: i32,
    #[sea_orm(belongs_to, from = "conversation_id", to = "id")]
    pub conversation: BelongsTo<super::conversation::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

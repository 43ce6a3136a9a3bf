//! A remark about a conversation that only operators see.

use sea_orm::entity::prelude::*;

use crate::{AccountId, ConversationId, OperatorId};

key!(
    /// A remark about a conversation that only operators see.
    NoteId
);

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "note")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NoteId,
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub operator_id: OperatorId,
    #[sea_orm(column_type = "Text")]
    pub text: String,
    pub created_at: DateTimeUtc,
    /// The revision of the conversation that the note came with.
    pub revision: i64,
    #[sea_orm(belongs_to, from = "conversation_id", to = "id")]
    pub conversation: BelongsTo<super::conversation::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("note": id, account_id, conversation_id, operator_id, created_at, revision);

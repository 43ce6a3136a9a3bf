//! The time in which an operator takes part in a conversation, with what the visitor sees of the
//! operator: the profile as it was when the operator joined.

use sea_orm::entity::prelude::*;

use crate::{AccountId, ConversationId, OperatorId};

key!(
    /// The time in which an operator takes part in a conversation.
    ParticipationId
);

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ParticipationId,
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub operator_id: OperatorId,
    pub joined_at: DateTimeUtc,
    /// The sequence of the event that the operator joined. It orders the participations of a
    /// conversation: times come from the clocks of several servers.
    pub joined_sequence: i32,
    /// Null while the operator takes part.
    pub left_at: Option<DateTimeUtc>,
    /// The operator's `card_key`.
    pub card_key: String,
    pub public_name: String,
    pub description: Option<String>,
    /// The public name of the photo's renditions; null without a photo.
    pub photo_hash: Option<String>,
    /// Side of the largest rendition in pixels.
    pub photo_side: Option<i32>,
    #[sea_orm(belongs_to, from = "conversation_id", to = "id")]
    pub conversation: BelongsTo<super::conversation::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("participation": id, account_id, conversation_id, operator_id, joined_at, joined_sequence, left_at);

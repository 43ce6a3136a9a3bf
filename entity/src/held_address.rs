//! An address that an operator has left and can take back. Until then no other profile can take it.

use sea_orm::entity::prelude::*;

use crate::OperatorId;

key!(
    /// An address that an operator has left and can take back.
    HeldAddressId
);

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "held_address")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HeldAddressId,
    pub operator_id: OperatorId,
    pub email: String,
    /// The address, folded.
    pub email_key: String,
    /// When the operator proved the address; null if never. An unproven one goes to the person who
    /// proves it.
    pub proven_at: Option<DateTimeUtc>,
    /// When the operator first left the address. Gives the order in which addresses were left.
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "operator_id", to = "id")]
    pub operator: BelongsTo<super::operator::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("held_address": id, operator_id, proven_at, created_at, expires_at);

//! An address that an operator has left and can take back. Until then no other profile can take it.

use sea_orm::entity::prelude::*;

use crate::{HeldAddressId, OperatorId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "held_address")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HeldAddressId,
    pub operator_id: OperatorId,
    pub email: String,
    /// The address without regard to case.
    pub email_key: String,
    /// When the operator had proven it; null: never, and then it yields to the person who does.
    pub proven_at: Option<DateTimeUtc>,
    /// When the operator left it first: the order in which addresses were left.
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "operator_id", to = "id")]
    pub operator: BelongsTo<super::operator::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

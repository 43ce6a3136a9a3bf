//! A browser in which an operator has signed in. The table stores only the hash of the cookie's
//! token; a device that ended has no row.

use sea_orm::entity::prelude::*;

use crate::OperatorId;

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device")]
pub struct Model {
    /// SHA-256 of the token: the token is random, so a fast hash is enough.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    pub operator_id: OperatorId,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "operator_id", to = "id")]
    pub operator: BelongsTo<super::operator::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("device": operator_id, created_at, expires_at);

//! A signed-in session. The table stores only the token's hash; an ended session has no row.

use sea_orm::entity::prelude::*;

use crate::{AccountId, OperatorId};

key!(
    /// A signed-in session.
    SessionId
);

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    pub account_id: AccountId,
    pub operator_id: OperatorId,
    /// SHA-256 of the token: the token is random, so a fast hash is enough.
    #[sea_orm(unique)]
    pub token_hash: Vec<u8>,
    pub created_at: DateTimeUtc,
    /// Start of the idle lifetime.
    pub last_used_at: DateTimeUtc,
    /// End of the absolute lifetime.
    pub expires_at: DateTimeUtc,
    /// The device of the browser that has this session's cookie; null with a bearer token, and
    /// until the browser has received a device token.
    pub device_hash: Option<Vec<u8>>,
    #[sea_orm(belongs_to, from = "operator_id", to = "id")]
    pub operator: BelongsTo<super::operator::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("session": id, account_id, operator_id, created_at, last_used_at, expires_at);

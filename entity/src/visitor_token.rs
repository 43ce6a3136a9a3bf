//! A token that opens a visitor's chat. The visitor's browser made it; the table stores only its
//! hash. A visitor may have several.

use sea_orm::entity::prelude::*;

use crate::{AccountId, VisitorId};

key!(
    /// Identifies a visitor's token, as half of a SHA-256.
    TokenKey
);

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visitor_token")]
pub struct Model {
    /// With another account, the same token is another visitor.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// SHA-256 of the token: the token is random, so a fast hash is enough.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    /// Half of the SHA-256 of the hash and the account, by which subscribers follow a token without
    /// a visitor.
    pub key: TokenKey,
    pub visitor_id: VisitorId,
    pub created_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "visitor_id", to = "id")]
    pub visitor: BelongsTo<super::visitor::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("visitor_token": account_id, visitor_id, created_at);

//! A single-use link that sets a password. The table stores only the token's hash.

use sea_orm::entity::prelude::*;

use crate::{MailId, OperatorId};

/// Why the link was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Purpose {
    Invitation,
    Recovery,
}

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_link")]
pub struct Model {
    /// SHA-256 of the token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    pub operator_id: OperatorId,
    pub purpose: Purpose,
    /// The mail that contains it.
    pub mail_id: MailId,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "operator_id", to = "id")]
    pub operator: BelongsTo<super::operator::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("password_link": operator_id, purpose, mail_id, created_at, expires_at);

//! A single-use link about an operator's address. The table knows the token's hash only.

use sea_orm::entity::prelude::*;

use crate::{MailId, OperatorId};

/// What the link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Purpose {
    /// Confirms the address, which the operator has or wants.
    Confirm,
    /// Restores the address, which the operator had.
    Undo,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "address_link")]
pub struct Model {
    /// SHA-256 of the token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    pub operator_id: OperatorId,
    pub purpose: Purpose,
    /// The address that it was mailed to, without regard to case.
    pub email_key: String,
    /// The mail that carries it.
    pub mail_id: MailId,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "operator_id", to = "id")]
    pub operator: BelongsTo<super::operator::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

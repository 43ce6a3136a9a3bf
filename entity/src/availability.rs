//! The version of an account's availability. It is in a separate table, so that changes that
//! visitors see do not wait for the lock on the account's row.

use sea_orm::entity::prelude::*;

use crate::AccountId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "availability")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// Incremented with every change that visitors can see.
    pub version: i32,
}

impl ActiveModelBehavior for ActiveModel {}

//! A rendition of an operator's photo: a square JPEG of one size. It is in the database, so that
//! one backup contains everything.

use sea_orm::entity::prelude::*;

use crate::{AccountId, OperatorId};

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "photo")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub operator_id: OperatorId,
    /// Width and height in pixels.
    #[sea_orm(primary_key, auto_increment = false)]
    pub side: i32,
    pub account_id: AccountId,
    /// Hash of the largest rendition: the public name of all renditions.
    pub hash: String,
    #[sea_orm(column_type = "Blob")]
    pub jpeg: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("photo": operator_id, account_id, side, hash);

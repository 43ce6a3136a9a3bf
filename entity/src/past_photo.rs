//! One rendition of a photo that was replaced or removed, and that a participation still shows.

use sea_orm::entity::prelude::*;

use crate::{AccountId, OperatorId};

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "past_photo")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub operator_id: OperatorId,
    /// Hash of the largest rendition: the public name of all renditions.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// Width and height in pixels.
    #[sea_orm(primary_key, auto_increment = false)]
    pub side: i32,
    pub account_id: AccountId,
    #[sea_orm(column_type = "Blob")]
    pub jpeg: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("past_photo": operator_id, account_id, side, hash);

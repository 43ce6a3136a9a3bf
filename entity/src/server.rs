//! A server that runs on this database, where servers have no bus to notice each other; and the row that shows whether the disk has
//! space.

use sea_orm::entity::prelude::*;

use crate::ServerId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "server")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ServerId,
    /// By the database's clock.
    pub seen_at: DateTimeUtc,
    /// What a server writes to see whether the disk has space. Null in the row of a server.
    #[sea_orm(column_type = "Text", nullable)]
    pub filler: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

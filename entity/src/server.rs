//! A server that runs on this database, so that servers without a bus detect each other; and the
//! row that probes whether the disk has space.

use sea_orm::entity::prelude::*;

key!(
    /// A running server.
    ServerId
);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "server")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ServerId,
    /// By the database's clock.
    pub seen_at: DateTimeUtc,
    /// Data that a server writes to probe whether the disk has space. Null in a server's own row.
    #[sea_orm(column_type = "Text", nullable)]
    pub filler: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

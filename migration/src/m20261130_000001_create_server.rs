//! Servers that run on this database, and the row that probes whether the disk has space.

use sea_orm_migration::{
    prelude::*,
    schema::{text_null, timestamp_with_time_zone, uuid},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("server")
                    .col(uuid("id").primary_key())
                    .col(timestamp_with_time_zone("seen_at"))
                    .col(text_null("filler"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("server").to_owned()).await
    }
}

//! Browsers in which operators have signed in, and the device of each session. Sessions of the
//! previous version have no device, and get one.

use sea_orm_migration::{
    prelude::*,
    schema::{binary, binary_null, timestamp_with_time_zone, uuid},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("device")
                    .col(binary("token_hash").primary_key())
                    .col(uuid("operator_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("device_operator_id_fkey")
                            .from("device", "operator_id")
                            .to("operator", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("device_operator_id_idx").table("device").col("operator_id").to_owned())
            .await?;
        manager
            .create_index(Index::create().name("device_expires_at_idx").table("device").col("expires_at").to_owned())
            .await?;
        manager.alter_table(Table::alter().table("session").add_column(binary_null("device_hash")).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("session").drop_column("device_hash").to_owned()).await?;
        manager.drop_table(Table::drop().table("device").to_owned()).await
    }
}

//! A session: found by the hash of its token, and ended by deleting it.

use sea_orm_migration::{
    prelude::*,
    schema::{binary, timestamp_with_time_zone, uuid},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("session")
                    .col(uuid("id").primary_key())
                    .col(uuid("account_id"))
                    .col(uuid("operator_id"))
                    .col(binary("token_hash"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("last_used_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("session_operator_id_fkey")
                            .from("session", "operator_id")
                            .to("operator", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("session_token_hash_key").table("session").col("token_hash").unique().to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("session_operator_id_idx").table("session").col("operator_id").to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("session_expires_at_idx").table("session").col("expires_at").to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("session").to_owned()).await
    }
}

//! Renditions of photos, served by the hash of their content and their size.

use sea_orm_migration::{
    prelude::*,
    schema::{blob, integer, string_len, uuid},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("photo")
                    .col(uuid("operator_id"))
                    .col(integer("side"))
                    .col(uuid("account_id"))
                    .col(string_len("hash", 64))
                    .col(blob("jpeg"))
                    .primary_key(Index::create().name("photo_pkey").col("operator_id").col("side"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("photo_operator_id_fkey")
                            .from("photo", "operator_id")
                            .to("operator", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("photo_hash_idx").table("photo").col("hash").col("side").to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("photo").to_owned()).await
    }
}

//! Photos that were replaced or removed, while a conversation shows them. They have a separate
//! table, because servers of the previous version delete all rows of an operator from `photo`.

use sea_orm_migration::{
    prelude::*,
    schema::{blob, integer, string_len, uuid},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        // A process that ends between the statements leaves no table behind, on SQLite neither.
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("past_photo")
                    .col(uuid("operator_id"))
                    .col(string_len("hash", 64))
                    .col(integer("side"))
                    .col(uuid("account_id"))
                    .col(blob("jpeg"))
                    .primary_key(Index::create().name("past_photo_pkey").col("operator_id").col("hash").col("side"))
                    .to_owned(),
            )
            .await?;
        let index = Index::create().name("past_photo_hash_idx").table("past_photo").col("hash").col("side").to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("past_photo").to_owned()).await
    }
}

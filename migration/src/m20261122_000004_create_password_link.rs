//! A single-use link that sets a password, found by the hash of its token.

use sea_orm_migration::{
    prelude::*,
    schema::{binary, string_len, timestamp_with_time_zone, uuid},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("password_link")
                    .col(binary("token_hash").primary_key())
                    .col(uuid("operator_id"))
                    .col(string_len("purpose", 16))
                    .col(uuid("mail_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("password_link_operator_id_fkey")
                            .from("password_link", "operator_id")
                            .to("operator", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("password_link_operator_id_idx")
                    .table("password_link")
                    .col("operator_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("password_link").to_owned()).await
    }
}

//! The mail queue. The worker reads the mails that are due and have not failed.

use sea_orm_migration::{
    prelude::*,
    schema::{
        integer, string_len, string_len_null, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
        uuid_null,
    },
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("mail")
                    .col(uuid("id").primary_key())
                    .col(string_len("kind", 32))
                    .col(uuid_null("operator_id"))
                    .col(uuid_null("sender_id"))
                    .col(string_len_null("address", 254))
                    .col(integer("attempts"))
                    .col(timestamp_with_time_zone("due_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("failed_at"))
                    .col(text_null("last_error"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(Index::create().name("mail_due_at_idx").table("mail").col("due_at").to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("mail").to_owned()).await
    }
}

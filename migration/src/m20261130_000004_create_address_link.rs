//! Links about an address, found by the hash of their token, and addresses that an operator has
//! left and can take back.

use sea_orm_migration::{
    prelude::*,
    schema::{binary, string_len, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("address_link")
                    .col(binary("token_hash").primary_key())
                    .col(uuid("operator_id"))
                    .col(string_len("purpose", 16))
                    .col(string_len("email_key", 254))
                    .col(uuid("mail_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("address_link_operator_id_fkey")
                            .from("address_link", "operator_id")
                            .to("operator", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("address_link_operator_id_idx")
                    .table("address_link")
                    .col("operator_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("held_address")
                    .col(uuid("id").primary_key())
                    .col(uuid("operator_id"))
                    .col(string_len("email", 254))
                    .col(string_len("email_key", 254))
                    .col(timestamp_with_time_zone_null("proven_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("held_address_operator_id_fkey")
                            .from("held_address", "operator_id")
                            .to("operator", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("held_address_email_key_idx").table("held_address").col("email_key").to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("held_address_operator_id_idx")
                    .table("held_address")
                    .col("operator_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("held_address").to_owned()).await?;
        manager.drop_table(Table::drop().table("address_link").to_owned()).await
    }
}

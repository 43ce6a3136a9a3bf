//! An operator. Each address signs in to one account, so its folded form is unique over the server.
//! A unique index enforces one owner for each account.

use sea_orm_migration::{
    prelude::*,
    schema::{
        boolean, integer_null, string_len, string_len_null, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid,
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
                    .table("operator")
                    .col(uuid("id").primary_key())
                    .col(uuid("account_id"))
                    .col(boolean("is_owner"))
                    .col(string_len("access_level", 16))
                    .col(string_len("name", 100))
                    .col(string_len_null("public_name", 100))
                    .col(text("search_key"))
                    .col(string_len_null("email", 254))
                    .col(string_len_null("email_key", 254))
                    .col(string_len_null("description", 200))
                    .col(text_null("password_hash"))
                    .col(timestamp_with_time_zone_null("activated_at"))
                    .col(string_len_null("photo_hash", 64))
                    .col(integer_null("photo_side"))
                    .col(string_len("card_key", 64))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .col(timestamp_with_time_zone_null("last_seen_at"))
                    .col(timestamp_with_time_zone_null("removed_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("operator_account_id_fkey")
                            .from("operator", "account_id")
                            .to("account", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("operator_email_key_key").table("operator").col("email_key").unique().to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("operator_card_key_key").table("operator").col("card_key").unique().to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("operator_account_id_idx")
                    .table("operator")
                    .col("account_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("operator_owner_key")
                    .table("operator")
                    .col("account_id")
                    .unique()
                    .and_where(Expr::col("is_owner").eq(true))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("operator").to_owned()).await
    }
}

//! Visitors of websites who have written, and the hashes of their tokens.
//!
//! Neither these tables nor those of conversations refer to `account` or `operator` by a foreign
//! key: the check of one would lock the row, and a message locks no row of an account.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, binary, integer, string_len_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    },
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
                    .table("visitor")
                    .col(uuid("id").primary_key())
                    .col(uuid("account_id"))
                    .col(string_len_null("name", 100))
                    .col(string_len_null("email", 254))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("last_seen_at"))
                    .col(timestamp_with_time_zone_null("blocked_until"))
                    .col(timestamp_with_time_zone_null("day_began_at"))
                    .col(integer("day_messages").default(0))
                    .col(integer("day_bytes").default(0))
                    .col(big_integer("version").default(1))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("visitor_account_id_idx")
                    .table("visitor")
                    .col("account_id")
                    .col("created_at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("visitor_token")
                    .col(uuid("account_id"))
                    .col(binary("token_hash"))
                    .col(uuid("key"))
                    .col(uuid("visitor_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().name("visitor_token_pkey").col("account_id").col("token_hash"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("visitor_token_visitor_id_fkey")
                            .from("visitor_token", "visitor_id")
                            .to("visitor", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("visitor_token_key_idx").table("visitor_token").col("key").to_owned())
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("visitor_token_visitor_id_idx")
                    .table("visitor_token")
                    .col("visitor_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("visitor_token").to_owned()).await?;
        manager.drop_table(Table::drop().table("visitor").to_owned()).await
    }
}

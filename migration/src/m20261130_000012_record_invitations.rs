//! The result of an invitation: when it was sent, since a mail that was sent has no row; why it
//! failed, in more detail than `failure`, whose values the previous version must know; and when it
//! is retried, since `due_at` is moved while it is sent.

use sea_orm_migration::{
    prelude::*,
    schema::{string_len_null, timestamp_with_time_zone_null},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        // A process that ends between the statements leaves no column behind, on SQLite neither.
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("operator", timestamp_with_time_zone_null("invitation_sent_at")),
            ("mail", string_len_null("cause", 32)),
            ("mail", timestamp_with_time_zone_null("retry_at")),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("operator", "invitation_sent_at"), ("mail", "cause"), ("mail", "retry_at")] {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

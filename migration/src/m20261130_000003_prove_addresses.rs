//! The state of an operator's address: whether it was proven, which new one waits for its proof,
//! and which one was lost to the person who proved it elsewhere. An operator who has used the
//! account before counts as proven.
//!
//! An invited operator written by this version has no `email_key`; its key is in
//! `pending_email_key`. Rows of the previous version keep their `email_key`; both forms work.

use sea_orm_migration::{
    prelude::*,
    schema::{boolean, string_len_null, timestamp_with_time_zone_null, uuid_null},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

/// In the order in which they are added. `SQLite` adds one column at a time.
fn columns() -> [ColumnDef; 9] {
    [
        timestamp_with_time_zone_null("email_proven_at"),
        timestamp_with_time_zone_null("email_set_at"),
        string_len_null("pending_email", 254),
        string_len_null("pending_email_key", 254),
        boolean("password_set_by_other").default(false).to_owned(),
        uuid_null("added_by"),
        string_len_null("lost_email", 254),
        timestamp_with_time_zone_null("lost_at"),
        string_len_null("lost_reason", 16),
    ]
}

const NAMES: [&str; 9] = [
    "email_proven_at",
    "email_set_at",
    "pending_email",
    "pending_email_key",
    "password_set_by_other",
    "added_by",
    "lost_email",
    "lost_at",
    "lost_reason",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            manager.alter_table(Table::alter().table("operator").add_column(column).to_owned()).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("operator_pending_email_key_idx")
                    .table("operator")
                    .col("pending_email_key")
                    .to_owned(),
            )
            .await?;
        let db = manager.get_connection();
        db.execute_unprepared(
            "UPDATE operator SET email_proven_at = last_seen_at
             WHERE last_seen_at IS NOT NULL AND email_key IS NOT NULL AND removed_at IS NULL",
        )
        .await?;
        // Another person may have chosen the password, and no one has signed in with it yet.
        db.execute_unprepared(
            "UPDATE operator SET password_set_by_other = TRUE
             WHERE last_seen_at IS NULL AND password_hash IS NOT NULL AND is_owner = FALSE",
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("operator_pending_email_key_idx").table("operator").to_owned()).await?;
        for name in NAMES {
            manager.alter_table(Table::alter().table("operator").drop_column(name).to_owned()).await?;
        }
        Ok(())
    }
}

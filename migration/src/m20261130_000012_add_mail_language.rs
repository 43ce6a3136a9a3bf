//! The language of a mail. Mails of servers that do not write it are sent in English.

use sea_orm_migration::{prelude::*, schema::string_len};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        // A process that ends between the statements leaves no column behind, on SQLite neither.
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let language = string_len("language", 16).default("en").to_owned();
        manager.alter_table(Table::alter().table("mail").add_column(language).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("mail").drop_column("language").to_owned()).await
    }
}

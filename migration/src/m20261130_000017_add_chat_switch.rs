//! Whether visitors of an account may write. Off for existing accounts, and for those that a server
//! of the previous version opens: their widgets show availability only.

use sea_orm_migration::{prelude::*, schema::boolean};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        // A process that ends between the statements leaves no column behind, on SQLite neither.
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let switch = boolean("is_chat_enabled").default(false).to_owned();
        manager.alter_table(Table::alter().table("account").add_column(switch).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("account").drop_column("is_chat_enabled").to_owned()).await
    }
}

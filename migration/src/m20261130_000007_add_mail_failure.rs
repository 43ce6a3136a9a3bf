//! Why a mail was abandoned, as one of a closed set of reasons for the API; null before that.

use sea_orm_migration::{prelude::*, schema::string_len_null};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("mail").add_column(string_len_null("failure", 32)).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("mail").drop_column("failure").to_owned()).await
    }
}

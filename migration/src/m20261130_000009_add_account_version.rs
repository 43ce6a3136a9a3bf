//! The version of what an account's operators see. The previous version of the server does not
//! count it.

use sea_orm_migration::{prelude::*, schema::big_integer};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let version = big_integer("version").default(1).to_owned();
        manager.alter_table(Table::alter().table("account").add_column(version).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("account").drop_column("version").to_owned()).await
    }
}

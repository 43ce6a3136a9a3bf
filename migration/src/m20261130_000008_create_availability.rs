//! The version of an account's availability moves out of the account's row, so that changes that
//! visitors see need not lock it.
//!
//! The previous version of the server counts only `account.availability_version`, and adds no row
//! here for a new account. So this version writes both, and reads the greater one. The next version
//! copies what is missing and drops the column.

use sea_orm_migration::{
    prelude::*,
    schema::{integer, uuid},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("availability")
                    .col(uuid("account_id").primary_key())
                    .col(integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("availability_account_id_fkey")
                            .from("availability", "account_id")
                            .to("account", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        let copy = "INSERT INTO availability (account_id, version) SELECT id, availability_version FROM account";
        manager.get_connection().execute_unprepared(copy).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `account.availability_version` was written all the time, so nothing is lost.
        manager.drop_table(Table::drop().table("availability").to_owned()).await
    }
}

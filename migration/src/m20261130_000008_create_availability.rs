//! The version of an account's availability moves out of the account's row, so that changes that
//! visitors see need not lock it.
//!
//! The previous version of the server counts only `account.availability_version`, and adds no row
//! here for a new account. So this version writes both, and reads the greater one. The next version
//! copies what is missing and drops the column.

use sea_orm_migration::{
    prelude::*,
    schema::{integer, uuid},
    sea_orm::DbBackend,
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        // A process that ends between the statements leaves no table behind, on SQLite neither.
        Some(true)
    }

    /// A server of the previous version locks rows of `account` and then writes them. With the
    /// foreign key in place, that write would wait for this transaction, and the copy for the row:
    /// a deadlock. So the key is added last. `SQLite` cannot add one, and has one writer.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create()
            .table("availability")
            .col(uuid("account_id").primary_key())
            .col(integer("version"))
            .to_owned();
        let mut account = ForeignKey::create()
            .name("availability_account_id_fkey")
            .from("availability", "account_id")
            .to("account", "id")
            .on_delete(ForeignKeyAction::Cascade)
            .to_owned();
        let adds_key = manager.get_database_backend() != DbBackend::Sqlite;
        if !adds_key {
            table.foreign_key(&mut account);
        }
        manager.create_table(table).await?;
        let copy = "INSERT INTO availability (account_id, version) SELECT id, availability_version FROM account";
        manager.get_connection().execute_unprepared(copy).await?;
        if adds_key {
            manager.create_foreign_key(account).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `account.availability_version` was written all the time, so nothing is lost.
        manager.drop_table(Table::drop().table("availability").to_owned()).await
    }
}

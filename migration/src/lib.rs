//! The database schema, one change a file, in order. Imports neither the entities nor the server: a change keeps its meaning
//! when they move on.
//!
//! Servers of two versions run on one database while they are replaced one after the other. A change therefore only adds: what the
//! version before reads and writes has to go on working, and what it no longer needs goes in a later version.

pub use sea_orm_migration::prelude::*;
use sea_orm_migration::{
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter},
    seaql_migrations,
};

mod m20261122_000001_create_account;
mod m20261122_000002_create_operator;
mod m20261122_000003_create_session;
mod m20261122_000004_create_password_link;
mod m20261122_000005_create_mail;
mod m20261122_000006_create_photo;
mod m20261130_000001_create_server;
mod m20261130_000002_create_device;
mod m20261130_000003_prove_addresses;
mod m20261130_000004_create_address_link;
mod m20261130_000007_add_mail_failure;

#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    /// Leaves out what a newer version has added: a server of this one that starts again meanwhile need not know of it.
    async fn get_migration_models<C: ConnectionTrait>(db: &C) -> Result<Vec<seaql_migrations::Model>, DbErr> {
        Self::install(db).await?;
        let known: Vec<_> = Self::migrations().iter().map(|migration| migration.name().to_owned()).collect();
        seaql_migrations::Entity::find().filter(seaql_migrations::Column::Version.is_in(known)).all(db).await
    }

    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_account::Migration),
            Box::new(m20261122_000002_create_operator::Migration),
            Box::new(m20261122_000003_create_session::Migration),
            Box::new(m20261122_000004_create_password_link::Migration),
            Box::new(m20261122_000005_create_mail::Migration),
            Box::new(m20261122_000006_create_photo::Migration),
            Box::new(m20261130_000001_create_server::Migration),
            Box::new(m20261130_000002_create_device::Migration),
            Box::new(m20261130_000003_prove_addresses::Migration),
            Box::new(m20261130_000004_create_address_link::Migration),
            Box::new(m20261130_000007_add_mail_failure::Migration),
        ]
    }
}

//! The database schema: one change a file, in order. It imports neither the entities nor the
//! server, so that a change keeps its meaning when they evolve.
//!
//! During an upgrade, servers of two versions run on one database. So a change only adds: whatever
//! the previous version reads and writes must continue to work. What is no longer used is dropped
//! in a later version.

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
mod m20261130_000008_create_availability;
mod m20261130_000009_add_account_version;
mod m20261130_000012_add_mail_language;
mod m20261130_000012_record_invitations;
mod m20261130_000013_create_visitor;
mod m20261130_000014_create_conversation;
mod m20261130_000015_create_message;
mod m20261130_000016_create_participation;
mod m20261130_000017_add_chat_switch;
mod m20261130_000018_create_past_photo;

#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    /// Ignores migrations of a newer version, so that a server of this version can still restart
    /// during the upgrade.
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
            Box::new(m20261130_000008_create_availability::Migration),
            Box::new(m20261130_000009_add_account_version::Migration),
            Box::new(m20261130_000012_add_mail_language::Migration),
            Box::new(m20261130_000012_record_invitations::Migration),
            Box::new(m20261130_000013_create_visitor::Migration),
            Box::new(m20261130_000014_create_conversation::Migration),
            Box::new(m20261130_000015_create_message::Migration),
            Box::new(m20261130_000016_create_participation::Migration),
            Box::new(m20261130_000017_add_chat_switch::Migration),
            Box::new(m20261130_000018_create_past_photo::Migration),
        ]
    }
}

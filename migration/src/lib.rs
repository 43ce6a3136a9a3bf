//! The database schema, one change a file, in order. Imports neither the entities nor the server: a change keeps its meaning
//! when they move on.

pub use sea_orm_migration::prelude::*;

mod m20261122_000001_create_account;
mod m20261122_000002_create_operator;
mod m20261122_000003_create_session;
mod m20261122_000004_create_password_link;
mod m20261122_000005_create_mail;
mod m20261122_000006_create_photo;

#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_account::Migration),
            Box::new(m20261122_000002_create_operator::Migration),
            Box::new(m20261122_000003_create_session::Migration),
            Box::new(m20261122_000004_create_password_link::Migration),
            Box::new(m20261122_000005_create_mail::Migration),
            Box::new(m20261122_000006_create_photo::Migration),
        ]
    }
}

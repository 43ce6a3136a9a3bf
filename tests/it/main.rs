//! Stories: people act through the public schema, across the whole server, on a real database.
//!
//! The database is SQLite by default. With `DESKBELL_TEST_DATABASE=postgres` every story runs on a
//! PostgreSQL cluster that the test process starts. Stories of several servers start all that they
//! need, and run only when requested: see [`servers`].

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "stories prepare the machine on which servers run, and share its database"
)]

mod support;

mod account;
mod address;
mod availability;
mod chat;
mod check;
mod clock;
mod command;
mod complexity;
mod conversation;
mod crash;
mod database;
mod demo;
mod device;
mod direction;
mod drain;
mod durable;
mod first_run;
mod invitation;
mod link;
mod live;
mod log;
mod login;
mod mail;
mod operator;
mod photo;
mod plans;
mod proxy;
mod race;
mod refusal;
mod relay;
mod rights;
mod schema;
mod seat;
mod servers;
mod service_manager;
mod settings;
mod shares;
mod sign_up;
mod supervisor;
mod throttle;
mod two_servers;
mod upgrade;
mod versions;
mod visitor;
mod without_script;

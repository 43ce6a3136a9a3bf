//! Stories: people act through the public schema, across the whole server, on a real database.
//!
//! SQLite by default; with `DESKBELL_TEST_DATABASE=postgres` every story runs on a PostgreSQL cluster of this process's own.
//! Stories of several servers start all that they need themselves, and run when asked for: see [`servers`].

mod support;

mod account;
mod address;
mod availability;
mod clock;
mod command;
mod complexity;
mod crash;
mod database;
mod device;
mod drain;
mod durable;
mod link;
mod live;
mod log;
mod login;
mod mail;
mod operator;
mod photo;
mod proxy;
mod race;
mod refusal;
mod relay;
mod rights;
mod schema;
mod seat;
mod servers;
mod settings;
mod shares;
mod supervisor;
mod throttle;
mod two_servers;
mod without_script;

//! Deskbell: a GraphQL server, with real-time subscriptions, for the operators of a website's live
//! chat.
//!
//! In reading order: the shared modules (shelves), the domain (rooms), and the modules that start
//! the server. Its edge, from the TCP connection to the resolver, is a separate crate, [`edge`],
//! which imports nothing of this one.
//!
//! Imports go in one direction:
//! `backend → schema → room::graphql → room::rules → room::queries → entity`.
//! Shelves import no room. Any room may read through another's `queries`. A room may call the
//! `rules` only of rooms to its right in this list: `link`, `login`, `operator`, `address`,
//! `photo`, `seat`, `conversation`, `visitor`, `mail`, `password_link`, `session`, `account`,
//! `availability`, `server`.
//!
//! GraphQL types are the exception: those of two rooms may contain each other, and payloads use
//! `schema::UserErrors`, which lists the kinds of user errors of all rooms.

// A print that fails panics. Use `log` and `command::output`, which do not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

// The shelves.
pub mod access;
pub mod app;
pub mod bus;
pub mod config;
pub mod error;
pub mod etag;
pub mod graphql;
pub mod input;
pub mod log;
pub mod page;
pub mod password;
pub mod photo_lines;
pub mod plans;
pub mod presence;

// The rooms.
pub mod account;
pub mod address;
pub mod availability;
pub mod conversation;
pub mod link;
pub mod login;
pub mod mail;
pub mod operator;
pub mod password_link;
pub mod photo;
pub mod seat;
pub mod server;
pub mod session;
pub mod visitor;

// The schema of all rooms, what the edge needs of it, and the modules that start the server.
mod assets;
mod backend;
pub mod command;
mod own_documents;
pub mod schema;
pub mod serve;

//! Deskbell: a GraphQL server, with real-time subscriptions, for the operators of a website's live
//! chat.
//!
//! In reading order: the shared modules (shelves), the domain (rooms), and the edge.
//!
//! Imports go in one direction:
//! `http → schema → room::graphql → room::rules → room::queries → entity`.
//! Shelves import no room. Any room may read through another's `queries`. A room may call the
//! `rules` only of rooms to its right in this list: `link`, `login`, `operator`, `address`,
//! `availability`, `photo`, `seat`, `mail`, `password_link`, `session`, `account`.
//!
//! `http::code`, the codes of errors, is one exception: it imports nothing, and every module may
//! import it.
//!
//! GraphQL types are another: those of two rooms may contain each other, and payloads use
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
pub mod event;
pub mod graphql;
pub mod input;
pub mod ledger;
pub mod log;
pub mod password;
pub mod photo_lines;
pub mod plans;
pub mod preflight;
pub mod supervisor;

// The rooms.
pub mod account;
pub mod address;
pub mod availability;
pub mod link;
pub mod login;
pub mod mail;
pub mod operator;
pub mod password_link;
pub mod photo;
pub mod seat;
pub mod session;

// The edge, and the modules that start the server.
pub mod command;
pub mod http;
pub mod schema;
pub mod serve;

//! GraphQL over HTTP, WebSocket and server-sent events on axum, for any async-graphql schema:
//! everything between a TCP connection and a resolver, without knowledge of the product.
//!
//! A product implements two traits, [`Backend`] and [`Identity`], and calls [`Server::run`]. Three
//! more modules are
//! for the product as well: [`ledger`] for quotas of clients, [`supervisor`] for background tasks,
//! and [`metrics`] for its figures.
//!
//! In reading order: `server` accepts connections. A widget's goes through `websocket::door`, all
//! others through the HTTP library. `router` gives each request an id and
//! dispatches it. `graphql` finds the page (`origin`), the address (`client`) and the identity
//! (`authenticate`) of the caller, and reads the request (`read`, `upload`, `body`, `sent`).
//! `document` validates it, `operation` runs it, and `finish` completes the answer. Subscribers
//! follow a `broadcast`. `websocket` and `sse` are other transports around the same core, so that
//! each limit and each permission holds on all of them. `alive` finds peers that have
//! disappeared. `request_info` has the page and the address
//! for all transports, and [`code`] the codes of errors.
//!
//! Invariants: nothing is read without a limit and a timeout. No queue grows without a limit. No
//! document runs before it is validated. A cookie never counts for a page of a foreign origin. A
//! mutation that has begun runs to its end.

mod alive;
mod authenticate;
mod backend;
mod body;
mod broadcast;
pub mod caller;
mod client;
pub mod code;
pub mod config;
mod cookies;
mod document;
mod fair;
mod finish;
mod graphql;
mod health;
mod identity;
mod interned;
pub mod ledger;
mod media;
pub mod metrics;
mod operation;
mod origin;
mod pace;
mod peer;
pub mod preflight;
mod read;
mod refusal;
pub mod request;
mod request_info;
mod rest;
mod rewound;
mod router;
mod sent;
mod server;
mod shared;
mod sse;
pub mod supervisor;
#[cfg(test)]
mod tests;
mod upload;
mod websocket;
mod write_timeout;

pub use backend::{Audience, Backend, SessionOf, Subject};
pub use identity::{Identity, Reach};
pub use rest::Rest;
pub use router::Routes;
pub use server::Server;

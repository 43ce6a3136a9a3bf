//! Benchmarks of Deskbell, next to a minimal server and a typical implementation.
//!
//! The generator, from the socket up: [`clock`], [`wire`], [`frame`], [`heartbeat`], [`widget`],
//! [`tally`] and [`crowd`]. It is independent of the measured server and can be used alone. Around
//! it: [`process`] and [`numbers`], the servers ([`peer`], [`server`]), their data ([`place`],
//! [`leftovers`]), queries ([`ask`], [`sql`], [`postgres`]) and attacks ([`attack`]), a server with
//! its crowd ([`rig`]), the [`scenario`]s, and the [`report`].

#![expect(clippy::disallowed_methods, reason = "a benchmark measures with the system's clock, on threads of its own")]

pub mod ask;
pub mod attack;
pub mod broker;
pub mod chat;
pub mod chat_sql;
pub mod clock;
pub mod crowd;
pub mod frame;
pub mod heartbeat;
pub mod leftovers;
pub mod line;
pub mod numbers;
pub mod peer;
pub mod place;
pub mod postgres;
pub mod process;
pub mod random;
pub mod report;
pub mod rig;
pub mod scenario;
pub mod server;
pub mod sql;
pub mod tally;
pub mod torture;
pub mod widget;
pub mod wire;

/// Compiles the example in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! Measures Deskbell, side by side with the least that any server can do and with what most people would write.
//!
//! The generator, from the socket up: [`clock`], [`wire`], [`frame`], [`widget`], [`tally`] and [`crowd`]; it knows nothing of what
//! is measured and may be used alone. Around it: [`process`] and [`numbers`], the servers ([`peer`], [`server`]), what they serve
//! ([`place`], [`leftovers`]), how they are asked ([`ask`], [`sql`], [`postgres`]) and attacked ([`attack`]), a server with its crowd ([`rig`]), the [`scenario`]s, and the [`report`].

pub mod ask;
pub mod attack;
pub mod clock;
pub mod crowd;
pub mod frame;
pub mod leftovers;
pub mod numbers;
pub mod peer;
pub mod place;
pub mod postgres;
pub mod process;
pub mod report;
pub mod rig;
pub mod scenario;
pub mod server;
pub mod sql;
pub mod tally;
pub mod widget;
pub mod wire;

/// The example in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

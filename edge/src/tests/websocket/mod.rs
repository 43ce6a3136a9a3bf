//! `graphql-transport-ws`.

mod bounds;
mod door;
mod operations;
mod rights;
mod rules;
pub(super) mod sharing;
pub(super) mod socket;

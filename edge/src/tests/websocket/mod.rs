//! `graphql-transport-ws`.

mod bounds;
mod door;
mod idle;
mod operations;
mod rest;
mod rights;
mod rules;
pub(super) mod sharing;
pub(super) mod socket;

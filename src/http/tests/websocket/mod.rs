//! `graphql-transport-ws`.

mod bounds;
mod operations;
mod rights;
mod rules;
mod sharing;
mod socket;

//! This server as its clients see it: the public settings, which a browser needs before sign-in,
//! and whether it has an account yet.

pub mod graphql;
pub mod queries;

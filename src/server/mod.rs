//! This server as its clients see it: the public settings, which a browser needs before sign-in.

pub mod graphql;

//! Visitors: people on websites who have written to an account.
//!
//! A visitor exists from the first message on. The visitor's browser made a token before it, and
//! the database has the hash of it ([`Visitor`](crate::access::identity::Visitor)). A token belongs
//! to one visitor of an account for ever, and to another visitor of each other account. A visitor
//! may have several tokens.
//!
//! A token opens its visitor's own chat, and nothing else: no field takes the id of a visitor from
//! a visitor.

pub mod graphql;
pub mod queries;
pub mod rules;

/// The version of a token's topic once the token belongs to a visitor.
pub const TOKEN_VERSION: i64 = 1;

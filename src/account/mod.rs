//! An account: a company with a name, a plan, and the public key that its website uses.
//!
//! Every change that counts operators locks the account's row first. An account sees its own rows
//! only, and an id of another account gives the same result as an id that does not exist.

pub mod graphql;
pub mod queries;
pub mod rules;

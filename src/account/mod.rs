//! An account: a company, its name, its plan, and the public key by which its website finds it.
//!
//! The account's row is what everything that counts operators locks first. Each account sees its own rows only, and an id of
//! another account answers exactly like an id that does not exist.

pub mod graphql;
pub mod queries;
pub mod rules;

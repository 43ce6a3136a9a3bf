//! Deskbell's tables: one file for each, with its columns, relations and keys. No GraphQL, no
//! rules.
//!
//! Keys are newtypes, so that an operator's id cannot be used as an account's.

pub mod account;
pub mod address_link;
pub mod device;
pub mod held_address;
pub mod key;
pub mod mail;
pub mod operator;
pub mod password_link;
pub mod photo;
pub mod server;
pub mod session;

pub use key::{AccountId, HeldAddressId, MailId, OperatorId, ServerId, SessionId};

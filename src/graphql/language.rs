//! The language of mails.

use async_graphql::Enum;
use entity::mail;

/// A language of mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "mail::Language")]
pub enum Language {
    /// English.
    En,
    /// Czech.
    Cs,
}

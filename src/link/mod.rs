//! Mailed links: what one is about, and what its page does once its button is pressed.
//!
//! A page that names the account, the inviter and the effect asks for [`rules::look`], which changes nothing: mail scanners open links and
//! run scripts. Setting a password by link is in [`login`](crate::login).

pub mod graphql;
pub mod rules;

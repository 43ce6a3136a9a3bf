//! Mailed links: what a link is for, and what its page does when the button is pressed.
//!
//! A page shows the account, the inviter and the effect with [`rules::look`], which changes
//! nothing: mail scanners open links and run scripts. Setting a password by link is in
//! [`login`](crate::login). An invitation that has expired is exchanged for a new one here.

pub mod graphql;
pub mod rules;

//! Operators: the people who chat with a site's visitors.
//!
//! An account has any number of profiles. Each has an access level, a name for colleagues and one
//! for visitors, an address to sign in with, and is active or not. One of them is the owner, who
//! always has full access and cannot be removed or demoted. Operators cannot change their own
//! access level. The row of a removed operator is kept without personal data, so that past actions
//! still show a name.
//!
//! Seats are in [`seat`](crate::seat); what visitors see is in
//! [`availability`](crate::availability).

pub mod graphql;
pub mod queries;
pub mod rules;

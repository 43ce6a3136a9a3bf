//! Operators: the people who chat with a site's visitors.
//!
//! An account has any number of profiles. Each has an access level, names for colleagues and for visitors, an address to sign in
//! with, and is active or not. One of them is the owner, who always has full access and cannot be removed or demoted; nobody
//! changes their own access level. A removed operator's row stays, for the name on what they did, without personal data.
//!
//! Who holds a seat is the business of [`seat`](crate::seat); what visitors see, of [`availability`](crate::availability).

pub mod graphql;
pub mod queries;
pub mod rules;

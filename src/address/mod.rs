//! Addresses: which operator signs in with which, and who has shown that they read mail there.
//!
//! The *holder* of an address is the operator whose `email_key` it is: at most one over the server. An address is *proven* once a link
//! that was mailed to it was confirmed. An unproven holder loses it to the person who proves it for another profile; a proven one keeps
//! it. A *pending* address is the one that an operator has asked for and not proven yet. A *held* address is one that an operator has
//! left and can take back for seven days; until then no other profile can take it.
//!
//! Without a mail relay no address can be proven: a change counts at once, and nothing moves.
//!
//! This room has the steps; [`link`](crate::link) has what people do with the mailed links.

pub mod links;
pub mod queries;
pub mod rules;

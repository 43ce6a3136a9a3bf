//! Addresses: which operator signs in with which address, and whether the operator receives mail
//! there.
//!
//! The *holder* of an address is the operator whose `email_key` it is; there is at most one on the
//! server. An address is *proven* once a link that was mailed to it was confirmed. An unproven
//! holder loses the address to a person who proves it for another profile; a proven holder keeps
//! it. A *pending* address is one that an operator has requested and not proven yet. A *held*
//! address is one that an operator has left and can take back for seven days; during that time no
//! other profile can take it.
//!
//! Without a mail relay no address can be proven: a change takes effect at once, and no address
//! moves between profiles.
//!
//! This room contains the steps; [`link`](crate::link) contains the rules of the mailed links.

pub mod links;
pub mod queries;
pub mod rules;

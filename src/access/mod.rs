//! Who calls, what the caller may do, and how often.

pub mod identity;
pub mod throttle;
pub mod token;

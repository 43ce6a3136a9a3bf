//! Who calls, what the caller may do, and how often.

pub mod throttle;
pub mod token;
pub mod viewer;

//! Sessions: how an operator stays signed in.
//!
//! A session is an opaque random token; the database knows its hash. It ends when it is idle for too long, when it is too old,
//! when its operator signs out, changes or recovers the password or is removed, and then it ends at once, the sockets that use
//! it included: [`live::Live::ended`] is what they wait on.

pub mod cookie;
pub mod device;
pub mod graphql;
pub mod live;
pub mod queries;
pub mod rules;

//! Sessions: how an operator stays signed in.
//!
//! A session is an opaque random token; the database stores its hash. A session ends when it is
//! idle for too long, when it is too old, and when its operator signs out, changes or recovers the
//! password, or is removed. It ends at once, including the sockets that use it: they wait for
//! [`live::Live::ended`].

pub mod cookie;
pub mod device;
pub mod graphql;
pub mod live;
pub mod poll;
pub mod queries;
pub mod rules;

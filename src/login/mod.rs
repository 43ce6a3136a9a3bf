//! Signing up, in and out; passwords, and the mailed links that set them.
//!
//! An unknown address costs the same time and answers the same as a wrong password. A link's token is 256 random bits, made when
//! the mail is sent and stored hashed; it works once, only the newest of its kind works, and it signs nobody in. Setting a
//! password by link ends every session; changing it ends every other one.

pub mod graphql;
pub mod letters;
pub mod rules;

//! Signing up, in and out; passwords; and the mailed links that set them.
//!
//! An unknown address takes the same time and returns the same error as a wrong password. The token
//! of a link has 256 random bits. It is created when the mail is sent, and stored as a hash. It
//! works once, only the newest one of its kind works, and it signs no one in. Setting a password by
//! link ends every session; changing it ends every other session.

pub mod graphql;
pub mod letters;
pub mod rules;

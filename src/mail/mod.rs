//! Mail: a queue that is written in the same transaction as the change, and a worker that sends it.
//!
//! A mail is a row of the same transaction as the change: a crash does not lose it, and it is not
//! sent for a change that was rolled back. The row contains the kind of mail and the recipient. The
//! text and its links are created when the mail is sent
//! ([`login::letters`](crate::login::letters)), so that no usable token is ever stored on disk.
//! Mails are sent at least once: after a crash between the delivery and its record, the mail is
//! sent again with the same Message-ID.

pub mod letter;
pub mod queries;
pub mod queue;
pub mod smtp;
pub mod transport;
mod verdict;
pub mod worker;

//! Mail: a queue that is written with the change it speaks of, and a worker that empties it.
//!
//! A mail is a row of the same transaction as the change: never lost by a crash, never sent for a change that was undone. The row
//! says what to say to whom; the text, and any link in it, are made when it is sent ([`login::letters`](crate::login::letters)),
//! so that no usable token ever lies on a disk. Sending comes at least once: a crash between the delivery and its record sends
//! again, under the same Message-ID.

pub mod letter;
pub mod queue;
pub mod smtp;
pub mod transport;
mod verdict;
pub mod worker;

//! Conversations: what a visitor and the operators of an account write to each other.
//!
//! - A conversation is a log of messages with the **sequences** 1, 2, 3 and so on. What happens in
//!   it (an operator joins or leaves, it is closed or reopened) is a message without text.
//! - The log is written under the lock on the conversation's row, whose counters give the sequence.
//!   So messages are committed in the order of their sequences, without gaps.
//! - A message is written once: a repeated send finds the first message by the client's id.
//! - Each change increments the **revision**, and each that the visitor can see also the visitor's
//!   revision. Subscribers follow the topic `Conversation` with the revision as its version.
//! - A visitor has at most one conversation that is not closed.
//! - All followers of a conversation share one [`feed`], which reads once after a change.
//! - **Notes** are not in the log: visitors receive no trace of them.
//! - How far someone has **read** is a sequence. Messages and marks have counts of messages, so
//!   what is unread is a difference.

pub mod feed;
pub mod graphql;
pub mod lists;
pub mod queries;
pub mod rules;

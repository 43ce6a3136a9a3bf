//! Events, their subscribers, and the connection to other servers.
//!
//! - [`Topic`]: what can be followed, each with a version that the database counts.
//! - [`PresenceFact`]: who types and who is here, which only other servers receive.
//! - [`Bus`]: delivers an [`Event`] from a commit to the subscribers of its topic, each of which
//!   has a [`Listener`].
//! - [`remote`]: takes events to the servers that share the database, and compares versions with
//!   the database after messages may have been missed.
//!
//! An event is a hint to re-read, and carries no state: a subscriber that misses some events is up
//! to date after one read.
//!
//! The bus depends neither on rooms nor on the rate limits whose buckets it names.

mod bucket;
mod hub;
mod presence;
pub mod remote;
mod topic;

pub use self::{
    bucket::BucketId,
    hub::{Bus, Delivery, Event, Listener},
    presence::{PeerNews, PresenceFact, Subject},
    remote::{Register, Server, detect_neighbours, join, tell_once},
    topic::{GONE, Topic, TopicKind},
};

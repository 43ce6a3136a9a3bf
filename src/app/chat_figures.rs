//! Metrics of conversations.

use edge::metrics::Metrics;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
};

/// Upper bounds of the delivery histogram, in seconds.
const DELIVERY_BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// One of the two sides of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Visitor,
    Operator,
}

impl Side {
    const fn label(self) -> OfSide {
        OfSide {
            side: match self {
                Self::Visitor => "visitor",
                Self::Operator => "operator",
            },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSide {
    side: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfStatus {
    status: &'static str,
}

/// The metrics of conversations. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ChatFigures {
    messages: Family<OfSide, Counter>,
    followers: Family<OfSide, Gauge>,
    conversations: Family<OfStatus, Gauge>,
    bytes: Gauge,
    delivery: Histogram,
}

impl ChatFigures {
    /// Adds the metrics to those of the server.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        let figures = Self {
            messages: Family::default(),
            followers: Family::default(),
            conversations: Family::default(),
            bytes: Gauge::default(),
            delivery: Histogram::new(DELIVERY_BUCKETS),
        };
        metrics.register("chat_messages", "Messages sent, without events and repeats", figures.messages.clone());
        metrics.register("chat_followers", "Subscriptions that follow a conversation", figures.followers.clone());
        metrics.register(
            "conversations",
            "Conversations in the database, counted every minute",
            figures.conversations.clone(),
        );
        metrics.register(
            "chat_bytes",
            "Size of the texts of all messages, counted every minute",
            figures.bytes.clone(),
        );
        metrics.register(
            "chat_delivery_seconds",
            "Time from a message to the last follower on this server that took it",
            figures.delivery.clone(),
        );
        figures
    }

    /// Counts a message that was sent.
    pub fn sent(&self, by: Side) {
        self.messages.get_or_create(&by.label()).inc();
    }

    /// Counts a follower until the result is dropped.
    #[must_use]
    pub fn follower(&self, side: Side) -> Follower {
        let gauge = self.followers.get_or_create(&side.label()).clone();
        gauge.inc();
        Follower(gauge)
    }

    /// Records the time from a message to its last follower.
    pub fn delivered(&self, seconds: f64) {
        self.delivery.observe(seconds);
    }

    /// Sets the number of conversations of a status.
    pub fn set_conversations(&self, status: &'static str, number: i64) {
        self.conversations.get_or_create(&OfStatus { status }).set(number);
    }

    /// Sets the size of all texts.
    pub fn set_bytes(&self, bytes: i64) {
        self.bytes.set(bytes);
    }
}

/// A follower that is counted.
#[derive(Debug)]
pub struct Follower(Gauge);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.dec();
    }
}

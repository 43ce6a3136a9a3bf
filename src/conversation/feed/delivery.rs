//! The time from a message to its last follower on this server, for metrics.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

use crate::app::App;

/// Followed by one state of a conversation. Dropped with the state, once a newer one has replaced
/// it and no follower holds it.
#[derive(Debug)]
pub struct Delivery {
    app: App,
    /// When the newest message of the state was sent.
    sent_at: DateTime<Utc>,
    /// When the last follower took it, in microseconds after that; negative if none has.
    last_us: AtomicI64,
}

impl Delivery {
    #[must_use]
    pub fn of(app: &App, sent_at: DateTime<Utc>) -> Self {
        Self { app: app.clone(), sent_at, last_us: AtomicI64::new(-1) }
    }

    /// Records that a follower takes the messages.
    pub fn taken(&self) {
        let elapsed = self.app.clock.now() - self.sent_at;
        self.last_us.fetch_max(elapsed.num_microseconds().unwrap_or(i64::MAX).max(0), Ordering::Relaxed);
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        let last = *self.last_us.get_mut();
        if let Ok(last) = u32::try_from(last) {
            self.app.chat.delivered(f64::from(last) / 1e6);
        }
    }
}

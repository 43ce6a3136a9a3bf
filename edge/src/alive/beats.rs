//! When quiet event streams send a comment: in groups, one after the other, from a single timer.

use std::{
    future,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::sync::watch;

/// The number of groups. Each group of streams sends at another time.
const GROUPS: u32 = 20;

#[derive(Debug)]
pub(crate) struct Beats {
    groups: Box<[watch::Sender<()>]>,
    next: AtomicUsize,
    every: Duration,
}

impl Beats {
    /// Beats of each group, `every` apart.
    pub(super) fn new(every: Duration) -> Self {
        Self { groups: (0..GROUPS).map(|_| watch::Sender::default()).collect(), next: AtomicUsize::new(0), every }
    }

    /// The beat of a new stream. The first comes after the period at most.
    pub(crate) fn join(&self) -> Beat {
        let group = self.next.fetch_add(1, Ordering::Relaxed) % self.groups.len();
        Beat(self.groups[group].subscribe())
    }

    pub(super) async fn run(&self) {
        let mut turns = super::every(self.every / GROUPS);
        loop {
            for group in &self.groups {
                turns.tick().await;
                group.send_replace(());
            }
        }
    }
}

/// One stream's part of the beats.
#[derive(Debug)]
pub(crate) struct Beat(watch::Receiver<()>);

impl Beat {
    /// Waits for the next beat. One that came while the stream did not wait is not lost. Cancel
    /// safe.
    pub(crate) async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            // The server is gone.
            future::pending::<()>().await;
        }
    }
}

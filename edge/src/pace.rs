//! The minimum rate at which a peer receives what is written to it, and sends what it has begun to
//! send.
//!
//! A peer that moves a few bytes now and then would hold memory without limit. So while more bytes
//! wait, [`LEAST_BYTES`] must move within each period, or the connection ends. An amount below that
//! must move completely.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Sleep, sleep};

/// How many bytes must move within a period while more wait.
pub(crate) const LEAST_BYTES: usize = 8 << 10;

/// The pace of one direction of a connection. Small, because each idle socket has one.
#[derive(Debug)]
pub(crate) struct Pace {
    period_ms: u32,
    /// Less than [`LEAST_BYTES`].
    moved: u32,
    /// Set only while bytes wait, so an idle connection has no timer.
    ends: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(crate) fn new(period: Duration) -> Self {
        Self { period_ms: u32::try_from(period.as_millis()).unwrap_or(u32::MAX), moved: 0, ends: None }
    }

    /// Another pace with the same period.
    pub(crate) fn alike(&self) -> Self {
        Self { period_ms: self.period_ms, moved: 0, ends: None }
    }

    /// Records that bytes have moved while more wait.
    pub(crate) fn moved(&mut self, bytes: usize) {
        let moved = bytes.saturating_add(self.moved as usize);
        match u32::try_from(moved) {
            Ok(few) if moved < LEAST_BYTES => self.moved = few,
            _ => self.rest(),
        }
    }

    /// Records that no bytes wait.
    pub(crate) fn rest(&mut self) {
        self.moved = 0;
        self.ends = None;
    }

    /// Called while bytes wait. Ready when they have waited for too long. Starts a period if none
    /// runs.
    pub(crate) fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let period = Duration::from_millis(self.period_ms.into());
        self.ends.get_or_insert_with(|| Box::pin(sleep(period))).as_mut().poll(context)
    }
}

//! The least rate at which a peer takes what is written to it, and sends what it has begun to send.
//!
//! A peer that moves a little now and then would hold memory for as long as it likes. So while more waits, [`LEAST_BYTES`] must move
//! within each period; less ends the connection. What is smaller than that must move whole.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Sleep, sleep};

/// What must move within a period while more waits.
pub(super) const LEAST_BYTES: usize = 8 << 10;

/// The pace of one direction of a connection. Small: every idle socket has one.
#[derive(Debug)]
pub(super) struct Pace {
    period_ms: u32,
    /// Less than [`LEAST_BYTES`].
    moved: u32,
    /// Only while something waits: idle connections carry no timer.
    ends: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(super) fn new(period: Duration) -> Self {
        Self { period_ms: u32::try_from(period.as_millis()).unwrap_or(u32::MAX), moved: 0, ends: None }
    }

    /// Another pace with the same period.
    pub(super) fn alike(&self) -> Self {
        Self { period_ms: self.period_ms, moved: 0, ends: None }
    }

    /// Bytes have moved, and more wait.
    pub(super) fn moved(&mut self, bytes: usize) {
        let moved = bytes.saturating_add(self.moved as usize);
        match u32::try_from(moved) {
            Ok(few) if moved < LEAST_BYTES => self.moved = few,
            _ => self.rest(),
        }
    }

    /// Nothing waits any more.
    pub(super) fn rest(&mut self) {
        self.moved = 0;
        self.ends = None;
    }

    /// Something waits: ready when it has waited for too long. Begins a period where none runs.
    pub(super) fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let period = Duration::from_millis(self.period_ms.into());
        self.ends.get_or_insert_with(|| Box::pin(sleep(period))).as_mut().poll(context)
    }
}

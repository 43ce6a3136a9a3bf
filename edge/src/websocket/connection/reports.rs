//! Writes what the operations of a socket report.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Close, Connection, End, Followed, Report, Update, Wire, next_report};
use crate::backend::Backend;

impl<H: Backend, W: Wire> Connection<H, W> {
    /// Writes what an operation reports. Ignores a report of an operation that the client has
    /// completed.
    pub(super) async fn write(&mut self, Report { id, serial, update }: Report) -> Result<(), End> {
        let Some(at) = self.running.iter().position(|running| running.serial == serial) else {
            return Ok(());
        };
        let message = match update {
            Update::Said(message, lease) => {
                // Counts until the peer has received it. With an outbox, the outbox counts what it
                // keeps.
                let lease = lease.filter(|_| self.wire.outbox().is_none());
                let sent = self.wire.send(message).await;
                drop(lease);
                return Ok(sent?);
            }
            Update::Opened(shown) => {
                if let Some(outbox) = self.wire.outbox() {
                    let followed = Followed::begin(&self.edge, outbox, id, shown);
                    self.running[at].follow(followed);
                    if self.running.iter().all(|running| running.followed.is_some()) {
                        // Nothing else reports. A page with a chat has only subscriptions, and
                        // keeps no room for reports while it is idle.
                        self.reports = None;
                    }
                }
                return Ok(());
            }
            Update::Ended(message) => {
                self.running.swap_remove(at);
                message
            }
            Update::SignedOut => {
                self.running.swap_remove(at);
                return Err(Close::forbidden("The session has ended").into());
            }
        };
        Ok(self.wire.send(message).await?)
    }

    /// Writes the items and the ends that broadcasts could not write.
    pub(super) async fn catch_up(&mut self) -> Result<(), End> {
        // Starts with another subscription each time, so that one with frequent items does not
        // starve the others.
        if self.running.len() > 1 {
            self.running.rotate_left(1);
        }
        let mut at = 0;
        while let Some(running) = self.running.get_mut(at) {
            match running.followed.as_mut().and_then(|followed| followed.catch_up(&running.id)) {
                Some(last) => {
                    self.running.remove(at);
                    self.wire.send(last).await?;
                }
                None => at += 1,
            }
        }
        Ok(())
    }

    /// Writes the answers of queries and mutations in flight, within the grace.
    pub(super) async fn answer_the_rest(&mut self, grace: Duration) -> Result<(), End> {
        let until = Instant::now() + grace;
        let answered = timeout_at(until, async {
            while !self.running.is_empty() {
                let report = next_report(&mut self.reports).await;
                if let Err(End::Gone) = self.write(report).await {
                    return Err(End::Gone);
                }
            }
            Ok(())
        });
        answered.await.unwrap_or(Ok(()))
    }
}

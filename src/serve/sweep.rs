//! The sweeper: deletes rows that expired long ago, so that tables do not grow.
//!
//! Nothing depends on a sweep: an expired row has no effect, deleted or not. But a wall clock that
//! is wrong for a while must not lead to the deletion of valid rows. So a row is deleted only if it
//! expired more than a day ago, and every sweep within at least an hour of monotonic time saw it
//! expired.

use std::{collections::VecDeque, panic::AssertUnwindSafe, sync::atomic::Ordering, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use edge::supervisor;
use entity::conversation::Status;
use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::figure;
use crate::{
    address::rules as addresses,
    app::{App, db::is_reported},
    conversation::{queries as conversation_queries, rules as conversations},
    mail::{queries, worker},
    operator::rules as operators,
    password_link,
    session::{device, rules as sessions},
};

const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// How long ago a row must have expired.
const GRACE: TimeDelta = TimeDelta::days(1);
/// How long it must have been seen expired, by the monotonic clock.
const SEEN_FOR: Duration = Duration::from_hours(1);

/// Sweeps until cancelled.
pub(super) async fn run(app: App, stop: CancellationToken) {
    let mut sweeper = Sweeper::default();
    loop {
        sweeper.sweep(&app).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SWEEP_EVERY) => {}
        }
    }
}

/// Remembers the earlier sweeps of this process.
#[derive(Debug, Default)]
pub struct Sweeper {
    /// The time of each sweep, and its limit for "expired long ago": the last sweep that was at
    /// least [`SEEN_FOR`] ago, and all sweeps since.
    sweeps: VecDeque<(Duration, DateTime<Utc>)>,
    /// Whether the search keys of previous versions have been recomputed.
    is_folded: bool,
}

impl Sweeper {
    /// Runs one sweep.
    pub async fn sweep(&mut self, app: &App) {
        app.throttle.forget_idle();
        if let Some(until) = self.see(app.clock.uptime(), app.clock.now()) {
            step("sessions", sessions::sweep(app, until)).await;
            step("devices", device::sweep(app, until)).await;
            step("password links", password_link::sweep(app, until)).await;
            step("links about addresses", addresses::sweep(app, until)).await;
            step("mails", worker::sweep(app, until)).await;
        }
        let is_folded = &mut self.is_folded;
        if !*is_folded {
            let fold = async move {
                operators::refold(app).await?;
                *is_folded = true;
                Ok(())
            };
            step("search keys", fold).await;
        }
        step("conversations of operators without a seat", Box::pin(conversations::repair(app))).await;
        step("silent conversations", Box::pin(conversations::close_silent(app))).await;
        step("accepted invitations", Box::pin(addresses::settle_accepted(app))).await;
        step("the count of mails", count_mails(app)).await;
        step("the count of conversations", count_conversations(app)).await;
    }

    /// Records a sweep. Returns the time until which a row must have expired to be deleted; `None`
    /// while nothing may be deleted.
    fn see(&mut self, uptime: Duration, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.sweeps.push_back((uptime, now - GRACE));
        let is_old = |sweep: &(Duration, DateTime<Utc>)| uptime.saturating_sub(sweep.0) >= SEEN_FOR;
        while self.sweeps.get(1).is_some_and(is_old) {
            self.sweeps.pop_front();
        }
        // The minimum protects a row that any sweep in between saw unexpired: one of the clocks was
        // wrong then.
        self.sweeps.front().is_some_and(is_old).then(|| self.sweeps.iter().map(|sweep| sweep.1).min()).flatten()
    }
}

/// Runs one step. A step that fails or panics does not keep the others from running.
async fn step(what: &'static str, step: impl Future<Output = anyhow::Result<()>>) {
    let swept = AssertUnwindSafe(step).catch_unwind().await;
    let swept = swept.unwrap_or_else(|panic| Err(anyhow::anyhow!("panicked: {}", supervisor::message(&*panic))));
    if let Err(error) = swept
        && !is_reported(&error)
    {
        tracing::warn!(what, error = format!("{error:#}"), "sweeping failed; retrying in a minute");
    }
}

async fn count_mails(app: &App) -> anyhow::Result<()> {
    let waiting = queries::count_waiting_any_account(app.db()).await?;
    app.mails_waiting.store(figure(waiting), Ordering::Relaxed);
    Ok(())
}

async fn count_conversations(app: &App) -> anyhow::Result<()> {
    let counted = conversation_queries::count_any_account(app.db()).await?;
    for (status, label) in [(Status::Pending, "pending"), (Status::Open, "open"), (Status::Closed, "closed")] {
        let number = counted.iter().find(|counted| counted.status == status).map_or(0, |counted| counted.number);
        app.chat.set_conversations(label, number);
    }
    app.chat.set_bytes(counted.iter().map(|counted| counted.text_bytes).sum());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_mins(minutes)
    }

    #[test]
    fn nothing_goes_in_the_first_hour_and_then_what_expired_a_day_before_the_first_sweep() {
        let mut sweeper = Sweeper::default();
        for minute in 0..60 {
            assert_eq!(sweeper.see(minutes(minute), at(100)), None, "{minute}");
        }
        assert_eq!(sweeper.see(minutes(60), at(101)), Some(at(76)));
        assert_eq!(sweeper.see(minutes(200), at(103)), Some(at(77)), "the last that was an hour ago counts");
        assert_eq!(sweeper.sweeps.len(), 2);
    }

    #[test]
    fn a_wall_clock_that_is_ahead_for_less_than_an_hour_has_nothing_deleted() {
        let mut sweeper = Sweeper::default();
        assert_eq!(sweeper.see(minutes(0), at(100)), None);
        for minute in 60..120 {
            assert_eq!(sweeper.see(minutes(minute), at(1_000)), Some(at(76)), "{minute}");
        }
        assert_eq!(sweeper.see(minutes(120), at(102)), Some(at(78)));
    }

    #[test]
    fn a_wall_clock_that_is_set_back_has_nothing_deleted_that_is_good_by_it() {
        let mut sweeper = Sweeper::default();
        assert_eq!(sweeper.see(minutes(0), at(1_000)), None);
        assert_eq!(sweeper.see(minutes(60), at(100)), Some(at(76)));
    }

    #[tokio::test]
    async fn a_step_that_fails_or_panics_leaves_the_others_alone() {
        step("one", async { anyhow::bail!("as the test wants") }).await;
        step("two", async { panic!("as the test wants") }).await;
    }
}

//! The time, by two clocks. Rules use only these clocks, so that a test can set them instead of
//! sleeping.
//!
//! The wall clock is stored and shown, and may be set back or ahead at any moment. The monotonic
//! clock only measures how much time has passed in this process: limits and timers follow it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Both clocks of one server. Clones share their state.
#[derive(Clone, Debug)]
pub struct Clock {
    started: Instant,
    moved: Arc<Moved>,
}

/// How far a test has moved the clocks, in microseconds; zero in a running server.
#[derive(Debug, Default)]
struct Moved {
    wall_us: AtomicI64,
    monotonic_us: AtomicU64,
}

impl Clock {
    #[must_use]
    pub fn system() -> Self {
        Self { started: Instant::now(), moved: Arc::default() }
    }

    /// The wall clock: UTC, in whole microseconds, which every supported database can store.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = Utc::now();
        let whole = now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now);
        whole + TimeDelta::microseconds(self.moved.wall_us.load(Ordering::Relaxed))
    }

    /// The monotonic clock: the time that this process has been running. It never goes back.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.started.elapsed() + Duration::from_micros(self.moved.monotonic_us.load(Ordering::Relaxed))
    }

    /// Moves both clocks forward.
    pub fn advance(&self, by: TimeDelta) {
        self.set_wall(by);
        let by = u64::try_from(microseconds(by)).expect("time does not pass backwards");
        self.moved.monotonic_us.fetch_add(by, Ordering::Relaxed);
    }

    /// Sets the wall clock ahead, or back if `by` is negative; no time passes.
    pub fn set_wall(&self, by: TimeDelta) {
        self.moved.wall_us.fetch_add(microseconds(by), Ordering::Relaxed);
    }
}

fn microseconds(by: TimeDelta) -> i64 {
    by.num_microseconds().expect("a test moves the clock by less than 292,000 years")
}

/// Rate limits follow the monotonic clock.
impl governor::clock::Clock for Clock {
    type Instant = governor::nanos::Nanos;

    fn now(&self) -> Self::Instant {
        self.uptime().into()
    }
}

impl governor::clock::ReasonablyRealtime for Clock {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_whole_microseconds_and_moves_for_every_clone() {
        let clock = Clock::system();
        let other = clock.clone();
        let before = clock.now();
        other.advance(TimeDelta::days(3));
        let after = clock.now();
        assert_eq!(after.timestamp_subsec_nanos() % 1_000, 0);
        assert!(after - before >= TimeDelta::days(3));
        assert!(clock.uptime() >= Duration::from_hours(72));
    }

    #[test]
    fn a_wall_clock_that_is_set_moves_no_timer() {
        let clock = Clock::system();
        let (before, began) = (clock.now(), clock.uptime());
        clock.clone().set_wall(TimeDelta::hours(-2));
        assert!(before - clock.now() > TimeDelta::minutes(119));
        assert!((began..began + Duration::from_mins(1)).contains(&clock.uptime()));
    }
}

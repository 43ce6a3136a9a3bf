//! What time it is. Rules ask here and nowhere else, so that a test can set the clock instead of sleeping.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// UTC, in whole microseconds: what every supported database stores.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// How far a test has moved the clock ahead, in microseconds; zero in a running server.
    ahead_us: Arc<AtomicI64>,
}

impl Clock {
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// Now, in whole microseconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let now = Utc::now();
        let whole = now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now);
        whole + TimeDelta::microseconds(self.ahead_us.load(Ordering::Relaxed))
    }

    /// Moves the clock ahead, for every clone of it.
    pub fn advance(&self, by: TimeDelta) {
        self.ahead_us.fetch_add(by.num_microseconds().expect("a test moves the clock by less than 292,000 years"), Ordering::Relaxed);
    }
}

/// Rate limits follow the same clock.
impl governor::clock::Clock for Clock {
    type Instant = governor::nanos::Nanos;

    fn now(&self) -> Self::Instant {
        let since_1970 = Clock::now(self).timestamp_nanos_opt().unwrap_or(0);
        governor::nanos::Nanos::from(u64::try_from(since_1970).unwrap_or(0))
    }
}

impl governor::clock::ReasonablyRealtime for Clock {}

/// How long something takes at best: a machine with much to do makes any one of a few times long, and not all.
#[cfg(test)]
pub(crate) fn quickest<T>(mut act: impl FnMut() -> T) -> std::time::Duration {
    let took = |_| {
        let started = std::time::Instant::now();
        std::hint::black_box(act());
        started.elapsed()
    };
    (0..5).map(took).min().expect("several times")
}

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
    }
}

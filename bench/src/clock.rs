//! Times since 1970, like the kernel's timestamps of packets.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The current time, by the clock of the kernel's timestamps.
#[must_use]
pub fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is set")
}

/// An open-loop schedule: what is due when, independent of earlier answers.
///
/// A latency is counted from the time that [`Schedule::take`] returns. That is when the request was
/// due, not when the generator got to it. So a generator or server that stalls for a second affects
/// the latencies of everything that was due in that second, not of one request only.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    start: Duration,
    every: Duration,
    count: u32,
    done: u32,
}

impl Schedule {
    /// Schedules `count` events at a rate of `per_second`.
    #[must_use]
    pub fn new(start: Duration, per_second: u32, count: u32) -> Self {
        Self { start, every: Duration::from_secs(1) / per_second, count, done: 0 }
    }

    /// When the next one is due; `None` after the last one.
    #[must_use]
    pub fn next(&self) -> Option<Duration> {
        (self.done < self.count).then(|| self.start + self.every * self.done)
    }

    /// Takes the next one if it is due. Returns when it was due, which may be long ago.
    pub fn take(&mut self, now: Duration) -> Option<Duration> {
        let intended = self.next().filter(|due| *due <= now)?;
        self.done += 1;
        Some(intended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn nothing_is_due_early_and_nothing_after_the_last() {
        let mut schedule = Schedule::new(SECOND, 10, 2);
        assert_eq!(schedule.take(SECOND / 2), None);
        assert_eq!(schedule.take(SECOND), Some(SECOND));
        assert_eq!(schedule.take(SECOND), None, "a tenth of a second later");
        assert_eq!(schedule.take(SECOND * 2), Some(SECOND + SECOND / 10));
        assert_eq!(schedule.take(SECOND * 9), None);
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn a_pause_shows_in_all_that_was_due_in_it() {
        // 100 a second; everything answers at once, but nothing runs between 1.0 s and 2.0 s.
        let mut schedule = Schedule::new(Duration::ZERO, 100, 300);
        let mut latencies = Vec::new();
        for tick in (0..=3_000).filter(|tick| !(1_000..2_000).contains(tick)) {
            let now = Duration::from_millis(tick);
            while let Some(intended) = schedule.take(now) {
                latencies.push(now.saturating_sub(intended));
            }
        }
        assert_eq!(latencies.len(), 300);
        let slow = latencies.iter().filter(|latency| **latency >= SECOND / 10).count();
        assert_eq!(slow, 91, "a closed loop would have seen one slow answer");
        assert_eq!(latencies.iter().max(), Some(&SECOND));
    }
}

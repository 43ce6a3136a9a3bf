//! When widgets send pings. The deadlines of all widgets are in one heap, so that none needs a
//! timer.

use std::{cmp::Reverse, collections::BinaryHeap, ops::Range, time::Duration};

use crate::random::Random;

/// The intervals of a widget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// The first ping is sent at a random time before this, counted from the first state: the pings
    /// of many widgets that connect together are spread from the beginning.
    pub first: Duration,
    /// Time from the last message to the next ping: a new random value each time.
    pub after: Range<Duration>,
    /// Time from a ping until its pong is overdue.
    pub within: Duration,
}

impl Rhythm {
    /// The intervals of the real widget (`web/widget/src/heartbeat.ts`).
    pub const OF_A_WIDGET: Self = Self {
        first: Duration::from_secs(40),
        after: Duration::from_secs(36)..Duration::from_secs(44),
        within: Duration::from_secs(10),
    };
}

/// The next deadline of a widget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beat {
    /// It sends no pings, or not yet.
    #[default]
    Off,
    /// It sends a ping then, unless a message is received before.
    Ping(Duration),
    /// The pong of the ping that it sent then is missing.
    Pong(Duration),
}

/// The deadlines of many widgets.
#[derive(Debug)]
pub struct Alarms {
    rhythm: Rhythm,
    /// The same in each run, so that all servers get the same pings.
    random: Random,
    /// Deadlines that have been replaced stay until they are due.
    heap: BinaryHeap<Reverse<(Duration, usize)>>,
}

impl Alarms {
    #[must_use]
    pub fn new(rhythm: Rhythm) -> Self {
        Self { rhythm, random: Random::new(0), heap: BinaryHeap::new() }
    }

    /// The beat of a widget that received its first state `at` this time.
    pub fn first(&mut self, place: usize, at: Duration) -> Beat {
        let due = at + self.random.between(Duration::ZERO..self.rhythm.first);
        self.set(place, Beat::Ping(due))
    }

    /// The beat of a widget that received a message `at` this time, and waits for no pong.
    pub fn next(&mut self, place: usize, at: Duration) -> Beat {
        let due = at + self.random.between(self.rhythm.after.clone());
        self.set(place, Beat::Ping(due))
    }

    /// The beat of a widget that sent a ping `at` this time.
    pub fn asked(&mut self, place: usize, at: Duration) -> Beat {
        self.set(place, Beat::Pong(at))
    }

    /// Takes a widget whose deadline has passed, and the deadline. The widget's beat may have a
    /// different one by now: see [`Alarms::due`].
    pub fn take(&mut self, now: Duration) -> Option<(Duration, usize)> {
        self.earliest().filter(|due| *due <= now)?;
        self.heap.pop().map(|Reverse(alarm)| alarm)
    }

    /// The earliest of all deadlines.
    #[must_use]
    pub fn earliest(&self) -> Option<Duration> {
        self.heap.peek().map(|Reverse((due, _))| *due)
    }

    /// The deadline of a beat.
    #[must_use]
    pub fn due(&self, beat: Beat) -> Option<Duration> {
        match beat {
            Beat::Off => None,
            Beat::Ping(due) => Some(due),
            Beat::Pong(sent) => Some(sent + self.rhythm.within),
        }
    }

    /// Removes the first `count` widgets; the others move up.
    pub fn remove(&mut self, count: usize) {
        let old = std::mem::take(&mut self.heap).into_iter();
        self.heap = old.filter_map(|Reverse((due, place))| Some(Reverse((due, place.checked_sub(count)?)))).collect();
    }

    fn set(&mut self, place: usize, beat: Beat) -> Beat {
        self.heap.extend(self.due(beat).map(|due| Reverse((due, place))));
        beat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_000);

    #[test]
    fn the_intervals_are_those_of_the_real_widget() {
        let source = include_str!("../../web/widget/src/heartbeat.ts");
        for line in [
            r#"export const PING = '{"type":"ping"}';"#,
            "export const PING_AFTER_MS = 40_000;",
            "export const PING_SPREAD = 0.1;",
            "export const PONG_WITHIN_MS = 10_000;",
        ] {
            assert!(source.lines().any(|other| other == line), "{line}");
        }
        let Rhythm { first, after, within } = Rhythm::OF_A_WIDGET;
        assert_eq!((first, within), (Duration::from_secs(40), Duration::from_secs(10)));
        assert_eq!(after, first.mul_f64(0.9)..first.mul_f64(1.1));
        assert_eq!(crate::widget::PING, br#"{"type":"ping"}"#);
    }

    #[test]
    fn the_first_pings_are_spread_and_the_next_are_jittered() {
        let mut alarms = Alarms::new(Rhythm::OF_A_WIDGET);
        let seconds = |beat: Beat| match beat {
            Beat::Ping(due) => due.saturating_sub(NOW).as_secs(),
            other => panic!("{other:?}"),
        };
        let count = |times: &[u64], range: Range<u64>| times.iter().filter(|time| range.contains(time)).count();
        let first: Vec<_> = (0..4_000).map(|place| seconds(alarms.first(place, NOW))).collect();
        for start in (0..40).step_by(10) {
            assert!((900..1_100).contains(&count(&first, start..start + 10)), "a quarter each");
        }
        let next: Vec<_> = (0..4_000).map(|place| seconds(alarms.next(place, NOW))).collect();
        for start in (36..44).step_by(2) {
            assert!((900..1_100).contains(&count(&next, start..start + 2)), "a quarter each");
        }
    }

    #[test]
    fn deadlines_come_in_order_and_not_early() {
        let mut alarms = Alarms::new(Rhythm::OF_A_WIDGET);
        let beats: Vec<_> = (0..100).map(|place| alarms.next(place, NOW)).collect();
        let asked = alarms.asked(100, NOW);
        assert_eq!(alarms.earliest(), Some(NOW + Duration::from_secs(10)));
        assert_eq!(alarms.take(NOW + Duration::from_millis(9_999)), None);
        assert_eq!(alarms.take(NOW + Duration::from_secs(10)), Some((alarms.due(asked).expect("set"), 100)));
        let mut taken = Vec::new();
        while let Some((due, place)) = alarms.take(NOW + Duration::from_secs(44)) {
            assert_eq!(alarms.due(beats[place]), Some(due));
            taken.push(due);
        }
        assert_eq!(taken.len(), 100);
        assert!(taken.is_sorted());
    }

    #[test]
    fn those_who_stay_keep_their_deadlines() {
        let mut alarms = Alarms::new(Rhythm::OF_A_WIDGET);
        let beats: Vec<_> = (0..3).map(|place| alarms.next(place, NOW)).collect();
        alarms.remove(2);
        assert_eq!(alarms.take(NOW * 2), Some((alarms.due(beats[2]).expect("set"), 0)));
        assert_eq!(alarms.take(NOW * 2), None);
    }
}

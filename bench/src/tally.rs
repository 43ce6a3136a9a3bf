//! Checks what the widgets receive against what they should receive.
//!
//! All widgets of an account receive the same bytes. So a state is parsed once, and the others are
//! compared with it: checking a delivery must not cost as much as making it.

use std::time::Duration;

use serde::Deserialize;

/// The promised limit for a delivery.
pub const LATE: Duration = Duration::from_secs(1);

/// What was checked, and what went wrong: all counters but the first two must stay zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Checked deliveries; not a fault.
    pub deliveries: u64,
    /// Pings that were answered in time; not a fault.
    pub pongs: u64,
    /// A widget had not received a change when the wait for it ended.
    pub missing: u64,
    /// A state that is not newer than the previous one.
    pub duplicate: u64,
    /// Received more than a second after the change was due.
    pub late: u64,
    /// A state contained an operator of another account.
    pub foreign: u64,
    /// At the end a widget showed a state that differs from the database.
    pub stale: u64,
    /// A widget's ping was not answered in time.
    pub unanswered: u64,
    /// Closed by the server, or a violation of the protocol.
    pub broken: u64,
    /// Description of the first broken delivery.
    pub why: Option<String>,
}

impl Totals {
    /// Counts a broken delivery.
    pub fn broke(&mut self, why: impl FnOnce() -> String) {
        self.broken += 1;
        self.why.get_or_insert_with(why);
    }

    pub fn add(&mut self, other: &Self) {
        self.deliveries += other.deliveries;
        self.pongs += other.pongs;
        self.missing += other.missing;
        self.duplicate += other.duplicate;
        self.late += other.late;
        self.foreign += other.foreign;
        self.stale += other.stale;
        self.unanswered += other.unanswered;
        self.broken += other.broken;
        self.why = self.why.take().or_else(|| other.why.clone());
    }

    /// The number of faults of all kinds.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.missing + self.duplicate + self.late + self.foreign + self.stale + self.unanswered + self.broken
    }
}

/// A change that is being delivered.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub version: i32,
    /// When it was due, by schedule.
    pub intended: Duration,
    pub received: usize,
    /// When the first widget received it, by the kernel's timestamp.
    pub first: Duration,
    pub last: Duration,
}

/// The checked parts of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    version: i32,
    foreign: bool,
}

/// An account from the view of its visitors.
#[derive(Debug)]
pub struct Site {
    /// The prefix of all names of this account, and of no other account's.
    tag: String,
    last_text: Vec<u8>,
    last_seen: Seen,
    pub change: Option<Change>,
}

impl Site {
    #[must_use]
    pub fn new(tag: &str) -> Self {
        Self {
            tag: tag.to_owned(),
            last_text: Vec::new(),
            last_seen: Seen { version: 0, foreign: false },
            change: None,
        }
    }

    /// Begins a change, whose version is expected from now on.
    pub fn expect(&mut self, version: i32, intended: Duration) {
        self.change = Some(Change { version, intended, received: 0, first: Duration::MAX, last: Duration::ZERO });
    }

    /// Checks the first state that a widget receives. Returns its version.
    pub fn first(&mut self, text: &[u8], totals: &mut Totals) -> Option<i32> {
        let seen = self.look(text, totals)?;
        totals.foreign += u64::from(seen.foreign);
        Some(seen.version)
    }

    /// Checks a later state of a widget whose last version was `shown`. Returns how long it took,
    /// if it is the expected change.
    pub fn next(&mut self, shown: &mut i32, text: &[u8], at: Duration, totals: &mut Totals) -> Option<Duration> {
        let seen = self.look(text, totals)?;
        totals.deliveries += 1;
        if seen.foreign {
            totals.foreign += 1;
            return None;
        }
        if seen.version <= *shown {
            totals.duplicate += 1;
            return None;
        }
        *shown = seen.version;
        let change = self.change.as_mut()?;
        if seen.version < change.version {
            // It was counted as missing when the wait for it ended.
            totals.missing = totals.missing.saturating_sub(1);
            totals.late += 1;
            return None;
        }
        let took = at.saturating_sub(change.intended);
        change.received += 1;
        change.first = change.first.min(at);
        change.last = change.last.max(at);
        totals.late += u64::from(took > LATE);
        Some(took)
    }

    fn look(&mut self, text: &[u8], totals: &mut Totals) -> Option<Seen> {
        if text == self.last_text {
            return Some(self.last_seen);
        }
        let Some(state) = parse(text) else {
            totals.broke(|| format!("not a state: {}", String::from_utf8_lossy(text)));
            return None;
        };
        let foreign = state.operators.iter().any(|operator| !operator.public_name.starts_with(&self.tag));
        self.last_text.clear();
        self.last_text.extend_from_slice(text);
        self.last_seen = Seen { version: state.version, foreign };
        Some(self.last_seen)
    }
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    availability: State,
}

#[derive(Deserialize)]
struct State {
    version: i32,
    operators: Vec<Operator>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operator {
    public_name: String,
}

fn parse(text: &[u8]) -> Option<State> {
    let message: Message = serde_json::from_slice(text).ok()?;
    (message.kind == "next").then_some(message.payload.data.availability)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUE: Duration = Duration::from_secs(100);

    fn state(version: i32, name: &str) -> Vec<u8> {
        let text = r#"{"id":"1","type":"next","payload":{"data":{"availability":{"version":VERSION,"operators":[{"publicName":"NAME"}]}}}}"#;
        text.replace("VERSION", &version.to_string()).replace("NAME", name).into_bytes()
    }

    fn after(ms: u64) -> Duration {
        DUE + Duration::from_millis(ms)
    }

    /// A widget with version 1 that receives these states while version 2 is expected: the
    /// resulting counters.
    fn shown(states: &[(Vec<u8>, Duration)]) -> (Totals, Change, i32) {
        let (mut site, mut totals) = (Site::new("A1 "), Totals::default());
        let mut last = site.first(&state(1, "A1 Ada"), &mut totals).expect("a state");
        site.expect(2, DUE);
        for (text, at) in states {
            site.next(&mut last, text, *at, &mut totals);
        }
        (totals, site.change.expect("expected"), last)
    }

    #[test]
    fn a_delivery_in_time_is_no_fault() {
        let (totals, change, last) = shown(&[(state(2, "A1 Bob"), after(30))]);
        assert_eq!(totals, Totals { deliveries: 1, ..Totals::default() });
        assert_eq!((change.received, change.first, change.last, last), (1, after(30), after(30), 2));
    }

    #[test]
    fn once_more_and_back_are_duplicates() {
        let (totals, change, last) =
            shown(&[(state(2, "A1 Bob"), after(1)), (state(2, "A1 Bob"), after(2)), (state(1, "A1 Ada"), after(3))]);
        assert_eq!((totals.deliveries, totals.duplicate, totals.faults()), (3, 2, 2));
        assert_eq!((change.received, last), (1, 2));
    }

    #[test]
    fn late_is_counted_from_when_it_was_due() {
        assert_eq!(shown(&[(state(2, "A1 Bob"), after(1_000))]).0.late, 0);
        assert_eq!(shown(&[(state(2, "A1 Bob"), after(1_001))]).0.late, 1);
    }

    #[test]
    fn what_arrives_after_all_is_late_and_not_missing() {
        let (mut site, mut totals) = (Site::new("A1 "), Totals { missing: 1, ..Totals::default() });
        let mut last = 1;
        site.expect(3, DUE);
        site.next(&mut last, &state(2, "A1 Bob"), after(5), &mut totals);
        assert_eq!((totals.missing, totals.late, last), (0, 1, 2));
    }

    #[test]
    fn a_name_of_somebody_else_is_foreign_each_time() {
        let foreign = state(2, "A10 Bob");
        let (totals, change, last) = shown(&[(foreign.clone(), after(1)), (foreign, after(2))]);
        assert_eq!((totals.foreign, totals.faults()), (2, 2));
        assert_eq!((change.received, last), (0, 1), "it does not count as the change");
    }

    #[test]
    fn what_is_no_state_is_broken() {
        let error = br#"{"id":"1","type":"error","payload":[]}"#.to_vec();
        let (totals, ..) = shown(&[(error, after(1)), (b"{".to_vec(), after(1))]);
        assert_eq!(totals.broken, 2);
        assert!(totals.why.expect("kept").contains("error"));
    }
}

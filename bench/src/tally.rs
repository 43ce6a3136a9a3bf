//! What came, held against what should have come.
//!
//! An account's widgets all get the same bytes, so a state is parsed once and the rest compared with it: checking every delivery
//! must not cost what delivering it costs.

use std::time::Duration;

use serde::Deserialize;

/// The promise: within the second.
pub const LATE: Duration = Duration::from_secs(1);

/// What went wrong. All of it has to stay zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Deliveries that were checked; not a fault.
    pub deliveries: u64,
    /// A change that a widget had not been shown when everybody gave up waiting.
    pub missing: u64,
    /// A state that is not newer than the one before.
    pub duplicate: u64,
    /// Shown more than a second after the change was due.
    pub late: u64,
    /// Somebody of another account was shown.
    pub foreign: u64,
    /// At the end a widget showed something else than the database.
    pub stale: u64,
    /// Closed by the server, or not of the protocol.
    pub broken: u64,
    /// The first thing that was broken, in words.
    pub why: Option<String>,
}

impl Totals {
    /// Something below the count of deliveries went wrong.
    pub fn broke(&mut self, why: impl FnOnce() -> String) {
        self.broken += 1;
        self.why.get_or_insert_with(why);
    }

    pub fn add(&mut self, other: &Self) {
        self.deliveries += other.deliveries;
        self.missing += other.missing;
        self.duplicate += other.duplicate;
        self.late += other.late;
        self.foreign += other.foreign;
        self.stale += other.stale;
        self.broken += other.broken;
        self.why = self.why.take().or_else(|| other.why.clone());
    }

    /// How much went wrong, however.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.missing + self.duplicate + self.late + self.foreign + self.stale + self.broken
    }
}

/// A change that is on its way.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub version: i32,
    /// When it was to be made, by schedule.
    pub intended: Duration,
    pub received: usize,
    /// When the first widget had it, by the kernel.
    pub first: Duration,
    pub last: Duration,
}

/// What a state says, as far as it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    version: i32,
    foreign: bool,
}

/// An account as its visitors know it.
#[derive(Debug)]
pub struct Site {
    /// Every name of this account begins with it, and no other account's does.
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

    /// A change begins: from now on its version is waited for.
    pub fn expect(&mut self, version: i32, intended: Duration) {
        self.change = Some(Change { version, intended, received: 0, first: Duration::MAX, last: Duration::ZERO });
    }

    /// The first state that a widget is shown; its version.
    pub fn first(&mut self, text: &[u8], totals: &mut Totals) -> Option<i32> {
        let seen = self.look(text, totals)?;
        totals.foreign += u64::from(seen.foreign);
        Some(seen.version)
    }

    /// A later state of a widget whose last one was `shown`. How long it took, if it is the change that is waited for.
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
            // Counted as missing when nobody waited any longer.
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

    /// A widget that was shown version 1, and what is counted when it is then shown these while version 2 is waited for.
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
        assert_eq!((change.received, last), (0, 1), "and does not count as the change");
    }

    #[test]
    fn what_is_no_state_is_broken() {
        let error = br#"{"id":"1","type":"error","payload":[]}"#.to_vec();
        let (totals, ..) = shown(&[(error, after(1)), (b"{".to_vec(), after(1))]);
        assert_eq!(totals.broken, 2);
        assert!(totals.why.expect("kept").contains("error"));
    }
}

//! A client's copy of its conversations: the messages by sequence, and the state, as the items of a
//! subscription brought them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::verdict::{Fault, Verdict};

/// A message without its time, equal on both sides and in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub author: String,
    pub client_id: Option<String>,
    pub text: Option<String>,
    pub event: Option<String>,
}

impl Entry {
    fn of(message: &Value) -> Self {
        let text = |name: &str| message[name].as_str().map(str::to_owned);
        Self {
            author: text("author").unwrap_or_default(),
            client_id: text("clientMessageId"),
            text: text("text"),
            event: text("event"),
        }
    }
}

/// Each text begins with the tag of the visitor in whose conversation it was written.
#[must_use]
pub fn tag_of(text: &str) -> &str {
    text.split([':', '<']).next().unwrap_or_default()
}

/// One conversation.
#[derive(Clone, Debug)]
pub struct Talk {
    pub id: String,
    pub entries: BTreeMap<i32, Entry>,
    /// The selected state of the newest item.
    pub state: Value,
}

impl Talk {
    #[must_use]
    pub fn last(&self) -> i32 {
        self.entries.last_key_value().map_or(0, |(sequence, _)| *sequence)
    }

    /// Whether all messages are there that the state mentions.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state["lastSequence"] == self.last()
    }
}

/// The conversations that one subscription showed: the newest is the last.
#[derive(Clone, Debug, Default)]
pub struct Replica {
    pub talks: Vec<Talk>,
    pub cursor: Option<String>,
    pub items: usize,
}

impl Replica {
    /// Applies an item, whose conversation has the alias `talk`. All texts must have this tag.
    pub fn apply(&mut self, item: &Value, tag: &str, verdict: &mut Verdict) {
        let began = self.cursor.is_none();
        self.items += 1;
        self.cursor = item["cursor"].as_str().map(str::to_owned);
        if self.cursor.is_none() {
            verdict.found(Fault::Broken, || format!("{tag}: an item without a cursor: {item}"));
        }
        let messages = item["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let (state, is_reset) = (&item["talk"], item["isReset"] == true);
        let Some(id) = state["id"].as_str() else {
            if !self.talks.is_empty() || !messages.is_empty() {
                verdict.found(Fault::Reset, || format!("{tag}: the conversation is gone: {item}"));
            }
            return;
        };
        let is_known = self.talks.last().is_some_and(|talk| talk.id == id);
        if is_reset == (is_known || self.talks.is_empty()) {
            let last = self.talks.last().map(Talk::last);
            verdict.found(Fault::Reset, || format!("{tag}: isReset is {is_reset} in {id} after {last:?}"));
        }
        if !is_known {
            self.talks.push(Talk { id: id.to_owned(), entries: BTreeMap::new(), state: Value::Null });
        }
        let talk = self.talks.last_mut().expect("just added");
        if is_reset {
            talk.entries.clear();
        }
        // The latest page may begin anywhere.
        let mut begins = is_reset || began;
        for message in messages {
            let sequence = message["sequence"].as_i64().and_then(|sequence| i32::try_from(sequence).ok()).unwrap_or(-1);
            let (last, entry) = (talk.last(), Entry::of(message));
            if sequence <= last {
                verdict.found(Fault::Doubled, || format!("{tag}: {sequence} was delivered after {last} in {id}"));
                continue;
            }
            if sequence > last + 1 && !(begins && talk.entries.is_empty()) {
                verdict.found(Fault::Disordered, || format!("{tag}: {sequence} was delivered after {last} in {id}"));
            }
            if entry.text.as_deref().is_some_and(|text| tag_of(text) != tag) {
                verdict.found(Fault::Foreign, || format!("{tag} received {entry:?}"));
            }
            begins = false;
            talk.entries.insert(sequence, entry);
        }
        talk.state = state.clone();
        if talk.state["lastSequence"].as_i64().is_none_or(|last| last < i64::from(talk.last())) {
            verdict.found(Fault::Stale, || format!("{tag}: the state is older than the messages: {state}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item(id: &str, sequences: &[i32], last: i32, is_reset: bool) -> Value {
        let messages: Vec<_> = sequences
            .iter()
            .map(|sequence| json!({ "sequence": sequence, "author": "VISITOR", "text": format!("a0v1: {sequence}") }))
            .collect();
        json!({ "talk": { "id": id, "lastSequence": last }, "messages": messages, "cursor": "c", "isReset": is_reset })
    }

    fn faults(items: &[Value]) -> Vec<(&'static str, usize)> {
        let (mut replica, mut verdict) = (Replica::default(), Verdict::default());
        for item in items {
            replica.apply(item, "a0v1", &mut verdict);
        }
        let counts = Fault::ALL.map(|(fault, name, _)| (name, verdict.count(fault)));
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    #[test]
    fn what_is_promised_has_no_fault() {
        let nothing = json!({ "talk": null, "messages": [], "cursor": "c", "isReset": false });
        assert_eq!(faults(&[nothing, item("a", &[1, 2], 2, false), item("a", &[], 2, false)]), []);
        let page = item("a", &[7, 8], 9, false);
        assert_eq!(faults(&[page.clone(), item("a", &[9], 9, false), item("b", &[3, 4], 4, true)]), []);
        assert!(
            Talk { id: String::new(), entries: BTreeMap::new(), state: json!({ "lastSequence": 0 }) }.is_complete()
        );
    }

    #[test]
    fn every_broken_promise_is_found() {
        let first = item("a", &[1, 2], 2, false);
        let then = |second: Value| faults(&[first.clone(), second]);
        assert_eq!(then(item("a", &[2, 3], 3, false)), [("doubled", 1)]);
        assert_eq!(then(item("a", &[4], 4, false)), [("disordered", 1)]);
        assert_eq!(then(item("a", &[1, 2], 2, true)), [("reset", 1)]);
        assert_eq!(then(item("b", &[1], 1, false)), [("reset", 1)]);
        assert_eq!(then(item("a", &[3], 2, false)), [("stale", 1)]);
        assert_eq!(then(json!({ "talk": null, "messages": [], "cursor": "c", "isReset": false })), [("reset", 1)]);
        let nothing = json!({ "talk": null, "messages": [], "cursor": "c", "isReset": false });
        assert_eq!(faults(&[nothing, item("a", &[2], 2, false)]), [("disordered", 1)]);
        let mut foreign = item("a", &[3], 3, false);
        foreign["messages"][0]["text"] = json!("a0v12<o3: 9");
        assert_eq!(then(foreign), [("foreign", 1)]);
    }
}

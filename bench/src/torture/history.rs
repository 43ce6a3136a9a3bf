//! The whole history as the database has it, and what must hold of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{conversation, conversation_mark, message};
use sea_orm::{
    ActiveEnum as _, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, EntityTrait as _, QueryOrder as _,
    Statement,
};

use super::{
    replica::{Entry, Talk, tag_of},
    send::{End, Sent},
    verdict::{Fault, Verdict},
};

/// A stored message.
#[derive(Clone, Debug)]
pub struct Row {
    pub sequence: i32,
    pub entry: Entry,
    pub revision: i64,
    pub visitor_revision: i64,
    /// Messages with text up to this one.
    pub visitor_messages: i32,
    pub operator_messages: i32,
}

/// A stored conversation.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    pub visitor: String,
    pub is_closed: bool,
    pub last_sequence: i32,
    pub revision: i64,
    pub visitor_messages: i32,
    pub operator_messages: i32,
    pub visitor_read_up_to: i32,
    pub operator_read_up_to: i32,
    pub rows: Vec<Row>,
    /// How far each operator has read, by id.
    pub marks: HashMap<String, i32>,
}

impl Stored {
    /// Messages of an author after a read mark, counted in the log.
    #[must_use]
    pub fn unread(&self, author: &str, read_up_to: i32) -> usize {
        let counts = |row: &&Row| row.sequence > read_up_to && row.entry.author == author && row.entry.text.is_some();
        self.rows.iter().filter(counts).count()
    }

    /// The visitor's tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        self.rows.iter().find_map(|row| row.entry.text.as_deref()).map_or("", tag_of)
    }
}

/// All conversations, by the id that operators use.
#[derive(Debug, Default)]
pub struct History {
    pub talks: BTreeMap<String, Stored>,
}

/// A connection to the database of the servers.
#[derive(Debug)]
pub struct Archive {
    runtime: tokio::runtime::Runtime,
    db: DatabaseConnection,
}

impl Archive {
    pub fn open(url: &str) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut options = sea_orm::ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let db = runtime.block_on(Database::connect(options)).context("opening the database")?;
        Ok(Self { runtime, db })
    }

    /// A number that grows with every change of a conversation.
    pub fn revision(&self) -> anyhow::Result<i64> {
        self.number("SELECT COALESCE(SUM(revision), 0)::bigint FROM conversation")
    }

    /// Deadlocks since the database server was started.
    pub fn deadlocks(&self) -> anyhow::Result<i64> {
        self.number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    }

    fn number(&self, query: &str) -> anyhow::Result<i64> {
        let row = self.runtime.block_on(self.db.query_one_raw(Statement::from_string(DbBackend::Postgres, query)))?;
        Ok(row.context("a row")?.try_get_by_index(0)?)
    }

    pub fn history(&self) -> anyhow::Result<History> {
        self.runtime.block_on(async {
            let mut history = History::default();
            for row in conversation::Entity::find().all(&self.db).await? {
                let stored = Stored {
                    visitor: row.visitor_id.to_string(),
                    is_closed: row.status == conversation::Status::Closed,
                    last_sequence: row.last_sequence,
                    revision: row.revision,
                    visitor_messages: row.visitor_messages,
                    operator_messages: row.operator_messages,
                    visitor_read_up_to: row.visitor_read_up_to,
                    operator_read_up_to: row.operator_read_up_to,
                    rows: Vec::new(),
                    marks: HashMap::new(),
                };
                history.talks.insert(global_id(*b"cv", row.id.0.as_bytes()), stored);
            }
            for row in message::Entity::find().order_by_asc(message::Column::Sequence).all(&self.db).await? {
                let talk = history.talks.get_mut(&global_id(*b"cv", row.conversation_id.0.as_bytes()));
                talk.context("a message without a conversation")?.rows.push(row_of(row)?);
            }
            for row in conversation_mark::Entity::find().all(&self.db).await? {
                let talk = history.talks.get_mut(&global_id(*b"cv", row.conversation_id.0.as_bytes()));
                let operator = global_id(*b"op", row.operator_id.0.as_bytes());
                talk.context("a mark without a conversation")?.marks.insert(operator, row.read_up_to);
            }
            Ok(history)
        })
    }
}

/// An id of the API.
#[must_use]
pub fn global_id(kind: [u8; 2], key: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode([&kind, key].concat())
}

fn row_of(row: message::Model) -> anyhow::Result<Row> {
    let entry = Entry {
        author: row.author.to_value().to_uppercase(),
        client_id: row.client_message_id.map(String::from_utf8).transpose()?,
        text: row.text,
        event: row.event.map(|event| event.to_value().to_uppercase()),
    };
    Ok(Row {
        sequence: row.sequence,
        entry,
        revision: row.revision,
        visitor_revision: row.visitor_revision,
        visitor_messages: row.visitor_messages,
        operator_messages: row.operator_messages,
    })
}

impl History {
    /// Sequences, revisions and counts of every conversation.
    pub fn check_rows(&self, verdict: &mut Verdict) {
        let mut open = HashSet::new();
        for (id, talk) in &self.talks {
            if !talk.is_closed && !open.insert(&talk.visitor) {
                verdict.found(Fault::Doubled, || format!("{} has two conversations that are not closed", talk.tag()));
            }
            let (mut revision, mut visitor_revision, mut visitors, mut operators) = (0, 0, 0, 0);
            for (row, sequence) in talk.rows.iter().zip(1..) {
                visitors += i32::from(row.entry.author == "VISITOR");
                operators += i32::from(row.entry.author == "OPERATOR");
                let grows = row.revision > revision && row.visitor_revision > visitor_revision;
                if row.sequence != sequence || !grows {
                    verdict.found(Fault::Disordered, || format!("{id}: {row:?} stands as {sequence}"));
                }
                if (row.visitor_messages, row.operator_messages) != (visitors, operators) {
                    verdict.found(Fault::Unread, || format!("{id}: {row:?} is after {visitors} and {operators}"));
                }
                (revision, visitor_revision) = (row.revision, row.visitor_revision);
                if row.entry.text.as_deref().is_some_and(|text| tag_of(text) != talk.tag()) {
                    verdict.found(Fault::Foreign, || format!("{id}: {row:?} among those of {}", talk.tag()));
                }
            }
            let counts = (talk.last_sequence, talk.visitor_messages, talk.operator_messages);
            let last = i32::try_from(talk.rows.len()).unwrap_or(i32::MAX);
            if counts != (last, visitors, operators) || talk.revision < revision {
                verdict.found(Fault::Disordered, || format!("{id} has {counts:?} and {last} messages"));
            }
            let greatest = talk.marks.values().copied().max().unwrap_or_default();
            if talk.operator_read_up_to != greatest {
                verdict.found(Fault::Unread, || format!("{id}: operators read to {greatest}: {talk:?}"));
            }
        }
    }

    /// Every acknowledged send is there once, where the answer said; nothing else is there. What
    /// was acknowledged before another send began stands before it.
    pub fn check_sends(&self, all: &[Sent], verdict: &mut Verdict) {
        let mut places: HashMap<&str, Vec<(&str, &Row)>> = HashMap::new();
        for (id, talk) in &self.talks {
            for row in &talk.rows {
                if let Some(text) = &row.entry.text {
                    places.entry(text).or_default().push((id, row));
                }
            }
        }
        let mut sends: HashMap<&str, Vec<&Sent>> = HashMap::new();
        for sent in all {
            sends.entry(&sent.text).or_default().push(sent);
        }
        for (text, sends) in &sends {
            let found = places.get(text).map(Vec::as_slice).unwrap_or_default();
            check_send(sends, found, verdict);
        }
        for (text, found) in &places {
            if !sends.contains_key(text) {
                verdict.found(Fault::Foreign, || format!("no client sent {:?}", found[0].1));
            }
        }
        for talk in self.talks.values() {
            check_order(talk, &sends, verdict);
        }
    }

    /// The log of a client of this side equals the database. Visitors see other ids of
    /// conversations, so the conversation is found by a message, and no ids of operators' messages.
    pub fn check_log(&self, whose: &str, side: &str, log: &Talk, verdict: &mut Verdict) {
        let Some(text) = log.entries.values().find_map(|entry| entry.text.as_deref()) else { return };
        let Some(talk) = self.find(text) else {
            verdict.found(Fault::Foreign, || format!("{whose} received what is not stored: {text}"));
            return;
        };
        let first = *log.entries.first_key_value().expect("it has a message").0;
        for sequence in first..=log.last() {
            let stored = usize::try_from(sequence - 1).ok().and_then(|place| talk.rows.get(place));
            let mut stored = stored.map(|row| row.entry.clone());
            if let Some(stored) = stored.as_mut().filter(|stored| side == "VISITOR" && stored.author != side) {
                stored.client_id = None;
            }
            let logged = log.entries.get(&sequence);
            if stored.as_ref() != logged {
                verdict.found(Fault::Disordered, || {
                    format!("{whose} has {logged:?} as {sequence}, and stored is {stored:?}")
                });
            }
        }
    }

    /// The conversation in which a text stands.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&Stored> {
        self.talks.values().find(|talk| talk.rows.iter().any(|row| row.entry.text.as_deref() == Some(text)))
    }
}

fn check_send(sends: &[&Sent], found: &[(&str, &Row)], verdict: &mut Verdict) {
    if found.len() > 1 {
        verdict.found(Fault::Doubled, || format!("{:?} is stored {} times", sends[0], found.len()));
    }
    for sent in sends {
        match (&sent.end, found) {
            (End::Acknowledged { .. }, []) => verdict.found(Fault::Lost, || format!("{sent:?}")),
            (End::Acknowledged { sequence, talk, .. }, [(id, row), ..]) => {
                let is_other = sequence.is_some_and(|sequence| sequence != row.sequence)
                    // Visitors see other ids.
                    || (sent.author == "OPERATOR" && talk.as_deref().is_some_and(|talk| talk != *id));
                if is_other || row.entry.author != sent.author {
                    verdict.found(Fault::Disordered, || format!("{sent:?} is stored in {id} as {row:?}"));
                }
            }
            // An earlier attempt without an answer may have been executed after the refusal.
            (End::Refused(_), [_, ..]) if sent.attempts == 1 && sends.len() == 1 => {
                verdict.found(Fault::Kept, || format!("{sent:?}"));
            }
            _ => {}
        }
    }
}

fn check_order(talk: &Stored, sends: &HashMap<&str, Vec<&Sent>>, verdict: &mut Verdict) {
    // From the newest to the oldest: none of the newer ones was acknowledged before this one began.
    let mut newer = None;
    for row in talk.rows.iter().rev() {
        let Some(sends) = row.entry.text.as_deref().and_then(|text| sends.get(text)) else { continue };
        let issued = sends.iter().map(|sent| sent.issued).min();
        if newer < issued && newer.is_some() {
            verdict.found(Fault::Disordered, || format!("{row:?} began after a newer one was acknowledged"));
        }
        let acknowledged = sends.iter().filter_map(|sent| match sent.end {
            End::Acknowledged { at, .. } => Some(at),
            _ => None,
        });
        newer = newer.into_iter().chain(acknowledged).min();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn entry(number: i32) -> Entry {
        let text = Some(format!("a0v1: {number}"));
        Entry { author: "VISITOR".to_owned(), client_id: Some(number.to_string()), text, event: None }
    }

    /// Three messages, each acknowledged before the next one was sent.
    fn good() -> (History, Vec<Sent>, Talk) {
        let row = |number: i32| Row {
            sequence: number,
            entry: entry(number),
            revision: number.into(),
            visitor_revision: number.into(),
            visitor_messages: number,
            operator_messages: 0,
        };
        let stored = Stored {
            visitor: "v".to_owned(),
            last_sequence: 3,
            revision: 3,
            visitor_messages: 3,
            rows: (1..=3).map(row).collect(),
            ..Stored::default()
        };
        let sent = |number: i32| {
            let at = Duration::from_secs(number.unsigned_abs().into());
            Sent {
                client_id: number.to_string(),
                text: format!("a0v1: {number}"),
                author: "VISITOR",
                issued: at,
                attempts: 1,
                end: End::Acknowledged { at: at + Duration::from_millis(1), talk: None, sequence: Some(number) },
            }
        };
        let log = Talk {
            id: "chat".to_owned(),
            entries: (2..=3).map(|number| (number, entry(number))).collect(),
            state: json!({ "lastSequence": 3 }),
        };
        (History { talks: [("cv".to_owned(), stored)].into() }, (1..=3).map(sent).collect(), log)
    }

    fn faults(change: impl FnOnce(&mut Stored, &mut Vec<Sent>, &mut Talk)) -> Vec<&'static str> {
        let (mut history, mut sends, mut log) = good();
        change(history.talks.get_mut("cv").expect("one"), &mut sends, &mut log);
        let mut verdict = Verdict::default();
        history.check_rows(&mut verdict);
        history.check_sends(&sends, &mut verdict);
        history.check_log("v", "VISITOR", &log, &mut verdict);
        let found = Fault::ALL.into_iter().filter(|(fault, ..)| verdict.count(*fault) > 0);
        found.map(|(_, name, _)| name).collect()
    }

    #[test]
    fn a_good_history_has_no_fault() {
        assert_eq!(faults(|_, _, _| {}), [""; 0]);
        // A send without an answer may be there or not.
        assert_eq!(faults(|_, sends, _| sends[2].end = End::Unanswered), [""; 0]);
        // A repeat, long after.
        assert_eq!(
            faults(|_, sends, _| {
                let again = Sent { issued: Duration::from_secs(9), ..sends[0].clone() };
                sends.push(again);
            }),
            [""; 0]
        );
    }

    #[test]
    fn every_damage_is_found() {
        let lost = |stored: &mut Stored, _: &mut Vec<Sent>, log: &mut Talk| {
            stored.rows.pop();
            (stored.last_sequence, stored.visitor_messages) = (2, 2);
            log.entries.remove(&3);
        };
        assert_eq!(faults(lost), ["lost"]);
        let doubled = |stored: &mut Stored, _: &mut Vec<Sent>, _: &mut Talk| {
            let row =
                Row { sequence: 4, revision: 4, visitor_revision: 4, visitor_messages: 4, ..stored.rows[2].clone() };
            stored.rows.push(row);
            (stored.last_sequence, stored.visitor_messages, stored.revision) = (4, 4, 4);
        };
        assert_eq!(faults(doubled), ["doubled"]);
        assert_eq!(faults(|stored, _, _| stored.rows[2].sequence = 4), ["disordered"]);
        assert_eq!(faults(|stored, _, _| stored.rows[2].revision = 2), ["disordered"]);
        assert_eq!(faults(|stored, _, _| stored.last_sequence = 4), ["disordered"]);
        assert_eq!(faults(|stored, _, _| stored.rows[1].visitor_messages = 1), ["unread"]);
        assert_eq!(faults(|stored, _, _| stored.operator_read_up_to = 1), ["unread"]);
        assert_eq!(faults(|_, sends, _| drop(sends.remove(1))), ["foreign"]);
        assert_eq!(faults(|_, sends, _| sends[0].issued = Duration::from_secs(9)), ["disordered"]);
        assert_eq!(faults(|_, sends, _| sends[0].end = End::Refused("OperatorInactive".to_owned())), ["kept"]);
        let moved = End::Acknowledged { at: Duration::from_secs(3), talk: None, sequence: Some(2) };
        assert_eq!(faults(|_, sends, _| sends[2].end = moved), ["disordered"]);
        assert_eq!(faults(|_, _, log| drop(log.entries.insert(3, entry(2)))), ["disordered"]);
        assert_eq!(faults(|_, _, log| drop(log.entries.insert(4, entry(4)))), ["disordered"]);
        let foreign = |stored: &mut Stored, sends: &mut Vec<Sent>, log: &mut Talk| {
            let text = "a0v2: 2".to_owned();
            stored.rows[1].entry.text = Some(text.clone());
            log.entries.get_mut(&2).expect("logged").text = Some(text.clone());
            sends[1].text = text;
        };
        assert_eq!(faults(foreign), ["foreign"]);
    }

    #[test]
    fn unread_messages_are_counted_in_the_log() {
        let (mut history, ..) = good();
        let talk = history.talks.get_mut("cv").expect("one");
        talk.rows[2].entry.text = None;
        assert_eq!((talk.unread("VISITOR", 0), talk.unread("VISITOR", 1), talk.unread("OPERATOR", 0)), (2, 1, 0));
    }
}

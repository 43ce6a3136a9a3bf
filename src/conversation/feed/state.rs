//! The state of a followed conversation, which its followers on this server share.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use entity::{ParticipationId, conversation, conversation_mark, message, note, participation, visitor};
use uuid::Uuid;

use super::{Delivery, Position, Side};
use crate::conversation::queries::{
    log::{Entry, PAGE, fitting},
    shared::{Head, News},
};

/// Messages and notes that were written after a position.
pub type Written = (Vec<Arc<Entry>>, Vec<Arc<note::Model>>);

/// A conversation at one revision, with the messages and notes that were written last.
#[derive(Clone, Debug)]
pub struct State {
    pub conversation: Arc<conversation::Model>,
    pub visitor: Arc<visitor::Model>,
    /// The operators who take part, in the order in which they joined.
    pub present: Arc<[Arc<participation::Model>]>,
    /// How far each operator has read.
    pub marks: Arc<[conversation_mark::Model]>,
    /// The newest message with text, if it was written since the channel was opened.
    pub last_message: Option<Arc<message::Model>>,
    /// The id of the newest message.
    newest: Uuid,
    /// Oldest first, and the notes as well. No more than [fit](fitting) into a page.
    messages: Vec<Arc<Entry>>,
    notes: Vec<Arc<note::Model>>,
    /// Both lists have everything after this revision.
    floor: i64,
    /// The sequence of the newest message at that revision.
    floor_sequence: i32,
    /// Measures how long the newest message takes to the followers. `None` without a new one.
    pub(super) delivery: Option<Arc<Delivery>>,
}

impl State {
    /// Without messages and notes: a follower that needs them reads them.
    #[must_use]
    pub fn at(head: Head, present: Arc<[Arc<participation::Model>]>, marks: Vec<conversation_mark::Model>) -> Self {
        let (floor, floor_sequence) = (head.conversation.revision, head.conversation.last_sequence);
        Self {
            conversation: Arc::new(head.conversation),
            visitor: Arc::new(head.visitor),
            present,
            marks: marks.into(),
            last_message: None,
            newest: head.newest,
            messages: Vec::new(),
            notes: Vec::new(),
            floor,
            floor_sequence,
            delivery: None,
        }
    }

    /// This state with the messages written since, if nothing else has changed. `None` if something
    /// else has, or may have: all must be read.
    #[must_use]
    pub fn with(&self, news: &News) -> Option<Self> {
        let News { messages, conversation, visitor } = news;
        let growth = |now: i64, before: i64| usize::try_from(now - before).ok();
        let count = Some(messages.len());
        // Each message has one revision on either side. A revision without a message is another
        // change, and an event changes who takes part.
        let is_all = count == growth(conversation.revision, self.conversation.revision)
            && count == growth(conversation.visitor_revision, self.conversation.visitor_revision)
            && messages.len() <= PAGE
            && messages.iter().all(|entry| entry.message.event.is_none());
        let newest = messages.last()?.message.id;
        is_all.then(|| {
            let mut state =
                Self { conversation: Arc::clone(conversation), visitor: Arc::clone(visitor), newest, ..self.clone() };
            state.append(messages.iter().cloned(), []);
            state
        })
    }

    /// Keeps the messages and notes of an older state, with what visitors see of their operators
    /// now, and appends those written since, oldest first. If there are more than [`PAGE`], keeps
    /// none: a follower that needs them reads them.
    pub fn continue_from(
        &mut self,
        older: &Self,
        messages: Vec<Entry>,
        notes: Vec<note::Model>,
        participations: &HashMap<ParticipationId, Arc<participation::Model>>,
    ) {
        if messages.len() > PAGE || notes.len() > PAGE {
            return;
        }
        let refreshed = |entry: &Arc<Entry>| {
            let participation = entry.message.participation_id.and_then(|id| participations.get(&id).cloned());
            if participation == entry.participation {
                return Arc::clone(entry);
            }
            Arc::new(Entry { message: Arc::clone(&entry.message), participation })
        };
        self.messages = older.messages.iter().map(refreshed).collect();
        self.notes.clone_from(&older.notes);
        self.last_message.clone_from(&older.last_message);
        (self.floor, self.floor_sequence) = (older.floor, older.floor_sequence);
        self.append(messages.into_iter().map(Arc::new), notes.into_iter().map(Arc::new));
    }

    fn append(
        &mut self,
        messages: impl IntoIterator<Item = Arc<Entry>>,
        notes: impl IntoIterator<Item = Arc<note::Model>>,
    ) {
        for entry in messages {
            if entry.message.text.is_some() {
                self.last_message = Some(Arc::clone(&entry.message));
            }
            self.messages.push(entry);
        }
        self.notes.extend(notes);
        let surplus = self.messages.len() - fitting(self.messages.iter().rev());
        if let Some(last) = self.messages.drain(..surplus).next_back() {
            self.floor = self.floor.max(last.message.revision);
            self.floor_sequence = last.message.sequence;
        }
        let surplus = self.notes.len() - fitting(self.notes.iter().rev());
        if let Some(last) = self.notes.drain(..surplus).next_back() {
            self.floor = self.floor.max(last.revision);
        }
    }

    /// When the newest message was sent, if it was written after an older state.
    #[must_use]
    pub fn newest_since(&self, older: &Self) -> Option<DateTime<Utc>> {
        let newest = &self.messages.last()?.message;
        (newest.sequence > older.conversation.last_sequence).then_some(newest.sent_at)
    }

    /// The participations of the kept messages.
    pub fn participations(&self) -> impl Iterator<Item = ParticipationId> {
        self.messages.iter().filter_map(|entry| entry.message.participation_id)
    }

    /// The revision that a side sees.
    #[must_use]
    pub fn revision(&self, side: Side) -> i64 {
        side.revision(&self.conversation)
    }

    /// The position of a follower that has received everything.
    #[must_use]
    pub fn position(&self, side: Side) -> Position {
        Position { revision: self.revision(side), sequence: self.conversation.last_sequence, message: self.newest }
    }

    /// The messages and notes after a position. `None` if the state does not have all of them.
    #[must_use]
    pub fn after(&self, side: Side, position: Position) -> Option<Written> {
        let has_all = match side {
            Side::Visitor => position.sequence >= self.floor_sequence,
            Side::Operators => position.revision >= self.floor,
        };
        has_all.then(|| {
            let messages = self.messages.iter().filter(|entry| entry.message.sequence > position.sequence);
            let notes = self.notes.iter().filter(|note| side == Side::Operators && note.revision > position.revision);
            (messages.cloned().collect(), notes.cloned().collect())
        })
    }
}

impl Side {
    /// Which of the two revisions of a row this side sees.
    pub(super) fn sees(self, revision: i64, visitor_revision: i64) -> i64 {
        match self {
            Self::Visitor => visitor_revision,
            Self::Operators => revision,
        }
    }

    /// The revision of a conversation that this side sees.
    #[must_use]
    pub fn revision(self, row: &conversation::Model) -> i64 {
        self.sees(row.revision, row.visitor_revision)
    }

    /// The revision of a message that this side sees.
    #[must_use]
    pub fn revision_of(self, row: &message::Model) -> i64 {
        self.sees(row.revision, row.visitor_revision)
    }
}

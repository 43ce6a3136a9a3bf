//! One follower of a conversation: how far it has received it, and its next item.

use std::sync::Arc;

use entity::{ConversationId, note};
use futures_util::future::pending;
use sea_orm::DbErr;
use tokio::sync::watch;

use super::{Channel, Cursor, Position, Rested, Shown, Side, State};
use crate::{
    app::{
        App,
        chat_figures::{self, Follower as Counted},
        reads::Reads,
    },
    conversation::queries::{
        log::{self, Entry, PAGE, Written, fitting},
        shared,
    },
    presence::{Place, Presence, Seen, Watch},
};

/// Maximum number of messages, and of notes, for a client that has received nothing.
const LATEST: u64 = 50;

/// A follower of a conversation.
#[derive(Debug)]
pub struct Follower {
    /// Keeps the conversation followed.
    channel: Arc<Channel>,
    states: watch::Receiver<Shown>,
    side: Side,
    at: At,
    /// An item is due although the revision has not grown.
    is_touched: bool,
    /// `None` if the client does not select it.
    pub(super) presence: Option<Watch>,
    /// What the client has received of it.
    pub(super) shown: Seen,
    pub(super) counted: Counted,
}

/// How far the client has received the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Nothing: it receives the latest messages.
    Latest { is_reset: bool },
    /// Nothing: it receives all messages from the first.
    First { is_reset: bool },
    /// Everything up to here.
    After(Position),
}

/// What a client receives next.
#[derive(Clone, Debug)]
pub struct Item {
    pub state: Arc<State>,
    /// Written since the last item, oldest first, as many as [fit](fitting).
    pub messages: Vec<Arc<Entry>>,
    /// The same of notes; none for visitors.
    pub notes: Vec<Arc<note::Model>>,
    pub cursor: Cursor,
    /// The client must drop what it has received.
    pub is_reset: bool,
    /// `None` if the client does not select it.
    pub presence: Option<Seen>,
    position: Position,
}

/// What has happened to a followed conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// An item is due.
    Due,
    /// It was deleted.
    Gone,
    /// The server shuts down.
    Over,
}

/// Messages and notes of a part of the log, and the position at its end.
type Part = (Vec<Arc<Entry>>, Vec<Arc<note::Model>>, Position);

impl Follower {
    pub(super) fn new(app: &App, channel: Arc<Channel>, side: Side) -> Self {
        let states = channel.states(side);
        let counted = app.chat.follower(match side {
            Side::Visitor => chat_figures::Side::Visitor,
            Side::Operators => chat_figures::Side::Operator,
        });
        let (at, shown) = (At::Latest { is_reset: false }, Seen::default());
        Self { channel, states, side, at, is_touched: false, presence: None, shown, counted }
    }

    /// Continues where one has rested.
    pub(super) fn again(channel: Arc<Channel>, rested: Rested) -> Self {
        let Rested { side, position, presence, shown, counted, .. } = rested;
        let states = channel.states(side);
        let is_touched = side.sees_difference(&shown, presence.as_ref());
        Self { channel, states, side, at: At::After(position), is_touched, presence, shown, counted }
    }

    pub(super) fn side(&self) -> Side {
        self.side
    }

    /// How far the client has received the conversation. `None` before its first item.
    pub(super) fn position(&self) -> Option<Position> {
        match self.at {
            At::After(position) => Some(position),
            At::Latest { .. } | At::First { .. } => None,
        }
    }

    /// Makes an item due also when people begin or stop to type, or the visitor comes or goes, as
    /// far as this side sees it.
    pub fn show_presence(&mut self, presence: &Presence) {
        self.presence = Some(presence.watch(self.place()));
    }

    /// Whether the conversation is not closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.states.borrow().as_ref().is_some_and(|state| state.conversation.closed_at.is_none())
    }

    #[must_use]
    pub fn place(&self) -> Place {
        Place { account_id: self.channel.account_id, conversation_id: self.id() }
    }

    #[must_use]
    pub fn id(&self) -> ConversationId {
        self.channel.id
    }

    /// Begins with the latest messages. `is_reset` tells the client to drop what it has received.
    pub fn begin_with_latest(&mut self, is_reset: bool) {
        self.at = At::Latest { is_reset };
    }

    /// Begins with the first message.
    pub fn begin_with_first(&mut self, is_reset: bool) {
        self.at = At::First { is_reset };
    }

    /// Continues after a cursor of this conversation and side. If it does not agree with the
    /// database, begins with the latest messages.
    pub async fn resume(&mut self, app: &App, position: Position) -> Result<(), DbErr> {
        let Some(state) = self.states.borrow().clone() else { return Ok(()) };
        let is_good = position == state.position(self.side)
            || position.revision < state.revision(self.side) && self.agrees(app, position).await?;
        self.at = if is_good { At::After(position) } else { At::Latest { is_reset: true } };
        // A client that has everything still receives the state.
        self.is_touched = true;
        Ok(())
    }

    /// Whether the newest message at the revision is the one that the client has received.
    async fn agrees(&self, app: &App, at: Position) -> Result<bool, DbErr> {
        let anchors = shared::list_anchors(app.db(), self.channel.account_id, self.id(), at.sequence).await?;
        let side = self.side;
        let revision = |anchor: &shared::Anchor| side.sees(anchor.revision, anchor.visitor_revision);
        let Some((newest, later)) = anchors.split_first() else { return Ok(false) };
        Ok(newest.sequence == at.sequence
            && newest.id == at.message
            && revision(newest) <= at.revision
            && later.iter().all(|later| revision(later) > at.revision))
    }

    /// Reads the conversation again. Returns whether an item is due.
    pub async fn has_more(&mut self, app: &App) -> Result<bool, DbErr> {
        self.channel.catch_up(app, i64::MAX).await?;
        Ok(self.states.borrow().is_some() && self.is_due())
    }

    /// Whether an item is due now.
    #[must_use]
    pub fn is_due(&self) -> bool {
        match (self.at, &*self.states.borrow()) {
            _ if self.is_touched => true,
            (At::After(position), Some(state)) => state.revision(self.side) > position.revision,
            (At::Latest { .. } | At::First { .. }, _) | (_, None) => true,
        }
    }

    /// Waits until an item is due, or the conversation is no more. Cancel safe.
    pub async fn changed(&mut self) -> Change {
        loop {
            if self.states.borrow().is_none() {
                return Change::Gone;
            }
            if self.is_due() {
                return Change::Due;
            }
            let Self { presence, states, .. } = &mut *self;
            let present = async {
                match presence {
                    Some(presence) => presence.changed().await,
                    None => pending().await,
                }
            };
            tokio::select! {
                changed = states.changed() => if changed.is_err() { return Change::Over },
                // The item then has the state, no messages, and the same cursor.
                () = present => self.is_touched |= self.presence_differs(),
            }
        }
    }

    /// Whether this side sees another presence than the client has received.
    fn presence_differs(&self) -> bool {
        self.side.sees_difference(&self.shown, self.presence.as_ref())
    }

    /// The next item. `None` if the conversation was deleted. The follower has not received it
    /// until [`Follower::received`] is called.
    pub async fn next(&mut self, app: &App) -> Result<Option<Item>, DbErr> {
        let Some(state) = self.states.borrow_and_update().clone() else { return Ok(None) };
        let (is_reset, (messages, notes, position)) = match self.at {
            At::Latest { is_reset } => (is_reset, self.latest(app, &state).await?),
            At::First { is_reset } => (is_reset, self.after(app, &state, Position::START).await?),
            At::After(position) => (false, self.after(app, &state, position).await?),
        };
        let cursor = Cursor { side: self.side, of: Some((self.id(), position)) };
        let presence = self.presence.as_ref().map(Watch::now);
        Ok(Some(Item { state, messages, notes, cursor, is_reset, presence, position }))
    }

    /// Records that the client receives an item.
    pub fn received(&mut self, item: &Item) {
        self.at = At::After(item.position);
        if let Some(delivery) = item.state.delivery.as_ref().filter(|_| !item.messages.is_empty()) {
            delivery.taken();
        }
        self.shown = item.presence.clone().unwrap_or_default();
        // What has changed since the item was made may have been awaited already.
        self.is_touched = self.presence_differs();
    }

    /// Makes an item due, although nothing was written.
    pub fn touch(&mut self) {
        self.is_touched = true;
    }

    /// What operators look like, shared with the other followers. Only reads of what the topic of
    /// the account announces may be among them.
    #[must_use]
    pub fn reads(&self) -> Arc<Reads> {
        Arc::clone(&self.channel.reads())
    }

    /// Reads again what operators look like, after a change of the account.
    pub fn forget_reads(&self) {
        *self.channel.reads() = Arc::default();
    }

    async fn latest(&self, app: &App, state: &State) -> Result<Part, DbErr> {
        let (db, account_id, row) = (app.db(), self.channel.account_id, &state.conversation);
        let messages = log::list_last(db, account_id, self.id(), row.last_sequence, LATEST).await?;
        let notes = match self.side {
            Side::Visitor => Vec::new(),
            Side::Operators => shared::list_last_notes(db, account_id, self.id(), row.revision, LATEST).await?,
        };
        Ok((newest(messages), newest(notes), state.position(self.side)))
    }

    /// What was written after a position: from the shared state, or a page from the database. Rows
    /// never change, so pages that are read later than the state agree with it.
    async fn after(&self, app: &App, state: &State, position: Position) -> Result<Part, DbErr> {
        let end = state.position(self.side);
        if let Some((messages, notes)) = state.after(self.side, position) {
            return Ok((messages, notes, end));
        }
        let (db, account_id, limit) = (app.db(), self.channel.account_id, PAGE as u64 + 1);
        let between = (position.sequence, end.sequence);
        let messages = log::list_after(db, account_id, self.id(), between, limit).await?;
        let notes = match self.side {
            Side::Visitor => Vec::new(),
            Side::Operators => {
                let between = (position.revision, end.revision);
                shared::list_notes(db, account_id, self.id(), between, limit).await?
            }
        };
        Ok(cut(self.side, position, end, messages, notes))
    }
}

impl Side {
    /// Whether it sees another presence now than the one that was shown.
    pub(super) fn sees_difference(self, shown: &Seen, now: Option<&Watch>) -> bool {
        let Some(now) = now.map(Watch::now) else { return false };
        match self {
            Self::Visitor => now.operators_typing.is_empty() != shown.operators_typing.is_empty(),
            Self::Operators => now != *shown,
        }
    }
}

/// The newest of these rows that fit into a page.
fn newest<T: Written>(mut rows: Vec<T>) -> Vec<Arc<T>> {
    let fits = fitting(rows.iter().rev());
    shared_each(rows.split_off(rows.len() - fits))
}

fn shared_each<T>(rows: Vec<T>) -> Vec<Arc<T>> {
    rows.into_iter().map(Arc::new).collect()
}

/// Cuts messages and notes after `start` to a page, at the same revision.
pub(super) fn cut(
    side: Side,
    start: Position,
    end: Position,
    mut messages: Vec<Entry>,
    mut notes: Vec<note::Model>,
) -> Part {
    let mut revision = end.revision;
    let fits = fitting(&messages);
    if messages.len() > fits {
        messages.truncate(fits);
        revision = messages.last().map_or(revision, |last| side.revision_of(&last.message).min(revision));
    }
    let fits = fitting(&notes);
    if notes.len() > fits {
        notes.truncate(fits);
        revision = notes.last().map_or(revision, |last| last.revision.min(revision));
    }
    messages.retain(|entry| side.revision_of(&entry.message) <= revision);
    notes.retain(|note| note.revision <= revision);
    let position = if revision == end.revision {
        end
    } else {
        let newest = messages.last().map(|entry| (entry.message.sequence, entry.message.id));
        let (sequence, message) = newest.unwrap_or((start.sequence, start.message));
        Position { revision, sequence, message }
    };
    (shared_each(messages), shared_each(notes), position)
}

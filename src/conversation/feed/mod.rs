//! The feed: one channel for each conversation that has followers on this server, shared by those
//! of both sides.
//!
//! A channel reads once after a change, whatever the number of its followers, and keeps the latest
//! [`State`] with the messages written last. A [`Follower`] that has received everything until then
//! takes its next item from the state. One that has not reads pages of the log from the database,
//! and reads on only when its client takes more: no queue grows, and nothing is skipped.
//!
//! One task for each channel refreshes it. A state is replaced only by one of a greater revision,
//! and for visitors only by one of a greater revision of their side: a note, or a mark of a
//! colleague, wakes no follower of the visitor's side. A channel is opened by its first follower,
//! and closed by its last. A follower in whose conversation nothing happens may [rest](Rested):
//! thousands of pages with an old chat are open at once, and each would have a channel.

mod cursor;
mod delivery;
mod follower;
mod refresh;
mod rest;
mod state;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use edge::ledger::Who;
use entity::{AccountId, ConversationId, conversation};
use sea_orm::DbErr;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::{
    cursor::{Cursor, Position},
    follower::{Change, Follower, Item},
    rest::{Pause, Rested},
    state::State,
};
use self::{
    delivery::Delivery,
    refresh::{advance, read, refresh},
};
use crate::{
    app::{App, reads::Reads},
    bus::{Listener, Topic},
};

/// How long to wait before a failed read is tried again.
pub const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Who follows a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Visitor,
    Operators,
}

impl Side {
    const fn number(self) -> u8 {
        match self {
            Self::Visitor => 1,
            Self::Operators => 2,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Visitor),
            2 => Some(Self::Operators),
            _ => None,
        }
    }
}

/// All open channels. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: App,
    channels: Mutex<HashMap<ConversationId, Weak<Channel>>>,
    /// The tasks that refresh the channels.
    tasks: TaskTracker,
    closed: CancellationToken,
}

/// `None`: the conversation was deleted.
type Shown = Option<Arc<State>>;

/// What a channel shows to either side.
#[derive(Debug)]
struct Senders {
    operators: watch::Sender<Shown>,
    visitor: watch::Sender<Shown>,
}

/// A conversation with followers.
#[derive(Debug)]
struct Channel {
    id: ConversationId,
    account_id: AccountId,
    operators: watch::Receiver<Shown>,
    visitor: watch::Receiver<Shown>,
    senders: Weak<Senders>,
    /// What operators look like, read once for all followers until the account changes.
    reads: Mutex<Arc<Reads>>,
    feed: Weak<Inner>,
}

impl Feed {
    #[must_use]
    pub fn new(app: App) -> Self {
        Self(Arc::new(Inner {
            app,
            channels: Mutex::default(),
            tasks: TaskTracker::new(),
            closed: CancellationToken::new(),
        }))
    }

    /// Stops refreshing and waits for reads in flight, so the database can be closed.
    pub async fn close(&self) {
        self.0.closed.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Follows a conversation, which was just read: the first item is at least as new as `row`.
    /// `None` if it was deleted since.
    pub async fn follow(&self, row: &conversation::Model, side: Side) -> Result<Option<Follower>, DbErr> {
        let Some(channel) = self.channel(row.account_id, row.id).await? else { return Ok(None) };
        channel.catch_up(&self.app_of(row.account_id), row.revision).await?;
        Ok(Some(Follower::new(&self.0.app, channel, side)))
    }

    /// Reads count for the account, since all followers share them.
    fn app_of(&self, account_id: AccountId) -> App {
        self.0.app.for_who(Who::account(account_id.0))
    }

    async fn channel(&self, account_id: AccountId, id: ConversationId) -> Result<Option<Arc<Channel>>, DbErr> {
        if let Some(channel) = self.0.find(id) {
            return Ok(Some(channel));
        }
        let app = self.app_of(account_id);
        // Subscribe before the first read, or a change between the two is lost.
        let listener = app.bus.listen(Topic::Conversation(id));
        let Some(state) = read(&app, account_id, id, None).await? else { return Ok(None) };
        Ok(Some(self.open(app, account_id, id, listener, state)))
    }

    /// Opens a channel, unless another follower has opened it in the meantime.
    fn open(
        &self,
        app: App,
        account_id: AccountId,
        id: ConversationId,
        listener: Listener,
        state: State,
    ) -> Arc<Channel> {
        let state = Some(Arc::new(state));
        let (operators, visitor) = (watch::Sender::new(state.clone()), watch::Sender::new(state));
        let senders = Arc::new(Senders { operators, visitor });
        let channel = Arc::new(Channel {
            id,
            account_id,
            operators: senders.operators.subscribe(),
            visitor: senders.visitor.subscribe(),
            senders: Arc::downgrade(&senders),
            reads: Mutex::default(),
            feed: Arc::downgrade(&self.0),
        });
        {
            let mut channels = self.0.channels();
            // The last owner of a channel takes this lock, so no channel is dropped under it.
            let found = channels.get(&id).and_then(Weak::upgrade);
            if let Some(found) = found.as_ref().filter(|found| found.is_refreshed()) {
                let found = Arc::clone(found);
                drop(channels);
                return found;
            }
            channels.insert(id, Arc::downgrade(&channel));
            drop(channels);
            drop(found);
        }
        let (supervisor, closed) = (app.supervisor.clone(), self.0.closed.clone());
        let mut listener = Some(listener);
        let begin = move || refresh(app.clone(), account_id, id, listener.take(), Arc::clone(&senders));
        let refreshes = async move { supervisor.keep_until_done("conversations", &closed, begin).await };
        self.0.tasks.spawn(self.0.closed.clone().run_until_cancelled_owned(refreshes));
        channel
    }
}

impl Inner {
    fn channels(&self) -> MutexGuard<'_, HashMap<ConversationId, Weak<Channel>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open channel of a conversation. One that is no longer refreshed is not reused.
    fn find(&self, id: ConversationId) -> Option<Arc<Channel>> {
        let found = self.channels().get(&id).and_then(Weak::upgrade);
        found.filter(|channel| channel.is_refreshed())
    }
}

impl Channel {
    fn is_refreshed(&self) -> bool {
        self.operators.has_changed().is_ok()
    }

    fn states(&self, side: Side) -> watch::Receiver<Shown> {
        match side {
            Side::Visitor => self.visitor.clone(),
            Side::Operators => self.operators.clone(),
        }
    }

    fn reads(&self) -> MutexGuard<'_, Arc<Reads>> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads now if the state is older than this revision.
    async fn catch_up(&self, app: &App, revision: i64) -> Result<(), DbErr> {
        let Some(senders) = self.senders.upgrade() else { return Ok(()) };
        let shown = senders.operators.borrow().clone();
        if let Some(old) = shown.filter(|old| old.conversation.revision < revision) {
            senders.show(advance(app, &old).await?);
        }
        Ok(())
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        let Some(feed) = self.feed.upgrade() else { return };
        let mut channels = feed.channels();
        // Another one may have replaced this one in the meantime.
        if channels.get(&self.id).is_some_and(|channel| channel.strong_count() == 0) {
            channels.remove(&self.id);
        }
    }
}

impl Senders {
    /// Shows a state to each side for which it is newer than the one shown.
    fn show(&self, state: Option<State>) {
        let state = state.map(Arc::new);
        for (sender, side) in [(&self.operators, Side::Operators), (&self.visitor, Side::Visitor)] {
            sender.send_if_modified(|shown| {
                let is_newer = match (&*shown, &state) {
                    // A deleted conversation does not come back.
                    (None, _) => false,
                    (Some(_), None) => true,
                    (Some(shown), Some(state)) => state.revision(side) > shown.revision(side),
                };
                if is_newer {
                    shown.clone_from(&state);
                }
                is_newer
            });
        }
    }
}

#[cfg(test)]
mod tests;

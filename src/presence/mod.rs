//! Presence: who types in a conversation, and whether its visitor is here. Nothing of it is stored,
//! and no statement is run for it.
//!
//! - **Typing** is shown for 6 s after its last sign. It ends earlier with a message of the person
//!   ([`Presence::wrote`]), with the person's last subscription to the conversation on this server,
//!   or when the person stops.
//! - A visitor **is here** while a subscription with the visitor's token is open on any server, and
//!   for 5 s after the last one.
//! - Facts go over the bus, in memory on each server. A server tells when they begin and end; of
//!   visitors of closed conversations it does not tell that they come. A server that begins to
//!   follow an account asks the others which visitors are here.
//! - Facts can get lost. After a sign of that, the peer is asked again. What it does not repeat
//!   within 5 s ends. What a peer said that fell silent ends in the same way.
//! - Memory is bounded: by subscriptions for what this server knows itself, and by a number of
//!   facts for what others say ([`state`]). Which conversation a token opens is known while the
//!   visitor follows it, and otherwise for a minute after it was read ([`chats`]).
//!
//! Without a bus, each server knows its own facts only.

mod chats;
mod guards;
mod state;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entity::{AccountId, ConversationId, OperatorId, conversation};
use tokio::{
    sync::Notify,
    time::{Duration, Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use self::{
    chats::ChatKey,
    guards::{Follow, FollowerGuard, HereGuard, Watch},
};
use self::{chats::Chats, state::State};
use crate::bus::{Bus, PeerNews, PresenceFact, Subject};

/// Time between two rounds of the task, so that a flood of questions causes few answers.
const PACE: Duration = Duration::from_millis(250);
/// Number of conversations in which something ends while the lock is held.
const ENDS_AT_ONCE: usize = 1_000;

/// A conversation and its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
}

impl From<&conversation::Model> for Place {
    fn from(row: &conversation::Model) -> Self {
        Self { account_id: row.account_id, conversation_id: row.id }
    }
}

/// A person who types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Typer {
    Visitor,
    Operator(OperatorId),
}

impl Typer {
    fn of(subject: Subject) -> Option<Self> {
        match subject {
            Subject::VisitorIsHere => None,
            Subject::VisitorTypes => Some(Self::Visitor),
            Subject::OperatorTypes(operator_id) => Some(Self::Operator(operator_id)),
        }
    }
}

impl From<Typer> for Subject {
    fn from(typer: Typer) -> Self {
        match typer {
            Typer::Visitor => Self::VisitorTypes,
            Typer::Operator(operator_id) => Self::OperatorTypes(operator_id),
        }
    }
}

/// Who types in a conversation, and whether its visitor is here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub visitor_types: bool,
    /// The operators who type.
    pub operators_typing: Vec<OperatorId>,
    pub visitor_is_here: bool,
}

/// The presence of all conversations. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Presence(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Held for short moments, and never across an await.
    state: Mutex<State>,
    chats: Mutex<Chats>,
    chores: Mutex<Chores>,
    /// The task has something to do, or its next deadline is another one.
    woken: Notify,
    bus: Bus,
}

/// What the task does in its next round.
#[derive(Debug, Default)]
struct Chores {
    /// Accounts of which others ask who is here.
    asked: HashSet<AccountId>,
    asked_all: bool,
    /// Peers to ask, whose facts are doubtful.
    doubtful: HashSet<Uuid>,
}

impl Presence {
    #[must_use]
    pub fn new(bus: Bus) -> Self {
        Self(Arc::new(Inner {
            state: Mutex::default(),
            chats: Mutex::default(),
            chores: Mutex::default(),
            woken: Notify::new(),
            bus,
        }))
    }

    /// Who types in a conversation, and whether its visitor is here, as far as this server knows.
    #[must_use]
    pub fn of(&self, conversation_id: ConversationId) -> Seen {
        lock(&self.0.state).of(conversation_id, Instant::now())
    }

    /// Follows the presence of one conversation.
    #[must_use]
    pub fn watch(&self, place: Place) -> Watch {
        Watch { seen: self.change(|state, now| state.watch(place, now)), presence: self.clone(), place }
    }

    /// Follows the presence of all conversations of an account, for its operators. Hold it also
    /// while an operator follows one conversation: the first one makes the other servers tell which
    /// visitors are here.
    #[must_use]
    pub fn follow(&self, account_id: AccountId) -> Follow {
        Follow { changes: self.change(|state, _| state.follow(account_id)), presence: self.clone(), account_id }
    }

    /// Records that a page of the visitor follows the chat, which is the visitor's latest, until
    /// the guard is dropped. `is_open` is whether the conversation is not closed; tell the guard of
    /// changes.
    #[must_use]
    pub fn visitor_is_here(&self, place: Place, key: ChatKey, is_open: bool) -> HereGuard {
        lock(&self.0.chats).opened(key, place);
        self.change(|state, now| state.visitor_comes(place, is_open, now));
        HereGuard { presence: self.clone(), place, key, is_open }
    }

    /// Records that an operator follows a conversation, until the guard is dropped: the last one of
    /// the operator ends the operator's typing.
    #[must_use]
    pub fn operator_follows(&self, place: Place, operator_id: OperatorId) -> FollowerGuard {
        self.change(|state, now| state.operator_follows(place, operator_id, now));
        FollowerGuard { presence: self.clone(), place, operator_id }
    }

    /// Records that a person types, or has stopped. Signs of an operator beyond one in 3 s are
    /// ignored. The caller has counted those of a visitor, and knows that an operator is active.
    pub fn types(&self, place: Place, typer: Typer, is_typing: bool) {
        self.change(|state, now| state.types(place, typer, is_typing, now));
    }

    /// Records that a person has written, which ends the person's typing. Call this after the
    /// commit.
    pub fn wrote(&self, place: Place, typer: Typer) {
        self.change(|state, now| state.wrote(place, typer, now));
    }

    /// The account of a conversation, while the conversation is followed on this server or an
    /// operator types in it. It was read from the database.
    #[must_use]
    pub fn account_of(&self, conversation_id: ConversationId) -> Option<AccountId> {
        lock(&self.0.state).account_of(conversation_id)
    }

    /// The conversation that a token opens on pages with this widget key, as known here.
    #[must_use]
    pub fn chat_of(&self, key: ChatKey) -> Option<Place> {
        lock(&self.0.chats).find(key, Instant::now())
    }

    /// Remembers a conversation that was read, for a minute.
    pub fn remember_chat(&self, key: ChatKey, place: Place) {
        lock(&self.0.chats).remember(key, place, Instant::now());
    }

    /// Takes a fact of another server.
    pub fn hear(&self, from: Uuid, fact: PresenceFact) {
        match fact {
            PresenceFact::Is { account_id, conversation_id, subject, holds } => {
                let place = Place { account_id, conversation_id };
                self.change(|state, now| state.hear(from, place, subject, holds, now));
            }
            PresenceFact::WhoIsHere { account_id: Some(account_id), .. } => {
                // Nothing is told of accounts that are not known here.
                if lock(&self.0.state).knows(account_id) {
                    lock(&self.0.chores).asked.insert(account_id);
                    self.0.woken.notify_one();
                }
            }
            PresenceFact::WhoIsHere { account_id: None, .. } => {
                lock(&self.0.chores).asked_all = true;
                self.0.woken.notify_one();
            }
            PresenceFact::Dropped => self.peer_news(PeerNews::Doubtful(from)),
        }
    }

    /// Takes note of a peer whose facts may be missing or outdated.
    pub fn peer_news(&self, news: PeerNews) {
        match news {
            PeerNews::Appeared(peer) => {
                lock(&self.0.chores).doubtful.insert(peer);
                self.0.woken.notify_one();
            }
            PeerNews::Doubtful(peer) => {
                let mut chores = lock(&self.0.chores);
                chores.doubtful.insert(peer);
                // What is missing may have been a question.
                chores.asked_all = true;
                self.0.woken.notify_one();
            }
            PeerNews::Gone(peer) => self.change(|state, now| state.doubt(|server| server == peer, now)),
            PeerNews::CutOff => self.change(|state, now| state.doubt(|_| true, now)),
        }
    }

    /// Ends what has ended, and asks and answers the other servers. Runs until cancelled.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let due = lock(&self.0.state).next_deadline();
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.0.woken.notified() => {}
                () = async { sleep_until(due.expect("the branch is on")).await }, if due.is_some() => {}
            }
            while self.change(|state, now| state.expire(now, ENDS_AT_ONCE)) {
                tokio::task::yield_now().await;
            }
            self.does_chores();
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(PACE) => {}
            }
        }
    }

    fn does_chores(&self) {
        let Chores { asked, asked_all, doubtful } = std::mem::take(&mut *lock(&self.0.chores));
        if !doubtful.is_empty() {
            self.change(|state, now| {
                state.doubt(|server| doubtful.contains(&server), now);
                for peer in &doubtful {
                    state.ask(*peer);
                }
            });
        }
        if asked_all {
            self.change(|state, _| state.answer_all());
        } else if !asked.is_empty() {
            self.change(|state, _| state.answer(&asked));
        }
    }

    /// Changes the state, and sends what others must be told of it. The queue takes it before the
    /// lock is released: facts of one conversation stay in their order.
    fn change<R>(&self, change: impl FnOnce(&mut State, Instant) -> R) -> R {
        let mut state = lock(&self.0.state);
        let before = state.next_deadline();
        let result = change(&mut state, Instant::now());
        for fact in state.told.drain(..) {
            self.0.bus.present(fact);
        }
        if state.next_deadline().is_some_and(|due| before.is_none_or(|before| due < before)) {
            self.0.woken.notify_one();
        }
        result
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

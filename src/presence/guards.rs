//! What is followed, and who is here, until it is dropped.

use entity::{AccountId, OperatorId};
use tokio::sync::watch;

use super::{ChatKey, Place, Presence, Seen, lock};

/// The presence of one conversation.
#[derive(Debug)]
pub struct Watch {
    pub(super) seen: watch::Receiver<Seen>,
    pub(super) presence: Presence,
    pub(super) place: Place,
}

impl Watch {
    /// The presence now.
    #[must_use]
    pub fn now(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until it differs from what the last call saw. Cancel safe.
    pub async fn changed(&mut self) {
        self.seen.changed().await.expect("the sender stays as long as this");
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.presence.change(|state, now| state.unwatch(self.place, now));
    }
}

/// The presence of all conversations of an account.
#[derive(Debug)]
pub struct Follow {
    pub(super) changes: watch::Receiver<()>,
    pub(super) presence: Presence,
    pub(super) account_id: AccountId,
}

impl Follow {
    /// Waits until the presence of a conversation of the account differs. Cancel safe.
    pub async fn changed(&mut self) {
        self.changes.changed().await.expect("the sender stays as long as this");
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.presence.change(|state, _| state.unfollow(self.account_id));
    }
}

/// A page of a visitor that follows a chat.
#[derive(Debug)]
pub struct HereGuard {
    pub(super) presence: Presence,
    pub(super) place: Place,
    pub(super) key: ChatKey,
    pub(super) is_open: bool,
}

impl HereGuard {
    /// The conversation that the page follows.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Records whether the conversation is not closed.
    pub fn set_open(&mut self, is_open: bool) {
        if std::mem::replace(&mut self.is_open, is_open) != is_open {
            self.presence.change(|state, now| state.set_open(self.place, is_open, now));
        }
    }
}

impl Drop for HereGuard {
    fn drop(&mut self) {
        lock(&self.presence.0.chats).closed(self.key);
        self.presence.change(|state, now| state.visitor_goes(self.place, now));
    }
}

/// An operator who follows a conversation.
#[derive(Debug)]
pub struct FollowerGuard {
    pub(super) presence: Presence,
    pub(super) place: Place,
    pub(super) operator_id: OperatorId,
}

impl Drop for FollowerGuard {
    fn drop(&mut self) {
        self.presence.change(|state, now| state.operator_goes(self.place, self.operator_id, now));
    }
}

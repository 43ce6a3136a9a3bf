//! What happened, and who hears of it.
//!
//! An event is a fact with ids, published by [`Work::commit`](crate::app::Work::commit) and never before. It is a hint to look
//! again: it carries no state, and whoever misses some looks once and is right. Only [`Bus`] knows how events travel; when
//! several servers share a database, only it has to change.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entity::{AccountId, OperatorId, SessionId};
use tokio::sync::{Notify, broadcast};

/// A fact about one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A profile was added, changed, activated, deactivated or removed, or its access changed.
    OperatorChanged { account_id: AccountId, operator_id: OperatorId },
    /// Name, plan, seats or owner changed.
    AccountChanged { account_id: AccountId },
    /// Visitors would notice; `version` is the account's availability from here on.
    AvailabilityChanged { account_id: AccountId, version: i32 },
    /// One session ended.
    SessionEnded { account_id: AccountId, session_id: SessionId },
    /// Every session of an operator ended, but for one that may go on.
    SessionsEnded { account_id: AccountId, operator_id: OperatorId, except: Option<SessionId> },
    /// A mail is due. The address may be nobody's, so no account is named.
    MailQueued,
}

impl Event {
    /// The account that the fact is about; none for facts about the server.
    #[must_use]
    pub fn account_id(&self) -> Option<AccountId> {
        match self {
            Self::OperatorChanged { account_id, .. }
            | Self::AccountChanged { account_id }
            | Self::AvailabilityChanged { account_id, .. }
            | Self::SessionEnded { account_id, .. }
            | Self::SessionsEnded { account_id, .. } => Some(*account_id),
            Self::MailQueued => None,
        }
    }
}

/// How many events a listener may lag behind before it is told to look again.
const BACKLOG: usize = 64;

/// Carries events from a commit to those who listen. One channel an account, made by its first listener: a change in one
/// account wakes nobody in another.
#[derive(Clone, Debug, Default)]
pub struct Bus(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    accounts: Mutex<HashMap<AccountId, broadcast::Sender<Event>>>,
    mail: Notify,
}

impl Bus {
    /// Tells whoever listens. Never waits and never fails.
    pub fn publish(&self, event: Event) {
        let Some(account_id) = event.account_id() else {
            self.0.mail.notify_one();
            return;
        };
        if let Some(channel) = self.accounts().get(&account_id) {
            // An error means that the last listener just left.
            let _ = channel.send(event);
        }
    }

    /// Hears everything about one account from now on.
    #[must_use]
    pub fn listen(&self, account_id: AccountId) -> Listener {
        let events = self.accounts().entry(account_id).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe();
        Listener { events: Some(events), account_id, bus: self.clone() }
    }

    /// Waits until a mail was queued since the last call.
    pub async fn mail_queued(&self) {
        self.0.mail.notified().await;
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<AccountId, broadcast::Sender<Event>>> {
        self.0.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one listener hears.
#[derive(Debug)]
pub enum Heard {
    Event(Event),
    /// Some events were missed: anything may have changed.
    Lagged,
}

/// Hears of one account. The account's channel goes when its last listener does.
#[derive(Debug)]
pub struct Listener {
    /// Taken only when dropped.
    events: Option<broadcast::Receiver<Event>>,
    account_id: AccountId,
    bus: Bus,
}

impl Listener {
    /// The next event. Waits for ever when nothing happens.
    pub async fn next(&mut self) -> Heard {
        let events = self.events.as_mut().expect("present until dropped");
        match events.recv().await {
            Ok(event) => Heard::Event(event),
            // Closed cannot be: the bus that we hold keeps the sender while we listen.
            Err(broadcast::error::RecvError::Lagged(_) | broadcast::error::RecvError::Closed) => Heard::Lagged,
        }
    }

    /// Forgets what waits: whoever is about to look will see it all.
    pub fn catch_up(&mut self) {
        let events = self.events.as_mut().expect("present until dropped");
        *events = events.resubscribe();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut accounts = self.bus.accounts();
        self.events = None;
        if accounts.get(&self.account_id).is_some_and(|channel| channel.receiver_count() == 0) {
            accounts.remove(&self.account_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_account_hears_its_own_events_only_and_leaves_nothing_behind() {
        let bus = Bus::default();
        let (ours, theirs) = (AccountId::new(), AccountId::new());
        let mut listener = bus.listen(ours);

        bus.publish(Event::AccountChanged { account_id: theirs });
        bus.publish(Event::AvailabilityChanged { account_id: ours, version: 2 });

        let Heard::Event(event) = listener.next().await else { panic!("nothing was missed") };
        assert_eq!(event, Event::AvailabilityChanged { account_id: ours, version: 2 });
        drop(listener);
        assert!(bus.accounts().is_empty());
    }

    #[tokio::test]
    async fn a_listener_that_fell_behind_is_told_to_look_again() {
        let bus = Bus::default();
        let account_id = AccountId::new();
        let mut listener = bus.listen(account_id);
        for _ in 0..=BACKLOG {
            bus.publish(Event::AccountChanged { account_id });
        }
        assert!(matches!(listener.next().await, Heard::Lagged));
    }
}

//! Events and their subscribers.
//!
//! An event is a fact with ids, published by [`Work::commit`](crate::app::Work::commit) and never
//! before. It carries no state: it is a hint to re-read, so a subscriber that misses some events is
//! up to date after one read. Subscribers on this server receive it at once; where several servers
//! share a database, [`bus`](crate::bus) sends it to the others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use edge::metrics::Metrics;
use entity::{AccountId, OperatorId, SessionId};
use tokio::sync::{Notify, broadcast};

use crate::{
    access::throttle::BucketId,
    bus::{Status, Unsent},
};

/// A fact about one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A profile was added, changed, activated, deactivated or removed, or its access changed.
    OperatorChanged { account_id: AccountId, operator_id: OperatorId },
    /// Name, plan, seats or owner changed.
    AccountChanged { account_id: AccountId },
    /// Availability as visitors see it changed; `version` is its new version.
    AvailabilityChanged { account_id: AccountId, version: i32 },
    /// One session ended.
    SessionEnded { account_id: AccountId, session_id: SessionId },
    /// All sessions of an operator ended, except for the one given.
    SessionsEnded { account_id: AccountId, operator_id: OperatorId, except: Option<SessionId> },
    /// A mail is due. It names no account, since its address may belong to none.
    MailQueued,
}

impl Event {
    /// The account that the fact is about; `None` for facts about the server.
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

/// Number of events that a subscriber may lag behind before it receives [`Delivery::Lagged`].
const BACKLOG: usize = 64;
/// The same for subscribers to availability only: after a lag they re-read once, as after a single
/// event.
const AVAILABILITY_BACKLOG: usize = 2;

/// Delivers events from a commit to the subscribers. Each account has a separate channel, created
/// by its first subscriber, so that a change in one account wakes no subscriber of another.
#[derive(Clone, Debug, Default)]
pub struct Bus(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    accounts: Mutex<HashMap<AccountId, Channels>>,
    mail: Notify,
    /// `None` where this server is the only one.
    shared: Option<Shared>,
}

/// State that only several servers need.
#[derive(Debug)]
struct Shared {
    /// `None` without a bus.
    unsent: Option<Unsent>,
    status: Arc<Status>,
}

/// The channels of one account.
#[derive(Debug, Default)]
struct Channels {
    everything: Option<broadcast::Sender<Delivery>>,
    availability: Option<broadcast::Sender<Delivery>>,
    /// The account's mark when it was last compared.
    mark: Option<String>,
}

/// What a subscriber subscribes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interest {
    Everything,
    Availability,
}

/// The accounts that have subscribers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listened {
    /// Accounts whose availability has subscribers.
    pub availability: Vec<AccountId>,
    /// Accounts with subscribers to all their events.
    pub everything: Vec<AccountId>,
}

impl Bus {
    /// Creates a bus whose events also go to other servers, once a link sends them.
    #[must_use]
    pub fn shared(metrics: &Metrics) -> Self {
        let status = Arc::new(Status::new(metrics));
        Self(Arc::new(Inner { shared: Some(Shared { unsent: Some(Unsent::default()), status }), ..Inner::default() }))
    }

    /// Creates a bus that reaches this server only, on a database that other servers may use: their
    /// changes are found by polling.
    #[must_use]
    pub fn of_one_among_others() -> Self {
        let status = Arc::new(Status::without_bus());
        Self(Arc::new(Inner { shared: Some(Shared { unsent: None, status }), ..Inner::default() }))
    }

    /// Notifies the subscribers on all servers. Never waits and never fails.
    pub fn publish(&self, event: Event) {
        if let Some(unsent) = self.unsent() {
            unsent.put(&event);
        }
        self.deliver(event);
    }

    /// Makes the subscribers of the event's account re-read it, on all servers, because it is
    /// unknown whether the event happened.
    pub fn doubt(&self, event: &Event) {
        let Some(account_id) = event.account_id() else {
            self.deliver(event.clone());
            return;
        };
        if let Some(unsent) = self.unsent() {
            unsent.look_again(account_id);
        }
        self.look_again(account_id);
    }

    /// Counts an attempt on the other servers as well.
    pub fn took(&self, token: BucketId) {
        if let Some(unsent) = self.unsent() {
            unsent.took(token);
        }
    }

    /// The queue of facts for other servers; `None` without a bus.
    #[must_use]
    pub fn unsent(&self) -> Option<&Unsent> {
        self.0.shared.as_ref()?.unsent.as_ref()
    }

    /// The state of the connection to the other servers; `None` where there can be no others.
    #[must_use]
    pub fn status(&self) -> Option<&Arc<Status>> {
        self.0.shared.as_ref().map(|shared| &shared.status)
    }

    /// Notifies the subscribers on this server.
    pub fn deliver(&self, event: Event) {
        let Some(account_id) = event.account_id() else {
            self.0.mail.notify_one();
            return;
        };
        let mut accounts = self.accounts();
        let Some(channels) = accounts.get_mut(&account_id) else { return };
        if let Event::AvailabilityChanged { .. } = event {
            tell(channels.availability.as_ref(), Delivery::Event(event.clone()));
        }
        tell(channels.everything.as_ref(), Delivery::Event(event));
    }

    /// Notifies the subscribers to an account's availability of a version that another server or
    /// the database reported. They compare it with the version that they show, which only they
    /// know.
    pub fn learn_version(&self, account_id: AccountId, version: i32) {
        if let Some(channels) = self.accounts().get(&account_id) {
            tell(channels.availability.as_ref(), Delivery::Event(Event::AvailabilityChanged { account_id, version }));
        }
    }

    /// Makes the subscribers to all events of an account re-read it, unless its mark is unchanged.
    pub fn compare_mark(&self, account_id: AccountId, mark: String) {
        if let Some(channels) =
            self.accounts().get_mut(&account_id).filter(|channels| channels.mark.as_ref() != Some(&mark))
        {
            channels.mark = Some(mark);
            tell(channels.everything.as_ref(), Delivery::Lagged);
        }
    }

    /// Makes all subscribers of an account re-read it.
    pub fn look_again(&self, account_id: AccountId) {
        if let Some(channels) = self.accounts().get(&account_id) {
            tell(channels.availability.as_ref(), Delivery::Lagged);
            tell(channels.everything.as_ref(), Delivery::Lagged);
        }
    }

    /// The accounts that have subscribers now.
    #[must_use]
    pub fn listened(&self) -> Listened {
        let mut listened = Listened::default();
        for (id, channels) in &*self.accounts() {
            if channels.availability.is_some() {
                listened.availability.push(*id);
            }
            if channels.everything.is_some() {
                listened.everything.push(*id);
            }
        }
        listened
    }

    /// Subscribes to all events of one account.
    #[must_use]
    pub fn listen(&self, account_id: AccountId) -> Listener {
        self.listen_to(account_id, Interest::Everything, BACKLOG)
    }

    /// Subscribes to changes of one account's availability only.
    #[must_use]
    pub fn listen_availability(&self, account_id: AccountId) -> Listener {
        self.listen_to(account_id, Interest::Availability, AVAILABILITY_BACKLOG)
    }

    fn listen_to(&self, account_id: AccountId, interest: Interest, backlog: usize) -> Listener {
        let mut accounts = self.accounts();
        let sender = accounts.entry(account_id).or_default().of(interest);
        let events = sender.get_or_insert_with(|| broadcast::channel(backlog).0).subscribe();
        drop(accounts);
        Listener { events: Some(events), account_id, interest, bus: self.clone() }
    }

    /// Waits until a mail was enqueued since the last call.
    pub async fn mail_queued(&self) {
        self.0.mail.notified().await;
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<AccountId, Channels>> {
        self.0.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(channel: Option<&broadcast::Sender<Delivery>>, heard: Delivery) {
    if let Some(channel) = channel {
        // An error means that the last subscriber has just left.
        let _ = channel.send(heard);
    }
}

impl Channels {
    fn of(&mut self, interest: Interest) -> &mut Option<broadcast::Sender<Delivery>> {
        match interest {
            Interest::Everything => &mut self.everything,
            Interest::Availability => &mut self.availability,
        }
    }
}

/// What a subscriber receives.
#[derive(Clone, Debug)]
pub enum Delivery {
    Event(Event),
    /// Some events were missed: anything may have changed.
    Lagged,
}

/// A subscription to one account. The account's channel is dropped with its last subscriber.
#[derive(Debug)]
pub struct Listener {
    /// `None` only while being dropped.
    events: Option<broadcast::Receiver<Delivery>>,
    account_id: AccountId,
    interest: Interest,
    bus: Bus,
}

impl Listener {
    /// Returns the next event. Waits for ever when nothing happens.
    pub async fn next(&mut self) -> Delivery {
        let events = self.events.as_mut().expect("present until dropped");
        // The channel cannot be closed: the bus held here keeps the sender as long as a subscriber
        // exists.
        events.recv().await.unwrap_or(Delivery::Lagged)
    }

    /// Drops the events that wait, because the caller is about to re-read everything.
    pub fn catch_up(&mut self) {
        let events = self.events.as_mut().expect("present until dropped");
        *events = events.resubscribe();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut accounts = self.bus.accounts();
        self.events = None;
        let Some(channels) = accounts.get_mut(&self.account_id) else { return };
        channels.of(self.interest).take_if(|channel| channel.receiver_count() == 0);
        if channels.everything.is_none() && channels.availability.is_none() {
            accounts.remove(&self.account_id);
        }
    }
}

#[cfg(test)]
mod tests;

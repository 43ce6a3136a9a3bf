//! What happened, and who hears of it.
//!
//! An event is a fact with ids, published by [`Work::commit`](crate::app::Work::commit) and never before. It is a hint to look
//! again: it carries no state, and whoever misses some looks once and is right. Here it reaches the listeners of this server at
//! once; where several servers share a database, [`bus`](crate::bus) takes it to the others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entity::{AccountId, OperatorId, SessionId};
use tokio::sync::{Notify, broadcast};

use crate::{
    bus::{Status, Unsent},
    metrics::Metrics,
    throttle::BucketId,
};

/// A fact about one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
/// The same for those who hear of availability only: whoever falls behind looks once, as after a single event.
const AVAILABILITY_BACKLOG: usize = 2;

/// Carries events from a commit to those who listen. One channel an account, made by its first listener: a change in one
/// account wakes nobody in another.
#[derive(Clone, Debug, Default)]
pub struct Bus(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    accounts: Mutex<HashMap<AccountId, Channels>>,
    mail: Notify,
    /// None where this server is the only one.
    shared: Option<Shared>,
}

/// What is needed for several servers.
#[derive(Debug)]
struct Shared {
    /// None where no bus takes anything anywhere.
    unsent: Option<Unsent>,
    status: Arc<Status>,
}

/// Those who listen to one account.
#[derive(Debug, Default)]
struct Channels {
    everything: Option<broadcast::Sender<Delivery>>,
    availability: Option<broadcast::Sender<Delivery>>,
    /// What the account looked like when it was last compared.
    mark: Option<String>,
}

/// What a listener wants to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interest {
    Everything,
    Availability,
}

/// The accounts that somebody listens to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listened {
    /// Those whose availability is listened to.
    pub availability: Vec<AccountId>,
    /// Those of which everything is listened to.
    pub everything: Vec<AccountId>,
}

impl Bus {
    /// A bus whose events go to other servers as well, once something takes them there.
    #[must_use]
    pub fn shared(metrics: &Metrics) -> Self {
        let status = Arc::new(Status::new(metrics));
        Self(Arc::new(Inner { shared: Some(Shared { unsent: Some(Unsent::default()), status }), ..Inner::default() }))
    }

    /// A bus that reaches this server only, on a database that other servers may use: their changes are found by polling.
    #[must_use]
    pub fn of_one_among_others() -> Self {
        let status = Arc::new(Status::without_bus());
        Self(Arc::new(Inner { shared: Some(Shared { unsent: None, status }), ..Inner::default() }))
    }

    /// Tells whoever listens, here and elsewhere. Never waits and never fails.
    pub fn publish(&self, event: Event) {
        if let Some(unsent) = self.unsent() {
            unsent.put(&event);
        }
        self.deliver(event);
    }

    /// Has the listeners of the event's account re-read it, on all servers, because it is unknown whether the event happened.
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

    /// What waits to be told to other servers; none where there are no others.
    #[must_use]
    pub fn unsent(&self) -> Option<&Unsent> {
        self.0.shared.as_ref()?.unsent.as_ref()
    }

    /// The state of the connection to the other servers; none where there can be no others.
    #[must_use]
    pub fn status(&self) -> Option<&Arc<Status>> {
        self.0.shared.as_ref().map(|shared| &shared.status)
    }

    /// Tells whoever listens on this server.
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

    /// Tells those who follow an account's availability which version another server told of, or the database has. They compare it with
    /// what they show: only they know whether that is as new.
    pub fn learn_version(&self, account_id: AccountId, version: i32) {
        if let Some(channels) = self.accounts().get(&account_id) {
            tell(channels.availability.as_ref(), Delivery::Event(Event::AvailabilityChanged { account_id, version }));
        }
    }

    /// Has the listeners of everything look again, unless the account looks as it did before.
    pub fn compare_mark(&self, account_id: AccountId, mark: String) {
        if let Some(channels) =
            self.accounts().get_mut(&account_id).filter(|channels| channels.mark.as_ref() != Some(&mark))
        {
            channels.mark = Some(mark);
            tell(channels.everything.as_ref(), Delivery::Lagged);
        }
    }

    /// Has every listener of an account look again.
    pub fn look_again(&self, account_id: AccountId) {
        if let Some(channels) = self.accounts().get(&account_id) {
            tell(channels.availability.as_ref(), Delivery::Lagged);
            tell(channels.everything.as_ref(), Delivery::Lagged);
        }
    }

    /// Who is listened to now.
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

    /// Hears everything about one account from now on.
    #[must_use]
    pub fn listen(&self, account_id: AccountId) -> Listener {
        self.listen_to(account_id, Interest::Everything, BACKLOG)
    }

    /// Hears from now on when the availability of one account changes, and nothing else.
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

    /// Waits until a mail was queued since the last call.
    pub async fn mail_queued(&self) {
        self.0.mail.notified().await;
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<AccountId, Channels>> {
        self.0.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(channel: Option<&broadcast::Sender<Delivery>>, heard: Delivery) {
    if let Some(channel) = channel {
        // An error means that the last listener just left.
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

/// What one listener hears.
#[derive(Clone, Debug)]
pub enum Delivery {
    Event(Event),
    /// Some events were missed: anything may have changed.
    Lagged,
}

/// Hears of one account. The account's channel goes when its last listener does.
#[derive(Debug)]
pub struct Listener {
    /// Taken only when dropped.
    events: Option<broadcast::Receiver<Delivery>>,
    account_id: AccountId,
    interest: Interest,
    bus: Bus,
}

impl Listener {
    /// The next event. Waits for ever when nothing happens.
    pub async fn next(&mut self) -> Delivery {
        let events = self.events.as_mut().expect("present until dropped");
        // Closed cannot be: the bus that we hold keeps the sender while we listen.
        events.recv().await.unwrap_or(Delivery::Lagged)
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
        let Some(channels) = accounts.get_mut(&self.account_id) else { return };
        channels.of(self.interest).take_if(|channel| channel.receiver_count() == 0);
        if channels.everything.is_none() && channels.availability.is_none() {
            accounts.remove(&self.account_id);
        }
    }
}

#[cfg(test)]
mod tests;

//! Delivers events on this server.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use edge::metrics::Metrics;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    BucketId, PresenceFact, Topic, TopicKind,
    remote::{Previous, Status, Unsent},
};

/// A fact that [`Work::commit`](crate::app::Work::commit) publishes, and never earlier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A topic changed, and has this version now.
    Changed { topic: Topic, version: i64 },
    /// A mail is due. It reaches this server only, since every server polls the queue.
    MailQueued,
    /// A fact for servers of the previous version, which this one has as a [`Event::Changed`].
    Previous(Previous),
}

/// Number of deliveries that a subscriber may lag behind before it receives [`Delivery::Lagged`].
/// It then re-reads once, as after a single event.
///
/// A power of two, because the numbers of deliveries wrap.
const BACKLOG: u32 = 2;

/// Delivers events from a commit to the subscribers. Each topic has a separate channel, created by
/// its first subscriber, so that a change of one topic wakes no subscriber of another.
#[derive(Clone, Debug, Default)]
pub struct Bus(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    channels: Mutex<HashMap<Topic, Arc<Channel>>>,
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

/// The channel of one topic. A broadcast channel would have twice the size, and each open page with
/// a chat has two.
#[derive(Debug, Default)]
struct Channel {
    state: Mutex<State>,
    told: Notify,
}

#[derive(Debug, Default)]
struct State {
    listeners: u32,
    /// Number of deliveries so far. Wraps.
    count: u32,
    /// The last ones, each at its number modulo [`BACKLOG`].
    recent: [Option<Delivery>; BACKLOG as usize],
    /// The version of which the subscribers were notified, according to a commit of this server or
    /// to the database. What other servers report does not count, since it may be forged.
    known: Option<i64>,
    /// The mark that was compared last.
    mark: Option<i64>,
}

/// What a subscriber receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The topic has this version, or had it a moment ago. A subscriber that knows the version of
    /// its state may ignore a version that is not greater.
    Version(i64),
    /// Some changes may have been missed.
    Lagged,
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
        match event {
            Event::Changed { topic, version } => {
                self.compare(topic, version);
                if let Some(unsent) = self.unsent() {
                    unsent.changed(topic, version);
                }
            }
            Event::MailQueued => self.0.mail.notify_one(),
            Event::Previous(fact) => {
                if let Some(unsent) = self.unsent() {
                    unsent.previous(fact);
                }
            }
        }
    }

    /// Makes the subscribers of the event's topic re-read it, on all servers, because it is unknown
    /// whether the event happened.
    pub fn doubt(&self, event: &Event) {
        match event {
            Event::Changed { topic, .. } => {
                self.look_again(*topic);
                if let Some(unsent) = self.unsent() {
                    unsent.look_again();
                }
            }
            Event::MailQueued => self.0.mail.notify_one(),
            Event::Previous(_) => {}
        }
    }

    /// Counts an attempt on the other servers as well.
    pub fn took(&self, token: BucketId) {
        if let Some(unsent) = self.unsent() {
            unsent.took(token);
        }
    }

    /// Sends a fact about presence to the other servers.
    pub fn present(&self, fact: PresenceFact) {
        if let Some(unsent) = self.unsent() {
            unsent.present(fact);
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

    /// Notifies the subscribers of a version that another server reported.
    pub fn hear(&self, topic: Topic, version: i64) {
        self.tell(topic, |_| Some(Delivery::Version(version)));
    }

    /// Notifies the subscribers of a version that is in the database, unless they were notified of
    /// it.
    pub fn compare(&self, topic: Topic, version: i64) {
        self.tell(topic, |state| {
            let is_new = state.known.replace(version) != Some(version) || !topic.kind().is_counted();
            is_new.then_some(Delivery::Version(version))
        });
    }

    /// Makes the subscribers re-read a topic if its mark is not the one compared last. It differs
    /// after changes of servers of the previous version, which count no version.
    pub fn compare_mark(&self, topic: Topic, mark: i64) {
        self.tell(topic, |state| (state.mark.replace(mark) != Some(mark)).then_some(Delivery::Lagged));
    }

    /// Makes the subscribers re-read a topic.
    pub fn look_again(&self, topic: Topic) {
        self.tell(topic, |_| Some(Delivery::Lagged));
    }

    /// Delivers to the subscribers of a topic, if there are any.
    fn tell(&self, topic: Topic, delivery: impl FnOnce(&mut State) -> Option<Delivery>) {
        if let Some(channel) = self.channels().get(&topic) {
            channel.tell(delivery);
        }
    }

    /// The keys of the topics that have subscribers now.
    #[must_use]
    pub fn followed(&self) -> HashMap<TopicKind, Vec<Uuid>> {
        let mut followed = HashMap::<_, Vec<_>>::new();
        for topic in self.channels().keys() {
            followed.entry(topic.kind()).or_default().push(topic.key());
        }
        followed
    }

    /// Subscribes to a topic. Subscribe first, then read: a change in between is then received.
    #[must_use]
    pub fn listen(&self, topic: Topic) -> Listener {
        let mut channels = self.channels();
        let channel = Arc::clone(channels.entry(topic).or_default());
        let heard = {
            let mut state = channel.state();
            state.listeners += 1;
            state.count
        };
        drop(channels);
        Listener { channel, heard, topic, bus: self.clone() }
    }

    /// Waits until a mail was enqueued since the last call.
    pub async fn mail_queued(&self) {
        self.0.mail.notified().await;
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<Topic, Arc<Channel>>> {
        self.0.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Channel {
    fn tell(&self, delivery: impl FnOnce(&mut State) -> Option<Delivery>) {
        let mut state = self.state();
        let Some(delivery) = delivery(&mut state) else { return };
        let place = place(state.count);
        state.recent[place] = Some(delivery);
        state.count = state.count.wrapping_add(1);
        drop(state);
        self.told.notify_waiters();
    }

    /// The next delivery for a listener that has received `heard`.
    fn take(&self, heard: &mut u32) -> Option<Delivery> {
        let state = self.state();
        match state.count.wrapping_sub(*heard) {
            0 => None,
            1..=BACKLOG => {
                let delivery = state.recent[place(*heard)];
                *heard = heard.wrapping_add(1);
                delivery
            }
            _ => {
                *heard = state.count.wrapping_sub(BACKLOG);
                Some(Delivery::Lagged)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a delivery is kept.
fn place(number: u32) -> usize {
    (number % BACKLOG) as usize
}

/// A subscription to one topic. The topic's channel is dropped with its last subscriber.
#[derive(Debug)]
pub struct Listener {
    channel: Arc<Channel>,
    /// Number of deliveries that were received, or happened before.
    heard: u32,
    topic: Topic,
    bus: Bus,
}

impl Listener {
    /// Returns the next delivery. Waits for ever when nothing happens. Cancel safe.
    pub async fn next(&mut self) -> Delivery {
        let Self { channel, heard, .. } = self;
        loop {
            // Listens before it looks, so that no delivery is missed.
            let told = channel.told.notified();
            if let Some(delivery) = channel.take(heard) {
                return delivery;
            }
            told.await;
        }
    }

    /// Drops the deliveries that wait, because the caller is about to re-read everything.
    pub fn catch_up(&mut self) {
        self.heard = self.channel.state().count;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut channels = self.bus.channels();
        let mut state = self.channel.state();
        state.listeners -= 1;
        if state.listeners == 0 {
            channels.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests;

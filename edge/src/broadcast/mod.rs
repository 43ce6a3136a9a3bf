//! Broadcasts: one execution and one text for each change, for any number of subscribers.
//!
//! A broadcast runs a subscription and keeps its latest item. Equal subscriptions share one
//! broadcast if the result does not depend on the caller. If it depends on the party only, all
//! sessions of the party share one ([`Backend::audience`](super::backend::Backend::audience)). All
//! other subscriptions have their own broadcast. A shared broadcast is found by document and
//! variables, and by the party. Joining it executes nothing, reads nothing and parses nothing.
//!
//! The latest state wins: a slow subscriber skips to it, and no queue grows. If the result depends
//! on the caller, the next item is computed only after a subscriber has received the last one, so a
//! single subscriber skips nothing.
//!
//! Different documents about one subject are counted: a client may follow [`MAX_DOCUMENTS`] at
//! once, and a subject with many documents has its [`pace`].
//!
//! There are two kinds of subscribers. Some [pull](Broadcast::items): event streams, and sockets
//! that the library writes. Others are [pushed](Push) to: the broadcast writes to their sockets
//! directly, which serves thousands of widgets.

mod gate;
mod key;
mod known;
mod pace;
mod pushing;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use async_graphql::Response;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use prometheus_client::metrics::counter::Counter;
use tokio::{
    sync::Notify,
    task::AbortHandle,
    time::{Instant, sleep},
};

use super::{
    backend::Subject,
    code::{Code, INTERNAL},
    finish::{Finished, Most, finish},
    refusal::error,
};
use crate::{
    caller::RequestId,
    ledger::{Distinct, Full, Held, Who},
    metrics::OutcomeLabel,
    supervisor::{self, BackOff, Supervisor},
};
use known::{Kept, Texts};
use pace::Paces;
use pushing::Subscribers;

/// How many different documents about one subject a client may follow at once.
pub(super) const MAX_DOCUMENTS: usize = 20;
/// The same for documents of our own pages where each party has its own broadcast: a limit for
/// clients that invent variables.
const MAX_OWN_DOCUMENTS: usize = 100;

/// A slot for a document, counted for its client.
pub(super) type Hold = Held<Subject, RequestKey>;

pub(super) use gate::Gate;
pub(super) use key::RequestKey;
pub(super) use known::Known;
pub(super) use pushing::{Offered, Push, Pushed, Scratch};

/// What a broadcast shows now.
#[derive(Clone, Debug, Default)]
pub(super) struct Latest {
    /// Grows with each item. Zero before the first.
    pub serial: u64,
    /// `None` before the first, and once the single subscriber of a broadcast has received it.
    pub item: Option<Arc<Finished>>,
    /// No further item follows.
    pub over: bool,
}

/// A subscription in flight. It ends when its last subscriber drops it.
#[derive(Debug)]
pub(super) struct Broadcast {
    inner: Arc<Inner>,
    driver: AbortHandle,
    /// The entry that finds it. `None` for a broadcast with a single subscriber, as most are: so it
    /// is boxed.
    home: Option<Box<Home>>,
}

#[derive(Debug)]
struct Home {
    key: RequestKey,
    index: Weak<Index>,
    counting: Counting,
    /// The texts of messages that have joined it.
    texts: Kept,
    all_texts: Arc<Texts>,
}

/// How the document of a broadcast is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    /// Under its subject, which has a pace.
    Counted(Subject),
    /// As a document of our own pages, separate from others.
    Own(Subject),
    /// Not at all: a document of our own pages that all callers share.
    Uncounted,
}

/// A broadcast to join or begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub key: RequestKey,
    pub counting: Counting,
    /// Whether all callers share it. Otherwise the sessions of one party do.
    pub is_for_all: bool,
}

/// A broadcast, and what one subscriber needs to follow it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub broadcast: Arc<Broadcast>,
    pub gate: Gate,
    /// Counts the document for as long as it is followed.
    pub hold: Option<Arc<Hold>>,
}

type Index = Mutex<HashMap<RequestKey, Weak<Broadcast>>>;

#[derive(Debug)]
struct Inner {
    latest: Mutex<Latest>,
    /// Notifies those that pull. Not a `watch`, which has room for many: a chat has a broadcast of
    /// its own, and no one that pulls.
    changed: Notify,
    subscribers: Subscribers,
    /// All callers share it: equal items are not sent again, and it does not wait for subscribers.
    for_all: bool,
    /// It has a single subscriber.
    is_private: bool,
    /// The maximum length of an item's text.
    max_bytes: usize,
    /// The serial of the last item that a subscriber has received, and a notification when it
    /// grows.
    taken: AtomicU64,
    took: Notify,
    pushes: Counter,
    supervisor: Supervisor,
}

/// The shared broadcasts of one server.
#[derive(Debug)]
pub(super) struct Broadcasts {
    index: Arc<Index>,
    texts: Arc<Texts>,
    pushes: Counter,
    supervisor: Supervisor,
    max_bytes: usize,
    documents: Distinct<Subject, RequestKey>,
    own_documents: Distinct<Subject, RequestKey>,
    paces: Paces,
}

impl Broadcasts {
    /// Broadcasts whose items have at most `max_bytes` bytes.
    pub(super) fn new(pushes: Counter, supervisor: Supervisor, max_bytes: usize) -> Self {
        Self {
            index: Arc::default(),
            texts: Arc::default(),
            pushes,
            supervisor,
            max_bytes,
            documents: Distinct::default(),
            own_documents: Distinct::default(),
            paces: Paces::default(),
        }
    }

    /// Counts a document that a client will follow.
    ///
    /// # Errors
    /// The client follows the maximum number of other documents about the subject.
    pub(super) fn hold(&self, who: Who, plan: Plan) -> Result<Option<Arc<Hold>>, Full> {
        let hold = match plan.counting {
            Counting::Counted(subject) => self.documents.hold(who, subject, plan.key, MAX_DOCUMENTS)?,
            Counting::Own(subject) => self.own_documents.hold(who, subject, plan.key, MAX_OWN_DOCUMENTS)?,
            Counting::Uncounted => return Ok(None),
        };
        Ok(Some(Arc::new(hold)))
    }

    /// The running broadcast, if there is one.
    pub(super) fn find(&self, key: &RequestKey) -> Option<Arc<Broadcast>> {
        let found = lock(&self.index).get(key)?.upgrade()?;
        // A broadcast that has ended is not joined. The next subscriber begins a new one.
        (!found.is_over()).then_some(found)
    }

    /// The running broadcast that a message has joined before.
    pub(super) fn known(&self, text: &str) -> Option<Known> {
        self.texts.find(text)
    }

    /// Remembers that a message has joined a broadcast.
    pub(super) fn remember(&self, text: &str, id: &Arc<str>, broadcast: &Arc<Broadcast>) {
        self.texts.keep(text, id, broadcast);
    }

    /// Joins a broadcast, or begins it. A burst of subscribers begins it once.
    pub(super) fn open<S>(&self, plan: Plan, begin: impl FnOnce() -> S) -> Arc<Broadcast>
    where
        S: Stream<Item = Finished> + Send + 'static,
    {
        let Plan { key, counting, is_for_all } = plan;
        let mut index = lock(&self.index);
        // An upgraded broadcast is never dropped under this lock, because its `drop` takes the
        // lock.
        let found = index.get(&key).and_then(Weak::upgrade);
        match found {
            Some(broadcast) if !broadcast.is_over() => broadcast,
            over => {
                let items = match counting {
                    Counting::Counted(subject) => self.paces.of(subject).items(begin()).left_stream(),
                    Counting::Own(_) | Counting::Uncounted => begin().right_stream(),
                };
                let all_texts = Arc::clone(&self.texts);
                let home =
                    Home { key, index: Arc::downgrade(&self.index), counting, texts: Kept::default(), all_texts };
                let broadcast = Arc::new(Broadcast::begin(items, self.inner(is_for_all, false), Some(home)));
                index.insert(key, Arc::downgrade(&broadcast));
                drop(index);
                drop(over);
                broadcast
            }
        }
    }

    /// A broadcast for a single subscriber.
    pub(super) fn private(&self, items: impl Stream<Item = Finished> + Send + 'static) -> Arc<Broadcast> {
        Arc::new(Broadcast::begin(items, self.inner(false, true), None))
    }

    fn inner(&self, for_all: bool, is_private: bool) -> Inner {
        Inner {
            latest: Mutex::default(),
            changed: Notify::new(),
            subscribers: if is_private { Subscribers::one() } else { Subscribers::many(for_all) },
            for_all,
            is_private,
            max_bytes: self.max_bytes,
            taken: AtomicU64::new(0),
            took: Notify::new(),
            pushes: self.pushes.clone(),
            supervisor: self.supervisor.clone(),
        }
    }
}

fn lock(index: &Index) -> MutexGuard<'_, HashMap<RequestKey, Weak<Broadcast>>> {
    index.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Broadcast {
    fn begin(items: impl Stream<Item = Finished> + Send + 'static, inner: Inner, home: Option<Home>) -> Self {
        let inner = Arc::new(inner);
        let driver = tokio::spawn(Arc::clone(&inner).drive(items)).abort_handle();
        Self { inner, driver, home: home.map(Box::new) }
    }

    /// The plan that it was begun with. `None` for a broadcast with a single subscriber.
    pub(super) fn plan(&self) -> Option<Plan> {
        let home = self.home.as_deref()?;
        Some(Plan { key: home.key, counting: home.counting, is_for_all: self.inner.for_all })
    }

    /// Whether all callers share it.
    pub(super) fn is_for_all(&self) -> bool {
        self.inner.for_all
    }

    pub(super) fn latest(&self) -> Latest {
        self.inner.latest().clone()
    }

    fn is_over(&self) -> bool {
        self.inner.latest().over
    }

    /// Records that a subscriber has received an item, so that the next can be computed.
    pub(super) fn took(&self, serial: u64) {
        self.inner.took(serial);
    }

    /// The latest item, then each later one. A slow subscriber skips items.
    pub(super) fn items(self: Arc<Self>) -> impl Stream<Item = Arc<Finished>> + Send + 'static {
        stream::unfold((self, 0), |(broadcast, seen)| async move {
            broadcast.took(seen);
            loop {
                // Listens before it looks, so that no change is missed.
                let mut changed = pin!(broadcast.inner.changed.notified());
                changed.as_mut().enable();
                let shown = broadcast.latest();
                if let Some(item) = shown.item.filter(|_| shown.serial > seen) {
                    broadcast.inner.pushes.inc();
                    return Some((item, (Arc::clone(&broadcast), shown.serial)));
                }
                if shown.over {
                    return None;
                }
                changed.await;
            }
        })
    }

    /// Pushes the latest item and each later one to a subscriber, until the returned value is
    /// dropped.
    pub(super) fn attach(self: &Arc<Self>, subscriber: &Arc<impl Push + 'static>) -> Pushed {
        // Attached before the stored item is read, so that no item is missed.
        let place = self.inner.subscribers.insert(Arc::clone(subscriber) as Arc<dyn Push>);
        let pushed = Pushed { broadcast: Arc::clone(self), place };
        self.offer(&**subscriber);
        pushed
    }

    /// Offers the latest item to a subscriber that may have missed it.
    pub(super) fn offer(&self, subscriber: &dyn Push) {
        let latest = self.latest();
        match subscriber.offer(&latest, &mut Scratch::default()) {
            Offered::Written => {
                self.inner.pushes.inc();
                self.took(latest.serial);
            }
            Offered::Begun => {
                self.inner.pushes.inc();
            }
            Offered::Before => self.took(latest.serial),
            Offered::Later => {}
        }
    }
}

impl Drop for Broadcast {
    fn drop(&mut self) {
        self.driver.abort();
        let Some(Home { key, index, texts, all_texts, .. }) = self.home.as_deref() else { return };
        all_texts.forget(texts);
        let Some(index) = index.upgrade() else { return };
        let mut index = lock(&index);
        // Another subscriber may have begun it again.
        if index.get(key).is_some_and(|broadcast| broadcast.strong_count() == 0) {
            index.remove(key);
        }
    }
}

/// Marks a broadcast as over when its driver ends, also by a panic.
struct Over<'a>(&'a Inner);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.latest().over = true;
        self.0.changed.notify_waiters();
    }
}

/// What subscribers receive instead of an item that could not be computed.
fn broken() -> Finished {
    finish(Response::from_errors(vec![error(Code::Internal, INTERNAL)]), RequestId::new(), Most::ONE)
}

impl Inner {
    /// Runs the subscription to its end. After a panic it resumes. If it panics again before the
    /// next item, the subscribers receive an error, so that they subscribe again.
    async fn drive(self: Arc<Self>, items: impl Stream<Item = Finished> + Send) {
        let mut items = pin!(items);
        // However this ends, subscribers must not wait for more.
        let _over = Over(&self);
        let mut shown = Latest::default();
        let mut back_off = BackOff::default();
        loop {
            let (before, began) = (shown.serial, Instant::now());
            let Err(panic) = AssertUnwindSafe(self.resume(items.as_mut(), &mut shown)).catch_unwind().await else {
                return;
            };
            self.supervisor.restarting("broadcasts", supervisor::message(&*panic));
            if shown.serial == before {
                let broken = Latest { serial: before + 1, item: Some(Arc::new(broken())), over: true };
                let _told = Box::pin(AssertUnwindSafe(self.show(broken)).catch_unwind()).await;
                return;
            }
            Box::pin(sleep(back_off.after(began.elapsed()))).await;
        }
    }

    /// Shows the last item again to subscribers that missed it, then each further item. `shown` is
    /// always the last item that was begun.
    async fn resume(&self, mut items: Pin<&mut (impl Stream<Item = Finished> + Send)>, shown: &mut Latest) {
        if shown.serial > 0 {
            Box::pin(self.show_until_taken(shown.clone())).await;
        }
        while !shown.over {
            let Some(item) = items.next().await else { break };
            match self.after(shown, item) {
                Some(latest) => *shown = latest,
                None => continue,
            }
            // Boxed, because it is not needed while the broadcast waits for its next item.
            Box::pin(self.show_until_taken(shown.clone())).await;
            self.forget(shown);
        }
        if !shown.over {
            Box::pin(self.show(Latest { over: true, ..shown.clone() })).await;
        }
    }

    /// What is shown after an item. `None` if that is what is shown already: equal items are not
    /// sent to all subscribers again.
    ///
    /// Not a part of [`resume`](Self::resume), whose future would have room for the item.
    fn after(&self, shown: &Latest, item: Finished) -> Option<Latest> {
        let item = self.bounded(item);
        let over = item.refused.is_some();
        if self.for_all && !over && shown.item.as_ref().is_some_and(|shown| shown.body == item.body) {
            return None;
        }
        Some(Latest { serial: shown.serial + 1, item: Some(Arc::new(item)), over })
    }

    async fn show_until_taken(&self, latest: Latest) {
        let Latest { serial, over, .. } = latest;
        self.show(latest).await;
        if !self.for_all && !over {
            while self.taken.load(Ordering::Acquire) < serial {
                self.took.notified().await;
            }
        }
    }

    /// Drops an item for which nobody will ask again: its single subscriber has received it. One
    /// with errors is kept, because its outcome is counted when the subscriber leaves.
    fn forget(&self, shown: &mut Latest) {
        if self.is_private && !shown.over && shown.item.take_if(|item| item.outcome == OutcomeLabel::Ok).is_some() {
            self.latest().item = None;
        }
    }

    /// Replaces an item that is too long by an error, which ends the broadcast.
    fn bounded(&self, item: Finished) -> Finished {
        // An item for a single subscriber is an answer like others, and was bounded as one.
        if self.is_private || item.body.len() <= self.max_bytes {
            return item;
        }
        let message = format!(
            "The state has {} bytes, but the limit is {}. Select fewer fields.",
            item.body.len(),
            self.max_bytes
        );
        finish(Response::from_errors(vec![error(Code::ResponseTooLarge, message)]), RequestId::new(), Most::ONE)
    }

    async fn show(&self, latest: Latest) {
        *self.latest() = latest.clone();
        self.changed.notify_waiters();
        let written = self.subscribers.offer(latest.clone()).await;
        self.pushes.inc_by(written.count);
        if !self.for_all && written.any {
            self.took(latest.serial);
        }
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn took(&self, serial: u64) {
        if !self.for_all {
            self.taken.fetch_max(serial, Ordering::AcqRel);
            self.took.notify_one();
        }
    }
}

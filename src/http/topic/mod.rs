//! What subscribers follow: one execution and one text for each change, however many there are.
//!
//! A topic runs a subscription and keeps its latest item. Everybody who asks for the same thing shares one, if the result does not
//! depend on who asks ([`House::is_shared`](super::house::House::is_shared)); every other subscription has one of its own. A shared
//! topic is found by document and variables: to join it executes nothing, reads nothing and parses nothing.
//!
//! The latest state wins: a subscriber that is slow skips to it, and no queue grows. Where a topic has one subscriber only, its next
//! item is not computed before that one has taken the last, so that nothing is skipped at all.
//!
//! Subscribers come in two kinds. Some [pull](Topic::items): event streams, and sockets behind a library. Others are
//! [pushed](Push) to: the topic itself writes to their sockets, which is what carries thousands of widgets.

mod key;
mod pushing;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use async_graphql::Response;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use prometheus_client::metrics::counter::Counter;
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
    time::{Instant, sleep},
};

use super::{
    finish::{Finished, Most, finish},
    refusal::{Code, INTERNAL, error},
};
use crate::{
    graphql::scope::RequestId,
    supervisor::{self, BackOff, Supervisor},
};
use pushing::Subscribers;

pub(super) use key::Key;
pub(super) use pushing::{Offered, Push, Pushed, Scratch};

/// What a topic shows at this moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Latest {
    /// Grows with every item; zero before the first.
    pub serial: u64,
    pub item: Option<Arc<Finished>>,
    /// No further item comes.
    pub over: bool,
}

/// A subscription under way. Dropped by its last subscriber, it ends.
#[derive(Debug)]
pub(super) struct Topic {
    inner: Arc<Inner>,
    driver: AbortHandle,
    /// Where it is found; none for a topic of one subscriber's own.
    home: Option<(Key, Weak<Index>)>,
}

type Index = Mutex<HashMap<Key, Weak<Topic>>>;

#[derive(Debug)]
struct Inner {
    latest: watch::Sender<Latest>,
    subscribers: Subscribers,
    shared: bool,
    /// The last item that the only subscriber has taken, and a word when that grows.
    taken: AtomicU64,
    took: Notify,
    pushes: Counter,
    supervisor: Supervisor,
}

/// The shared topics of one server.
#[derive(Debug)]
pub(super) struct Topics {
    index: Arc<Index>,
    pushes: Counter,
    supervisor: Supervisor,
}

impl Topics {
    pub(super) fn new(pushes: Counter, supervisor: Supervisor) -> Self {
        Self { index: Arc::default(), pushes, supervisor }
    }

    /// The topic that somebody follows already.
    pub(super) fn find(&self, key: &Key) -> Option<Arc<Topic>> {
        let found = lock(&self.index).get(key)?.upgrade()?;
        // One that has failed is not joined: whoever comes next tries anew.
        (!found.is_over()).then_some(found)
    }

    /// Joins a topic, or begins it. A burst of subscribers begins it once.
    pub(super) fn open<S>(&self, key: Key, begin: impl FnOnce() -> S) -> Arc<Topic>
    where
        S: Stream<Item = Finished> + Send + 'static,
    {
        let mut index = lock(&self.index);
        // An upgraded topic is never dropped under the lock, which its own end takes.
        let found = index.get(&key).and_then(Weak::upgrade);
        match found {
            Some(topic) if !topic.is_over() => topic,
            over => {
                let topic = Arc::new(self.begin(begin(), Some((key, Arc::downgrade(&self.index)))));
                index.insert(key, Arc::downgrade(&topic));
                drop(index);
                drop(over);
                topic
            }
        }
    }

    /// A topic that nobody else may join.
    pub(super) fn private(&self, items: impl Stream<Item = Finished> + Send + 'static) -> Arc<Topic> {
        Arc::new(self.begin(items, None))
    }

    fn begin(&self, items: impl Stream<Item = Finished> + Send + 'static, home: Option<(Key, Weak<Index>)>) -> Topic {
        let inner = Arc::new(Inner {
            latest: watch::Sender::default(),
            subscribers: Subscribers::new(home.is_some()),
            shared: home.is_some(),
            taken: AtomicU64::new(0),
            took: Notify::new(),
            pushes: self.pushes.clone(),
            supervisor: self.supervisor.clone(),
        });
        let driver = tokio::spawn(Arc::clone(&inner).drive(items)).abort_handle();
        Topic { inner, driver, home }
    }
}

fn lock(index: &Index) -> MutexGuard<'_, HashMap<Key, Weak<Topic>>> {
    index.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Topic {
    pub(super) fn latest(&self) -> Latest {
        self.inner.latest.borrow().clone()
    }

    fn is_over(&self) -> bool {
        self.inner.latest.borrow().over
    }

    /// Tells that the only subscriber has taken an item, so that the next may be computed.
    pub(super) fn took(&self, serial: u64) {
        self.inner.took(serial);
    }

    /// The latest item, then every later one that there is time for.
    pub(super) fn items(self: Arc<Self>) -> impl Stream<Item = Arc<Finished>> + Send + 'static {
        let latest = self.inner.latest.subscribe();
        stream::unfold((self, latest, 0), |(topic, mut latest, seen)| async move {
            topic.took(seen);
            loop {
                let shown = latest.borrow_and_update().clone();
                if let Some(item) = shown.item.filter(|_| shown.serial > seen) {
                    topic.inner.pushes.inc();
                    return Some((item, (topic, latest, shown.serial)));
                }
                if shown.over || latest.changed().await.is_err() {
                    return None;
                }
            }
        })
    }

    /// Pushes the latest item to a subscriber, and every later one, until what this returns is dropped.
    pub(super) fn attach(self: &Arc<Self>, subscriber: &Arc<impl Push + 'static>) -> Pushed {
        // Attached before the stored item is looked at: nothing falls between.
        let place = self.inner.subscribers.insert(Arc::clone(subscriber) as Arc<dyn Push>);
        let pushed = Pushed { topic: Arc::clone(self), place };
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

impl Drop for Topic {
    fn drop(&mut self) {
        self.driver.abort();
        let Some((key, index)) = &self.home else { return };
        let Some(index) = index.upgrade() else { return };
        let mut index = lock(&index);
        // Somebody may have begun it again meanwhile.
        if index.get(key).is_some_and(|topic| topic.strong_count() == 0) {
            index.remove(key);
        }
    }
}

/// Marks a topic as over when its driver has ended, be it by a panic.
struct Over<'a>(&'a Inner);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.latest.send_if_modified(|latest| !std::mem::replace(&mut latest.over, true));
    }
}

/// What subscribers are sent in place of an item that could not be made.
fn broken() -> Finished {
    finish(Response::from_errors(vec![error(Code::Internal, INTERNAL)]), &RequestId::new(), Most::ONE)
}

impl Inner {
    /// Runs the subscription to its end. After a panic it is resumed where it was; if that gets no further, the subscribers are sent an
    /// error, so that they ask again.
    async fn drive(self: Arc<Self>, items: impl Stream<Item = Finished> + Send) {
        let mut items = std::pin::pin!(items);
        // Whatever ends this, nobody waits for more of it.
        let _over = Over(&self);
        let mut shown = Latest::default();
        let mut back_off = BackOff::default();
        loop {
            let (before, began) = (shown.serial, Instant::now());
            let Err(panic) = AssertUnwindSafe(self.resume(items.as_mut(), &mut shown)).catch_unwind().await else { return };
            self.supervisor.restarting("topics", supervisor::message(&*panic));
            if shown.serial == before {
                let broken = Latest { serial: before + 1, item: Some(Arc::new(broken())), over: true };
                let _told = AssertUnwindSafe(self.show(broken)).catch_unwind().await;
                return;
            }
            sleep(back_off.after(began.elapsed())).await;
        }
    }

    /// Shows what is shown already to those who have missed it, then every further item. `shown` is always the last that was begun.
    async fn resume(&self, mut items: Pin<&mut (impl Stream<Item = Finished> + Send)>, shown: &mut Latest) {
        if shown.serial > 0 {
            self.show_until_taken(shown.clone()).await;
        }
        while !shown.over {
            let Some(item) = items.next().await else { break };
            let over = item.refused.is_some();
            // What looks the same is not said again to all of them.
            if self.shared && !over && shown.item.as_ref().is_some_and(|shown| shown.body == item.body) {
                continue;
            }
            *shown = Latest { serial: shown.serial + 1, item: Some(Arc::new(item)), over };
            self.show_until_taken(shown.clone()).await;
        }
        if !shown.over {
            self.show(Latest { over: true, ..shown.clone() }).await;
        }
    }

    async fn show_until_taken(&self, latest: Latest) {
        let Latest { serial, over, .. } = latest;
        self.show(latest).await;
        if !self.shared && !over {
            while self.taken.load(Ordering::Acquire) < serial {
                self.took.notified().await;
            }
        }
    }

    async fn show(&self, latest: Latest) {
        self.latest.send_replace(latest.clone());
        let written = self.subscribers.offer(latest.clone()).await;
        self.pushes.inc_by(written.count);
        if !self.shared && written.all {
            self.took(latest.serial);
        }
    }

    fn took(&self, serial: u64) {
        if !self.shared {
            self.taken.fetch_max(serial, Ordering::AcqRel);
            self.took.notify_one();
        }
    }
}

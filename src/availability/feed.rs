//! The feed: one topic for each account that has subscribers, shared by all of them.
//!
//! A topic reads the state once after a change and keeps the latest; a slow subscriber skips to it.
//! One task for each topic refreshes it, so a late read cannot overwrite a newer one. It pushes at
//! most once per [`PUSH_EVERY`], and always pushes the last state. A topic is opened by its first
//! subscriber and closed by its last. A request that reads once keeps it open for [`KEPT_FOR`], so
//! many such requests cause no more reads than one subscriber.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use edge::ledger::Who;
use entity::AccountId;
use futures_util::{Stream, StreamExt};
use sea_orm::DbErr;
use tokio::{sync::watch, time::Instant};
use tokio_stream::wrappers::WatchStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{State, queries};
use crate::{
    account::queries as accounts,
    app::App,
    bus::{Delivery, Listener, Topic},
};

/// The minimum interval between two pushes of one account.
const PUSH_EVERY: Duration = Duration::from_millis(100);
/// How long a topic stays open after the last request that read it once.
const KEPT_FOR: Duration = Duration::from_secs(5);
/// How long to wait before a failed read is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(250);
/// How many times the period in which sessions are polled passes before a quiet topic is read
/// again, on a server without a bus.
const LOOK_AFTER_RECHECKS: u32 = 6;

/// All open topics. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: App,
    /// By widget key: an open topic is found without the database.
    topics: Mutex<HashMap<String, Arc<Slot>>>,
    /// The tasks that refresh the topics.
    tasks: TaskTracker,
    closed: CancellationToken,
}

/// A lock for each key, so that a burst of visitors to an account without a topic reads once.
type Slot = tokio::sync::Mutex<Weak<Channel>>;

#[derive(Debug)]
struct Channel {
    state: watch::Receiver<Arc<State>>,
    /// The time of the last single read, while it keeps the topic open.
    looked_at: Mutex<Option<Instant>>,
    widget_key: String,
    feed: Weak<Inner>,
}

impl Feed {
    #[must_use]
    pub fn new(app: App) -> Self {
        Self(Arc::new(Inner {
            app,
            topics: Mutex::default(),
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

    /// The state now, then after every change. Skips to the latest state if the subscriber lags.
    /// `None` if no account has this key.
    ///
    /// Ends when the server shuts down. `who` is the client that the lookup of the key is counted
    /// for.
    pub async fn watch(
        &self,
        widget_key: &str,
        who: Who,
    ) -> Result<Option<impl Stream<Item = Arc<State>> + Send + 'static + use<>>, DbErr> {
        let Some(topic) = self.topic(widget_key, who).await? else { return Ok(None) };
        let states = WatchStream::new(topic.state.clone());
        // The stream keeps the topic open.
        Ok(Some(states.map(move |state| {
            let _held = &topic;
            state
        })))
    }

    /// The state now, for a single read; `None` if no account has this key.
    ///
    /// The state is as recent as the one that subscribers have. An account is read once after a
    /// change, regardless of the number of calls.
    pub async fn look(&self, widget_key: &str, who: Who) -> Result<Option<Arc<State>>, DbErr> {
        let Some(topic) = self.topic(widget_key, who).await? else { return Ok(None) };
        let state = Arc::clone(&topic.state.borrow());
        keep(topic);
        Ok(Some(state))
    }

    async fn topic(&self, widget_key: &str, who: Who) -> Result<Option<Arc<Channel>>, DbErr> {
        let entry = Entry::of(&self.0, widget_key);
        let mut held = entry.slot().lock().await;
        // A topic that is no longer refreshed is not reused.
        if let Some(topic) = held.upgrade().filter(|topic| topic.state.has_changed().is_ok()) {
            return Ok(Some(topic));
        }
        let opened = self.open(widget_key, who).await?;
        if let Some(topic) = &opened {
            *held = Arc::downgrade(topic);
        }
        Ok(opened)
    }

    async fn open(&self, widget_key: &str, who: Who) -> Result<Option<Arc<Channel>>, DbErr> {
        let asking = self.0.app.for_who(who);
        let Some(account) = accounts::find_by_widget_key_any_account(asking.db(), widget_key).await? else {
            return Ok(None);
        };
        // From here on reads count for the account, since all its subscribers share the topic.
        let app = self.0.app.for_who(Who::account(account.id.0));
        // Subscribe before the first read, or a change between the two is lost.
        let listener = app.bus.listen(Topic::Availability(account.id));
        let Some(state) = queries::current(app.db(), account.id).await? else { return Ok(None) };
        let (sender, receiver) = watch::channel(Arc::new(state));
        let (supervisor, closed) = (app.supervisor.clone(), self.0.closed.clone());
        let (refreshed, account_id, mut listener, sender) = (app, account.id, Some(listener), Arc::new(sender));
        let begin = move || refresh(refreshed.clone(), account_id, listener.take(), Arc::clone(&sender));
        let refreshes = async move { supervisor.keep_until_done("availability", &closed, begin).await };
        self.0.tasks.spawn(self.0.closed.clone().run_until_cancelled_owned(refreshes));
        Ok(Some(Arc::new(Channel {
            state: receiver,
            looked_at: Mutex::default(),
            widget_key: widget_key.to_owned(),
            feed: Arc::downgrade(&self.0),
        })))
    }
}

impl Inner {
    fn topics(&self) -> MutexGuard<'_, HashMap<String, Arc<Slot>>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the slot of a key, unless a call is using it.
    fn forget(&self, widget_key: &str) {
        let mut topics = self.topics();
        let idle = |slot: &Arc<Slot>| {
            Arc::strong_count(slot) == 1 && slot.try_lock().is_ok_and(|topic| topic.strong_count() == 0)
        };
        if topics.get(widget_key).is_some_and(idle) {
            topics.remove(widget_key);
        }
    }
}

/// A slot in use. The last user removes a slot without a topic, for example if no account has the
/// key.
#[derive(Debug)]
struct Entry<'a> {
    feed: &'a Inner,
    widget_key: &'a str,
    /// `None` only while dropping.
    slot: Option<Arc<Slot>>,
}

impl<'a> Entry<'a> {
    fn of(feed: &'a Inner, widget_key: &'a str) -> Self {
        let slot = Arc::clone(feed.topics().entry(widget_key.to_owned()).or_default());
        Self { feed, widget_key, slot: Some(slot) }
    }

    fn slot(&self) -> &Slot {
        self.slot.as_ref().expect("present until dropped")
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.slot = None;
        self.feed.forget(self.widget_key);
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        if let Some(feed) = self.feed.upgrade() {
            feed.forget(&self.widget_key);
        }
    }
}

/// Keeps a topic open until no call has read it for [`KEPT_FOR`]. One task for each topic, however
/// many calls there are.
fn keep(topic: Arc<Channel>) {
    let Some(mut looked_at) = topic.looks() else { return };
    tokio::spawn(async move {
        loop {
            tokio::time::sleep_until(looked_at + KEPT_FOR).await;
            let mut last = topic.looked_at();
            match *last {
                Some(later) if later > looked_at => looked_at = later,
                _ => {
                    *last = None;
                    return;
                }
            }
        }
    });
}

impl Channel {
    fn looked_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a single read. Returns its time if no task keeps the topic open yet.
    fn looks(&self) -> Option<Instant> {
        let now = Instant::now();
        self.looked_at().replace(now).is_none().then_some(now)
    }
}

/// Refreshes one topic until it has no subscriber. Without a listener, events may have been missed:
/// subscribes and reads at once.
async fn refresh(app: App, account_id: AccountId, listener: Option<Listener>, sender: Arc<watch::Sender<Arc<State>>>) {
    let mut pushed_at = Instant::now();
    let mut has_missed = listener.is_none();
    let mut listener = listener.unwrap_or_else(|| app.bus.listen(Topic::Availability(account_id)));
    // Without a bus, a command such as `operator reset-password` tells this server nothing.
    let is_told = app.config.bus.is_some();
    let look_every = app.config.session.recheck * LOOK_AFTER_RECHECKS;
    loop {
        let missed = std::mem::take(&mut has_missed);
        tokio::select! {
            biased;
            () = std::future::ready(()), if missed => {}
            () = sender.closed() => return,
            heard = listener.next() => match heard {
                // An event may arrive twice, and over other servers it may arrive after its state
                // was read.
                Delivery::Version(version) if version <= sender.borrow().version.into() => continue,
                Delivery::Version(_) | Delivery::Lagged => {}
            },
            () = tokio::time::sleep(look_every), if !is_told => {}
        }
        // The read after the pause includes every change during the pause.
        tokio::time::sleep_until(pushed_at + PUSH_EVERY).await;
        listener.catch_up();
        let state = loop {
            match queries::current(app.db(), account_id).await {
                Ok(Some(state)) => break state,
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(account.id = %account_id, error = %error, "availability could not be read; retrying");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        };
        let pushed = sender.send_if_modified(|shown| {
            let newer = state.version > shown.version;
            if newer {
                *shown = Arc::new(state);
            }
            newer
        });
        if pushed {
            pushed_at = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;
    use crate::{
        account::rules as account_rules,
        config::{Config, Secret},
        input::Name,
    };

    const NEARLY: Duration = Duration::from_millis(4_900);

    fn topic() -> (watch::Sender<Arc<State>>, Arc<Channel>) {
        let (sender, state) = watch::channel(Arc::new(State { version: 1, is_chat_enabled: true, cards: Vec::new() }));
        (sender, Arc::new(Channel { state, looked_at: Mutex::default(), widget_key: "wk".into(), feed: Weak::new() }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_single_read_keeps_a_topic_open_for_a_while() {
        let (sender, topic) = topic();
        let held = Arc::downgrade(&topic);
        keep(topic);
        // Each read starts the interval again.
        for _ in 0..5 {
            sleep(NEARLY).await;
            keep(held.upgrade().expect("kept"));
        }
        sleep(NEARLY).await;
        assert!(!sender.is_closed());
        sleep(NEARLY).await;
        assert!(sender.is_closed() && held.upgrade().is_none(), "still open");
    }

    #[tokio::test]
    async fn a_refresher_that_is_restarted_reads_what_it_may_have_missed() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::default();
        config.database.url = Secret::new(format!("sqlite:{}", folder.path().join("feed.db").display()));
        let app = App::start(config).await.expect("the database opens");
        let work = app.begin().await.expect("a transaction");
        let name = Name::parse("Acme").expect("a name");
        let account = account_rules::open(&app, &work, &name).await.expect("an account");
        work.commit().await.expect("committed");

        let missed = State { version: account.availability_version - 1, is_chat_enabled: true, cards: Vec::new() };
        let (sender, mut shown) = watch::channel(Arc::new(missed));
        let refreshing = tokio::spawn(refresh(app.clone(), account.id, None, Arc::new(sender)));
        // No event is published.
        let read = tokio::time::timeout(Duration::from_secs(10), shown.changed()).await;
        read.expect("it is read at once").expect("it goes on");
        assert_eq!(shown.borrow().version, account.availability_version);
        drop(shown);
        refreshing.await.expect("it ends with its last watcher");
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_single_reads_share_one_task_and_a_later_read_starts_another() {
        let (_sender, topic) = topic();
        for _ in 0..2 {
            for _ in 0..10 {
                keep(Arc::clone(&topic));
            }
            assert_eq!(Arc::strong_count(&topic), 2, "the test's, and the task's");
            sleep(KEPT_FOR + Duration::from_millis(1)).await;
            assert_eq!(Arc::strong_count(&topic), 1, "dropped");
        }
    }
}

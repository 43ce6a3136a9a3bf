//! A crowd of widgets over several servers, which knows what each of them shows.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::widget::Widget;

/// How many widgets come in at the same time: the servers are not optimised, and have two cores between them.
const DOOR: usize = 48;
/// Longer than thousands take to come in.
const PATIENCE: Duration = Duration::from_mins(2);

/// What a widget of an account has to show in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    pub version: i64,
    pub names: Vec<String>,
}

/// What the widgets of a crowd share.
#[derive(Debug)]
pub struct Street {
    /// By account.
    pub keys: Vec<String>,
    /// Where to go, as a balancer in front of the servers would have it.
    servers: RwLock<Vec<SocketAddr>>,
    pub door: Semaphore,
    /// Messages with a state.
    pub states: AtomicU64,
    /// Attempts to come in that failed: how many, and why the last did.
    turned_away: Mutex<(usize, String)>,
    backwards: Mutex<Vec<String>>,
    back: Mutex<Back>,
}

/// How those who lost their socket came back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Back {
    pub count: usize,
    /// The longest time without a socket.
    pub longest: Duration,
    /// The longest that was not the widget's own pause before it tried.
    pub longest_beside_pauses: Duration,
}

impl Street {
    pub fn server(&self, turn: usize) -> SocketAddr {
        let servers = self.servers.read().unwrap_or_else(PoisonError::into_inner);
        servers[turn % servers.len()]
    }

    pub fn turned_away(&self, why: String) {
        let mut turned_away = lock(&self.turned_away);
        *turned_away = (turned_away.0 + 1, why);
    }

    pub fn went_back(&self, what: String) {
        lock(&self.backwards).push(what);
    }

    pub fn came_back(&self, after: Duration, paused: Duration) {
        let mut back = lock(&self.back);
        back.count += 1;
        back.longest = back.longest.max(after);
        back.longest_beside_pauses = back.longest_beside_pauses.max(after.saturating_sub(paused));
    }
}

/// So many widgets, as long as it is held.
#[derive(Debug)]
pub struct Crowd {
    pub street: Arc<Street>,
    widgets: Vec<Arc<Widget>>,
    _following: JoinSet<()>,
}

impl Crowd {
    /// So many widgets over these accounts and servers; waits until each shows a state.
    pub async fn gather(count: usize, keys: Vec<String>, servers: Vec<SocketAddr>) -> Self {
        rlimit::increase_nofile_limit(u64::MAX).expect("each widget is an open file");
        let widgets: Vec<_> =
            (0..count).map(|number| Arc::new(Widget::new(number, number / servers.len() % keys.len()))).collect();
        let street = Arc::new(Street {
            keys,
            servers: RwLock::new(servers),
            door: Semaphore::new(DOOR),
            states: AtomicU64::new(0),
            turned_away: Mutex::default(),
            backwards: Mutex::default(),
            back: Mutex::default(),
        });
        let mut following = JoinSet::new();
        for widget in &widgets {
            let (widget, street) = (Arc::clone(widget), Arc::clone(&street));
            following.spawn(async move { widget.follow(&street).await });
        }
        let crowd = Self { street, widgets, _following: following };
        crowd.is_all_there().await;
        crowd
    }

    /// From now on these are the servers that whoever comes is led to.
    pub fn goes_to(&self, servers: Vec<SocketAddr>) {
        *self.street.servers.write().unwrap_or_else(PoisonError::into_inner) = servers;
    }

    /// Waits until each has a socket with a state.
    pub async fn is_all_there(&self) {
        let began = Instant::now();
        loop {
            let missing = self.widgets.iter().filter(|widget| !widget.shown().is_live).count();
            if missing == 0 {
                return;
            }
            let waited = began.elapsed();
            assert!(
                waited < PATIENCE,
                "{missing} of {} widgets are not in after {waited:?}: {:?}",
                self.widgets.len(),
                self.street.turned_away
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until each shows what it has to; how long that took. Fails after `within`.
    pub async fn shows(&self, truth: &[Truth], within: Duration) -> Duration {
        let began = Instant::now();
        loop {
            let wrong = self.wrong(truth);
            let waited = began.elapsed();
            let Some(first) = wrong.first() else { return waited };
            assert!(
                waited < within,
                "{} of {} widgets are wrong after {waited:?}; one of them: {first}",
                wrong.len(),
                self.widgets.len()
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Those who do not show what they have to.
    fn wrong(&self, truth: &[Truth]) -> Vec<String> {
        // Most messages are the same: each is read once.
        let mut read: HashMap<(usize, Arc<str>), bool> = HashMap::new();
        let mut wrong = Vec::new();
        for widget in &self.widgets {
            let (shown, truth) = (widget.shown(), &truth[widget.account]);
            let is_right = shown.is_live
                && shown.version == truth.version
                && *read
                    .entry((widget.account, Arc::clone(&shown.message)))
                    .or_insert_with(|| says(&shown.message) == *truth);
            if !is_right {
                wrong.push(format!("{widget:?} instead of {truth:?}"));
            }
        }
        wrong
    }

    /// How those who lost their socket since the last call came back.
    pub fn back(&self) -> Back {
        std::mem::take(&mut *lock(&self.street.back))
    }

    /// No socket was ever shown an older state after a newer one, nor one state twice.
    pub fn never_went_back(&self) {
        let backwards = lock(&self.street.backwards);
        assert!(backwards.is_empty(), "{} times, first: {}", backwards.len(), backwards[0]);
    }

    pub fn states(&self) -> u64 {
        self.street.states.load(Ordering::Relaxed)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn says(message: &str) -> Truth {
    let message: Value = serde_json::from_str(message).expect("messages are JSON");
    let availability = &message["payload"]["data"]["availability"];
    let names = availability["operators"].as_array().expect("a list").iter();
    let names = names.map(|operator| operator["publicName"].as_str().expect("a name").to_owned()).collect();
    Truth { version: availability["version"].as_i64().expect("a number"), names }
}

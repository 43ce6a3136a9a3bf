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
const CONNECTING: usize = 48;
/// Longer than thousands take to come in.
const PATIENCE: Duration = Duration::from_mins(2);

/// What a widget of an account has to show in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub version: i64,
    pub names: Vec<String>,
}

/// What the widgets of a crowd share.
#[derive(Debug)]
pub struct Shared {
    /// By account.
    pub keys: Vec<String>,
    /// Where to go, as a balancer in front of the servers would have it.
    servers: RwLock<Vec<SocketAddr>>,
    pub connecting: Semaphore,
    /// Messages with a state.
    pub states: AtomicU64,
    /// Attempts to come in that failed: how many, and why the last did.
    connect_failed: Mutex<(usize, String)>,
    regressions: Mutex<Vec<String>>,
    reconnects: Mutex<Reconnects>,
}

/// How those who lost their socket came back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reconnects {
    pub count: usize,
    /// The longest time without a socket.
    pub longest: Duration,
    /// The longest that was not the widget's own pause before it tried.
    pub longest_without_pauses: Duration,
}

impl Shared {
    pub fn server(&self, turn: usize) -> SocketAddr {
        let servers = self.servers.read().unwrap_or_else(PoisonError::into_inner);
        servers[turn % servers.len()]
    }

    pub fn connect_failed(&self, why: String) {
        let mut connect_failed = lock(&self.connect_failed);
        *connect_failed = (connect_failed.0 + 1, why);
    }

    pub fn regressed(&self, what: String) {
        lock(&self.regressions).push(what);
    }

    pub fn reconnected(&self, after: Duration, paused: Duration) {
        let mut reconnects = lock(&self.reconnects);
        reconnects.count += 1;
        reconnects.longest = reconnects.longest.max(after);
        reconnects.longest_without_pauses = reconnects.longest_without_pauses.max(after.saturating_sub(paused));
    }
}

/// So many widgets, as long as it is held.
#[derive(Debug)]
pub struct Crowd {
    pub shared: Arc<Shared>,
    widgets: Vec<Arc<Widget>>,
    _following: JoinSet<()>,
}

impl Crowd {
    /// So many widgets over these accounts and servers; waits until each shows a state.
    pub async fn connect(count: usize, keys: Vec<String>, servers: Vec<SocketAddr>) -> Self {
        rlimit::increase_nofile_limit(u64::MAX).expect("each widget is an open file");
        let widgets: Vec<_> =
            (0..count).map(|number| Arc::new(Widget::new(number, number / servers.len() % keys.len()))).collect();
        let shared = Arc::new(Shared {
            keys,
            servers: RwLock::new(servers),
            connecting: Semaphore::new(CONNECTING),
            states: AtomicU64::new(0),
            connect_failed: Mutex::default(),
            regressions: Mutex::default(),
            reconnects: Mutex::default(),
        });
        let mut following = JoinSet::new();
        for widget in &widgets {
            let (widget, shared) = (Arc::clone(widget), Arc::clone(&shared));
            following.spawn(async move { widget.follow(&shared).await });
        }
        let crowd = Self { shared, widgets, _following: following };
        crowd.is_connected().await;
        crowd
    }

    /// From now on these are the servers that whoever comes is led to.
    pub fn use_servers(&self, servers: Vec<SocketAddr>) {
        *self.shared.servers.write().unwrap_or_else(PoisonError::into_inner) = servers;
    }

    /// Waits until each has a socket with a state.
    pub async fn is_connected(&self) {
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
                self.shared.connect_failed
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until each shows what it has to; how long that took. Fails after `within`.
    pub async fn shows(&self, expected: &[Expected], within: Duration) -> Duration {
        let began = Instant::now();
        loop {
            let wrong = self.wrong(expected);
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
    fn wrong(&self, expected: &[Expected]) -> Vec<String> {
        // Most messages are the same: each is read once.
        let mut read: HashMap<(usize, Arc<str>), bool> = HashMap::new();
        let mut wrong = Vec::new();
        for widget in &self.widgets {
            let (shown, expected) = (widget.shown(), &expected[widget.account]);
            let is_right = shown.is_live
                && shown.version == expected.version
                && *read
                    .entry((widget.account, Arc::clone(&shown.message)))
                    .or_insert_with(|| parse(&shown.message) == *expected);
            if !is_right {
                wrong.push(format!("{widget:?} instead of {expected:?}"));
            }
        }
        wrong
    }

    /// How those who lost their socket since the last call came back.
    pub fn reconnects(&self) -> Reconnects {
        std::mem::take(&mut *lock(&self.shared.reconnects))
    }

    /// No socket was ever shown an older state after a newer one, nor one state twice.
    pub fn never_regressed(&self) {
        let regressions = lock(&self.shared.regressions);
        assert!(regressions.is_empty(), "{} times, first: {}", regressions.len(), regressions[0]);
    }

    pub fn states(&self) -> u64 {
        self.shared.states.load(Ordering::Relaxed)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parse(message: &str) -> Expected {
    let message: Value = serde_json::from_str(message).expect("messages are JSON");
    let availability = &message["payload"]["data"]["availability"];
    let names = availability["operators"].as_array().expect("a list").iter();
    let names = names.map(|operator| operator["publicName"].as_str().expect("a name").to_owned()).collect();
    Expected { version: availability["version"].as_i64().expect("a number"), names }
}

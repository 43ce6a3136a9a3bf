//! Many widgets over several servers, with a record of what each one shows.

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

/// How many widgets connect at the same time: the servers are debug builds and share two cores.
const CONNECTING: usize = 48;
/// Longer than thousands of widgets take to connect.
const PATIENCE: Duration = Duration::from_mins(2);

/// What all widgets of an account must show in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub version: i64,
    pub names: Vec<String>,
}

/// State that all widgets of a crowd share.
#[derive(Debug)]
pub struct Shared {
    /// The widget keys, by account.
    pub keys: Vec<String>,
    /// The servers that a load balancer would select.
    servers: RwLock<Vec<SocketAddr>>,
    pub connecting: Semaphore,
    /// The number of messages with a state.
    pub states: AtomicU64,
    /// The number of failed attempts to connect, and the last error.
    connect_failed: Mutex<(usize, String)>,
    regressions: Mutex<Vec<String>>,
    reconnects: Mutex<Reconnects>,
}

/// How the widgets that lost their sockets reconnected.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reconnects {
    pub count: usize,
    /// The longest time without a socket.
    pub longest: Duration,
    /// The longest time without a socket, not counting the widget's pause before its attempt.
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

/// Widgets that stay connected until this is dropped.
#[derive(Debug)]
pub struct Crowd {
    pub shared: Arc<Shared>,
    widgets: Vec<Arc<Widget>>,
    _following: JoinSet<()>,
}

impl Crowd {
    /// Starts widgets over these accounts and servers, and waits until each shows a state.
    pub async fn connect(count: usize, keys: Vec<String>, servers: Vec<SocketAddr>) -> Self {
        rlimit::increase_nofile_limit(u64::MAX).expect("the limit of open files can be raised");
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

    /// Sets the servers that new connections go to.
    pub fn use_servers(&self, servers: Vec<SocketAddr>) {
        *self.shared.servers.write().unwrap_or_else(PoisonError::into_inner) = servers;
    }

    /// Waits until each widget has a socket with a state.
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
                "{missing} of {} widgets are not connected after {waited:?}: {:?}",
                self.widgets.len(),
                self.shared.connect_failed
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until each widget shows the expected state. Returns how long that took, and fails
    /// after `within`.
    pub async fn shows(&self, expected: &[Expected], within: Duration) -> Duration {
        let began = Instant::now();
        loop {
            let wrong = self.wrong(expected);
            let waited = began.elapsed();
            let Some(first) = wrong.first() else { return waited };
            assert!(
                waited < within,
                "{} of {} widgets show another state after {waited:?}; the first: {first}",
                wrong.len(),
                self.widgets.len()
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Descriptions of the widgets that show something else.
    fn wrong(&self, expected: &[Expected]) -> Vec<String> {
        // Most messages are equal, so each distinct one is parsed once.
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

    /// How widgets reconnected since the last call.
    pub fn reconnects(&self) -> Reconnects {
        std::mem::take(&mut *lock(&self.shared.reconnects))
    }

    /// Fails if a socket received an older state after a newer one, or a state twice.
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

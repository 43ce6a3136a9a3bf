//! Bus connection state, read by `/readyz`, metrics and the poller.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use edge::metrics::Metrics;
use prometheus_client::metrics::counter::Counter;
use tokio::{sync::Notify, time::Instant};

/// How long the poller keeps its fast rate after a server fell silent. The server may only be cut
/// off, and still change what subscribers here see.
const WARY: Duration = Duration::from_mins(1);
/// How long marks are compared after a server of the previous version was last heard. It may be cut
/// off from the bus for a while, and still change what operators see.
const PREVIOUS: Duration = Duration::from_hours(1);

/// Shared by the link, the poller and the reports.
#[derive(Debug)]
pub struct Status {
    connected: Arc<AtomicBool>,
    peers: Arc<AtomicI64>,
    wary_until: Mutex<Option<Instant>>,
    /// When a server of the previous version was last heard.
    previous_heard_at: Mutex<Option<Instant>>,
    /// Without a bus, nothing tells which versions the other servers have.
    has_bus: bool,
    /// A round of versions is requested. Several requests result in one round.
    pub(super) versions_requested: Notify,
    /// A round of marks is requested.
    pub(super) marks_requested: Notify,
    /// Facts handed to the broker.
    pub sent: Counter,
    /// Facts received from other servers.
    pub received: Counter,
    /// Messages or records that could not be read: from a newer server or a foreign program.
    pub ignored: Counter,
    /// Number of gaps noticed.
    pub gaps: Counter,
    /// Statements that the poller ran.
    pub polls: Counter,
}

impl Status {
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        let (connected, peers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
        let read = Arc::clone(&connected);
        metrics.gauge("bus_connected", "1 while the bus is connected in both directions, else 0", move || {
            read.load(Ordering::Relaxed).into()
        });
        let read = Arc::clone(&peers);
        metrics.gauge("bus_peers", "Other servers heard on the bus", move || read.load(Ordering::Relaxed));
        Self {
            connected,
            peers,
            wary_until: Mutex::default(),
            previous_heard_at: Mutex::default(),
            has_bus: true,
            versions_requested: Notify::new(),
            marks_requested: Notify::new(),
            sent: metrics.counter("bus_facts_sent", "Facts sent to the bus"),
            received: metrics.counter("bus_facts_received", "Facts received from other servers"),
            ignored: metrics.counter("bus_facts_ignored", "Messages and records on the bus that could not be read"),
            gaps: metrics
                .counter("bus_gaps", "Gaps noticed on the bus: a lost message, a silent server, or a lost connection"),
            polls: metrics.counter("bus_polls", "Statements that polled the database for changes"),
        }
    }

    /// State of a server without a bus: connected until another server is detected, and without
    /// broker metrics.
    #[must_use]
    pub fn without_bus() -> Self {
        Self {
            connected: Arc::new(AtomicBool::new(true)),
            peers: Arc::default(),
            wary_until: Mutex::default(),
            previous_heard_at: Mutex::default(),
            has_bus: false,
            versions_requested: Notify::new(),
            marks_requested: Notify::new(),
            sent: Counter::default(),
            received: Counter::default(),
            ignored: Counter::default(),
            gaps: Counter::default(),
            polls: Counter::default(),
        }
    }

    /// Sets how many other servers change the same database without a bus.
    pub(super) fn set_neighbours(&self, count: u64) {
        self.peers.store(i64::try_from(count).unwrap_or(i64::MAX), Ordering::Relaxed);
        // The last of them may have changed something just before it ended.
        if count == 0 && !self.connected() {
            self.lost_a_peer();
        }
        self.set_whole(count == 0);
    }

    /// Whether messages reach the broker and come back.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    pub(super) fn set_whole(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    /// Number of other servers heard lately.
    #[must_use]
    pub fn peers(&self) -> i64 {
        self.peers.load(Ordering::Relaxed)
    }

    pub(super) fn set_peers(&self, count: usize) {
        self.peers.store(i64::try_from(count).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Records a gap and requests a round.
    pub(super) fn missed(&self) {
        self.gaps.inc();
        self.look_again();
    }

    /// Records that a server fell silent without a goodbye.
    pub(super) fn lost_a_peer(&self) {
        *self.wary_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + WARY);
        self.missed();
    }

    /// Requests a round.
    pub(super) fn look_again(&self) {
        self.versions_requested.notify_one();
        self.marks_requested.notify_one();
    }

    /// Records that a server of the previous version is heard.
    pub(super) fn previous_heard(&self) {
        if !self.compares_marks() {
            // It may have changed something before it was heard.
            self.look_again();
        }
        *self.previous_heard_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether servers of the previous version may change the database, so that the versions of
    /// accounts do not show all changes: for a while after one was heard, and while none can be
    /// heard.
    pub(super) fn compares_marks(&self) -> bool {
        let heard_at = *self.previous_heard_at.lock().unwrap_or_else(PoisonError::into_inner);
        !self.has_bus || !self.connected() || heard_at.is_some_and(|at| at.elapsed() < PREVIOUS)
    }

    /// Whether facts may be missing at the moment, so that the poller uses its fast rate.
    pub(super) fn is_wary(&self) -> bool {
        let wary_until = *self.wary_until.lock().unwrap_or_else(PoisonError::into_inner);
        !self.connected() || wary_until.is_some_and(|until| Instant::now() < until)
    }
}

//! How the way to the other servers is, for whoever looks, counts, or has to look again.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use prometheus_client::metrics::counter::Counter;
use tokio::{sync::Notify, time::Instant};

use crate::metrics::Metrics;

/// So long after a server fell silent, accounts are looked at as if the line were away: it may only be cut off, and go on changing
/// what our listeners see.
const WARY: Duration = Duration::from_mins(1);

/// Shared by those who hold the line, those who look again, and those who report.
#[derive(Debug)]
pub struct Status {
    connected: Arc<AtomicBool>,
    peers: Arc<AtomicI64>,
    wary_until: Mutex<Option<Instant>>,
    look_again: Notify,
    /// Facts handed to the broker.
    pub sent: Counter,
    /// Facts of other servers.
    pub received: Counter,
    /// What could not be read: of a newer server, or somebody else's.
    pub ignored: Counter,
    /// How often something was missed.
    pub gaps: Counter,
    /// Statements that looked again.
    pub polls: Counter,
}

impl Status {
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        let (connected, peers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
        let read = Arc::clone(&connected);
        metrics.gauge("bus_connected", "1 while the way over the bus is known to work, else 0", move || {
            read.load(Ordering::Relaxed).into()
        });
        let read = Arc::clone(&peers);
        metrics.gauge("bus_peers", "Other servers heard on the bus", move || read.load(Ordering::Relaxed));
        Self {
            connected,
            peers,
            wary_until: Mutex::default(),
            look_again: Notify::new(),
            sent: metrics.counter("bus_facts_sent", "Facts handed to the bus"),
            received: metrics.counter("bus_facts_received", "Facts of other servers"),
            ignored: metrics.counter("bus_facts_ignored", "What came over the bus and could not be read"),
            gaps: metrics.counter(
                "bus_gaps",
                "How often something was missed on the bus: a message, a server, or the bus itself",
            ),
            polls: metrics.counter("bus_polls", "Statements that looked again at what is listened to"),
        }
    }

    /// Where there is no bus: nothing is missed until another server is noticed, and nothing of a broker is counted.
    #[must_use]
    pub fn without_bus() -> Self {
        Self {
            connected: Arc::new(AtomicBool::new(true)),
            peers: Arc::default(),
            wary_until: Mutex::default(),
            look_again: Notify::new(),
            sent: Counter::default(),
            received: Counter::default(),
            ignored: Counter::default(),
            gaps: Counter::default(),
            polls: Counter::default(),
        }
    }

    /// How many other servers change what is listened to here, without a bus that tells.
    pub(super) fn set_neighbours(&self, count: u64) {
        self.peers.store(i64::try_from(count).unwrap_or(i64::MAX), Ordering::Relaxed);
        // The last of them may have changed something just before it left.
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

    /// How many other servers were heard lately.
    #[must_use]
    pub fn peers(&self) -> i64 {
        self.peers.load(Ordering::Relaxed)
    }

    pub(super) fn set_peers(&self, count: usize) {
        self.peers.store(i64::try_from(count).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Something was missed: everything that is listened to has to be looked at again.
    pub(super) fn missed(&self) {
        self.gaps.inc();
        self.look_again();
    }

    /// A server fell silent without a goodbye.
    pub(super) fn lost_a_peer(&self) {
        *self.wary_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + WARY);
        self.missed();
    }

    pub(super) fn look_again(&self) {
        self.look_again.notify_one();
    }

    /// Waits until somebody wants everything looked at again; what was wanted several times is done once.
    pub(super) async fn wants_look(&self) {
        self.look_again.notified().await;
    }

    /// Whether facts may be missing for as long as this lasts.
    pub(super) fn is_wary(&self) -> bool {
        let wary_until = *self.wary_until.lock().unwrap_or_else(PoisonError::into_inner);
        !self.connected() || wary_until.is_some_and(|until| Instant::now() < until)
    }
}

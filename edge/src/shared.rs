//! State that all connections of one server share: the backend, counts of open connections, and the
//! signals to stop.

use std::{
    collections::HashMap,
    net::IpAddr,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{alive::Alive, backend::Backend, broadcast::Broadcasts, fair::Fair, interned::Texts};
use crate::{
    config::cores_but_one,
    ledger::{Lines, Who},
};

/// The shared state of one server. A clone is another handle.
#[derive(Debug)]
pub(crate) struct Edge<H>(Arc<Shared<H>>);

#[derive(Debug)]
pub(crate) struct Shared<H> {
    pub backend: H,
    /// Sockets and event streams.
    pub sockets: Counts,
    /// Connections of all kinds.
    pub connections: Counts,
    /// Which peers are still there.
    pub alive: Alive,
    /// What one client may use.
    pub fair: Fair,
    /// Turns to parse and check requests. Separate from the turns to execute, because a request can
    /// join a running subscription without one of those. Never held across an await, so that a turn
    /// always comes soon.
    pub reading: Lines,
    /// The executions that many subscribers follow together.
    pub broadcasts: Broadcasts,
    /// The documents of subscriptions that rest.
    pub documents: Texts,
    /// The server is stopping: it accepts nothing new and finishes what is in flight.
    pub draining: CancellationToken,
    /// The time to finish is over.
    pub stopped: CancellationToken,
    /// The tasks that a stopping server waits for.
    pub tasks: TaskTracker,
}

impl<H: Backend> Edge<H> {
    pub(crate) fn new(backend: H) -> Self {
        let config = backend.config();
        let fair = Fair::new(config);
        // Clients take turns, so one client delays another by at most one request. The queue has no
        // bound, because only connections wait and their number is bounded.
        let reading = Lines::new(config.max_client_executing, cores_but_one(), usize::MAX);
        fair.show(backend.metrics());
        Self(Arc::new(Shared {
            alive: Alive::new(config),
            fair,
            reading,
            broadcasts: Broadcasts::new(
                backend.metrics().pushes.clone(),
                backend.supervisor().clone(),
                backend.config().max_state_bytes,
            ),
            backend,
            documents: Texts::default(),
            sockets: Counts::default(),
            connections: Counts::default(),
            draining: CancellationToken::new(),
            stopped: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }
}

impl<H> Clone for Edge<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H> Deref for Edge<H> {
    type Target = Shared<H>;

    fn deref(&self) -> &Shared<H> {
        &self.0
    }
}

/// The number of open things of each client, and of each network that a customer of a provider
/// usually has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(Arc<Mutex<HashMap<Who, usize>>>);

impl Counts {
    /// Takes a slot, which is released when it is dropped. `None` when the client has the maximum.
    pub(crate) fn enter(&self, client: IpAddr, most: usize) -> Option<ConnectionSlot> {
        let client = Who::client(client);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if client
            .counted()
            .any(|(counted, shares)| open.get(&counted).is_some_and(|count| *count >= most.saturating_mul(shares)))
        {
            return None;
        }
        for (counted, _) in client.counted() {
            *open.entry(counted).or_default() += 1;
        }
        Some(ConnectionSlot { counts: self.clone(), client })
    }
}

/// One slot in a client's count.
#[derive(Debug)]
pub(crate) struct ConnectionSlot {
    counts: Counts,
    client: Who,
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut open = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (counted, _) in self.client.counted() {
            if let Some(count) = open.get_mut(&counted) {
                *count -= 1;
                // Removes the entry, because otherwise the map would keep every client forever.
                if *count == 0 {
                    open.remove(&counted);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_of_a_client_are_limited_and_released() {
        let sockets = Counts::default();
        let client = |text: &str| text.parse::<IpAddr>().expect("an address");
        let first = sockets.enter(client("2001:db8::1"), 2);
        let second = sockets.enter(client("2001:db8::2"), 2);
        assert!(first.is_some() && second.is_some());
        assert!(sockets.enter(client("2001:db8::3"), 2).is_none(), "the same /64");
        assert!(sockets.enter(client("203.0.113.9"), 2).is_some(), "another client");
        drop(first);
        assert!(sockets.enter(client("2001:db8::3"), 2).is_some());
        drop(second);
        assert!(sockets.0.lock().expect("not poisoned").is_empty());
    }

    #[test]
    fn a_wider_network_has_four_and_sixteen_times_as_many() {
        let sockets = Counts::default();
        let entered = |addresses: &mut dyn Iterator<Item = String>| -> Vec<ConnectionSlot> {
            addresses.filter_map(|address| sockets.enter(address.parse().expect("an address"), 2)).collect()
        };
        let of_a_56 = entered(&mut (0..20).map(|n| format!("2001:db8:1:{n:x}::1")));
        assert_eq!(of_a_56.len(), 4 * 2);
        let of_a_48 = entered(&mut (1..100).map(|n| format!("2001:db8:1:{n:x}00::1")));
        assert_eq!(of_a_48.len(), 16 * 2 - 4 * 2);
        assert_eq!(entered(&mut (0..10).map(|_| "2001:db8:2::1".to_owned())).len(), 2, "another /48");
        drop((of_a_56, of_a_48));
        assert!(sockets.0.lock().expect("not poisoned").is_empty());
    }
}

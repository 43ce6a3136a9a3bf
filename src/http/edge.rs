//! What all connections of one server share: the house behind, who holds sockets open, and when to stop.

use std::{
    collections::HashMap,
    net::IpAddr,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{client::limit_key, fair::Fair, house::House, topic::Topics};

/// The shared part of one server; a clone is another handle.
#[derive(Debug)]
pub(super) struct Edge<H>(Arc<Shared<H>>);

#[derive(Debug)]
pub(super) struct Shared<H> {
    pub house: H,
    /// Sockets and event streams.
    pub sockets: Counts,
    /// Connections of whatever kind.
    pub connections: Counts,
    /// What one client can take.
    pub fair: Fair,
    /// What many subscribers follow together.
    pub topics: Topics,
    /// The server is stopping: take nothing new, finish what is under way.
    pub draining: CancellationToken,
    /// The time to finish is over.
    pub stopped: CancellationToken,
    /// Everything that is waited for when the server stops.
    pub tasks: TaskTracker,
}

impl<H: House> Edge<H> {
    pub(super) fn new(house: H) -> Self {
        let fair = Fair::new(house.config());
        fair.show(house.metrics());
        Self(Arc::new(Shared {
            fair,
            topics: Topics::new(
                house.metrics().pushes.clone(),
                house.supervisor().clone(),
                house.config().max_state_bytes,
            ),
            house,
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

/// How many of something each client holds open.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Counts {
    /// A place for one more, given back when dropped; `None` when the client has as many as it may.
    pub(super) fn enter(&self, client: IpAddr, most: usize) -> Option<Place> {
        let client = limit_key(client);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(client).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place { counts: self.clone(), client })
    }
}

/// One place in a client's count.
#[derive(Debug)]
pub(super) struct Place {
    counts: Counts,
    client: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.client) {
            *count -= 1;
            // Or the map would remember every client there ever was.
            if *count == 0 {
                open.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_as_many_places_as_it_may_and_gets_them_back() {
        let sockets = Counts::default();
        let client = |text: &str| text.parse::<IpAddr>().expect("an address");
        let first = sockets.enter(client("2001:db8::1"), 2);
        let second = sockets.enter(client("2001:db8::2"), 2);
        assert!(first.is_some() && second.is_some());
        assert!(sockets.enter(client("2001:db8::3"), 2).is_none(), "the same /64");
        assert!(sockets.enter(client("203.0.113.9"), 2).is_some(), "somebody else");
        drop(first);
        assert!(sockets.enter(client("2001:db8::3"), 2).is_some());
        drop(second);
        assert!(sockets.0.lock().expect("not poisoned").is_empty());
    }
}

//! Bytes: a limit for each client, and a limit for all clients.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::future::pending;
use tokio_util::sync::CancellationToken;

use super::{Full, Who};

/// How many bytes a client may hold regardless of the other clients.
const SPARED: usize = 64 << 10;

/// The bytes that clients hold. Cheap to clone.
///
/// When all clients together hold too many bytes, the largest holder loses its largest lease, or is
/// refused if it is the one that asks for more.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    each: usize,
    all: usize,
    /// What a client may hold regardless of the others: it is neither refused nor cut to make room.
    spared: usize,
    /// Whether leases are cut to make room.
    cuts: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    total: usize,
    held: HashMap<Who, usize>,
    leases: HashMap<Who, HashMap<u64, Entry>>,
    serial: u64,
    /// Leases that were cut. They are notified after the lock is released, because that may drop
    /// further leases.
    cut: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    bytes: usize,
    cut: Option<CancellationToken>,
    holder: Option<Box<dyn Cut>>,
}

/// A holder of bytes that other clients may need.
pub(crate) trait Cut: fmt::Debug + Send + Sync {
    /// Ends the holder, because its bytes are needed. Called once, from the task that needs them.
    fn cut(&self);
}

impl Cut for CancellationToken {
    fn cut(&self) {
        self.cancel();
    }
}

/// Bytes that one client holds. Released on drop.
#[derive(Debug)]
pub(crate) struct Lease {
    budget: Budget,
    who: Who,
    serial: u64,
    /// `None` where bytes cannot be taken away.
    cut: Option<CancellationToken>,
}

impl Budget {
    /// At most `each` bytes for one client and `all` for all clients. The first 64 KiB of each
    /// client are always admitted.
    #[must_use]
    pub(crate) fn new(each: usize, all: usize) -> Self {
        Self(Arc::new(Inner { each, all, spared: SPARED, cuts: true, state: Mutex::default() }))
    }

    /// The same for bytes that cannot be taken away: above `all`, each client may hold its first 64
    /// KiB only.
    #[must_use]
    pub(crate) fn kept(each: usize, all: usize) -> Self {
        Self(Arc::new(Inner { each, all, spared: SPARED, cuts: false, state: Mutex::default() }))
    }

    /// The same for units other than bytes that cannot be taken away: above `all`, each client is
    /// refused.
    #[must_use]
    pub(crate) fn strict(each: usize, all: usize) -> Self {
        Self(Arc::new(Inner { each, all, spared: 0, cuts: false, state: Mutex::default() }))
    }

    /// Counts bytes for a client.
    ///
    /// # Errors
    /// The client, or all clients together, hold too many bytes.
    pub(crate) fn take(&self, who: Who, bytes: usize) -> Result<Lease, Full> {
        self.cutting(|state| {
            state.admit(who, bytes, &self.0)?;
            state.serial += 1;
            let (serial, cut) = (state.serial, self.0.cuts.then(CancellationToken::new));
            state.leases.entry(who).or_default().insert(serial, Entry { bytes, cut: cut.clone(), holder: None });
            state.add(who, bytes);
            Ok(Lease { budget: self.clone(), who, serial, cut })
        })
    }

    /// How many bytes a client holds now.
    #[cfg(test)]
    pub(crate) fn held(&self, who: Who) -> usize {
        self.state().held.get(&who).copied().unwrap_or_default()
    }

    /// How many bytes all clients hold now.
    #[must_use]
    pub(crate) fn total(&self) -> usize {
        self.state().total
    }

    /// Changes the state, and then ends the holders that were cut.
    fn cutting<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (changed, cut) = {
            let mut state = self.state();
            (change(&mut state), std::mem::take(&mut state.cut))
        };
        for Entry { cut, holder, .. } in cut {
            if let Some(cut) = cut {
                cut.cancel();
            }
            if let Some(holder) = holder {
                holder.cut();
            }
        }
        changed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// Sets the number of bytes of this lease.
    ///
    /// # Errors
    /// The client, or all clients together, hold too many bytes, or the lease was cut. The number
    /// does not change then.
    pub(crate) fn resize(&mut self, bytes: usize) -> Result<(), Full> {
        self.budget.cutting(|state| {
            let Some(before) = state.entry(self.who, self.serial).map(|entry| entry.bytes) else {
                return Err(Full::Busy);
            };
            if bytes > before {
                state.admit(self.who, bytes - before, &self.budget.0)?;
                state.add(self.who, bytes - before);
            } else {
                state.subtract(self.who, before - bytes);
            }
            // Other leases may have been cut to make room, but never this one: a client that asks
            // is refused instead.
            state.entry(self.who, self.serial).expect("the entry was found above").bytes = bytes;
            Ok(())
        })
    }

    /// Adds bytes to this lease.
    ///
    /// # Errors
    /// As for [`resize`](Self::resize).
    pub(crate) fn grow(&mut self, more: usize) -> Result<(), Full> {
        self.resize(self.bytes().saturating_add(more))
    }

    /// The number of bytes. Zero after the lease was cut.
    #[must_use]
    pub(crate) fn bytes(&self) -> usize {
        self.budget.state().entry(self.who, self.serial).map_or(0, |entry| entry.bytes)
    }

    /// Ends `holder` when other clients need the bytes. It is, for example, the connection on which
    /// they wait.
    pub(crate) fn cuts(&self, holder: impl Cut + 'static) {
        let mut state = self.budget.state();
        if let Some(entry) = state.entry(self.who, self.serial) {
            entry.holder = Some(Box::new(holder));
        } else {
            drop(state);
            holder.cut();
        }
    }

    /// Whether other clients need the bytes. The holder must end.
    #[cfg(test)]
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.as_ref().is_some_and(CancellationToken::is_cancelled)
    }

    /// Resolves when other clients need the bytes.
    pub(crate) async fn cut(&self) {
        match &self.cut {
            Some(cut) => cut.cancelled().await,
            None => pending().await,
        }
    }
}

impl State {
    fn entry(&mut self, who: Who, serial: u64) -> Option<&mut Entry> {
        self.leases.get_mut(&who)?.get_mut(&serial)
    }

    /// Checks that a client may hold more bytes, and makes room for them.
    fn admit(&mut self, who: Who, more: usize, limits: &Inner) -> Result<(), Full> {
        for (counted, shares) in who.counted() {
            let held = self.held.get(&counted).copied().unwrap_or_default();
            if held.saturating_add(more) > limits.each.saturating_mul(shares) {
                return Err(Full::Bytes { most: limits.each });
            }
        }
        let after = self.held.get(&who).copied().unwrap_or_default().saturating_add(more);
        while self.total.saturating_add(more) > limits.all {
            if after <= limits.spared {
                break;
            }
            if !limits.cuts {
                return Err(Full::Busy);
            }
            let largest = self
                .leases
                .keys()
                .map(|who| (self.held.get(who).copied().unwrap_or_default(), *who))
                .max_by_key(|(held, _)| *held);
            match largest {
                // It holds more than the client that asks, and so more than the spared bytes.
                Some((held, other)) if other != who && held > after => self.cut(other),
                _ => return Err(Full::Busy),
            }
        }
        Ok(())
    }

    /// Cuts the largest lease of a client.
    fn cut(&mut self, who: Who) {
        let leases = self.leases.get_mut(&who).expect("the largest holder has a lease");
        let serial = leases
            .iter()
            .max_by_key(|(_, entry)| entry.bytes)
            .map(|(serial, _)| *serial)
            .expect("no set of leases is empty");
        if let Some(cut) = self.remove(who, serial) {
            self.cut.push(cut);
        }
    }

    fn remove(&mut self, who: Who, serial: u64) -> Option<Entry> {
        let leases = self.leases.get_mut(&who)?;
        let entry = leases.remove(&serial)?;
        if leases.is_empty() {
            self.leases.remove(&who);
        }
        self.subtract(who, entry.bytes);
        Some(entry)
    }

    fn add(&mut self, who: Who, bytes: usize) {
        self.total += bytes;
        for (counted, _) in who.counted() {
            *self.held.entry(counted).or_default() += bytes;
        }
    }

    fn subtract(&mut self, who: Who, bytes: usize) {
        self.total -= bytes;
        for (counted, _) in who.counted() {
            if let Some(held) = self.held.get_mut(&counted) {
                *held -= bytes;
                // Removes the entry, because otherwise the map would keep every client forever.
                if *held == 0 {
                    self.held.remove(&counted);
                }
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.budget.state().remove(self.who, self.serial);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::{super::tests::client, *};

    const KIB: usize = 1 << 10;

    fn is_empty(budget: &Budget) -> bool {
        let state = budget.state();
        state.total == 0 && state.held.is_empty() && state.leases.is_empty()
    }

    #[test]
    fn bytes_of_a_client_are_limited_and_released() {
        let budget = Budget::new(100 * KIB, usize::MAX);
        let (ours, theirs) = (client("203.0.113.9"), client("203.0.113.8"));
        let first = budget.take(ours, 60 * KIB).unwrap();
        let mut second = budget.take(ours, 30 * KIB).unwrap();
        assert_eq!(budget.take(ours, 11 * KIB).unwrap_err(), Full::Bytes { most: 100 * KIB });
        assert!(second.grow(11 * KIB).is_err());
        assert_eq!((second.bytes(), budget.held(ours)), (30 * KIB, 90 * KIB), "refused bytes are not counted");
        let third = budget.take(theirs, 100 * KIB).unwrap();
        second.resize(KIB).unwrap();
        assert_eq!((budget.held(ours), budget.total()), (61 * KIB, 161 * KIB));
        drop((first, second, third));
        assert!(is_empty(&budget));
    }

    #[test]
    fn the_largest_holder_is_cut_first_but_never_the_one_that_asks() {
        let budget = Budget::new(1000 * KIB, 300 * KIB);
        let (large, middle, small) = (client("203.0.113.1"), client("203.0.113.2"), client("203.0.113.3"));
        let (most, some) = (budget.take(large, 100 * KIB).unwrap(), budget.take(large, 80 * KIB).unwrap());
        let others = budget.take(middle, 100 * KIB).unwrap();
        let asked = budget.take(small, 90 * KIB).unwrap();
        assert_eq!((most.is_cut(), some.is_cut(), others.is_cut(), asked.is_cut()), (true, false, false, false));
        assert_eq!((budget.held(large), budget.total()), (80 * KIB, 270 * KIB));
        assert_eq!(
            budget.take(middle, 50 * KIB).unwrap_err(),
            Full::Busy,
            "a client that would be the largest is refused"
        );
        assert_eq!(
            budget.take(small, 40 * KIB).unwrap_err(),
            Full::Busy,
            "also while another client holds more than it does now"
        );
        assert_eq!([&some, &others, &asked].map(Lease::is_cut), [false; 3]);
        drop((most, some, others, asked));
        assert!(is_empty(&budget));
    }

    #[test]
    fn the_first_bytes_of_a_client_are_neither_refused_nor_cut() {
        let budget = Budget::new(1000 * KIB, 100 * KIB);
        let clients = (0..4).map(|host| client(&format!("203.0.113.{host}")));
        let spared: Vec<_> = clients.map(|who| budget.take(who, 64 * KIB).unwrap()).collect();
        let asking = client("198.51.100.1");
        assert_eq!(budget.take(asking, 65 * KIB).unwrap_err(), Full::Busy, "no client can be cut");
        let mut within = budget.take(asking, 60 * KIB).unwrap();
        assert_eq!(within.grow(5 * KIB).unwrap_err(), Full::Busy);
        within.grow(4 * KIB).unwrap();
        assert!(spared.iter().all(|lease| !lease.is_cut()));
    }

    #[test]
    fn kept_bytes_above_the_limit_are_refused_except_the_first_of_each_client() {
        let kept = Budget::kept(1000 * KIB, 100 * KIB);
        let (large, small) = (client("203.0.113.1"), client("203.0.113.2"));
        let most = kept.take(large, 100 * KIB).unwrap();
        let mut some = kept.take(small, 60 * KIB).unwrap();
        some.grow(4 * KIB).unwrap();
        assert_eq!((some.grow(1).unwrap_err(), kept.take(large, 1).unwrap_err()), (Full::Busy, Full::Busy));
        assert!(!most.is_cut(), "no lease is cut");
        drop((most, some));
        assert!(is_empty(&kept));
    }

    #[test]
    fn strict_budgets_refuse_all_clients_above_the_limit() {
        let places = Budget::strict(2, 3);
        let (ours, theirs, third) = (client("203.0.113.1"), client("203.0.113.2"), client("203.0.113.3"));
        let held = [places.take(ours, 1).unwrap(), places.take(ours, 1).unwrap(), places.take(theirs, 1).unwrap()];
        assert_eq!(
            (places.take(ours, 1).unwrap_err(), places.take(theirs, 1).unwrap_err()),
            (Full::Bytes { most: 2 }, Full::Busy)
        );
        assert_eq!(places.take(third, 1).unwrap_err(), Full::Busy, "also a client that holds none");
        assert!(held.iter().all(|lease| !lease.is_cut()));
    }

    #[test]
    fn a_cut_lease_notifies_its_holder_and_counts_nothing() {
        let budget = Budget::new(1000 * KIB, 200 * KIB);
        let connection = CancellationToken::new();
        let lease = budget.take(client("203.0.113.1"), 120 * KIB).unwrap();
        lease.cuts(connection.clone());
        drop(lease);
        assert!(!connection.is_cancelled(), "dropping a lease does not cut it");
        let mut lease = budget.take(client("203.0.113.1"), 150 * KIB).unwrap();
        lease.cuts(connection.clone());
        let other = budget.take(client("203.0.113.2"), 100 * KIB).unwrap();
        assert!(lease.cut().now_or_never().is_some() && connection.is_cancelled(), "it is cut");
        let connection = CancellationToken::new();
        lease.cuts(connection.clone());
        assert!(connection.is_cancelled(), "it was cut before");
        assert_eq!((lease.bytes(), lease.grow(1).unwrap_err(), budget.total()), (0, Full::Busy, 100 * KIB));
        drop((lease, other));
        assert!(is_empty(&budget));
    }

    #[test]
    fn a_network_of_many_has_four_and_sixteen_shares() {
        let budget = Budget::new(100, usize::MAX);
        let mut leases: Vec<_> =
            (0..4).map(|net| budget.take(client(&format!("2001:db8:1:{net}::1")), 100).unwrap()).collect();
        assert!(budget.take(client("2001:db8:1:5::1"), 1).is_err(), "the /56 is full");
        for net in [0x100, 0x101, 0x102, 0x103, 0x200, 0x201, 0x202, 0x203, 0x300, 0x301, 0x302, 0x303] {
            leases.push(budget.take(client(&format!("2001:db8:1:{net:x}::1")), 100).unwrap());
        }
        assert!(budget.take(client("2001:db8:1:400::1"), 1).is_err(), "the /48 is full");
        assert!(budget.take(client("2001:db8:2::1"), 100).is_ok());
        leases.clear();
        assert!(is_empty(&budget));
    }
}

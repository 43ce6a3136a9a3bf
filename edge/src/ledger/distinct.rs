//! Distinct things: a limit for each client, regardless of how many holds it has on each.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Full, Who};

/// The distinct things that clients hold, in groups `G` that are counted separately. Cheap to
/// clone.
#[derive(Debug)]
pub struct Distinct<G, K>(Arc<Mutex<Groups<G, K>>>);

/// Each thing with its number of holds. A vector, because most clients have one or two.
type Groups<G, K> = HashMap<(Who, G), Vec<(K, usize)>>;

impl<G, K> Clone for Distinct<G, K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<G, K> Default for Distinct<G, K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// One hold on one thing. Released on drop.
#[derive(Debug)]
pub struct Held<G: Copy + Eq + Hash, K: Copy + Eq + Hash> {
    distinct: Distinct<G, K>,
    who: Who,
    group: G,
    thing: K,
}

impl<G: Copy + Eq + Hash, K: Copy + Eq + Hash> Distinct<G, K> {
    /// Adds a hold on a thing. A client may hold the same thing any number of times.
    ///
    /// # Errors
    /// The client already holds `most` other things of the group.
    pub fn hold(&self, who: Who, group: G, thing: K, most: usize) -> Result<Held<G, K>, Full> {
        let mut groups = self.groups();
        let full = |(counted, shares): (Who, usize)| {
            groups.get(&(counted, group)).is_some_and(|things| {
                things.len() >= most.saturating_mul(shares) && things.iter().all(|(held, _)| *held != thing)
            })
        };
        if who.counted().any(full) {
            return Err(Full::Documents { most });
        }
        for (counted, _) in who.counted() {
            let things = groups.entry((counted, group)).or_default();
            if let Some((_, count)) = things.iter_mut().find(|(held, _)| *held == thing) {
                *count += 1;
            } else {
                things.reserve_exact(1);
                things.push((thing, 1));
            }
        }
        Ok(Held { distinct: self.clone(), who, group, thing })
    }

    /// How many distinct things of a group a client holds.
    #[cfg(test)]
    pub(crate) fn count(&self, who: Who, group: G) -> usize {
        self.groups().get(&(who, group)).map_or(0, Vec::len)
    }

    fn groups(&self) -> MutexGuard<'_, Groups<G, K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<G: Copy + Eq + Hash, K: Copy + Eq + Hash> Drop for Held<G, K> {
    fn drop(&mut self) {
        let mut groups = self.distinct.groups();
        for (counted, _) in self.who.counted() {
            let Some(things) = groups.get_mut(&(counted, self.group)) else { continue };
            if let Some(at) = things.iter().position(|(held, _)| *held == self.thing) {
                things[at].1 -= 1;
                if things[at].1 == 0 {
                    things.swap_remove(at);
                }
            }
            if things.is_empty() {
                groups.remove(&(counted, self.group));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::client, *};

    #[test]
    fn distinct_things_of_a_client_are_limited() {
        let distinct = Distinct::default();
        let who = client("203.0.113.9");
        let hold = |group: u8, thing: u8| distinct.hold(who, group, thing, 2);
        let held = [hold(1, 1).unwrap(), hold(1, 2).unwrap(), hold(1, 2).unwrap()];
        assert_eq!(hold(1, 3).unwrap_err(), Full::Documents { most: 2 });
        let another_group = hold(2, 3).unwrap();
        let another_client = distinct.hold(client("203.0.113.8"), 1, 3, 2).unwrap();
        let [one, two, again] = held;
        drop(two);
        assert_eq!(distinct.count(who, 1), 2, "one hold is left");
        drop(again);
        let third = hold(1, 3).unwrap();
        drop((one, third, another_group, another_client));
        assert!(distinct.groups().is_empty());
    }

    #[test]
    fn a_network_of_many_has_four_shares() {
        let distinct = Distinct::default();
        let held: Vec<_> =
            (0..4_u8).map(|net| distinct.hold(client(&format!("2001:db8:1:{net}::1")), (), net, 1).unwrap()).collect();
        assert!(distinct.hold(client("2001:db8:1:5::1"), (), 5, 1).is_err());
        assert!(
            distinct.hold(client("2001:db8:1:5::1"), (), 3, 1).is_ok(),
            "a thing that the network already holds counts once"
        );
        drop(held);
        assert!(distinct.groups().is_empty());
    }
}

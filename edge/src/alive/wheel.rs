//! When to look at which socket: a wheel of ticks. Looking at all sockets in each tick would read
//! the memory of thousands of them for nothing. So each is looked at when it may be due, about once
//! in a keep-alive time.

use std::{mem, sync::Weak};

use slab::Slab;

use super::Watched;

/// Durations in ticks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticks {
    /// The silence after which a socket is pinged.
    pub keepalive: u32,
    /// The time to initialise.
    pub init: u32,
}

/// The entry of a socket. An index is used again, a serial is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub index: u32,
    pub serial: u32,
}

struct Entry {
    socket: Weak<dyn Watched>,
    serial: u32,
}

/// Sockets by the tick of the next look.
pub(super) struct Wheel {
    sockets: Slab<Entry>,
    /// Each socket is in one slot. A slot may have keys of sockets that have left.
    slots: Box<[Vec<Key>]>,
    /// The slot of the present tick.
    at: usize,
    serial: u32,
}

impl Wheel {
    pub(super) fn new(ticks: Ticks) -> Self {
        // Looks are planned up to the longer time and one tick ahead.
        let slots = ticks.keepalive.max(ticks.init) + 2;
        Self { sockets: Slab::new(), slots: (0..slots).map(|_| Vec::new()).collect(), at: 0, serial: 0 }
    }

    /// Adds a socket, to be looked at after some ticks.
    pub(super) fn enter(&mut self, socket: Weak<dyn Watched>, after: u32) -> Key {
        self.serial = self.serial.wrapping_add(1);
        let serial = self.serial;
        let index = self.sockets.insert(Entry { socket, serial });
        let key = Key { index: u32::try_from(index).expect("fewer sockets than that"), serial };
        self.place(key, after);
        key
    }

    pub(super) fn leave(&mut self, key: Key) {
        if self.get(key).is_some() {
            self.sockets.remove(key.index as usize);
        }
        // Frees the memory of a crowd that has left.
        if self.sockets.is_empty() {
            self.sockets.shrink_to_fit();
        }
    }

    /// The socket, unless it has left.
    pub(super) fn get(&self, key: Key) -> Option<&Weak<dyn Watched>> {
        self.sockets.get(key.index as usize).filter(|entry| entry.serial == key.serial).map(|entry| &entry.socket)
    }

    /// All sockets.
    pub(super) fn all(&self) -> Vec<Weak<dyn Watched>> {
        self.sockets.iter().map(|(_, entry)| Weak::clone(&entry.socket)).collect()
    }

    /// Plans the next look, unless the socket has left.
    pub(super) fn plan(&mut self, key: Key, after: u32) {
        if self.get(key).is_some() {
            self.place(key, after);
        }
    }

    fn place(&mut self, key: Key, after: u32) {
        let after = (after as usize).clamp(1, self.slots.len() - 1);
        let slot = (self.at + after) % self.slots.len();
        self.slots[slot].push(key);
    }

    /// Begins the next tick. Returns the sockets to look at. Some of them may have left.
    pub(super) fn tick(&mut self) -> Vec<Key> {
        self.at = (self.at + 1) % self.slots.len();
        mem::take(&mut self.slots[self.at])
    }
}

//! Tracks the other servers on the bus: detects missing messages, and servers that fell silent.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher as _, RandomState},
};

use uuid::Uuid;

use super::wire::Message;

/// Upper bound on tracked peers, so that forged ids cannot exhaust memory.
const MAX_PEERS: usize = 1_000;

/// Upper bound on messages that a faulty connection repeats or reorders.
const MAX_OLD: u32 = 8;

/// Number of messages of a peer that are recognised when repeated. A broker repeats only what it
/// has just delivered.
const REMEMBERED: usize = 64;

/// Hashes of the last messages. Each process draws its own key, so that a writer to the bus cannot
/// find two messages with one hash.
#[derive(Debug)]
pub(super) struct Recent {
    key: RandomState,
    last: VecDeque<u64>,
}

impl Default for Recent {
    fn default() -> Self {
        Self { key: RandomState::new(), last: VecDeque::new() }
    }
}

impl Recent {
    /// Whether these exact bytes, which include sender and number, are among the last messages.
    pub(super) fn has(&self, bytes: &[u8]) -> bool {
        self.last.contains(&self.key.hash_one(bytes))
    }

    pub(super) fn note(&mut self, bytes: &[u8]) {
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back(self.key.hash_one(bytes));
    }
}

/// The peers from which messages arrived lately.
#[derive(Debug, Default)]
pub struct Peers(HashMap<Uuid, Peer>);

#[derive(Debug)]
struct Peer {
    /// Number of its last message.
    number: u64,
    recent: Recent,
    /// Length of the current run of messages with an old number that are no repetitions.
    old: u32,
    /// Heartbeats of this server since the peer's last message.
    beats: u32,
    /// Whether all its messages said so.
    counts_versions: bool,
}

/// What a message reveals in addition to its facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// It has the expected number.
    Next,
    /// One or more messages before it are missing.
    Missing,
    /// An exact repetition of an earlier message.
    Repeated,
    /// Its number was used by a different message: one of the two is forged, or this one is late.
    Doubtful,
    /// The first message received from its sender, but not the first that it sent: it started
    /// earlier, or was cut off.
    Unheard,
}

impl Peers {
    /// Records a message, and all of its bytes.
    pub fn heard(&mut self, message: &Message, bytes: &[u8]) -> Noticed {
        let Message { from, number, counts_versions, .. } = *message;
        let Some(peer) = self.0.get_mut(&from) else {
            if self.0.len() < MAX_PEERS {
                let mut recent = Recent::default();
                recent.note(bytes);
                self.0.insert(from, Peer { number, recent, old: 0, beats: 0, counts_versions });
            }
            return if number == 1 { Noticed::Next } else { Noticed::Unheard };
        };
        peer.beats = 0;
        // A process has one version. So a forged message does not hide that it is the previous one.
        peer.counts_versions &= counts_versions;
        if peer.recent.has(bytes) {
            return Noticed::Repeated;
        }
        peer.recent.note(bytes);
        if number <= peer.number {
            peer.old += 1;
            // No run of late messages is this long: a number in between was wrong.
            if peer.old > MAX_OLD {
                (peer.number, peer.old) = (number, 0);
            }
            return Noticed::Doubtful;
        }
        peer.old = 0;
        let noticed = if number - peer.number == 1 { Noticed::Next } else { Noticed::Missing };
        peer.number = number;
        noticed
    }

    /// Records a goodbye: the server's silence is no failure.
    pub fn left(&mut self, from: Uuid) {
        self.0.remove(&from);
    }

    /// Whether this peer is tracked: it was heard lately, and would be missed.
    #[must_use]
    pub fn has(&self, from: Uuid) -> bool {
        self.0.contains_key(&from)
    }

    /// Counts a heartbeat of this server. Returns the peers that fell silent: those without a
    /// message for `patience` heartbeats.
    ///
    /// Counting heartbeats instead of time keeps a server that was paused from declaring all others
    /// dead.
    pub fn beat(&mut self, patience: u32) -> Vec<Uuid> {
        let silent = self.0.extract_if(|_, peer| {
            peer.beats += 1;
            peer.beats > patience
        });
        silent.map(|(from, _)| from).collect()
    }

    /// Whether a server of the previous version is among them.
    #[must_use]
    pub fn has_previous(&self) -> bool {
        self.0.values().any(|peer| !peer.counts_versions)
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(peers: &mut Peers, from: Uuid, number: u64) -> Noticed {
        message(peers, from, number, &[from.as_bytes(), &number.to_be_bytes()[..]].concat(), true)
    }

    fn message(peers: &mut Peers, from: Uuid, number: u64, bytes: &[u8], counts_versions: bool) -> Noticed {
        peers.heard(&Message { from, number, counts_versions, facts: Vec::new() }, bytes)
    }

    #[test]
    fn a_server_of_the_previous_version_is_known_while_it_is_there() {
        let mut peers = Peers::default();
        let (old, new) = (Uuid::new_v4(), Uuid::new_v4());
        message(&mut peers, new, 1, b"1", true);
        assert!(!peers.has_previous());
        message(&mut peers, old, 1, b"2", false);
        message(&mut peers, new, 2, b"3", true);
        assert!(peers.has_previous());
        peers.left(old);
        assert!(!peers.has_previous());
    }

    #[test]
    fn a_message_that_is_missing_shows_and_one_that_comes_twice_too() {
        let mut peers = Peers::default();
        let (old, new) = (Uuid::new_v4(), Uuid::new_v4());
        assert_eq!(heard(&mut peers, new, 1), Noticed::Next);
        assert_eq!(heard(&mut peers, new, 2), Noticed::Next);
        assert_eq!(heard(&mut peers, old, 77), Noticed::Unheard);
        assert_eq!(heard(&mut peers, new, 2), Noticed::Repeated);
        assert_eq!(heard(&mut peers, new, 4), Noticed::Missing);
        assert_eq!(heard(&mut peers, new, 3), Noticed::Doubtful, "late, and not seen before");
        assert_eq!(heard(&mut peers, new, 3), Noticed::Repeated);
        assert_eq!(heard(&mut peers, new, 5), Noticed::Next);
    }

    #[test]
    fn a_number_that_comes_with_other_bytes_is_no_repetition() {
        let mut peers = Peers::default();
        let peer = Uuid::new_v4();
        assert_eq!(message(&mut peers, peer, 1, b"forged", true), Noticed::Next);
        assert_eq!(message(&mut peers, peer, 1, b"true", true), Noticed::Doubtful);
        assert_eq!(message(&mut peers, peer, 1, b"forged", true), Noticed::Repeated);
        assert_eq!(message(&mut peers, peer, 1, b"true", true), Noticed::Repeated);
    }

    #[test]
    fn the_last_messages_are_known_again_and_no_more_are_kept() {
        let mut peers = Peers::default();
        let peer = Uuid::new_v4();
        for number in 1..=REMEMBERED as u64 + 1 {
            assert_eq!(heard(&mut peers, peer, number), Noticed::Next);
        }
        assert_eq!(heard(&mut peers, peer, 2), Noticed::Repeated);
        assert_eq!(heard(&mut peers, peer, 1), Noticed::Doubtful);
        assert_eq!(peers.0[&peer].recent.last.len(), REMEMBERED);
    }

    #[test]
    fn a_wrong_number_is_not_believed_for_ever() {
        let mut peers = Peers::default();
        let peer = Uuid::new_v4();
        assert_eq!(heard(&mut peers, peer, 1), Noticed::Next);
        assert_eq!(heard(&mut peers, peer, u64::MAX), Noticed::Missing);
        for number in 2..=2 + u64::from(MAX_OLD) {
            assert_eq!(heard(&mut peers, peer, number), Noticed::Doubtful);
        }
        assert_eq!(heard(&mut peers, peer, 11), Noticed::Next);
    }

    #[test]
    fn who_is_silent_goes_and_who_says_goodbye_is_not_missed() {
        let mut peers = Peers::default();
        let (dead, alive, gone) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
        for peer in [dead, alive, gone] {
            heard(&mut peers, peer, 1);
        }
        peers.left(gone);
        assert!(peers.beat(2).is_empty());
        heard(&mut peers, alive, 2);
        assert_eq!((peers.beat(2), peers.beat(2)), (vec![], vec![dead]));
        assert!(peers.has(alive) && !peers.has(dead) && !peers.has(gone));
        assert_eq!(peers.count(), 1);
    }

    #[test]
    fn made_up_servers_fill_no_memory() {
        let mut peers = Peers::default();
        for _ in 0..2 * MAX_PEERS {
            heard(&mut peers, Uuid::new_v4(), 1);
        }
        assert_eq!(peers.count(), MAX_PEERS);
    }
}

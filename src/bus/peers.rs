//! The other servers, as far as they are heard: whether one of their messages is missing, and whether one has fallen silent.

use std::collections::HashMap;

use uuid::Uuid;

/// More servers than anybody runs: whoever makes servers up fills no memory.
const MAX_PEERS: usize = 1_000;

/// A line that repeats itself does so for fewer messages than this.
const MAX_REPEATED: u32 = 8;

/// Those who were heard lately.
#[derive(Debug, Default)]
pub struct Peers(HashMap<Uuid, Peer>);

#[derive(Debug)]
struct Peer {
    /// Of the last message.
    number: u64,
    /// How many messages in a row had a number that was there before.
    repeated: u32,
    /// How many signs of life of our own went out since its last message.
    beats: u32,
}

/// What a message says besides its facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// It is the one that was to come.
    Next,
    /// One or more before it did not come.
    Missing,
    /// It came before.
    Repeated,
    /// Its server has said something before, and was not heard: it may have been there before us, or be back from somewhere.
    Unheard,
}

impl Peers {
    /// Notes a message.
    pub fn heard(&mut self, from: Uuid, number: u64) -> Noticed {
        let Some(peer) = self.0.get_mut(&from) else {
            if self.0.len() < MAX_PEERS {
                self.0.insert(from, Peer { number, repeated: 0, beats: 0 });
            }
            return if number == 1 { Noticed::Next } else { Noticed::Unheard };
        };
        peer.beats = 0;
        if number <= peer.number {
            peer.repeated += 1;
            // So many were never sent twice: a number in between was wrong.
            if peer.repeated > MAX_REPEATED {
                *peer = Peer { number, repeated: 0, beats: 0 };
                return Noticed::Missing;
            }
            return Noticed::Repeated;
        }
        peer.repeated = 0;
        let noticed = if number - peer.number == 1 { Noticed::Next } else { Noticed::Missing };
        peer.number = number;
        noticed
    }

    /// Notes that a server has said goodbye: its silence means nothing.
    pub fn left(&mut self, from: Uuid) {
        self.0.remove(&from);
    }

    /// Counts a sign of life of our own. How many servers have fallen silent: that many beats, and nothing of theirs.
    ///
    /// Counted in beats and not in time, so that a server which was stopped for a while does not think that all others were.
    pub fn beat(&mut self, patience: u32) -> usize {
        let before = self.0.len();
        self.0.retain(|_, peer| {
            peer.beats += 1;
            peer.beats <= patience
        });
        before - self.0.len()
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

    #[test]
    fn a_message_that_is_missing_shows_and_one_that_comes_twice_too() {
        let mut peers = Peers::default();
        let (old, new) = (Uuid::new_v4(), Uuid::new_v4());
        assert_eq!(peers.heard(new, 1), Noticed::Next);
        assert_eq!(peers.heard(new, 2), Noticed::Next);
        assert_eq!(peers.heard(old, 77), Noticed::Unheard);
        assert_eq!(peers.heard(new, 2), Noticed::Repeated);
        assert_eq!(peers.heard(new, 4), Noticed::Missing);
        assert_eq!(peers.heard(new, 3), Noticed::Repeated, "whoever looked again has seen it");
        assert_eq!(peers.heard(new, 5), Noticed::Next);
    }

    #[test]
    fn a_wrong_number_is_not_believed_for_ever() {
        let mut peers = Peers::default();
        let peer = Uuid::new_v4();
        assert_eq!(peers.heard(peer, 1), Noticed::Next);
        assert_eq!(peers.heard(peer, u64::MAX), Noticed::Missing);
        for number in 2..2 + u64::from(MAX_REPEATED) {
            assert_eq!(peers.heard(peer, number), Noticed::Repeated);
        }
        assert_eq!(peers.heard(peer, 10), Noticed::Missing);
        assert_eq!(peers.heard(peer, 11), Noticed::Next);
    }

    #[test]
    fn who_is_silent_goes_and_who_says_goodbye_is_not_missed() {
        let mut peers = Peers::default();
        let (dead, alive, gone) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
        for peer in [dead, alive, gone] {
            peers.heard(peer, 1);
        }
        peers.left(gone);
        assert_eq!(peers.beat(2), 0);
        peers.heard(alive, 2);
        assert_eq!((peers.beat(2), peers.beat(2)), (0, 1));
        assert_eq!(peers.count(), 1);
    }

    #[test]
    fn made_up_servers_fill_no_memory() {
        let mut peers = Peers::default();
        for _ in 0..2 * MAX_PEERS {
            peers.heard(Uuid::new_v4(), 1);
        }
        assert_eq!(peers.count(), MAX_PEERS);
    }
}

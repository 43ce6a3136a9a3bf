//! Serialises changes of the same account, or of the same conversation: they wait here, in order,
//! and not at the database.
//!
//! The lock on the row guarantees correctness. This only keeps many changes of one row from holding
//! all connections while they wait for that lock. A change takes a connection when its turn comes,
//! so a caller that floods the server with changes slows down only its own account or conversation.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

type Gate = Arc<tokio::sync::Mutex<()>>;

/// The gates of all rows that are being changed, by key. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Turnstile(Arc<Mutex<HashMap<Uuid, Gate>>>);

/// A turn at one row; dropping it lets the next one pass.
#[derive(Debug)]
pub struct Turn {
    /// `None` while waiting and while being dropped.
    held: Option<OwnedMutexGuard<()>>,
    key: Uuid,
    turnstile: Turnstile,
}

impl Turnstile {
    /// Waits for a turn to change the row with this key.
    pub async fn pass(&self, key: Uuid) -> Turn {
        // Created first: a caller that is cancelled while waiting drops it, which removes an unused
        // gate.
        let mut turn = Turn { held: None, key, turnstile: self.clone() };
        let gate = Arc::clone(self.gates().entry(key).or_default());
        turn.held = Some(gate.lock_owned().await);
        turn
    }

    fn gates(&self) -> MutexGuard<'_, HashMap<Uuid, Gate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut gates = self.turnstile.gates();
        self.held = None;
        // Only the map holds the gate: no turn is running or waiting.
        if gates.get(&self.key).is_some_and(|gate| Arc::strong_count(gate) == 1) {
            gates.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, future::join_all};

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_passes_and_nothing_is_left_behind() {
        let turnstile = Turnstile::default();
        let (ours, theirs) = (Uuid::now_v7(), Uuid::now_v7());
        let turn = turnstile.pass(ours).await;
        assert!(turnstile.pass(theirs).now_or_never().is_some(), "another row does not wait");
        assert!(turnstile.pass(ours).now_or_never().is_none(), "a second one waits, and may leave");
        drop(turn);

        let inside = Mutex::new(0);
        let pass = || async {
            let _turn = turnstile.pass(ours).await;
            *inside.lock().unwrap() += 1;
            tokio::task::yield_now().await;
            assert_eq!(*inside.lock().unwrap(), 1);
            *inside.lock().unwrap() -= 1;
        };
        join_all((0..20).map(|_| pass())).await;
        assert!(turnstile.gates().is_empty());
    }
}

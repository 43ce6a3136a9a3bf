//! One at a time: those who are about to change the same account wait here, in order, and not at the database.
//!
//! The account's row lock decides; this only keeps a crowd on one account from holding every connection while it waits for it. A
//! connection is taken once it can be used, so an account that floods the server with changes slows nobody but itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entity::AccountId;
use tokio::sync::OwnedMutexGuard;

type Gate = Arc<tokio::sync::Mutex<()>>;

/// The gates of every account that somebody is changing. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Turnstile(Arc<Mutex<HashMap<AccountId, Gate>>>);

/// The turn of one; the next goes when it is dropped.
#[derive(Debug)]
pub struct Turn {
    /// Taken only when dropped.
    held: Option<OwnedMutexGuard<()>>,
    account_id: AccountId,
    turnstile: Turnstile,
}

impl Turnstile {
    /// Waits for one's turn to change an account.
    pub async fn pass(&self, account_id: AccountId) -> Turn {
        // Made first: whoever leaves while waiting takes the gate along, if nobody else is there.
        let mut turn = Turn { held: None, account_id, turnstile: self.clone() };
        let gate = Arc::clone(self.gates().entry(account_id).or_default());
        turn.held = Some(gate.lock_owned().await);
        turn
    }

    fn gates(&self) -> MutexGuard<'_, HashMap<AccountId, Gate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut gates = self.turnstile.gates();
        self.held = None;
        // The map's own is the last: nobody holds the gate, nobody waits at it.
        if gates.get(&self.account_id).is_some_and(|gate| Arc::strong_count(gate) == 1) {
            gates.remove(&self.account_id);
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
        let (ours, theirs) = (AccountId::new(), AccountId::new());
        let turn = turnstile.pass(ours).await;
        assert!(turnstile.pass(theirs).now_or_never().is_some(), "another account does not wait");
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

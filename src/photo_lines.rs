//! The order in which photos are decoded: accounts take turns.
//!
//! Photos are decoded one at a time, because one may take a second of a core and a quarter of a
//! GiB. An operator may have one photo in the queue and an account two, including the one that is
//! being decoded. So an account with many uploads delays another account by one photo, and causes
//! no rejection for others.

use edge::ledger::{Distinct, Full, Held, Lines, Turn, Who};
use entity::{AccountId, OperatorId};
use uuid::Uuid;

/// The queues of all accounts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PhotoLines {
    turns: Lines,
    operators: Distinct<(), Uuid>,
}

/// A photo whose turn it is. The next turn begins when this is dropped.
#[derive(Debug)]
pub struct InLine {
    _turn: Turn,
    _operator: Held<(), Uuid>,
}

impl Default for PhotoLines {
    fn default() -> Self {
        Self { turns: Lines::new(1, 1, 1), operators: Distinct::default() }
    }
}

impl PhotoLines {
    /// Waits for a turn.
    ///
    /// # Errors
    /// The operator already has a photo in the queue, or the account has two.
    pub async fn enter(&self, account_id: AccountId, operator_id: OperatorId) -> Result<InLine, Full> {
        let operator = self.operators.hold(Who::account(operator_id.0), (), Uuid::new_v4(), 1)?;
        let turn = self.turns.enter(Who::account(account_id.0)).await?;
        Ok(InLine { _turn: turn, _operator: operator })
    }

    /// The number of photos of an account that wait.
    #[must_use]
    pub fn waiting(&self, account_id: AccountId) -> usize {
        self.turns.waiting(Who::account(account_id.0))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn an_operator_has_one_in_line_an_account_two_and_accounts_take_turns() {
        let lines = PhotoLines::default();
        let (acme, other) = (AccountId::new(), AccountId::new());
        let (ada, bob, cy, dee) = (OperatorId::new(), OperatorId::new(), OperatorId::new(), OperatorId::new());
        let decoded = lines.enter(acme, ada).await.expect("nothing else is decoded");
        assert!(lines.enter(acme, ada).await.is_err(), "one is in line");
        let mut second = Box::pin(lines.enter(acme, bob));
        assert!((&mut second).now_or_never().is_none());
        assert!(lines.enter(acme, cy).await.is_err(), "the account has two");
        let mut others = Box::pin(lines.enter(other, dee));
        assert!((&mut others).now_or_never().is_none(), "it waits, and is not refused");
        drop(decoded);
        let decoded = second.await.expect("it came first");
        // The account queues again, behind the other one.
        let mut third = Box::pin(lines.enter(acme, ada));
        assert!((&mut third).now_or_never().is_none());
        drop(decoded);
        let decoded = others.now_or_never().expect("the other account's turn").expect("it was in line");
        drop(decoded);
        third.now_or_never().expect("the last").expect("it was in line");
        assert_eq!(lines.waiting(acme), 0);
    }
}

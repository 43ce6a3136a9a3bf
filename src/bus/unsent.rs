//! The queue of facts for the other servers. Enqueuing never waits and never fails. The queue is
//! bounded and loses no event: events that do not fit become a request to re-read.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use entity::AccountId;
use tokio::sync::Notify;

use super::wire::Fact;
use crate::{access::throttle::BucketId, event::Event};

/// Number of accounts with queued facts. Beyond it, the queue holds one request to re-read
/// everything.
const MAX_ACCOUNTS: usize = 10_000;
/// Number of queued events of one account, without its availability. Beyond it, the queue holds one
/// request to re-read the account.
const MAX_EVENTS: usize = 16;
/// Number of rate limit buckets in the queue. Attempts on further buckets are not sent.
const MAX_TOKENS: usize = 10_000;

/// The queue. Many changes in one account leave one fact of each kind.
#[derive(Debug, Default)]
pub struct Unsent {
    pending: Mutex<PendingFacts>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct PendingFacts {
    accounts: HashMap<AccountId, AccountFacts>,
    everything: bool,
    taken: HashMap<BucketId, u16>,
}

#[derive(Debug, Default)]
struct AccountFacts {
    version: Option<i32>,
    events: HashSet<Event>,
    look_again: bool,
}

impl Unsent {
    /// Enqueues an event.
    pub fn put(&self, event: &Event) {
        let Some(account_id) = event.account_id() else { return };
        let mut pending = self.pending();
        if !pending.everything {
            pending.put(account_id, event);
        }
        drop(pending);
        self.filled.notify_one();
    }

    /// Enqueues a request to re-read an account.
    pub fn look_again(&self, account_id: AccountId) {
        let mut pending = self.pending();
        if !pending.everything {
            pending.look_again(account_id);
        }
        drop(pending);
        self.filled.notify_one();
    }

    /// Enqueues a counted attempt.
    pub fn took(&self, token: BucketId) {
        let mut pending = self.pending();
        if pending.taken.len() < MAX_TOKENS || pending.taken.contains_key(&token) {
            let count = pending.taken.entry(token).or_default();
            *count = count.saturating_add(1);
        }
        drop(pending);
        self.filled.notify_one();
    }

    /// Waits until the queue is not empty.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Takes all facts out of the queue.
    #[must_use]
    pub fn take(&self) -> Vec<Fact> {
        let PendingFacts { accounts, everything, taken } = std::mem::take(&mut *self.pending());
        let mut facts: Vec<_> = everything.then_some(Fact::LookAgain(None)).into_iter().collect();
        for (account_id, account) in accounts {
            if account.look_again {
                facts.push(Fact::LookAgain(Some(account_id)));
                continue;
            }
            facts.extend(account.events.into_iter().map(Fact::Event));
            facts
                .extend(account.version.map(|version| Fact::Event(Event::AvailabilityChanged { account_id, version })));
        }
        facts.extend(taken.into_iter().map(|(token, count)| Fact::Taken(token, count)));
        facts
    }

    /// Drops the attempts that could not be sent in time: the limits have recovered from them by
    /// now.
    pub fn forget_taken(&self) {
        self.pending().taken.clear();
    }

    fn pending(&self) -> MutexGuard<'_, PendingFacts> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PendingFacts {
    /// Returns the facts of an account. With too many accounts it returns `None`, and everything is
    /// re-read instead.
    fn of(&mut self, account_id: AccountId) -> Option<&mut AccountFacts> {
        if self.accounts.len() >= MAX_ACCOUNTS && !self.accounts.contains_key(&account_id) {
            self.everything = true;
            self.accounts = HashMap::new();
            return None;
        }
        Some(self.accounts.entry(account_id).or_default())
    }

    fn look_again(&mut self, account_id: AccountId) {
        let Some(account) = self.of(account_id) else { return };
        account.look_again = true;
        account.events = HashSet::new();
    }

    fn put(&mut self, account_id: AccountId, event: &Event) {
        let Some(account) = self.of(account_id) else { return };
        if let Event::AvailabilityChanged { version, .. } = event {
            account.version = account.version.max(Some(*version));
        } else if !account.look_again {
            account.events.insert(event.clone());
            if account.events.len() > MAX_EVENTS {
                account.look_again = true;
                account.events = HashSet::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::OperatorId;

    use super::*;

    #[test]
    fn many_changes_of_one_account_are_one_fact_a_kind() {
        let unsent = Unsent::default();
        let account_id = AccountId::new();
        for version in [3, 5, 4] {
            unsent.put(&Event::AvailabilityChanged { account_id, version });
            unsent.put(&Event::AccountChanged { account_id });
            unsent.put(&Event::MailQueued);
        }
        let facts = unsent.take();
        assert_eq!(facts.len(), 2, "{facts:?}");
        assert!(facts.contains(&Fact::Event(Event::AvailabilityChanged { account_id, version: 5 })), "{facts:?}");
        assert_eq!(unsent.take(), []);
    }

    #[test]
    fn too_much_becomes_look_again_and_nothing_is_lost() {
        let unsent = Unsent::default();
        let busy = AccountId::new();
        for _ in 0..=MAX_EVENTS {
            unsent.put(&Event::OperatorChanged { account_id: busy, operator_id: OperatorId::new() });
        }
        assert_eq!(unsent.take(), [Fact::LookAgain(Some(busy))]);

        for _ in 0..=MAX_ACCOUNTS {
            unsent.put(&Event::AccountChanged { account_id: AccountId::new() });
        }
        unsent.put(&Event::AccountChanged { account_id: busy });
        assert_eq!(unsent.take(), [Fact::LookAgain(None)]);
    }

    #[test]
    fn attempts_are_added_up_and_bounded() {
        let unsent = Unsent::default();
        let token = |key| BucketId { attempt: 0, bucket: 0, key };
        unsent.took(token(1));
        unsent.took(token(1));
        assert_eq!(unsent.take(), [Fact::Taken(token(1), 2)]);
        for key in 0..=MAX_TOKENS as u128 {
            unsent.took(token(key));
        }
        assert_eq!(unsent.take().len(), MAX_TOKENS);
        unsent.took(token(1));
        unsent.forget_taken();
        assert_eq!(unsent.take(), []);
    }
}

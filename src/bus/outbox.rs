//! What waits to be told to the other servers. Never waits, never fails, never grows without bounds, and never forgets: what does
//! not fit is told as "look again".

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use entity::AccountId;
use tokio::sync::Notify;

use super::wire::Fact;
use crate::{event::Event, throttle::Token};

/// So many accounts have news of their own; with more, everything is news.
const MAX_ACCOUNTS: usize = 10_000;
/// So much happened in one account, beside its availability; with more, all of it is news.
const MAX_EVENTS: usize = 16;
/// So many limits are told of; of more, other servers do not hear.
const MAX_TOKENS: usize = 10_000;

/// What waits. Whoever changes much in one account leaves one fact a kind.
#[derive(Debug, Default)]
pub struct Outbox {
    news: Mutex<News>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct News {
    accounts: HashMap<AccountId, AccountNews>,
    everything: bool,
    taken: HashMap<Token, u16>,
}

#[derive(Debug, Default)]
struct AccountNews {
    version: Option<i32>,
    events: HashSet<Event>,
    look_again: bool,
}

impl Outbox {
    /// Keeps an event to be told.
    pub fn put(&self, event: &Event) {
        let Some(account_id) = event.account_id() else { return };
        let mut news = self.news();
        if !news.everything {
            news.put(account_id, event);
        }
        drop(news);
        self.filled.notify_one();
    }

    /// Has the other servers look at an account again.
    pub fn look_again(&self, account_id: AccountId) {
        let mut news = self.news();
        if !news.everything {
            news.look_again(account_id);
        }
        drop(news);
        self.filled.notify_one();
    }

    /// Keeps a counted attempt to be told.
    pub fn took(&self, token: Token) {
        let mut news = self.news();
        if news.taken.len() < MAX_TOKENS || news.taken.contains_key(&token) {
            let count = news.taken.entry(token).or_default();
            *count = count.saturating_add(1);
        }
        drop(news);
        self.filled.notify_one();
    }

    /// Waits until there is something.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Takes everything.
    #[must_use]
    pub fn take(&self) -> Vec<Fact> {
        let News { accounts, everything, taken } = std::mem::take(&mut *self.news());
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

    /// Forgets attempts that could not be told in time: by now the limits have recovered from them.
    pub fn forget_taken(&self) {
        self.news().taken.clear();
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl News {
    /// An account's news; none once there are too many accounts, and everything is news.
    fn of(&mut self, account_id: AccountId) -> Option<&mut AccountNews> {
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
        let outbox = Outbox::default();
        let account_id = AccountId::new();
        for version in [3, 5, 4] {
            outbox.put(&Event::AvailabilityChanged { account_id, version });
            outbox.put(&Event::AccountChanged { account_id });
            outbox.put(&Event::MailQueued);
        }
        let facts = outbox.take();
        assert_eq!(facts.len(), 2, "{facts:?}");
        assert!(facts.contains(&Fact::Event(Event::AvailabilityChanged { account_id, version: 5 })), "{facts:?}");
        assert_eq!(outbox.take(), []);
    }

    #[test]
    fn too_much_becomes_look_again_and_nothing_is_lost() {
        let outbox = Outbox::default();
        let busy = AccountId::new();
        for _ in 0..=MAX_EVENTS {
            outbox.put(&Event::OperatorChanged { account_id: busy, operator_id: OperatorId::new() });
        }
        assert_eq!(outbox.take(), [Fact::LookAgain(Some(busy))]);

        for _ in 0..=MAX_ACCOUNTS {
            outbox.put(&Event::AccountChanged { account_id: AccountId::new() });
        }
        outbox.put(&Event::AccountChanged { account_id: busy });
        assert_eq!(outbox.take(), [Fact::LookAgain(None)]);
    }

    #[test]
    fn attempts_are_added_up_and_bounded() {
        let outbox = Outbox::default();
        let token = |key| Token { attempt: 0, bucket: 0, key };
        outbox.took(token(1));
        outbox.took(token(1));
        assert_eq!(outbox.take(), [Fact::Taken(token(1), 2)]);
        for key in 0..=MAX_TOKENS as u128 {
            outbox.took(token(key));
        }
        assert_eq!(outbox.take().len(), MAX_TOKENS);
        outbox.took(token(1));
        outbox.forget_taken();
        assert_eq!(outbox.take(), []);
    }
}

//! The queue of facts for the other servers. Enqueuing never waits and never fails. The queue is
//! bounded and loses nothing: changes that do not fit become a request to re-read everything.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use entity::{AccountId, ConversationId};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{Previous, wire::Fact};
use crate::bus::{BucketId, PresenceFact, Subject, Topic};

/// Number of queued topics. Beyond it, the queue holds one request to re-read everything.
const MAX_TOPICS: usize = 10_000;
/// Number of rate limit buckets in the queue. Attempts on further buckets are not sent.
const MAX_TOKENS: usize = 10_000;
/// Number of facts about presence in the queue: as many as visitors may leave at once. Beyond it,
/// the queue holds one request to ask again.
const MAX_PRESENT: usize = 50_000;
/// Number of requests for the visitors who are here. Beyond it, one request is for all of them.
const MAX_ASKED: usize = 1_000;

/// The queue. Many changes of one topic leave one fact.
#[derive(Debug, Default)]
pub struct Unsent {
    pending: Mutex<PendingFacts>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct PendingFacts {
    changed: HashMap<Topic, i64>,
    previous: HashSet<Previous>,
    everything: bool,
    taken: HashMap<BucketId, u16>,
    present: HashMap<(ConversationId, Subject), (AccountId, bool)>,
    has_dropped: bool,
    asked: HashSet<(Option<AccountId>, Option<Uuid>)>,
}

impl Unsent {
    /// Enqueues the version of a topic.
    pub fn changed(&self, topic: Topic, version: i64) {
        self.put(|pending| {
            let greatest = pending.changed.entry(topic).or_insert(version);
            *greatest = version.max(*greatest);
        });
    }

    /// Enqueues a fact for servers of the previous version.
    pub fn previous(&self, fact: Previous) {
        self.put(|pending| {
            pending.previous.insert(fact);
        });
    }

    /// Enqueues a request to re-read everything.
    pub fn look_again(&self) {
        self.put(|pending| pending.everything = true);
    }

    fn put(&self, put: impl FnOnce(&mut PendingFacts)) {
        let mut pending = self.pending();
        if !pending.everything {
            put(&mut pending);
        }
        if pending.everything || pending.changed.len() + pending.previous.len() > MAX_TOPICS {
            pending.everything = true;
            pending.changed = HashMap::new();
            pending.previous = HashSet::new();
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

    /// Enqueues a fact about presence. Only the last one of a conversation and subject is sent.
    pub fn present(&self, fact: PresenceFact) {
        let mut pending = self.pending();
        match fact {
            PresenceFact::Is { account_id, conversation_id, subject, holds } => {
                if pending.present.insert((conversation_id, subject), (account_id, holds)).is_none()
                    && pending.present.len() > MAX_PRESENT
                {
                    pending.present = HashMap::new();
                    pending.has_dropped = true;
                }
            }
            PresenceFact::WhoIsHere { account_id, whom } => {
                pending.asked.insert((account_id, whom));
                if pending.asked.len() > MAX_ASKED {
                    pending.asked = HashSet::from([(None, None)]);
                }
            }
            PresenceFact::Dropped => pending.has_dropped = true,
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
        let PendingFacts { changed, previous, everything, taken, present, has_dropped, asked } =
            std::mem::take(&mut *self.pending());
        let mut facts: Vec<_> = everything.then_some(Fact::LookAgain(None)).into_iter().collect();
        for (topic, version) in changed {
            facts.push(Fact::Changed(topic, version));
            facts.extend(Previous::of(topic, version).map(Fact::Previous));
        }
        facts.extend(previous.into_iter().map(Fact::Previous));
        facts.extend(taken.into_iter().map(|(token, count)| Fact::Taken(token, count)));
        // Before the facts that are still known.
        facts.extend(has_dropped.then_some(Fact::Presence(PresenceFact::Dropped)));
        facts.extend(present.into_iter().map(|((conversation_id, subject), (account_id, holds))| {
            Fact::Presence(PresenceFact::Is { account_id, conversation_id, subject, holds })
        }));
        facts.extend(
            asked.into_iter().map(|(account_id, whom)| Fact::Presence(PresenceFact::WhoIsHere { account_id, whom })),
        );
        facts
    }

    /// Drops the attempts that could not be sent in time: the limits have recovered from them by
    /// now.
    pub fn forget_taken(&self) {
        self.pending().taken.clear();
    }

    /// Drops what was enqueued about presence while there was no connection: the peers notice that
    /// messages are missing, and ask.
    pub fn forget_present(&self) {
        let mut pending = self.pending();
        (pending.present, pending.asked, pending.has_dropped) = Default::default();
    }

    fn pending(&self) -> MutexGuard<'_, PendingFacts> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use entity::{AccountId, SessionId};

    use super::*;
    use crate::bus::GONE;

    #[test]
    fn many_changes_of_one_topic_are_one_fact_and_one_for_the_previous_version() {
        let unsent = Unsent::default();
        let account_id = AccountId::new();
        let (account, availability) = (Topic::Account(account_id), Topic::Availability(account_id));
        for version in [3, 5, 4] {
            unsent.changed(account, version);
            unsent.changed(availability, version);
        }
        let facts = unsent.take();
        let expected = [
            Fact::Changed(account, 5),
            Fact::Changed(availability, 5),
            Fact::Previous(Previous::AccountChanged { account_id }),
            Fact::Previous(Previous::AvailabilityChanged { account_id, version: 5 }),
        ];
        assert_eq!(facts.len(), expected.len(), "{facts:?}");
        assert!(expected.iter().all(|fact| facts.contains(fact)), "{facts:?}");
        assert_eq!(unsent.take(), []);
    }

    #[test]
    fn too_much_becomes_look_again_and_nothing_is_lost() {
        let unsent = Unsent::default();
        let session = || Topic::Session(SessionId::new());
        for _ in 0..MAX_TOPICS {
            unsent.changed(session(), GONE);
        }
        assert_eq!(unsent.take().len(), MAX_TOPICS);
        for _ in 0..=MAX_TOPICS {
            unsent.changed(session(), GONE);
        }
        unsent.changed(session(), GONE);
        unsent.previous(Previous::AccountChanged { account_id: AccountId::new() });
        assert_eq!(unsent.take(), [Fact::LookAgain(None)]);
        unsent.changed(session(), GONE);
        assert_eq!(unsent.take().len(), 1);
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

    fn here(conversation_id: ConversationId, holds: bool) -> PresenceFact {
        let account_id = AccountId(Uuid::nil());
        PresenceFact::Is { account_id, conversation_id, subject: Subject::VisitorIsHere, holds }
    }

    #[test]
    fn presence_is_sent_as_it_is_last_and_is_bounded() {
        let unsent = Unsent::default();
        let conversation_id = ConversationId::new();
        let who = |account_id| PresenceFact::WhoIsHere { account_id, whom: None };
        for fact in [here(conversation_id, true), here(conversation_id, false), who(None), who(None)] {
            unsent.present(fact);
        }
        assert_eq!(unsent.take(), [here(conversation_id, false), who(None)].map(Fact::Presence));

        for _ in 0..=MAX_PRESENT {
            unsent.present(here(ConversationId::new(), true));
        }
        unsent.present(here(conversation_id, true));
        assert_eq!(unsent.take(), [PresenceFact::Dropped, here(conversation_id, true)].map(Fact::Presence));
        for _ in 0..=MAX_ASKED {
            unsent.present(who(Some(AccountId::new())));
        }
        assert_eq!(unsent.take(), [Fact::Presence(who(None))]);
        unsent.present(here(conversation_id, true));
        unsent.present(PresenceFact::Dropped);
        unsent.present(who(None));
        unsent.forget_present();
        assert_eq!(unsent.take(), []);
    }
}

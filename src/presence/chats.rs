//! The chats of visitors' tokens: a visitor who types names a widget key, and the conversation must
//! be found without a statement.

use std::collections::HashMap;

use entity::TokenKey;
use sha2::{Digest as _, Sha256};
use tokio::time::{Duration, Instant};

use super::Place;

/// How long a chat that was read from the database is known without a subscription. A later
/// conversation of the same visitor is found after this time at the latest.
const KNOWN_FOR: Duration = Duration::from_mins(1);
/// Upper bound on chats that are known without a subscription.
const MAX_KNOWN: usize = 10_000;

/// A visitor's token on the pages of one account: a digest of both, because each open page with a
/// chat keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChatKey([u8; 16]);

impl ChatKey {
    #[must_use]
    pub fn new(token: TokenKey, widget_key: &str) -> Self {
        let digest = Sha256::new().chain_update(token.0.as_bytes()).chain_update(widget_key).finalize();
        let (half, _) = digest.split_first_chunk().expect("32 bytes");
        Self(*half)
    }
}

#[derive(Debug, Default)]
pub(super) struct Chats {
    /// With a subscription on this server: which conversation it is in, and how many there are.
    open: HashMap<ChatKey, (Place, usize)>,
    /// Without one: when the chat was read.
    known: HashMap<ChatKey, (Place, Instant)>,
}

impl Chats {
    pub fn find(&self, key: ChatKey, now: Instant) -> Option<Place> {
        let known = || self.known.get(&key).filter(|(_, read_at)| now < *read_at + KNOWN_FOR).map(|(place, _)| *place);
        self.open.get(&key).map(|(place, _)| *place).or_else(known)
    }

    pub fn remember(&mut self, key: ChatKey, place: Place, now: Instant) {
        if self.known.len() >= MAX_KNOWN {
            self.known.retain(|_, (_, read_at)| now < *read_at + KNOWN_FOR);
        }
        if self.known.len() < MAX_KNOWN {
            self.known.insert(key, (place, now));
        }
    }

    /// A subscription is in this conversation, which began last.
    pub fn opened(&mut self, key: ChatKey, place: Place) {
        self.known.remove(&key);
        let (latest, count) = self.open.entry(key).or_insert((place, 0));
        *latest = place;
        *count += 1;
    }

    pub fn closed(&mut self, key: ChatKey) {
        if let Some((_, count)) = self.open.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::{AccountId, ConversationId};
    use uuid::Uuid;

    use super::*;

    fn key() -> ChatKey {
        ChatKey::new(TokenKey(Uuid::new_v4()), "wk_acme")
    }

    fn place() -> Place {
        Place { account_id: AccountId::new(), conversation_id: ConversationId::new() }
    }

    #[test]
    fn a_chat_is_known_while_followed_and_otherwise_for_a_minute() {
        let (mut chats, now) = (Chats::default(), Instant::now());
        let (token, first, second) = (TokenKey(Uuid::new_v4()), place(), place());
        let key = ChatKey::new(token, "wk_acme");
        assert_eq!(chats.find(key, now), None);
        chats.remember(key, first, now);
        assert_eq!(chats.find(key, now + Duration::from_secs(59)), Some(first));
        assert_eq!(chats.find(key, now + KNOWN_FOR), None);

        // Two tabs move on to the next conversation, one after the other.
        chats.opened(key, first);
        chats.opened(key, first);
        chats.opened(key, second);
        chats.closed(key);
        let later = now + Duration::from_hours(1);
        assert_eq!(chats.find(key, later), Some(second));
        chats.closed(key);
        assert_eq!(chats.find(key, later), Some(second));
        chats.closed(key);
        assert_eq!(chats.find(key, now), None, "what was read before is not known either");
        chats.opened(key, first);
        assert_eq!(chats.find(ChatKey::new(token, "wk_other"), now), None);
        assert_eq!(chats.find(ChatKey::new(token, "wk_acme"), now), Some(first));
    }

    #[test]
    fn chats_without_a_subscription_are_bounded() {
        let (mut chats, now) = (Chats::default(), Instant::now());
        for _ in 0..2 * MAX_KNOWN {
            chats.remember(key(), place(), now);
        }
        assert_eq!(chats.known.len(), MAX_KNOWN);
        chats.remember(key(), place(), now + KNOWN_FOR);
        assert_eq!(chats.known.len(), 1);
    }
}

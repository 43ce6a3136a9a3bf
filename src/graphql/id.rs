//! Global ids: typed, and opaque to clients. Two letters for the kind, then the key, in URL-safe
//! base64.

use async_graphql::ID;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{AccountId, ConversationId, NoteId, OperatorId, VisitorId};
use uuid::Uuid;

/// The object of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Account(AccountId),
    Operator(OperatorId),
    Conversation(ConversationId),
    Visitor(VisitorId),
    Note(NoteId),
}

impl Kind {
    /// Parses an id. `None` if it is not one of this server.
    #[must_use]
    pub fn parse(id: &ID) -> Option<Self> {
        // Valid ids are short, so longer ones are not decoded.
        let bytes = (id.len() <= 32).then(|| URL_SAFE_NO_PAD.decode(id.as_str()).ok()).flatten()?;
        let (kind, key) = bytes.split_at_checked(2)?;
        let key = Uuid::from_slice(key).ok()?;
        match kind {
            b"ac" => Some(Self::Account(AccountId(key))),
            b"op" => Some(Self::Operator(OperatorId(key))),
            b"cv" => Some(Self::Conversation(ConversationId(key))),
            b"vi" => Some(Self::Visitor(VisitorId(key))),
            b"no" => Some(Self::Note(NoteId(key))),
            _ => None,
        }
    }
}

fn encode(kind: [u8; 2], key: Uuid) -> String {
    let mut bytes = Vec::with_capacity(18);
    bytes.extend(kind);
    bytes.extend(key.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

#[must_use]
pub fn account(id: AccountId) -> ID {
    ID(encode(*b"ac", id.0))
}

#[must_use]
pub fn operator(id: OperatorId) -> ID {
    ID(encode(*b"op", id.0))
}

#[must_use]
pub fn conversation(id: ConversationId) -> ID {
    ID(encode(*b"cv", id.0))
}

#[must_use]
pub fn visitor(id: VisitorId) -> ID {
    ID(encode(*b"vi", id.0))
}

#[must_use]
pub fn note(id: NoteId) -> ID {
    ID(encode(*b"no", id.0))
}

/// The conversation of an id. `None` for any other id, which callers treat as an unknown
/// conversation.
#[must_use]
pub fn conversation_key(id: &ID) -> Option<ConversationId> {
    match Kind::parse(id)? {
        Kind::Conversation(id) => Some(id),
        _ => None,
    }
}

/// The visitor of an id. `None` for any other id, which callers treat as an unknown visitor.
#[must_use]
pub fn visitor_key(id: &ID) -> Option<VisitorId> {
    match Kind::parse(id)? {
        Kind::Visitor(id) => Some(id),
        _ => None,
    }
}

/// The operator of an id. `None` for any other id, which callers treat as an unknown operator.
#[must_use]
pub fn operator_key(id: &ID) -> Option<OperatorId> {
    match Kind::parse(id)? {
        Kind::Operator(id) => Some(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_and_kinds_do_not_mix() {
        let (account_id, operator_id) = (AccountId::new(), OperatorId::new());
        assert_eq!(Kind::parse(&account(account_id)), Some(Kind::Account(account_id)));
        assert_eq!(operator_key(&operator(operator_id)), Some(operator_id));
        let (conversation_id, visitor_id, note_id) = (ConversationId::new(), VisitorId::new(), NoteId::new());
        assert_eq!(conversation_key(&conversation(conversation_id)), Some(conversation_id));
        assert_eq!(visitor_key(&visitor(visitor_id)), Some(visitor_id));
        assert_eq!(Kind::parse(&note(note_id)), Some(Kind::Note(note_id)));
        for other in [account(account_id), note(note_id)] {
            let keys = (operator_key(&other), conversation_key(&other), visitor_key(&other));
            assert_eq!(keys, (None, None, None));
        }
        assert_eq!(conversation_key(&visitor(visitor_id)), None);
        assert_eq!(visitor_key(&conversation(conversation_id)), None);
    }

    #[test]
    fn nonsense_is_no_id() {
        for nonsense in ["", "1", "é", "b3A", "b3AAAAAAAAAAAAAAAAAAAAAAAA==", &"A".repeat(100_000), "\u{0}"] {
            assert_eq!(Kind::parse(&ID::from(nonsense)), None, "{nonsense:?}");
        }
    }
}

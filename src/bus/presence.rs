//! What servers tell each other about presence: who types, and which visitors are here. Nothing of
//! it is stored.

use entity::{AccountId, ConversationId, OperatorId};
use uuid::Uuid;

/// What is so, or not, in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A page of the visitor is connected to the sender.
    VisitorIsHere,
    VisitorTypes,
    OperatorTypes(OperatorId),
}

/// A fact about presence that a server sends to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PresenceFact {
    /// Begins, goes on, or ends.
    Is { account_id: AccountId, conversation_id: ConversationId, subject: Subject, holds: bool },
    /// A request to send the visitors who are here, of this account or of all. `whom` is the server
    /// that must answer, by the id of its link; `None` for all servers.
    WhoIsHere { account_id: Option<AccountId>, whom: Option<Uuid> },
    /// The sender has dropped facts: whatever it sent before is doubtful.
    Dropped,
}

/// What the link notices about a peer that may have sent facts about presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerNews {
    /// The first message of a peer. It may have sent facts before.
    Appeared(Uuid),
    /// A message of the peer is missing, or it has dropped facts.
    Doubtful(Uuid),
    /// The peer fell silent, or left.
    Gone(Uuid),
    /// This server has no connection: no peer can be heard.
    CutOff,
}

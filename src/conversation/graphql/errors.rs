//! User errors of conversations.

use super::{Conversation, Message};

crate::user_error! {
    /// The account has no conversation with this id. Also for conversations of other accounts.
    ConversationNotFound {}

    /// The conversation is closed. Reopen it first.
    ConversationClosed {}

    /// The operator is inactive. Inactive operators read conversations and write notes, but do not
    /// chat.
    OperatorInactive {}

    /// The account has no visitor with this id. Also for visitors of other accounts.
    VisitorNotFound {}

    /// Messages were written after `ifLastSequence`.
    NewerMessages {
        /// The messages with text after `ifLastSequence`, oldest first: at most 100, the newest
        /// ones.
        messages: Vec<Message>,
    }

    /// The visitor has a newer conversation. Only the latest one can be reopened.
    NewerConversation {
        /// The visitor's latest conversation.
        conversation: Conversation,
    }

    /// The client's id of the message already belongs to a message with another text.
    ClientMessageIdReused {}

    /// No messages are accepted from this visitor: the account has switched chat off, or the
    /// visitor is blocked. The error does not reveal which one.
    ChatUnavailable {}
}

//! GraphQL types of conversations. The operators' objects are in `object` and `message`, pages and
//! followed lists of them in `list`, and the objects of visitors in `chat`.

pub mod chat;
pub mod errors;
mod list;
mod message;
pub mod mutation;
mod object;
pub mod update;

use async_graphql::{Enum, Error};
use entity::{conversation, message as messages};

use crate::{graphql::bad_user_input, page::MAX};

pub(crate) use self::list::filter;
pub use self::{
    list::{ConversationConnection, ConversationListSubscription},
    message::{Message, Note},
    object::{Conversation, Loaded, Page},
};

/// Whether an operator takes part in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "conversation::Status")]
pub enum ConversationStatus {
    /// No operator takes part.
    Pending,
    /// At least one operator takes part.
    Open,
    /// The conversation is over.
    Closed,
}

/// Who closed a conversation. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "conversation::ClosedBy")]
pub enum ClosedBy {
    /// The visitor.
    Visitor,
    /// An operator.
    Operator,
    /// The server, because nothing was written for a long time.
    Silence,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "messages::Author")]
pub enum MessageAuthor {
    /// The visitor.
    Visitor,
    /// An operator.
    Operator,
    /// The server. The message is an event, without text.
    System,
}

/// What happened in a conversation. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "messages::Event")]
pub enum ConversationEvent {
    /// An operator joined.
    OperatorJoined,
    /// An operator left.
    OperatorLeft,
    /// The conversation was closed.
    Closed,
    /// The conversation was reopened.
    Reopened,
}

/// The number of items that a list's argument asks for.
///
/// # Errors
/// `BAD_USER_INPUT` for a number outside 0 to 100.
pub(crate) fn part_size(argument: &str, asked: Option<i32>, default: i32) -> Result<u64, Error> {
    u64::try_from(asked.unwrap_or(default))
        .ok()
        .filter(|size| *size <= u64::from(MAX))
        .ok_or_else(|| bad_user_input(format!("`{argument}` must be a number from 0 to {MAX}.")))
}

/// The same for the complexity, before the number is validated.
pub(crate) fn part(asked: Option<i32>, default: i32) -> usize {
    usize::try_from(asked.unwrap_or(default)).unwrap_or(0).clamp(1, MAX as usize)
}

/// The complexity of a page of conversations, whose fields are read for the whole page at once: so
/// that a page of 100 may select everything that a list shows.
pub(crate) fn page_complexity(size: usize, child_complexity: usize) -> usize {
    (size * child_complexity).div_ceil(2) + 1
}

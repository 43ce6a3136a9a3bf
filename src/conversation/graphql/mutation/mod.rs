//! The mutations of conversations.

mod operators;
mod typing;
mod visitors;
mod writing;

use async_graphql::MergedObject;

pub use self::{operators::*, typing::*, visitors::*, writing::*};

/// The mutations of both sides.
#[derive(Debug, Default, MergedObject)]
pub struct ConversationMutation(OperatorsMutation, WriteMutation, VisitorsMutation, TypingMutation);

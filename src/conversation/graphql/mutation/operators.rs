//! What operators do with conversations: joining, leaving, assigning, closing, reopening.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    conversation::{
        graphql::{
            Conversation,
            errors::{ConversationClosed, ConversationNotFound, NewerConversation, OperatorInactive},
        },
        rules::{self, AssignError, Assignee, CloseError, JoinError, LeaveError, ReopenError},
    },
    graphql::{ContextExt, Nullable, id, nullable, payload::into_payload, user_error::OperatorNotFound},
    schema::UserErrors,
};

/// The conversation to join.
#[derive(Debug, InputObject)]
pub struct JoinConversationInput {
    /// A conversation of the account that is not closed.
    pub conversation_id: ID,
}

/// Result of `joinConversation`.
#[derive(Debug, SimpleObject)]
pub struct JoinConversationPayload {
    /// The conversation, in which the caller takes part. Null if refused.
    pub conversation: Option<Conversation>,
    /// Why the caller did not join. Empty on success.
    pub user_errors: UserErrors<JoinError>,
}

crate::rejections! { error: JoinError {
    JoinError::NotFound => ConversationNotFound::at(&["conversationId"], &error),
    JoinError::Closed => ConversationClosed::at(&["conversationId"], &error),
    JoinError::Inactive => OperatorInactive::at(&[], &error),
} }

/// The conversation to leave.
#[derive(Debug, InputObject)]
pub struct LeaveConversationInput {
    /// A conversation of the account.
    pub conversation_id: ID,
}

/// Result of `leaveConversation`.
#[derive(Debug, SimpleObject)]
pub struct LeaveConversationPayload {
    /// The conversation, in which the caller does not take part. Null if refused.
    pub conversation: Option<Conversation>,
    /// Why the caller did not leave. Empty on success.
    pub user_errors: UserErrors<LeaveError>,
}

crate::rejections! { error: LeaveError {
    LeaveError::NotFound => ConversationNotFound::at(&["conversationId"], &error),
} }

/// A conversation and its new assignee.
#[derive(Debug, InputObject)]
pub struct AssignConversationInput {
    /// A conversation of the account that is not closed.
    pub conversation_id: ID,
    /// The new assignee, an active operator. Omitted or null: all participants leave, and the
    /// conversation returns to the queue.
    pub operator_id: Option<ID>,
}

/// Result of `assignConversation`.
#[derive(Debug, SimpleObject)]
pub struct AssignConversationPayload {
    /// The conversation with its new assignee. Null if refused.
    pub conversation: Option<Conversation>,
    /// Why the conversation was not assigned. Empty on success.
    pub user_errors: UserErrors<AssignError>,
}

crate::rejections! { error: AssignError {
    AssignError::NotFound => ConversationNotFound::at(&["conversationId"], &error),
    AssignError::OperatorNotFound => OperatorNotFound::at(&["operatorId"], &error),
    AssignError::Closed => ConversationClosed::at(&["conversationId"], &error),
    AssignError::Inactive => OperatorInactive::at(&[], &error),
    AssignError::AssigneeInactive => OperatorInactive::at(&["operatorId"], &error),
} }

/// The conversation to close.
#[derive(Debug, InputObject)]
pub struct CloseConversationInput {
    /// A conversation of the account.
    pub conversation_id: ID,
}

/// Result of `closeConversation`.
#[derive(Debug, SimpleObject)]
pub struct CloseConversationPayload {
    /// The closed conversation. Null if refused.
    pub conversation: Option<Conversation>,
    /// Why the conversation was not closed. Empty on success.
    pub user_errors: UserErrors<CloseError>,
}

crate::rejections! { error: CloseError {
    CloseError::NotFound => ConversationNotFound::at(&["conversationId"], &error),
    CloseError::Inactive => OperatorInactive::at(&[], &error),
} }

/// The conversation to reopen.
#[derive(Debug, InputObject)]
pub struct ReopenConversationInput {
    /// The latest conversation of a visitor of the account.
    pub conversation_id: ID,
}

/// Result of `reopenConversation`.
#[derive(Debug, SimpleObject)]
pub struct ReopenConversationPayload {
    /// The conversation, which is not closed. Null if refused.
    pub conversation: Option<Conversation>,
    /// Why the conversation was not reopened. Empty on success.
    pub user_errors: UserErrors<ReopenError>,
}

crate::rejections! { error: ReopenError {
    ReopenError::NotFound => ConversationNotFound::at(&["conversationId"], &error),
    ReopenError::Inactive => OperatorInactive::at(&[], &error),
    ReopenError::Newer(latest) => NewerConversation::at(
        &["conversationId"],
        &"The visitor has a newer conversation. Only the latest one can be reopened.",
        Conversation::of(*latest),
    ),
} }

#[derive(Debug, Default)]
pub struct OperatorsMutation;

#[Object]
impl OperatorsMutation {
    /// Joins a conversation: the visitor sees the operator's public name, description and photo as
    /// they are now. The first to join becomes the assignee where there is none. No effect if the
    /// caller takes part already. For active operators.
    ///
    /// User errors: `ConversationClosed`, `ConversationNotFound`, `OperatorInactive`.
    async fn join_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation to join.")] input: JoinConversationInput,
    ) -> Nullable<JoinConversationPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::conversation_key(&input.conversation_id);
            let (conversation, user_errors) = into_payload(rules::join(ctx.app(), &actor, id).await)?;
            Ok(JoinConversationPayload { conversation: conversation.map(Conversation::of), user_errors })
        })
        .await
    }

    /// Leaves a conversation. An assignee hands over to the participant who joined first. When the
    /// last participant leaves, the conversation is pending again, without an assignee. No effect
    /// if the caller does not take part. For signed-in operators.
    ///
    /// User errors: `ConversationNotFound`.
    async fn leave_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation to leave.")] input: LeaveConversationInput,
    ) -> Nullable<LeaveConversationPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::conversation_key(&input.conversation_id);
            let (conversation, user_errors) = into_payload(rules::leave(ctx.app(), &actor, id).await)?;
            Ok(LeaveConversationPayload { conversation: conversation.map(Conversation::of), user_errors })
        })
        .await
    }

    /// Assigns a conversation to an operator, who joins; the former assignee leaves, and other
    /// participants stay. With null, all participants leave and the conversation is pending again.
    /// For active operators, whether they take part or not.
    ///
    /// User errors: `ConversationClosed`, `ConversationNotFound`, `OperatorInactive`,
    /// `OperatorNotFound`.
    async fn assign_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation and its new assignee.")] input: AssignConversationInput,
    ) -> Nullable<AssignConversationPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::conversation_key(&input.conversation_id);
            let to = input.operator_id.as_ref();
            let to = to.map_or(Assignee::Nobody, |to| Assignee::Operator(id::operator_key(to)));
            let (conversation, user_errors) = into_payload(rules::assign(ctx.app(), &actor, id, to).await)?;
            Ok(AssignConversationPayload { conversation: conversation.map(Conversation::of), user_errors })
        })
        .await
    }

    /// Closes a conversation. The assignee stays, for the record. No effect if it is closed. For
    /// active operators, whether they take part or not.
    ///
    /// User errors: `ConversationNotFound`, `OperatorInactive`.
    async fn close_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation to close.")] input: CloseConversationInput,
    ) -> Nullable<CloseConversationPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::conversation_key(&input.conversation_id);
            let (conversation, user_errors) = into_payload(rules::close(ctx.app(), &actor, id).await)?;
            Ok(CloseConversationPayload { conversation: conversation.map(Conversation::of), user_errors })
        })
        .await
    }

    /// Reopens a closed conversation, which is then pending, without an assignee. Only the latest
    /// conversation of a visitor can be reopened. No effect if it is not closed. For active
    /// operators.
    ///
    /// User errors: `ConversationNotFound`, `NewerConversation`, `OperatorInactive`.
    async fn reopen_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation to reopen.")] input: ReopenConversationInput,
    ) -> Nullable<ReopenConversationPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::conversation_key(&input.conversation_id);
            let (conversation, user_errors) = into_payload(rules::reopen(ctx.app(), &actor, id).await)?;
            Ok(ReopenConversationPayload { conversation: conversation.map(Conversation::of), user_errors })
        })
        .await
    }
}

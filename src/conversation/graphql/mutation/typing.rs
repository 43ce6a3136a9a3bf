//! Mutations of typing.

use std::convert::Infallible;
#[cfg(test)]
use std::{borrow::Cow, collections::BTreeSet};

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    access::identity::Chat,
    conversation::{
        graphql::errors::{ConversationNotFound, OperatorInactive},
        rules::{self, TypingError, holder},
    },
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::{IntoGraphql, into_payload},
    },
    schema::{IntoUserError, UserError, UserErrors},
};

/// Whether an operator types.
#[derive(Debug, InputObject)]
pub struct SetTypingInput {
    /// Global id of the conversation.
    conversation_id: ID,
    /// True when the operator begins to type, and again every 3 s while the operator goes on. False
    /// when the operator stops.
    is_typing: bool,
}

/// Result of `setTyping`.
#[derive(Debug, SimpleObject)]
pub struct SetTypingPayload {
    /// Why it was not recorded. Empty on success.
    pub user_errors: UserErrors<TypingError>,
}

/// Whether a visitor types.
#[derive(Debug, InputObject)]
pub struct SetChatTypingInput {
    /// The account's public widget key, from the website's snippet.
    widget_key: String,
    /// True when the visitor begins to type, and again every 3 s while the visitor goes on. False
    /// when the visitor stops.
    is_typing: bool,
}

/// Result of `setChatTyping`.
#[derive(Debug, SimpleObject)]
pub struct SetChatTypingPayload {
    /// Always empty.
    pub user_errors: UserErrors<Infallible>,
}

/// `setChatTyping` refuses nothing.
impl IntoUserError for Infallible {
    fn into_user_error(self) -> UserError {
        match self {}
    }

    #[cfg(test)]
    fn kinds() -> BTreeSet<Cow<'static, str>> {
        BTreeSet::new()
    }
}

crate::rejections! { error: TypingError {
    TypingError::NotFound => ConversationNotFound::at(&["conversationId"], &error),
    TypingError::Inactive => OperatorInactive::at(&[], &error),
} }

#[derive(Debug, Default)]
pub struct TypingMutation;

#[Object]
impl TypingMutation {
    /// Shows the visitor and the colleagues that the caller types, for 6 s. Ends earlier with a
    /// message of the caller. More than one call in 3 s is ignored, unless `isTyping` is false.
    /// What is typed is not transmitted. For active operators.
    ///
    /// User errors: `ConversationNotFound`, `OperatorInactive`.
    async fn set_typing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation, and whether the caller types.")] input: SetTypingInput,
    ) -> Nullable<SetTypingPayload> {
        nullable(async {
            let actor = ctx.granted::<Chat>()?;
            let id = id::conversation_key(&input.conversation_id);
            let (_, user_errors) = into_payload(rules::set_typing(ctx.app(), &actor, id, input.is_typing).await)?;
            Ok(SetTypingPayload { user_errors })
        })
        .await
    }

    /// Shows the operators that the visitor types, for 6 s. Ends earlier with a message of the
    /// visitor. More calls than the server allows, by default one in 3 s, are ignored, unless
    /// `isTyping` is false. What is typed is not transmitted. No effect before the first message.
    /// For visitors.
    async fn set_chat_typing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The chat, and whether the visitor types.")] input: SetChatTypingInput,
    ) -> Nullable<SetChatTypingPayload> {
        nullable(async {
            let identity = ctx.identity();
            let holder = holder(identity.visitor())?;
            let set = rules::set_own_typing(ctx.app(), holder, &input.widget_key, input.is_typing).await;
            set.map_err(IntoGraphql::into_graphql)?;
            Ok(SetChatTypingPayload { user_errors: Vec::<Infallible>::new().into() })
        })
        .await
    }
}

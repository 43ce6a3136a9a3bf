//! What visitors do in their chat.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::{
    conversation::{
        graphql::{
            chat::{Chat, ChatMessage},
            errors::{ChatUnavailable, ClientMessageIdReused},
        },
        rules::{
            self, CloseOwnError, MarkOwnError, ProfileError, SendChatError, VisitorMessage, VisitorProfile, holder,
        },
    },
    graphql::{
        ContextExt, Nullable, nullable,
        payload::into_payload,
        user_error::{InvalidInput, TooManyAttempts},
    },
    input::{Change, PageView, debug_hides},
    schema::UserErrors,
};

/// The page from which a visitor writes. It never causes an error: what is not valid is left out.
#[derive(InputObject)]
pub struct PageInput {
    /// An `http` or `https` URL. User, fragment and parameters other than those of campaigns
    /// (`utm_…`) are left out; the rest is cut to 512 bytes.
    pub url: String,
    /// The title, cut to 200 characters.
    pub title: Option<String>,
    /// The URL of the page that led there, of which only the origin is kept.
    pub referrer: Option<String>,
}
debug_hides!(PageInput);

/// What a visitor says about themselves.
#[derive(InputObject)]
pub struct ChatVisitorInput {
    /// The name, 1 to 100 characters. Omitted or null: unchanged.
    pub name: Option<String>,
    /// The email address, at most 254 bytes. Omitted or null: unchanged.
    pub email: Option<String>,
}
debug_hides!(ChatVisitorInput);

/// A visitor's message.
#[derive(InputObject)]
pub struct SendChatMessageInput {
    /// The account's public widget key, from the website's snippet.
    pub widget_key: String,
    /// The client's id of the message, 1 to 100 characters of any form, such as a UUID. Repeat a
    /// send without an answer with the same id: the message is then sent once.
    pub client_message_id: String,
    /// Plain text, 1 to 4,000 characters, in Unicode normalisation form C. White space is kept.
    pub text: String,
    /// Where the visitor writes from. Null: what is known stays.
    pub page: Option<PageInput>,
    /// What the visitor says about themselves. Null: unchanged.
    pub visitor: Option<ChatVisitorInput>,
}
debug_hides!(SendChatMessageInput);

/// Result of `sendChatMessage`.
#[derive(Debug, SimpleObject)]
pub struct SendChatMessagePayload {
    /// The message. For a repeat, the message that was sent first. Null if refused.
    pub message: Option<ChatMessage>,
    /// The chat that the message is in. Null if refused.
    pub chat: Option<Chat>,
    /// Why the message was not sent. Empty on success.
    pub user_errors: UserErrors<SendChatError>,
}

crate::rejections! { error: SendChatError {
    SendChatError::Invalid(fault) => InvalidInput::from(fault),
    SendChatError::Reused => ClientMessageIdReused::at(&["clientMessageId"], &error),
    SendChatError::Unavailable => ChatUnavailable::at(&[], &error),
    SendChatError::TooMany(refused) => TooManyAttempts::from(refused),
} }

/// How far the visitor has read.
#[derive(Debug, InputObject)]
pub struct MarkChatReadInput {
    /// The account's public widget key, from the website's snippet.
    pub widget_key: String,
    /// The sequence of the last message that was read, at least 0. Greater than the last sequence:
    /// all messages were read.
    pub up_to: i32,
}

/// Result of `markChatRead`.
#[derive(Debug, SimpleObject)]
pub struct MarkChatReadPayload {
    /// The chat with the mark. Null before the first message, and if refused.
    pub chat: Option<Chat>,
    /// Why the mark was not set. Empty on success.
    pub user_errors: UserErrors<MarkOwnError>,
}

crate::rejections! { error: MarkOwnError {
    MarkOwnError::Invalid(fault) => InvalidInput::from(fault),
} }

/// Changes of what a visitor says about themselves.
#[derive(InputObject)]
pub struct UpdateChatVisitorInput {
    /// The account's public widget key, from the website's snippet.
    pub widget_key: String,
    /// The name, 1 to 100 characters. Omitted: unchanged. Null: removed.
    pub name: MaybeUndefined<String>,
    /// The email address, at most 254 bytes. Omitted: unchanged. Null: removed.
    pub email: MaybeUndefined<String>,
}
debug_hides!(UpdateChatVisitorInput);

/// Result of `updateChatVisitor`.
#[derive(Debug, SimpleObject)]
pub struct UpdateChatVisitorPayload {
    /// The chat with the changed visitor. Null before the first message, and if refused.
    pub chat: Option<Chat>,
    /// Why nothing was changed. Empty on success.
    pub user_errors: UserErrors<ProfileError>,
}

crate::rejections! { error: ProfileError {
    ProfileError::Invalid(fault) => InvalidInput::from(fault),
    ProfileError::TooMany(refused) => TooManyAttempts::from(refused),
} }

/// The chat to close.
#[derive(Debug, InputObject)]
pub struct CloseChatInput {
    /// The account's public widget key, from the website's snippet.
    pub widget_key: String,
}

/// Result of `closeChat`.
#[derive(Debug, SimpleObject)]
pub struct CloseChatPayload {
    /// The closed chat. Null before the first message, and if refused.
    pub chat: Option<Chat>,
    /// Why the chat was not closed. Empty on success.
    pub user_errors: UserErrors<CloseOwnError>,
}

crate::rejections! { error: CloseOwnError {
    CloseOwnError::TooMany(refused) => TooManyAttempts::from(refused),
} }

#[derive(Debug, Default)]
pub struct VisitorsMutation;

#[Object]
impl VisitorsMutation {
    /// Sends a message of the visitor whose token the request has. Begins a conversation where none
    /// goes on, and works while no operator is available. A repeat with the same id and text
    /// returns the first message. For visitors.
    ///
    /// User errors: `ChatUnavailable`, `ClientMessageIdReused`, `InvalidInput`, `TooManyAttempts`.
    async fn send_chat_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: SendChatMessageInput,
    ) -> Nullable<SendChatMessagePayload> {
        nullable(async {
            let identity = ctx.identity();
            let holder = holder(identity.visitor())?;
            let page = input.page.as_ref();
            let given = |text: Option<String>| text.map_or(Change::Keep, Change::To);
            let profile =
                input.visitor.map(|visitor| VisitorProfile { name: given(visitor.name), email: given(visitor.email) });
            let new = VisitorMessage {
                widget_key: input.widget_key,
                client_message_id: input.client_message_id,
                text: input.text,
                page: page.and_then(|page| PageView::read(&page.url, page.title.as_deref(), page.referrer.as_deref())),
                profile: profile.unwrap_or_default(),
            };
            let client = ctx.scope().caller().address;
            let (sent, user_errors) = into_payload(Box::pin(rules::send_own(ctx.app(), holder, client, new)).await)?;
            let (message, conversation) = sent.unzip();
            let (message, chat) = (message.map(ChatMessage::of), conversation.map(Chat::of));
            Ok(SendChatMessagePayload { message, chat, user_errors })
        })
        .await
    }

    /// Records how far the visitor has read the chat. Operators see the mark. It never goes back.
    /// No effect before the first message. For visitors.
    ///
    /// User errors: `InvalidInput`.
    async fn mark_chat_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mark.")] input: MarkChatReadInput,
    ) -> Nullable<MarkChatReadPayload> {
        nullable(async {
            let identity = ctx.identity();
            let holder = holder(identity.visitor())?;
            let marked = rules::mark_own(ctx.app(), holder, &input.widget_key, input.up_to).await;
            let (conversation, user_errors) = into_payload(marked)?;
            Ok(MarkChatReadPayload { chat: conversation.flatten().map(Chat::of), user_errors })
        })
        .await
    }

    /// Changes what the visitor says about themselves. No effect before the first message. For
    /// visitors.
    ///
    /// User errors: `InvalidInput`, `TooManyAttempts`.
    async fn update_chat_visitor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateChatVisitorInput,
    ) -> Nullable<UpdateChatVisitorPayload> {
        nullable(async {
            let identity = ctx.identity();
            let holder = holder(identity.visitor())?;
            let profile = VisitorProfile { name: input.name.into(), email: input.email.into() };
            let client = ctx.scope().caller().address;
            let updated = rules::update_profile(ctx.app(), holder, client, &input.widget_key, profile).await;
            let (conversation, user_errors) = into_payload(updated)?;
            Ok(UpdateChatVisitorPayload { chat: conversation.flatten().map(Chat::of), user_errors })
        })
        .await
    }

    /// Closes the chat. A message within a day reopens it, unless the server is configured
    /// otherwise. No effect if it is closed, and before the first message. For visitors.
    ///
    /// User errors: `TooManyAttempts`.
    async fn close_chat(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The chat to close.")] input: CloseChatInput,
    ) -> Nullable<CloseChatPayload> {
        nullable(async {
            let identity = ctx.identity();
            let holder = holder(identity.visitor())?;
            let client = ctx.scope().caller().address;
            let closed = rules::close_own(ctx.app(), holder, client, &input.widget_key).await;
            let (conversation, user_errors) = into_payload(closed)?;
            Ok(CloseChatPayload { chat: conversation.flatten().map(Chat::of), user_errors })
        })
        .await
    }
}

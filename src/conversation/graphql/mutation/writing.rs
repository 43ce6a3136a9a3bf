//! What operators write: messages, notes, marks; and blocking visitors.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    conversation::{
        graphql::{
            Conversation, Message, Note,
            errors::{
                ClientMessageIdReused, ConversationClosed, ConversationNotFound, NewerMessages, OperatorInactive,
                VisitorNotFound,
            },
        },
        rules::{self, BlockError, MarkError, NoteError, OperatorMessage, SendError, UnblockError},
    },
    graphql::{ContextExt, Moment, Nullable, id, nullable, payload::into_payload, user_error::InvalidInput},
    input::debug_hides,
    schema::UserErrors,
    visitor::graphql::Visitor,
};

/// A message to a visitor.
#[derive(InputObject)]
pub struct SendMessageInput {
    /// A conversation of the account that is not closed.
    pub conversation_id: ID,
    /// The client's id of the message, 1 to 100 characters of any form, such as a UUID. Repeat a
    /// send without an answer with the same id: the message is then sent once.
    pub client_message_id: String,
    /// Plain text, 1 to 4,000 characters, in Unicode normalisation form C. White space is kept.
    pub text: String,
    /// The greatest sequence that the operator has seen. The message is refused if a message with
    /// text was written since, by anyone. Null: it is sent in any case.
    pub if_last_sequence: Option<i32>,
}
debug_hides!(SendMessageInput);

/// Result of `sendMessage`.
#[derive(Debug, SimpleObject)]
pub struct SendMessagePayload {
    /// The message. For a repeat, the message that was sent first. Null if refused.
    pub message: Option<Message>,
    /// The message's conversation. Null if refused.
    pub conversation: Option<Conversation>,
    /// Why the message was not sent. Empty on success.
    pub user_errors: UserErrors<SendError>,
}

crate::rejections! { error: SendError {
    SendError::NotFound => ConversationNotFound::at(&["conversationId"], &error),
    SendError::Invalid(fault) => InvalidInput::from(fault),
    SendError::Reused => ClientMessageIdReused::at(&["clientMessageId"], &error),
    SendError::Inactive => OperatorInactive::at(&[], &error),
    SendError::Closed => ConversationClosed::at(&["conversationId"], &error),
    SendError::Newer(messages) => NewerMessages::at(
        &["ifLastSequence"],
        &"More messages were written in the meantime.",
        messages.into_iter().map(Message::of).collect(),
    ),
} }

/// A remark about a conversation.
#[derive(InputObject)]
pub struct AddNoteInput {
    /// A conversation of the account.
    pub conversation_id: ID,
    /// Plain text, 1 to 4,000 characters, in Unicode normalisation form C. White space is kept.
    pub text: String,
}
debug_hides!(AddNoteInput);

/// Result of `addNote`.
#[derive(Debug, SimpleObject)]
pub struct AddNotePayload {
    /// The note. Null if refused.
    pub note: Option<Note>,
    /// Why the note was not added. Empty on success.
    pub user_errors: UserErrors<NoteError>,
}

crate::rejections! { error: NoteError {
    NoteError::NotFound => ConversationNotFound::at(&["conversationId"], &error),
    NoteError::Invalid(fault) => InvalidInput::from(fault),
} }

/// How far the caller has read.
#[derive(Debug, InputObject)]
pub struct MarkConversationReadInput {
    /// A conversation of the account.
    pub conversation_id: ID,
    /// The sequence of the last message that was read, at least 0. Greater than the last sequence:
    /// all messages were read.
    pub up_to: i32,
}

/// Result of `markConversationRead`.
#[derive(Debug, SimpleObject)]
pub struct MarkConversationReadPayload {
    /// The conversation with the caller's mark. Null if refused.
    pub conversation: Option<Conversation>,
    /// Why the mark was not set. Empty on success.
    pub user_errors: UserErrors<MarkError>,
}

crate::rejections! { error: MarkError {
    MarkError::NotFound => ConversationNotFound::at(&["conversationId"], &error),
    MarkError::Invalid(fault) => InvalidInput::from(fault),
} }

/// The visitor to block.
#[derive(Debug, InputObject)]
pub struct BlockVisitorInput {
    /// A visitor of the account.
    pub visitor_id: ID,
    /// The end of the block. Null: it has no end.
    pub until: Option<Moment>,
}

/// Result of `blockVisitor`.
#[derive(Debug, SimpleObject)]
pub struct BlockVisitorPayload {
    /// The blocked visitor. Null if refused.
    pub visitor: Option<Visitor>,
    /// Why the visitor was not blocked. Empty on success.
    pub user_errors: UserErrors<BlockError>,
}

/// The visitor to unblock.
#[derive(Debug, InputObject)]
pub struct UnblockVisitorInput {
    /// A visitor of the account.
    pub visitor_id: ID,
}

/// Result of `unblockVisitor`.
#[derive(Debug, SimpleObject)]
pub struct UnblockVisitorPayload {
    /// The visitor, who can write again. Null if refused.
    pub visitor: Option<Visitor>,
    /// Why the visitor was not unblocked. Empty on success.
    pub user_errors: UserErrors<UnblockError>,
}

crate::rejections! { error: BlockError {
    BlockError::NotFound => VisitorNotFound::at(&["visitorId"], &error),
    BlockError::Inactive => OperatorInactive::at(&[], &error),
    BlockError::Invalid(fault) => InvalidInput::from(fault),
} }

crate::rejections! { error: UnblockError {
    UnblockError::NotFound => VisitorNotFound::at(&["visitorId"], &error),
    UnblockError::Inactive => OperatorInactive::at(&[], &error),
} }

#[derive(Debug, Default)]
pub struct WriteMutation;

#[Object]
impl WriteMutation {
    /// Sends a message to the visitor of a conversation. The caller joins first where necessary. A
    /// repeat with the same id and text returns the first message. For active operators.
    ///
    /// User errors: `ClientMessageIdReused`, `ConversationClosed`, `ConversationNotFound`,
    /// `InvalidInput`, `NewerMessages`, `OperatorInactive`.
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: SendMessageInput,
    ) -> Nullable<SendMessagePayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::conversation_key(&input.conversation_id);
            let new = OperatorMessage {
                client_message_id: input.client_message_id,
                text: input.text,
                if_last_sequence: input.if_last_sequence,
            };
            let (sent, user_errors) = into_payload(rules::send(ctx.app(), &actor, id, new).await)?;
            let (message, conversation) = sent.unzip();
            let (message, conversation) = (message.map(Message::of), conversation.map(Conversation::of));
            Ok(SendMessagePayload { message, conversation, user_errors })
        })
        .await
    }

    /// Adds a note to a conversation, which only operators see. The conversation may be closed. For
    /// signed-in operators, also inactive ones.
    ///
    /// User errors: `ConversationNotFound`, `InvalidInput`.
    async fn add_note(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The note.")] input: AddNoteInput,
    ) -> Nullable<AddNotePayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::conversation_key(&input.conversation_id);
            let (note, user_errors) = into_payload(rules::add_note(ctx.app(), &actor, id, &input.text).await)?;
            Ok(AddNotePayload { note: note.map(Note::of), user_errors })
        })
        .await
    }

    /// Records how far the caller has read a conversation. Visitors see the furthest mark of all
    /// operators. A mark never goes back. For signed-in operators, also inactive ones.
    ///
    /// User errors: `ConversationNotFound`, `InvalidInput`.
    async fn mark_conversation_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation and the mark.")] input: MarkConversationReadInput,
    ) -> Nullable<MarkConversationReadPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::conversation_key(&input.conversation_id);
            let (conversation, user_errors) = into_payload(rules::mark(ctx.app(), &actor, id, input.up_to).await)?;
            Ok(MarkConversationReadPayload { conversation: conversation.map(Conversation::of), user_errors })
        })
        .await
    }

    /// Blocks a visitor, whose messages are then refused as if chat were switched off. The visitor
    /// can still read. Typing, a change of the visitor's profile, and closing the chat have no
    /// effect. For active operators.
    ///
    /// User errors: `InvalidInput`, `OperatorInactive`, `VisitorNotFound`.
    async fn block_visitor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The visitor and the end of the block.")] input: BlockVisitorInput,
    ) -> Nullable<BlockVisitorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::visitor_key(&input.visitor_id);
            let until = input.until.map(|until| until.0);
            let (visitor, user_errors) = into_payload(rules::block(ctx.app(), &actor, id, until).await)?;
            Ok(BlockVisitorPayload { visitor: visitor.map(Visitor::of), user_errors })
        })
        .await
    }

    /// Accepts the messages of a blocked visitor again. No effect if the visitor is not blocked.
    /// For active operators.
    ///
    /// User errors: `OperatorInactive`, `VisitorNotFound`.
    async fn unblock_visitor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The visitor to unblock.")] input: UnblockVisitorInput,
    ) -> Nullable<UnblockVisitorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::visitor_key(&input.visitor_id);
            let (visitor, user_errors) = into_payload(rules::unblock(ctx.app(), &actor, id).await)?;
            Ok(UnblockVisitorPayload { visitor: visitor.map(Visitor::of), user_errors })
        })
        .await
    }
}

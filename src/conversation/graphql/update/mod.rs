//! Subscriptions to the log of a conversation, for its visitor and for operators.

mod operators;
mod visitor;

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, Subscription};
use edge::Rest;
use entity::{message, note};
use futures_util::Stream;

use super::{
    Conversation, Message, Note,
    chat::{Chat, ChatMessage},
    object::selects_presence,
};
use crate::{
    access::identity::ReadConversations,
    account::queries as accounts,
    conversation::{
        feed::{Cursor, Feed, RETRY_AFTER, Side},
        queries,
    },
    graphql::{
        ContextExt, id,
        payload::{IntoGraphql, not_found},
    },
    page,
    presence::ChatKey,
};

use visitor::{Asked, Follow};

/// What has changed in a visitor's chat.
#[derive(Clone, Debug)]
pub struct ChatUpdate {
    chat: Option<Chat>,
    messages: Vec<ChatMessage>,
    cursor: String,
    is_reset: bool,
}

/// What has changed in a visitor's chat. Only the holder of the visitor's token receives it.
#[Object]
impl ChatUpdate {
    /// The latest conversation, as it is now. Null before the first message, and once the
    /// conversation was deleted.
    async fn chat(&self) -> Option<Chat> {
        self.chat.clone()
    }

    /// The messages since the last item, oldest first. At most 100, with at most 64 KiB of text:
    /// further ones come with the next items.
    #[graphql(complexity = "page::MAX as usize * child_complexity + 1")]
    async fn messages(&self) -> Vec<ChatMessage> {
        self.messages.clone()
    }

    /// Goes into `after`, to continue with what follows this item. Opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// Whether the client must drop the messages that it has: what follows is another conversation,
    /// or does not continue what the client has.
    async fn is_reset(&self) -> bool {
        self.is_reset
    }
}

/// What has changed in a conversation.
#[derive(Clone, Debug)]
pub struct ConversationUpdate {
    conversation: Conversation,
    messages: Vec<Arc<message::Model>>,
    notes: Vec<Arc<note::Model>>,
    cursor: String,
    is_reset: bool,
}

/// What has changed in a conversation. Visible to the account's operators.
#[Object]
impl ConversationUpdate {
    /// The conversation as it is now.
    async fn conversation(&self) -> Conversation {
        self.conversation.clone()
    }

    /// The messages since the last item, oldest first. At most 100, with at most 64 KiB of text:
    /// further ones come with the next items.
    #[graphql(complexity = "page::MAX as usize * child_complexity + 1")]
    async fn messages(&self) -> Vec<Message> {
        self.messages.iter().map(|row| Message::shared(Arc::clone(row), None)).collect()
    }

    /// The notes since the last item, oldest first. At most 100, with at most 64 KiB of text:
    /// further ones come with the next items.
    #[graphql(complexity = "page::MAX as usize * child_complexity + 1")]
    async fn notes(&self) -> Vec<Note> {
        self.notes.iter().map(|row| Note::shared(Arc::clone(row))).collect()
    }

    /// Goes into `after`, to continue with what follows this item. Opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// Whether the client must drop the messages and notes that it has, because what follows does
    /// not continue them.
    async fn is_reset(&self) -> bool {
        self.is_reset
    }
}

#[derive(Debug, Default)]
pub struct ChatSubscription;

#[Subscription]
impl ChatSubscription {
    /// The latest conversation of the visitor whose token the request has: the messages since the
    /// cursor `after`, or at most the last 50 without one, then each change. Public.
    ///
    /// No message is skipped, and each item has the state of the conversation as well. A client
    /// that connects again gives the cursor of the last item that it received. If the server cannot
    /// continue from there, `isReset` is true.
    ///
    /// Before the visitor's first message, and for callers without a visitor's token, `chat` is
    /// null. An unknown key is an error with the code `NOT_FOUND`.
    async fn chat(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's public widget key, from the website's snippet.")] widget_key: String,
        #[graphql(desc = "The cursor of the last item that the client received. Null: it has none.")] after: Option<
            String,
        >,
    ) -> Result<impl Stream<Item = ChatUpdate> + 'static, Error> {
        let rest = ctx.data_unchecked::<Rest>().clone();
        if let Some(follow) = rest.left::<Box<Follow>>() {
            return Ok(follow.items(ctx.app().clone(), rest));
        }
        let found = accounts::find_by_widget_key_any_account(ctx.app().db(), &widget_key).await;
        let account = found.map_err(IntoGraphql::into_graphql)?;
        let account = account.ok_or_else(|| not_found("No account has this widget key."))?;
        let feed = ctx.data_unchecked::<Feed>().clone();
        let holder = ctx.identity().visitor().copied();
        let holder = holder.map(|holder| (holder, ChatKey::new(holder.key(), &widget_key)));
        let shows_presence = ctx.look_ahead().field("chat").field("isOperatorTyping").exists();
        let asked = Asked { account_id: account.id, holder, after, shows_presence };
        Ok(Follow::boxed(feed, asked).items(ctx.app().clone(), rest))
    }

    /// A conversation of the account: the messages and notes since the cursor `after`, or at most
    /// the last 50 of each without one, then each change. For signed-in operators.
    ///
    /// No message and no note is skipped, and each item has the state of the conversation as well.
    /// A client that connects again gives the cursor of the last item that it received. If the
    /// server cannot continue from there, `isReset` is true.
    ///
    /// An unknown id is an error with the code `NOT_FOUND`. Ends with the session, and when the
    /// conversation is deleted.
    async fn conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation's id.")] id: ID,
        #[graphql(desc = "The cursor of the last item that the client received. Null: it has none.")] after: Option<
            String,
        >,
    ) -> Result<impl Stream<Item = ConversationUpdate> + 'static, Error> {
        let viewer = ctx.granted::<ReadConversations>()?;
        let (app, account_id) = (ctx.app(), viewer.account_id());
        // Subscribe before the first read, or a change between the two is lost.
        let rights = operators::Rights::listen(app, viewer.signed_in());
        let shows_presence = selects_presence(&ctx.look_ahead().field("conversation"));
        let follower = async {
            let Some(id) = id::conversation_key(&id) else { return Ok(None) };
            let Some(row) = queries::find(app.db(), account_id, id).await? else { return Ok(None) };
            let feed = ctx.data_unchecked::<Feed>();
            let Some(mut follower) = feed.follow(&row, Side::Operators).await? else { return Ok(None) };
            if shows_presence {
                follower.show_presence(&app.presence);
            }
            match after.map(|after| Cursor::parse(&after)) {
                None => follower.begin_with_latest(false),
                Some(Some(Cursor { side: Side::Operators, of: Some((of, position)) })) if of == id => {
                    follower.resume(app, position).await?;
                }
                Some(_) => follower.begin_with_latest(true),
            }
            Ok(Some(follower))
        };
        let follower = follower.await.map_err(|error: sea_orm::DbErr| error.into_graphql())?;
        let follower = follower.ok_or_else(|| not_found("The account has no conversation with this id."))?;
        Ok(operators::follow(ctx.scope().clone(), &viewer, rights, follower))
    }
}

/// Logs that a follower could not read, and waits before the next attempt.
async fn retry(error: &anyhow::Error) {
    tracing::warn!(error = format!("{error:#}"), "a follower of a conversation could not read; retrying");
    tokio::time::sleep(RETRY_AFTER).await;
}

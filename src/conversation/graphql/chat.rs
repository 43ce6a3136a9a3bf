//! What a visitor sees of a conversation.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use entity::{conversation, message, visitor};
use tokio::sync::OnceCell;

use super::{ClosedBy, ConversationEvent, ConversationStatus, MessageAuthor};
use crate::{
    account::queries as accounts,
    availability::graphql::OperatorCard,
    conversation::{
        feed::State,
        queries::{self, log},
    },
    graphql::{
        ContextExt, Moment, id,
        payload::{IntoGraphql, bad_user_input},
    },
    page,
    presence::Seen,
    visitor::queries as visitors,
};

/// The default and the maximum number of earlier conversations.
const DEFAULT_EARLIER: i32 = 3;
const MAX_EARLIER: i32 = 20;

/// The conversation of a visitor, as the visitor sees it.
#[derive(Clone, Debug)]
pub struct Chat {
    row: Arc<conversation::Model>,
    /// Read once for a conversation and the earlier ones of the same visitor.
    visitor: Arc<OnceCell<Arc<visitor::Model>>>,
    /// The state that this is part of. `None`: what it has is read.
    state: Option<Arc<State>>,
    /// `None`: as it is when it is resolved.
    is_operator_typing: Option<bool>,
}

impl Chat {
    /// Reads what `row` does not have from the database.
    #[must_use]
    pub fn of(row: conversation::Model) -> Self {
        Self { row: Arc::new(row), visitor: Arc::default(), state: None, is_operator_typing: None }
    }

    /// Shows a shared state.
    #[must_use]
    pub fn shown(state: Arc<State>, presence: Option<&Seen>) -> Self {
        let visitor = OnceCell::new_with(Some(Arc::clone(&state.visitor)));
        Self {
            row: Arc::clone(&state.conversation),
            visitor: Arc::new(visitor),
            state: Some(state),
            is_operator_typing: presence.map(|seen| !seen.operators_typing.is_empty()),
        }
    }
}

/// The visitor's own conversation. Only the holder of the visitor's token can read it.
#[Object]
impl Chat {
    /// Identifies the conversation. Opaque. Another id is another conversation.
    async fn id(&self) -> ID {
        id::conversation(self.row.id)
    }

    /// Whether an operator takes part, or the conversation is over.
    async fn status(&self) -> ConversationStatus {
        self.row.status.into()
    }

    /// The operators who take part, as they were when they joined, in the order in which they
    /// joined. At most 100.
    #[graphql(complexity = "5 * child_complexity + 1")]
    async fn operators(&self, ctx: &Context<'_>) -> Result<Vec<OperatorCard>, Error> {
        let present = match &self.state {
            Some(state) => state.present.to_vec(),
            // Only in an open conversation operators take part.
            None if self.row.status != conversation::Status::Open => Vec::new(),
            None => {
                let present = log::list_present(ctx.app().db(), self.row.account_id, self.row.id).await;
                present.map_err(IntoGraphql::into_graphql)?.into_iter().map(Arc::new).collect()
            }
        };
        Ok(present.into_iter().take(page::MAX as usize).map(OperatorCard::joined).collect())
    }

    /// What the visitor has entered about themselves.
    async fn visitor(&self, ctx: &Context<'_>) -> Result<ChatVisitor, Error> {
        let read = async {
            let found = visitors::find(ctx.app().db(), self.row.account_id, self.row.visitor_id).await?;
            // A conversation has a visitor, unless both were just deleted.
            found.map(Arc::new).ok_or_else(|| anyhow::anyhow!("a conversation without a visitor"))
        };
        let visitor = self.visitor.get_or_try_init(|| read).await.map_err(IntoGraphql::into_graphql)?;
        Ok(visitor.as_ref().into())
    }

    /// Whether an operator types now.
    async fn is_operator_typing(&self, ctx: &Context<'_>) -> bool {
        let now = || !ctx.app().presence.of(self.row.id).operators_typing.is_empty();
        self.is_operator_typing.unwrap_or_else(now)
    }

    /// The sequence of the newest message.
    async fn last_sequence(&self) -> i32 {
        self.row.last_sequence
    }

    /// The sequence up to which the visitor has read.
    async fn read_up_to(&self) -> i32 {
        self.row.visitor_read_up_to
    }

    /// The greatest sequence up to which any operator has read.
    async fn read_by_operator_up_to(&self) -> i32 {
        self.row.operator_read_up_to
    }

    /// Number of messages of operators after `readUpTo`.
    async fn unread_count(&self) -> i32 {
        self.row.operator_messages - self.row.visitor_read_operator_messages
    }

    /// The last messages, oldest first.
    #[graphql(complexity = "last_of(last, page::DEFAULT, page::MAX) * child_complexity + 1")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default_with = "Some(page::DEFAULT.cast_signed())",
            desc = "Maximum number of messages, from 0 to 100. Null: 50."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only messages before this sequence. Null: the newest ones.")] before: Option<i32>,
    ) -> Result<Vec<ChatMessage>, Error> {
        let last = number("last", last, page::DEFAULT, page::MAX)?;
        // Newer messages than those of this state are not in it.
        let up_to = before.map_or(i32::MAX, |before| before.saturating_sub(1)).min(self.row.last_sequence);
        let entries = log::list_last(ctx.app().db(), self.row.account_id, self.row.id, up_to, last.into()).await;
        let entries = entries.map_err(IntoGraphql::into_graphql)?;
        Ok(entries.into_iter().map(|entry| ChatMessage::shown(Arc::new(entry))).collect())
    }

    /// When the conversation began.
    async fn started_at(&self) -> Moment {
        self.row.started_at.into()
    }

    /// Who closed the conversation. Null while it is not closed, and if it was closed because it
    /// has 10,000 messages.
    async fn closed_by(&self) -> Option<ClosedBy> {
        self.row.closed_by.map(ClosedBy::from)
    }

    /// The visitor's conversations before this one, the newest last.
    #[graphql(
        complexity = "last_of(last, DEFAULT_EARLIER.cast_unsigned(), MAX_EARLIER.cast_unsigned()) * child_complexity + 1"
    )]
    async fn earlier(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default_with = "Some(DEFAULT_EARLIER)",
            desc = "Maximum number of conversations, from 0 to 20. Null: 3."
        )]
        last: Option<i32>,
    ) -> Result<Vec<Self>, Error> {
        let last = number("last", last, DEFAULT_EARLIER.cast_unsigned(), MAX_EARLIER.cast_unsigned())?;
        let earlier = log::list_earlier(ctx.app().db(), &self.row, last.into()).await;
        let of_same_visitor = |row| Self {
            row: Arc::new(row),
            visitor: Arc::clone(&self.visitor),
            state: None,
            is_operator_typing: None,
        };
        Ok(earlier.map_err(IntoGraphql::into_graphql)?.into_iter().map(of_same_visitor).collect())
    }
}

/// A number of items, before it is checked, for the complexity.
fn last_of(last: Option<i32>, default: u32, max: u32) -> usize {
    let asked = last.map_or(default, |last| u32::try_from(last).unwrap_or(0));
    asked.clamp(1, max) as usize
}

/// A number of items.
fn number(argument: &str, asked: Option<i32>, default: u32, max: u32) -> Result<u32, Error> {
    let Some(asked) = asked else { return Ok(default) };
    u32::try_from(asked)
        .ok()
        .filter(|asked| *asked <= max)
        .ok_or_else(|| bad_user_input(format!("`{argument}` must be a number from 0 to {max}.")))
}

/// What a visitor has entered about themselves. Only the holder of the visitor's token can read it.
#[derive(Clone, Debug, SimpleObject)]
pub struct ChatVisitor {
    /// The visitor's name. Null if none was entered.
    name: Option<String>,
    /// The visitor's email address. Null if none was entered.
    email: Option<String>,
}

impl From<&visitor::Model> for ChatVisitor {
    fn from(row: &visitor::Model) -> Self {
        Self { name: row.name.clone(), email: row.email.clone() }
    }
}

/// A message or an event of a visitor's conversation.
#[derive(Clone, Debug)]
pub struct ChatMessage {
    entry: Arc<log::Entry>,
    /// The entry has what the visitor sees of the operator. If not, it is read.
    is_whole: bool,
}

impl ChatMessage {
    /// Reads the operator from the database, if the message has one.
    #[must_use]
    pub fn of(message: message::Model) -> Self {
        Self { entry: Arc::new(log::Entry { message: Arc::new(message), participation: None }), is_whole: false }
    }

    /// Shows what was read.
    #[must_use]
    pub fn shown(entry: Arc<log::Entry>) -> Self {
        Self { entry, is_whole: true }
    }
}

/// A message or an event of a visitor's conversation. Only the holder of the visitor's token can
/// read it.
#[Object]
impl ChatMessage {
    /// The position in the conversation: 1, 2, 3 and so on, without gaps.
    async fn sequence(&self) -> i32 {
        self.entry.message.sequence
    }

    /// The client's id of the send. Null unless the visitor is the author.
    async fn client_message_id(&self) -> Option<String> {
        let own = (self.entry.message.author == message::Author::Visitor)
            .then_some(self.entry.message.client_message_id.as_deref());
        own.flatten().map(|id| String::from_utf8_lossy(id).into_owned())
    }

    /// Who wrote it.
    async fn author(&self) -> MessageAuthor {
        self.entry.message.author.into()
    }

    /// The operator who wrote it, or whom the event is about, as the operator was when joining.
    /// Null if there is none.
    async fn operator(&self, ctx: &Context<'_>) -> Result<Option<OperatorCard>, Error> {
        let row = &self.entry.message;
        let shown = match row.participation_id.filter(|_| !self.is_whole) {
            None => self.entry.participation.clone(),
            Some(id) => {
                let found = log::find_participation(ctx.app().db(), row.account_id, id).await;
                found.map_err(IntoGraphql::into_graphql)?.map(Arc::new)
            }
        };
        Ok(shown.map(OperatorCard::joined))
    }

    /// The text, 1 to 4,000 Unicode code points. Null for an event.
    async fn text(&self) -> Option<&str> {
        self.entry.message.text.as_deref()
    }

    /// What happened. Null for a message with text.
    async fn event(&self) -> Option<ConversationEvent> {
        self.entry.message.event.map(ConversationEvent::from)
    }

    /// When it was sent.
    async fn sent_at(&self) -> Moment {
        self.entry.message.sent_at.into()
    }
}

#[derive(Debug, Default)]
pub struct ChatQuery;

#[Object]
impl ChatQuery {
    /// The latest conversation of the visitor whose token the request has. Null without such a
    /// token, before the visitor's first message, and if no account has this key. Public.
    async fn chat(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's public widget key, from the website's snippet.")] widget_key: String,
    ) -> Option<Result<Chat, Error>> {
        let identity = ctx.identity();
        let holder = identity.visitor()?;
        let db = ctx.app().db();
        let latest = async {
            let Some(account) = accounts::find_by_widget_key_any_account(db, &widget_key).await? else {
                return Ok(None);
            };
            let Some(visitor) = visitors::find_by_token(db, account.id, holder).await? else { return Ok(None) };
            let latest = queries::find_latest(db, account.id, visitor.id).await?;
            Ok(latest.map(|row| Chat {
                row: Arc::new(row),
                visitor: Arc::new(OnceCell::new_with(Some(Arc::new(visitor)))),
                state: None,
                is_operator_typing: None,
            }))
        };
        latest.await.map_err(|error: sea_orm::DbErr| error.into_graphql()).transpose()
    }
}

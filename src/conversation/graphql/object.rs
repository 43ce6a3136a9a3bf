//! The conversation, as operators see it.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Error, ID, Lookahead, Object, SimpleObject, dataloader::DataLoader};
use entity::{OperatorId, conversation, conversation_mark as mark, message, operator, visitor};

use super::{
    ClosedBy, ConversationStatus, Message, Note,
    message::{find_operator_of_record, operator_of_record},
    part, part_size,
};
use crate::{
    conversation::{
        feed::State,
        queries::{self, LastMessages, Marks, Participants},
    },
    graphql::{ContextExt, Moment, id, payload::IntoGraphql},
    operator::graphql::Operator,
    presence::Seen,
    visitor::graphql::Visitor,
};

/// The default number of messages, and of notes.
const DEFAULT: i32 = 50;

/// Whether a selection of a conversation has a field of presence.
pub(super) fn selects_presence(conversation: &Lookahead<'_>) -> bool {
    ["isVisitorTyping", "isVisitorHere", "typingOperators"].iter().any(|field| conversation.field(field).exists())
}

/// What was read together with a conversation. Fields load what is `None`.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    pub visitor: Option<Arc<visitor::Model>>,
    /// The operators who take part, in the order of joining.
    pub participants: Option<Arc<[OperatorId]>>,
    /// The newest message with text. Used only if the conversation has one.
    pub last_message: Option<Arc<message::Model>>,
    /// The marks of all operators.
    pub marks: Option<Arc<[mark::Model]>>,
    /// Who types, and whether the visitor is here.
    pub presence: Option<Seen>,
    /// Operators that occur, also removed ones. Fields load those that are missing.
    pub operators: Arc<HashMap<OperatorId, Arc<operator::Model>>>,
}

/// The talk between a visitor and the account.
#[derive(Clone, Debug)]
pub struct Conversation {
    row: Arc<conversation::Model>,
    loaded: Loaded,
}

impl Conversation {
    #[must_use]
    pub fn of(row: conversation::Model) -> Self {
        Self::with(Arc::new(row), Loaded::default())
    }

    /// The conversation of a row that others read as well, with what was read together with it.
    #[must_use]
    pub fn with(row: Arc<conversation::Model>, loaded: Loaded) -> Self {
        Self { row, loaded }
    }

    /// Whether a reader sees the same in another state, according to what was read together with
    /// both.
    pub(super) fn shows_same(&self, other: &Self, reader: OperatorId) -> bool {
        let own_mark = |of: &Self| of.loaded.marks.as_ref()?.iter().find(|mark| mark.operator_id == reader).cloned();
        let operators = [self.row.assignee_id, self.loaded.last_message.as_ref().and_then(|row| row.operator_id)];
        let mut operators =
            operators.into_iter().flatten().chain(self.loaded.participants.iter().flat_map(|ids| ids.iter().copied()));
        self.row == other.row
            && self.loaded.visitor == other.loaded.visitor
            && self.loaded.participants == other.loaded.participants
            && self.loaded.last_message == other.loaded.last_message
            && own_mark(self) == own_mark(other)
            && self.loaded.presence == other.loaded.presence
            && operators.all(|id| self.loaded.operators.get(&id) == other.loaded.operators.get(&id))
    }

    /// Shows a shared state.
    #[must_use]
    pub fn shown(state: &State, presence: Option<Seen>) -> Self {
        let loaded = Loaded {
            visitor: Some(Arc::clone(&state.visitor)),
            participants: Some(state.present.iter().map(|row| row.operator_id).collect()),
            last_message: state.last_message.clone(),
            marks: Some(Arc::clone(&state.marks)),
            presence,
            operators: Arc::default(),
        };
        Self::with(Arc::clone(&state.conversation), loaded)
    }

    async fn operator(&self, ctx: &Context<'_>, id: OperatorId) -> Result<Operator, Error> {
        match self.loaded.operators.get(&id) {
            Some(operator) => Ok(Operator(operator::Model::clone(operator))),
            None => operator_of_record(ctx, self.row.account_id, id).await,
        }
    }

    fn presence(&self, ctx: &Context<'_>) -> Seen {
        self.loaded.presence.clone().unwrap_or_else(|| ctx.app().presence.of(self.row.id))
    }

    /// How far the caller has read, and the number of messages of the visitor up to there.
    async fn mark(&self, ctx: &Context<'_>) -> Result<(i32, i32), Error> {
        let identity = ctx.identity();
        let Some(caller) = identity.signed_in().filter(|caller| caller.account_id() == self.row.account_id) else {
            return Ok((0, 0));
        };
        let operator_id = caller.operator_id();
        let read = |mark: &mark::Model| (mark.read_up_to, mark.visitor_messages);
        if let Some(marks) = &self.loaded.marks {
            return Ok(marks.iter().find(|mark| mark.operator_id == operator_id).map(read).unwrap_or_default());
        }
        let key = (self.row.account_id, self.row.id, operator_id);
        let found = ctx.data_unchecked::<DataLoader<Marks>>().load_one(key).await;
        let found = found.map_err(|error| anyhow::Error::new(error).into_graphql())?;
        Ok(found.as_ref().map(read).unwrap_or_default())
    }
}

/// The talk between a visitor and the account. Visible to the account's operators.
#[Object]
impl Conversation {
    /// Global id. Opaque.
    pub async fn id(&self) -> ID {
        id::conversation(self.row.id)
    }

    /// Whether an operator takes part.
    async fn status(&self) -> ConversationStatus {
        self.row.status.into()
    }

    /// The visitor.
    async fn visitor(&self, ctx: &Context<'_>) -> Result<Visitor, Error> {
        match &self.loaded.visitor {
            Some(visitor) => Ok(Visitor::shared(Arc::clone(visitor))),
            None => Visitor::load(ctx, self.row.account_id, self.row.visitor_id).await,
        }
    }

    /// The operator responsible. Null if none is.
    async fn assignee(&self, ctx: &Context<'_>) -> Option<Result<Operator, Error>> {
        Some(self.operator(ctx, self.row.assignee_id?).await)
    }

    /// The operators who have joined and not left, in the order of joining.
    async fn participants(&self, ctx: &Context<'_>) -> Result<Vec<Operator>, Error> {
        if let Some(participants) = &self.loaded.participants {
            let mut operators = Vec::with_capacity(participants.len());
            for id in &**participants {
                operators.push(self.operator(ctx, *id).await?);
            }
            return Ok(operators);
        }
        let key = (self.row.account_id, self.row.id);
        let found = ctx.data_unchecked::<DataLoader<Participants>>().load_one(key).await;
        let found = found.map_err(|error| anyhow::Error::new(error).into_graphql())?;
        Ok(found.unwrap_or_default().into_iter().map(|(_, operator)| Operator(operator)).collect())
    }

    /// When it began.
    async fn started_at(&self) -> Moment {
        self.row.started_at.into()
    }

    /// When it was closed. Null while it is not.
    async fn closed_at(&self) -> Option<Moment> {
        self.row.closed_at.map(Moment)
    }

    /// Who closed it. Null while it is not closed, and if it was closed because it has 10,000
    /// messages.
    async fn closed_by(&self) -> Option<ClosedBy> {
        self.row.closed_by.map(ClosedBy::from)
    }

    /// When the visitor wrote the first message that no operator has answered. Null if none waits.
    async fn waiting_since(&self) -> Option<Moment> {
        self.row.waiting_since.map(Moment)
    }

    /// The sequence of the newest message.
    async fn last_sequence(&self) -> i32 {
        self.row.last_sequence
    }

    /// The newest message with text. Null if there is none.
    async fn last_message(&self, ctx: &Context<'_>) -> Result<Option<Message>, Error> {
        let Some(sequence) = self.row.last_message_sequence else { return Ok(None) };
        if let Some(row) = self.loaded.last_message.as_ref().filter(|row| row.sequence == sequence) {
            let operator = row.operator_id.and_then(|id| self.loaded.operators.get(&id).cloned());
            return Ok(Some(Message::shared(Arc::clone(row), operator)));
        }
        let key = (self.row.account_id, self.row.id, sequence);
        let found = ctx.data_unchecked::<DataLoader<LastMessages>>().load_one(key).await;
        let found = found.map_err(|error| anyhow::Error::new(error).into_graphql())?;
        Ok(found.map(|(row, operator)| Message::shared(Arc::new(row), operator.map(Arc::new))))
    }

    /// The sequence up to which the caller has read. 0 if the caller has read nothing.
    async fn read_up_to(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        Ok(self.mark(ctx).await?.0)
    }

    /// The sequence up to which the visitor has read. 0 if the visitor has read nothing.
    async fn read_by_visitor_up_to(&self) -> i32 {
        self.row.visitor_read_up_to
    }

    /// The number of messages of the visitor after `readUpTo`.
    async fn unread_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        // A mark that is newer than the row may count more messages than the row has.
        Ok((self.row.visitor_messages - self.mark(ctx).await?.1).max(0))
    }

    /// Whether the visitor types now. False while the visitor is blocked.
    async fn is_visitor_typing(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        // The servers on which a visitor types do not read whether the visitor is blocked.
        Ok(self.presence(ctx).visitor_types && self.visitor(ctx).await?.is_heard(ctx.app()))
    }

    /// Whether a page of the visitor is connected, or was 5 s ago.
    async fn is_visitor_here(&self, ctx: &Context<'_>) -> bool {
        self.presence(ctx).visitor_is_here
    }

    /// The active operators who type now, also those who have not joined, and the caller. At most
    /// 20.
    async fn typing_operators(&self, ctx: &Context<'_>) -> Result<Vec<Operator>, Error> {
        let mut operators = Vec::new();
        for id in self.presence(ctx).operators_typing {
            let operator = match self.loaded.operators.get(&id) {
                Some(operator) => Some(Operator(operator::Model::clone(operator))),
                // Another server says who types, and the bus can be forged.
                None => find_operator_of_record(ctx, self.row.account_id, id).await?,
            };
            // One who has lost the seat since does not type.
            operators.extend(operator.filter(|operator| operator.0.is_active()));
        }
        Ok(operators)
    }

    /// The page from which the visitor wrote last. Null if unknown.
    async fn page(&self) -> Option<Page> {
        Page::of(&self.row)
    }

    /// The last messages, or the last before a sequence, oldest first.
    #[graphql(complexity = "part(last, DEFAULT) * child_complexity + 1")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DEFAULT)", desc = "Maximum number, from 0 to 100. Null: 50.")] last: Option<i32>,
        #[graphql(desc = "Only messages before this sequence.")] before: Option<i32>,
    ) -> Result<Vec<Message>, Error> {
        let last = part_size("last", last, DEFAULT)?;
        // Newer messages than those of this state are not in it.
        let end = self.row.last_sequence.saturating_add(1);
        let before = Some(before.map_or(end, |before| before.min(end)));
        let rows = queries::list_messages(ctx.app().db(), self.row.account_id, self.row.id, last, before).await;
        Ok(rows.map_err(IntoGraphql::into_graphql)?.into_iter().map(Message::of).collect())
    }

    /// The last notes, oldest first.
    #[graphql(complexity = "part(last, DEFAULT) * child_complexity + 1")]
    async fn notes(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DEFAULT)", desc = "Maximum number, from 0 to 100. Null: 50.")] last: Option<i32>,
    ) -> Result<Vec<Note>, Error> {
        let last = part_size("last", last, DEFAULT)?;
        let rows = queries::list_notes(ctx.app().db(), self.row.account_id, self.row.id, last).await;
        Ok(rows.map_err(IntoGraphql::into_graphql)?.into_iter().map(Note::of).collect())
    }
}

/// The page from which a visitor writes.
#[derive(Clone, Debug, SimpleObject)]
pub struct Page {
    /// The address: `http:` or `https:`, without fragment and most parameters, at most 512 bytes.
    pub url: String,
    /// The title, at most 200 characters. Null if unknown.
    pub title: Option<String>,
    /// The origin of the page that led there. Null if unknown.
    pub referrer: Option<String>,
}

impl Page {
    fn of(row: &conversation::Model) -> Option<Self> {
        let url = row.page_url.clone()?;
        Some(Self { url, title: row.page_title.clone(), referrer: row.page_referrer.clone() })
    }
}

//! Messages and notes, as operators see them.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, dataloader::DataLoader};
use entity::{AccountId, OperatorId, message, note, operator};

use super::{ConversationEvent, MessageAuthor};
use crate::{
    graphql::{ContextExt, Moment, id, payload::IntoGraphql},
    input::ClientMessageId,
    operator::{
        graphql::Operator,
        queries::{FindOfRecord, OperatorsOfRecord},
    },
};

/// The operator with this id, also if removed.
pub(super) async fn operator_of_record(
    ctx: &Context<'_>,
    account_id: AccountId,
    id: OperatorId,
) -> Result<Operator, Error> {
    let found = find_operator_of_record(ctx, account_id, id).await?;
    // The row of a removed operator stays.
    found.ok_or_else(|| anyhow::anyhow!("an operator without a row").into_graphql())
}

/// The same for an id that may be made up.
pub(super) async fn find_operator_of_record(
    ctx: &Context<'_>,
    account_id: AccountId,
    id: OperatorId,
) -> Result<Option<Operator>, Error> {
    let scope = ctx.scope();
    let found = if scope.shares_reads() {
        scope.read(FindOfRecord(account_id, id)).await.map_err(IntoGraphql::into_graphql)?
    } else {
        let found = ctx.data_unchecked::<DataLoader<OperatorsOfRecord>>().load_one((account_id, id)).await;
        found.map_err(|error| anyhow::Error::new(error).into_graphql())?
    };
    Ok(found.map(Operator))
}

/// What was written, or what happened, in a conversation.
#[derive(Clone, Debug)]
pub struct Message {
    row: Arc<message::Model>,
    /// The operator, if read already.
    operator: Option<Arc<operator::Model>>,
}

impl Message {
    #[must_use]
    pub fn of(row: message::Model) -> Self {
        Self::shared(Arc::new(row), None)
    }

    /// The message of a row that others read as well. `operator` is the operator's row, if read
    /// already.
    #[must_use]
    pub fn shared(row: Arc<message::Model>, operator: Option<Arc<operator::Model>>) -> Self {
        Self { row, operator }
    }
}

/// What was written, or what happened, in a conversation. Never changes. Visible to the account's
/// operators.
#[Object]
impl Message {
    /// The position in the conversation: 1, 2, 3 and so on, without gaps.
    async fn sequence(&self) -> i32 {
        self.row.sequence
    }

    /// The id that the sender's client gave it. Null for events.
    async fn client_message_id(&self) -> Option<String> {
        self.row.client_message_id.as_deref().map(|id| ClientMessageId::stored(id).to_string())
    }

    /// Who wrote it.
    async fn author(&self) -> MessageAuthor {
        self.row.author.into()
    }

    /// The operator who wrote it, or whom the event is about. Of a removed operator only the name
    /// remains. Null for messages of the visitor and events about no operator.
    async fn operator(&self, ctx: &Context<'_>) -> Option<Result<Operator, Error>> {
        let id = self.row.operator_id?;
        match &self.operator {
            Some(operator) => Some(Ok(Operator(operator::Model::clone(operator)))),
            None => Some(operator_of_record(ctx, self.row.account_id, id).await),
        }
    }

    /// Plain text, 1 to 4,000 characters. Null for events.
    async fn text(&self) -> Option<&str> {
        self.row.text.as_deref()
    }

    /// What happened. Null for messages with text.
    async fn event(&self) -> Option<ConversationEvent> {
        self.row.event.map(ConversationEvent::from)
    }

    /// When it was sent.
    async fn sent_at(&self) -> Moment {
        self.row.sent_at.into()
    }
}

/// A remark about a conversation that only operators see.
#[derive(Clone, Debug)]
pub struct Note(Arc<note::Model>);

impl Note {
    #[must_use]
    pub fn of(row: note::Model) -> Self {
        Self(Arc::new(row))
    }

    /// The note of a row that others read as well.
    #[must_use]
    pub fn shared(row: Arc<note::Model>) -> Self {
        Self(row)
    }
}

/// A remark about a conversation. Visible to the account's operators, never to visitors.
#[Object]
impl Note {
    /// Identifies the note. Opaque. `node` does not resolve it.
    pub async fn id(&self) -> ID {
        id::note(self.0.id)
    }

    /// The operator who wrote it. Of a removed operator only the name remains.
    async fn operator(&self, ctx: &Context<'_>) -> Result<Operator, Error> {
        operator_of_record(ctx, self.0.account_id, self.0.operator_id).await
    }

    /// Plain text, 1 to 4,000 characters.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// When it was written.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }
}

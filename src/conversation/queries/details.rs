//! What lists show of their conversations besides rows and visitors, for a page at once.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use entity::{
    AccountId, ConversationId, OperatorId, conversation, conversation_mark as mark, message, operator, participation,
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::loaders::at;
use crate::app::{App, reads::Read};

/// Which details to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wanted {
    pub assignee: bool,
    pub participants: bool,
    pub last_message: bool,
    pub marks: Readers,
}

/// Whose marks to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Readers {
    #[default]
    None,
    One(OperatorId),
    All,
}

impl Wanted {
    /// For readers with different selections.
    pub const ALL: Self = Self { assignee: true, participants: true, last_message: true, marks: Readers::All };
}

/// The details of some conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The operators who take part, in the order of joining.
    pub participants: HashMap<ConversationId, Arc<[OperatorId]>>,
    pub last_messages: HashMap<ConversationId, Arc<message::Model>>,
    pub marks: HashMap<ConversationId, Arc<[mark::Model]>>,
    /// The operators that occur, also removed ones.
    pub operators: Arc<HashMap<OperatorId, Arc<operator::Model>>>,
}

/// Reads the details of conversations of one account, as they are in their rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FindDetails {
    account_id: AccountId,
    wanted: Wanted,
    of: Vec<Of>,
}

/// A conversation, and what its row says of the details.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Of {
    id: ConversationId,
    assignee_id: Option<OperatorId>,
    last_message_sequence: Option<i32>,
}

impl FindDetails {
    #[must_use]
    pub fn new<'a>(
        account_id: AccountId,
        wanted: Wanted,
        conversations: impl Iterator<Item = &'a conversation::Model>,
    ) -> Self {
        let of = conversations.map(|row| Of {
            id: row.id,
            assignee_id: row.assignee_id,
            last_message_sequence: row.last_message_sequence,
        });
        Self { account_id, wanted, of: of.collect() }
    }

    fn ids(&self) -> impl Iterator<Item = ConversationId> {
        self.of.iter().map(|of| of.id)
    }

    async fn participants(&self, app: &App) -> Result<Vec<(ConversationId, OperatorId)>, DbErr> {
        if !self.wanted.participants {
            return Ok(Vec::new());
        }
        let rows = participation::Entity::find()
            .filter(participation::COLUMN.account_id.eq(self.account_id))
            .filter(participation::COLUMN.conversation_id.is_in(self.ids()))
            .filter(participation::COLUMN.left_at.is_null())
            .order_by_asc(participation::Column::JoinedSequence)
            .all(app.db())
            .await?;
        Ok(rows.into_iter().map(|row| (row.conversation_id, row.operator_id)).collect())
    }

    async fn last_messages(&self, app: &App) -> Result<Vec<message::Model>, DbErr> {
        let places: Vec<_> = self.of.iter().filter_map(|of| Some((of.id, of.last_message_sequence?))).collect();
        if !self.wanted.last_message || places.is_empty() {
            return Ok(Vec::new());
        }
        let rows = message::Entity::find()
            .filter(message::COLUMN.account_id.eq(self.account_id))
            .filter(at(places.into_iter()));
        rows.all(app.db()).await
    }

    async fn marks(&self, app: &App) -> Result<Vec<mark::Model>, DbErr> {
        let rows = mark::Entity::find()
            .filter(mark::COLUMN.account_id.eq(self.account_id))
            .filter(mark::COLUMN.conversation_id.is_in(self.ids()));
        match self.wanted.marks {
            Readers::None => Ok(Vec::new()),
            Readers::One(operator_id) => rows.filter(mark::COLUMN.operator_id.eq(operator_id)).all(app.db()).await,
            Readers::All => rows.all(app.db()).await,
        }
    }
}

impl Read for FindDetails {
    type Value = Arc<Details>;

    async fn run(self, app: &App) -> Result<Self::Value, DbErr> {
        if self.of.is_empty() {
            return Ok(Arc::default());
        }
        let (participants, last_messages, marks) =
            (self.participants(app).await?, self.last_messages(app).await?, self.marks(app).await?);
        let assignees = self.of.iter().filter_map(|of| of.assignee_id).filter(|_| self.wanted.assignee);
        let operators: BTreeSet<_> = assignees
            .chain(participants.iter().map(|(_, operator_id)| *operator_id))
            .chain(last_messages.iter().filter_map(|message| message.operator_id))
            .collect();
        let operators = if operators.is_empty() {
            Vec::new()
        } else {
            // Removed ones as well, since what they did stays.
            operator::Entity::find()
                .filter(operator::COLUMN.account_id.eq(self.account_id))
                .filter(operator::COLUMN.id.is_in(operators))
                .all(app.db())
                .await?
        };
        let last_messages = last_messages.into_iter().map(|row| (row.conversation_id, Arc::new(row))).collect();
        let operators = operators.into_iter().map(|row| (row.id, Arc::new(row))).collect();
        Ok(Arc::new(Details {
            participants: grouped(participants.into_iter()),
            last_messages,
            marks: grouped(marks.into_iter().map(|mark| (mark.conversation_id, mark))),
            operators: Arc::new(operators),
        }))
    }
}

fn grouped<T>(items: impl Iterator<Item = (ConversationId, T)>) -> HashMap<ConversationId, Arc<[T]>> {
    let mut groups: HashMap<_, Vec<T>> = HashMap::new();
    for (id, item) in items {
        groups.entry(id).or_default().push(item);
    }
    groups.into_iter().map(|(id, items)| (id, items.into())).collect()
}

//! Data loaders of what operators see around a conversation. Created per operation, without a
//! cache. Each key includes the account, so a batch never mixes the ids of one account with the
//! rows of another.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_graphql::dataloader::Loader;
use entity::{
    AccountId, ConversationId, OperatorId,
    conversation_mark::{self as mark},
    message, operator, participation,
};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, ExprTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef,
    sea_query::{Expr, Query, ValueTuple},
};

use crate::app::App;

/// Loads who takes part in conversations, in the order of joining, each with the operator's row.
#[derive(Debug)]
pub struct Participants(pub App);

impl Loader<(AccountId, ConversationId)> for Participants {
    type Value = Vec<(participation::Model, operator::Model)>;
    type Error = Arc<DbErr>;

    async fn load(
        &self,
        keys: &[(AccountId, ConversationId)],
    ) -> Result<HashMap<(AccountId, ConversationId), Self::Value>, Self::Error> {
        let (accounts, conversations): (BTreeSet<_>, BTreeSet<_>) = keys.iter().copied().unzip();
        let operator: RelationDef = participation::Entity::belongs_to(operator::Entity)
            .from(participation::Column::OperatorId)
            .to(operator::Column::Id)
            .into();
        let rows = participation::Entity::find()
            .join(JoinType::InnerJoin, operator)
            .select_also(operator::Entity)
            .filter(participation::COLUMN.account_id.is_in(accounts))
            .filter(participation::COLUMN.conversation_id.is_in(conversations))
            .filter(participation::COLUMN.left_at.is_null())
            .order_by_asc(participation::Column::JoinedSequence)
            .all(self.0.db())
            .await?;
        let mut found: HashMap<_, Self::Value> = HashMap::new();
        for (row, operator) in rows {
            let Some(operator) = operator else { continue };
            found.entry((row.account_id, row.conversation_id)).or_default().push((row, operator));
        }
        Ok(found)
    }
}

/// Loads messages by sequence, each with the row of the operator, if there is one.
#[derive(Debug)]
pub struct LastMessages(pub App);

impl Loader<(AccountId, ConversationId, i32)> for LastMessages {
    type Value = (message::Model, Option<operator::Model>);
    type Error = Arc<DbErr>;

    async fn load(
        &self,
        keys: &[(AccountId, ConversationId, i32)],
    ) -> Result<HashMap<(AccountId, ConversationId, i32), Self::Value>, Self::Error> {
        let operator: RelationDef = message::Entity::belongs_to(operator::Entity)
            .from(message::Column::OperatorId)
            .to(operator::Column::Id)
            .into();
        let accounts: BTreeSet<_> = keys.iter().map(|(account_id, ..)| *account_id).collect();
        let rows = message::Entity::find()
            .join(JoinType::LeftJoin, operator)
            .select_also(operator::Entity)
            .filter(message::COLUMN.account_id.is_in(accounts))
            .filter(at(keys.iter().map(|(_, id, sequence)| (*id, *sequence))))
            .all(self.0.db())
            .await?;
        Ok(rows.into_iter().map(|row| ((row.0.account_id, row.0.conversation_id, row.0.sequence), row)).collect())
    }
}

/// Messages at these places. A list of values, because a condition for each place would exceed the
/// depth of an expression on SQLite.
pub(super) fn at(places: impl Iterator<Item = (ConversationId, i32)>) -> Expr {
    let places = places.map(|(id, sequence)| ValueTuple::Two(id.into(), sequence.into()));
    let message =
        [message::Column::ConversationId, message::Column::Sequence].map(|column| Expr::col((message::Entity, column)));
    Expr::tuple(message).in_subquery(Query::select().expr(Expr::cust("*")).from_values(places, "place").to_owned())
}

/// Loads how far an operator has read conversations.
#[derive(Debug)]
pub struct Marks(pub App);

impl Loader<(AccountId, ConversationId, OperatorId)> for Marks {
    type Value = mark::Model;
    type Error = Arc<DbErr>;

    async fn load(
        &self,
        keys: &[(AccountId, ConversationId, OperatorId)],
    ) -> Result<HashMap<(AccountId, ConversationId, OperatorId), Self::Value>, Self::Error> {
        let accounts: BTreeSet<_> = keys.iter().map(|(account_id, ..)| *account_id).collect();
        let conversations: BTreeSet<_> = keys.iter().map(|(_, id, _)| *id).collect();
        let operators: BTreeSet<_> = keys.iter().map(|(.., operator_id)| *operator_id).collect();
        let rows = mark::Entity::find()
            .filter(mark::COLUMN.account_id.is_in(accounts))
            .filter(mark::COLUMN.conversation_id.is_in(conversations))
            .filter(mark::COLUMN.operator_id.is_in(operators))
            .all(self.0.db())
            .await?;
        Ok(rows.into_iter().map(|row| ((row.account_id, row.conversation_id, row.operator_id), row)).collect())
    }
}

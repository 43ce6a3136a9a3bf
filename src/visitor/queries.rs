//! Reads of visitors.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entity::{AccountId, ConversationId, OperatorId, VisitorId, account, conversation, visitor, visitor_token};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait as _, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait as _, sea_query::Expr,
};
use uuid::Uuid;

use super::TOKEN_VERSION;
use crate::{access::identity::Visitor, account::queries::has_key_form, app::App};

/// A visitor of an account.
pub async fn find(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: VisitorId,
) -> Result<Option<visitor::Model>, DbErr> {
    visitor::Entity::find_by_id(id).filter(visitor::COLUMN.account_id.eq(account_id)).one(db).await
}

/// The visitor of an account to whom a token belongs. `None` if the holder has not written to the
/// account.
pub async fn find_by_token(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    holder: &Visitor,
) -> Result<Option<visitor::Model>, DbErr> {
    let token = visitor_token::Entity::find_by_id((account_id, holder.token_hash().to_vec()));
    let found = token.find_also_related(visitor::Entity).one(db).await?;
    Ok(found.and_then(|(_, visitor)| visitor))
}

/// An account, as far as a visitor's message concerns it, with the visitor of a token.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct WidgetAccount {
    pub account_id: AccountId,
    pub is_chat_enabled: bool,
    /// `None` if the holder of the token has not written to the account.
    pub visitor_id: Option<VisitorId>,
    /// The conversation of the visitor that began last.
    pub conversation_id: Option<ConversationId>,
    /// When that conversation was closed. `None` while it is not.
    pub closed_at: Option<DateTime<Utc>>,
    /// The operator responsible for it.
    pub assignee_id: Option<OperatorId>,
}

/// The account whose website uses this widget key, and what a token opens there: one statement.
pub async fn find_at_widget(
    db: &impl ConnectionTrait,
    key: &str,
    holder: &Visitor,
) -> Result<Option<WidgetAccount>, DbErr> {
    if !has_key_form(key) {
        return Ok(None);
    }
    let is_of_token = Expr::col((visitor_token::Entity, visitor_token::Column::AccountId))
        .equals((account::Entity, account::Column::Id))
        .and(visitor_token::COLUMN.token_hash.eq(holder.token_hash().to_vec()));
    let latest = conversation::Entity::find()
        .select_only()
        .column(conversation::Column::Id)
        .filter(
            Expr::col((conversation::Entity, conversation::Column::VisitorId))
                .equals((visitor_token::Entity, visitor_token::Column::VisitorId)),
        )
        .order_by_desc(conversation::Column::StartedAt)
        .order_by_desc(conversation::Column::Id)
        .limit(1)
        .into_query();
    let mut select = account::Entity::find()
        .select_only()
        .column_as(account::Column::Id, "account_id")
        .column(account::Column::IsChatEnabled)
        .column(visitor_token::Column::VisitorId)
        .column_as(conversation::Column::Id, "conversation_id")
        .column(conversation::Column::ClosedAt)
        .column(conversation::Column::AssigneeId)
        .filter(account::COLUMN.widget_key.eq(key));
    let is_latest = Expr::col((conversation::Entity, conversation::Column::Id)).eq(latest);
    QuerySelect::query(&mut select)
        .left_join(visitor_token::Entity, is_of_token)
        .left_join(conversation::Entity, is_latest);
    select.into_model().one(db).await
}

/// The versions of these visitors, for a server that may have missed changes.
pub async fn list_versions_any_account(
    db: &impl ConnectionTrait,
    visitors: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, DbErr> {
    let chosen = visitor::Entity::find()
        .select_only()
        .columns([visitor::Column::Id, visitor::Column::Version])
        .filter(visitor::Column::Id.is_in(visitors.iter().copied()));
    chosen.into_tuple().all(db).await
}

/// Which of these tokens belong to a visitor of their account, for a server that may have missed
/// first messages. Such a token has one version.
pub async fn list_token_versions_any_account(
    db: &impl ConnectionTrait,
    keys: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, DbErr> {
    let present = visitor_token::Entity::find()
        .select_only()
        .column(visitor_token::Column::Key)
        .filter(visitor_token::Column::Key.is_in(keys.iter().copied()));
    let present: Vec<Uuid> = present.into_tuple().all(db).await?;
    Ok(present.into_iter().map(|key| (key, TOKEN_VERSION)).collect())
}

/// Loads visitors by id, in one query for all that an operation requests at the same time. Created
/// per operation, without a cache.
#[derive(Debug)]
pub struct Visitors(pub App);

impl Loader<(AccountId, VisitorId)> for Visitors {
    type Value = visitor::Model;
    type Error = Arc<DbErr>;

    async fn load(
        &self,
        keys: &[(AccountId, VisitorId)],
    ) -> Result<HashMap<(AccountId, VisitorId), visitor::Model>, Self::Error> {
        // Each key includes the account, so a batch never mixes the ids of one account with the
        // rows of another.
        let (accounts, visitors): (BTreeSet<_>, BTreeSet<_>) = keys.iter().copied().unzip();
        let rows = visitor::Entity::find()
            .filter(visitor::COLUMN.account_id.is_in(accounts))
            .filter(visitor::COLUMN.id.is_in(visitors))
            .all(self.0.db())
            .await?;
        Ok(rows.into_iter().map(|row| ((row.account_id, row.id), row)).collect())
    }
}

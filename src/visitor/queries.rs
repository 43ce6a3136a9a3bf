//! Reads of visitors.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_graphql::dataloader::Loader;
use entity::{AccountId, VisitorId, visitor, visitor_token};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::TOKEN_VERSION;
use crate::{access::identity::Visitor, app::App};

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

/// Which of these tokens belong to a visitor, for a server that may have missed first messages.
/// Such a token has one version.
pub async fn list_token_versions_any_account(
    db: &impl ConnectionTrait,
    keys: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, DbErr> {
    let present = visitor_token::Entity::find()
        .select_only()
        .column(visitor_token::Column::Key)
        .distinct()
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

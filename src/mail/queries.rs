//! Reads of mails.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{
    OperatorId,
    mail::{self, Kind},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use crate::app::App;

/// The undelivered invitations of these operators, oldest first: those that failed permanently, and
/// those that will be retried.
async fn list_undelivered_invitations(
    db: &impl ConnectionTrait,
    operators: &[OperatorId],
) -> Result<Vec<mail::Model>, DbErr> {
    mail::Entity::find()
        .filter(mail::COLUMN.kind.eq(Kind::Invitation))
        .filter(mail::COLUMN.operator_id.is_in(operators.iter().copied()))
        .filter(mail::COLUMN.last_error.is_not_null())
        .order_by_asc(mail::Column::Id)
        .all(db)
        .await
}

/// The number of mails that wait in all accounts: a figure for the server's administrator.
pub async fn count_waiting_any_account(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    mail::Entity::find().filter(mail::COLUMN.failed_at.is_null()).count(db).await
}

/// The newest undelivered invitation of each operator. Created per operation, without a cache.
#[derive(Debug)]
pub struct Undelivered(pub App);

impl Loader<OperatorId> for Undelivered {
    type Value = mail::Model;
    type Error = std::sync::Arc<DbErr>;

    async fn load(&self, keys: &[OperatorId]) -> Result<HashMap<OperatorId, mail::Model>, Self::Error> {
        let rows = list_undelivered_invitations(self.0.db(), keys).await?;
        Ok(rows.into_iter().filter_map(|row| row.operator_id.map(|id| (id, row))).collect())
    }
}

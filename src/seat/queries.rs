//! The count of seats: one query for display and for the rule that checks the limit.

use entity::{AccountId, account, operator};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr,
};

use super::Usage;
use crate::{
    app::{App, reads::Read},
    plans::Plans,
};

/// The seats of an account, and how many are in use.
///
/// One statement, so both numbers are from the same moment: a reader never sees more seats in use
/// than there are while seats are bought and taken.
pub async fn usage(db: &impl ConnectionTrait, plans: &Plans, account_id: AccountId) -> Result<Usage, DbErr> {
    let active = operator::Entity::find()
        .select_only()
        .column_as(operator::Column::Id.count(), "active")
        .filter(operator::COLUMN.account_id.eq(account_id))
        .filter(operator::COLUMN.activated_at.is_not_null())
        .into_query();
    let found: Option<(account::PlanCode, i32, i64)> = account::Entity::find_by_id(account_id)
        .select_only()
        .columns([account::Column::Plan, account::Column::Seats])
        .expr_as(Expr::from(active), "used")
        .into_tuple()
        .one(db)
        .await?;
    let (plan, seats, used) = found.ok_or_else(|| DbErr::RecordNotFound(format!("account {account_id}")))?;
    Ok(Usage { limit: plans.seat_limit(plan, seats), used: i32::try_from(used).unwrap_or(i32::MAX) })
}

/// [`usage`] as a read that can be shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FindUsage(pub AccountId);

impl Read for FindUsage {
    type Value = Usage;

    async fn run(self, app: &App) -> Result<Usage, DbErr> {
        usage(app.db(), &app.config.plans, self.0).await
    }
}

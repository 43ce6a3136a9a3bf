//! The count of seats: one query for those who look and for the rule that refuses.

use entity::{AccountId, account, operator};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

use super::Usage;
use crate::plans::Plans;

/// Seats of an account and how many are held.
pub async fn usage(db: &impl ConnectionTrait, plans: &Plans, account: &account::Model) -> Result<Usage, DbErr> {
    Ok(Usage { limit: plans.seat_limit(account.plan, account.seats), used: count_active(db, account.id).await? })
}

async fn count_active(db: &impl ConnectionTrait, account_id: AccountId) -> Result<i32, DbErr> {
    let used = operator::Entity::find()
        .filter(operator::COLUMN.account_id.eq(account_id))
        .filter(operator::COLUMN.activated_at.is_not_null())
        .count(db)
        .await?;
    Ok(i32::try_from(used).unwrap_or(i32::MAX))
}

//! The read of availability.

use entity::{AccountId, account, operator};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Card, Facts, State, is_available};
use crate::page;

/// The state that visitors of an account see now; `None` if the account does not exist.
///
/// The version is read before the operators. So the state may be newer than its version, and is
/// then sent again, but it is never older.
pub async fn current(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Option<State>, DbErr> {
    let version: Option<i32> = account::Entity::find_by_id(account_id)
        .select_only()
        .column(account::Column::AvailabilityVersion)
        .into_tuple()
        .one(db)
        .await?;
    let Some(version) = version else { return Ok(None) };
    let candidates = operator::Entity::find()
        .filter(operator::COLUMN.account_id.eq(account_id))
        .filter(operator::COLUMN.activated_at.is_not_null())
        .order_by_asc(operator::Column::Id)
        .limit(u64::from(page::MAX))
        .all(db)
        .await?;
    let cards = candidates
        .into_iter()
        .filter(|row| is_available(Facts { is_active: row.is_active() }))
        .map(Card::from)
        .collect();
    Ok(Some(State { version, cards }))
}

//! The version of availability, which only this room counts.

use entity::{AccountId, account, availability, operator};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::{Card, queries::counted};
use crate::{app::Work, bus::Topic};

/// Increments the version if visitors can see the difference between two states of an operator:
/// whether the operator is shown, or the operator's card. Every rule that writes the seat,
/// password, name, description or photo of an operator calls this. `before` is [`Card::shown`] of
/// the operator before the change.
pub async fn note_change(work: &mut Work, before: Option<Card>, after: &operator::Model) -> Result<(), DbErr> {
    if before == Card::shown(after) {
        return Ok(());
    }
    // Boxed, because most changes of an operator get here, and their futures would be large.
    Box::pin(bump_version(work, after.account_id)).await
}

/// Increments the version if visitors can write after a change of the account and could not before,
/// or the reverse. The rule that changes an account calls this.
pub async fn note_switch(work: &mut Work, before: &account::Model, after: &account::Model) -> Result<(), DbErr> {
    if before.is_chat_enabled == after.is_chat_enabled {
        return Ok(());
    }
    bump_version(work, after.id).await
}

/// Increments the version for a change that visitors can see, and announces it, once a
/// transaction. The caller holds the account's lock, so an older state never gets a newer version.
async fn bump_version(work: &mut Work, account_id: AccountId) -> Result<(), DbErr> {
    let topic = Topic::Availability(account_id);
    if work.announces(topic) {
        return Ok(());
    }
    // A server of the previous version reads and counts the account's column only.
    let changed = account::Entity::update_many()
        .col_expr(account::Column::AvailabilityVersion, Expr::expr(counted()).add(1))
        .filter(account::COLUMN.id.eq(account_id))
        .exec_with_returning(&**work)
        .await?;
    let Some(account) = changed.first() else { return Ok(()) };
    let version = account.availability_version;
    let row = availability::ActiveModel { account_id: Set(account_id), version: Set(version) };
    let on_conflict =
        OnConflict::column(availability::Column::AccountId).update_column(availability::Column::Version).to_owned();
    availability::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(&**work).await?;
    work.announce(topic.at(version.into()));
    Ok(())
}

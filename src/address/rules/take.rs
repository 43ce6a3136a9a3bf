//! Giving an address to an operator, proving it, and taking it from its holder.

use chrono::{DateTime, Utc};
use entity::{
    address_link, held_address,
    operator::{self, LostReason},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::{can_prove, is_taken};
use crate::{
    account::rules::{bump_version, lock_operators},
    address::{links, queries},
    app::{App, Work},
    password_link, session,
};

/// Why an operator did not receive an address.
#[derive(Debug)]
pub enum TakeError {
    /// Another operator has proven it or can take it back.
    Taken,
    /// Another operator received it since its holder was read: try again.
    Raced,
    Db(DbErr),
}

impl From<DbErr> for TakeError {
    fn from(error: DbErr) -> Self {
        if is_taken(&error) { Self::Raced } else { Self::Db(error) }
    }
}

/// An address that an operator receives.
#[derive(Clone, Copy, Debug)]
pub struct Gain<'a> {
    pub email: &'a str,
    pub email_key: &'a str,
    /// When it was proven; `None` if it is not.
    pub proven_at: Option<DateTime<Utc>>,
}

/// Gives an operator an address for which a mailed link was used. An unproven `holder` loses the
/// address and every session. Called before the transaction writes an operator.
pub async fn take(
    app: &App,
    work: &mut Work,
    operator: operator::Model,
    gain: Gain<'_>,
    holder: Option<operator::Model>,
) -> Result<operator::Model, TakeError> {
    if let Some(holder) = holder.filter(|holder| holder.id != operator.id) {
        if holder.email_proven_at.is_some() || !can_prove(app) {
            return Err(TakeError::Taken);
        }
        lock_operators(work, &[holder.account_id, operator.account_id], &[holder.id, operator.id]).await?;
        lose(app, work, holder, LostReason::Claimed).await?;
    }
    if let Some(hold) = queries::find_hold_any_account(app, &**work, gain.email_key, Some(operator.id)).await? {
        if hold.proven_at.is_some() || !can_prove(app) {
            return Err(TakeError::Taken);
        }
        links::end_undo(work, hold.operator_id, &hold.email_key).await?;
        held_address::Entity::delete_by_id(hold.id).exec(&**work).await?;
    }
    Ok(give(app, work, operator, gain).await?)
}

/// Writes an address that takes effect now, and clears the pending one.
pub async fn give(app: &App, work: &Work, operator: operator::Model, gain: Gain<'_>) -> Result<operator::Model, DbErr> {
    let mut row = operator.into_active_model();
    set(app, &mut row, gain);
    row.update(&**work).await
}

/// [`give`] for a caller that writes more columns of the row.
pub fn set(app: &App, row: &mut operator::ActiveModel, gain: Gain<'_>) {
    let now = app.clock.now();
    row.email = Set(Some(gain.email.to_owned()));
    row.email_key = Set(Some(gain.email_key.to_owned()));
    row.email_proven_at = Set(gain.proven_at);
    row.email_set_at = Set(Some(now));
    row.pending_email = Set(None);
    row.pending_email_key = Set(None);
    row.lost_email = Set(None);
    row.lost_at = Set(None);
    row.lost_reason = Set(None);
    row.updated_at = Set(now);
}

/// Records that an operator has proven the current address.
pub async fn prove(
    work: &Work,
    operator: operator::Model,
    proven_at: Option<DateTime<Utc>>,
) -> Result<operator::Model, DbErr> {
    if operator.email_proven_at.is_some() || proven_at.is_none() {
        return Ok(operator);
    }
    let mut row = operator.into_active_model();
    row.email_proven_at = Set(proven_at);
    row.update(&**work).await
}

/// Removes an address from its holder, with every session and every link that was mailed to it. An
/// invited operator keeps the invitation.
pub async fn lose(
    app: &App,
    work: &mut Work,
    holder: operator::Model,
    reason: LostReason,
) -> Result<operator::Model, DbErr> {
    let (email, email_key, now) = (holder.email.clone(), holder.email_key.clone(), app.clock.now());
    let is_invited = holder.is_invited();
    let mut row = holder.into_active_model();
    row.email_key = Set(None);
    if is_invited {
        row.pending_email_key = Set(email_key.clone());
    } else {
        row.email = Set(None);
        row.email_proven_at = Set(None);
        row.lost_email = Set(email);
        row.lost_at = Set(Some(now));
        row.lost_reason = Set(Some(reason));
        row.updated_at = Set(now);
    }
    let loser = row.update(&**work).await?;
    if !is_invited {
        session::rules::end_all(work, &loser, None).await?;
        password_link::end_all(work, loser.id).await?;
        if let Some(key) = email_key {
            address_link::Entity::delete_many()
                .filter(address_link::COLUMN.operator_id.eq(loser.id))
                .filter(address_link::COLUMN.email_key.eq(key.as_str()))
                .exec(&**work)
                .await?;
            // The operator may have left this address before and received it again since.
            held_address::Entity::delete_many()
                .filter(held_address::COLUMN.operator_id.eq(loser.id))
                .filter(held_address::COLUMN.email_key.eq(key))
                .exec(&**work)
                .await?;
        }
    }
    bump_version(work, loser.account_id).await?;
    Ok(loser)
}

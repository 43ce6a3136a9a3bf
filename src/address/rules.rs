//! The steps of giving, moving, leaving and restoring an address. Each step runs in a transaction
//! whose accounts the caller has locked.

use std::collections::BTreeSet;

use anyhow::bail;
use chrono::{DateTime, Utc};
use entity::{
    AccountId, HeldAddressId, OperatorId, address_link, held_address, mail::Kind, operator, operator::LostReason,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::{
    links::{self, UNDO_FOR},
    queries,
};
use crate::{
    account::rules::lock_by_id,
    app::{App, Work},
    error::violates,
    event::Event,
    input::EmailAddress,
    mail::queue::{self, Mail},
    operator::queries::find_by_email_any_account,
    password_link, session,
};

/// The unique index on addresses: its name in PostgreSQL, and its column in `SQLite` errors.
const EMAIL_INDEX: (&str, &str) = ("operator_email_key_key", "operator.email_key");

/// Whether a write failed because the address has a holder.
#[must_use]
pub fn is_taken(error: &DbErr) -> bool {
    violates(error, EMAIL_INDEX.0, EMAIL_INDEX.1)
}

/// Whether this server can prove addresses.
#[must_use]
pub fn can_prove(app: &App) -> bool {
    app.config.mail.smtp.is_some()
}

/// How many times a rule is tried again because the address changed hands since it was read.
pub const ROUNDS: usize = 5;

/// Begins a transaction that locks this account, the account of the address's holder, and the
/// accounts of operators who can take the address back. Returns the holder.
///
/// Accounts are locked in the order of their ids, so two transactions that move addresses between
/// the same accounts cannot deadlock.
pub async fn begin(
    app: &App,
    account_id: AccountId,
    email_key: &str,
) -> anyhow::Result<(Work, Option<operator::Model>)> {
    for _ in 0..ROUNDS {
        let holder = find_by_email_any_account(app.db(), email_key).await?;
        let holding = queries::list_hold_accounts_any_account(app, app.db(), email_key).await?;
        let accounts: BTreeSet<_> =
            holder.iter().map(|holder| holder.account_id).chain(holding).chain([account_id]).collect();
        let work = app.begin_in(account_id).await?;
        for id in &accounts {
            lock_by_id(&work, *id).await?;
        }
        let holder = find_by_email_any_account(&*work, email_key).await?;
        let holding = queries::list_hold_accounts_any_account(app, &*work, email_key).await?;
        if holder.iter().map(|holder| &holder.account_id).chain(&holding).all(|id| accounts.contains(id)) {
            return Ok((work, holder));
        }
    }
    bail!("an address changed hands {ROUNDS} times while it was read")
}

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
/// address and every session.
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
    work.announce(Event::OperatorChanged { account_id: loser.account_id, operator_id: loser.id });
    Ok(loser)
}

/// Mails a link to confirm an operator's current or requested address. Mails nothing if addresses
/// cannot be proven.
pub async fn ask(app: &App, work: &mut Work, operator: &operator::Model, email: &str) -> Result<(), DbErr> {
    if !can_prove(app) {
        return Ok(());
    }
    queue::put(app, work, Mail::about(Kind::AddressConfirmation, operator.id).to(email)).await
}

/// Holds the address that an operator has just left, and mails a link there that restores it.
/// `before` is the row with that address.
///
/// An address that is left a second time keeps its place in the order: the link that was mailed
/// first still restores it.
pub async fn hold(app: &App, work: &mut Work, before: &operator::Model) -> Result<(), DbErr> {
    let (Some(email), Some(email_key)) = (&before.email, &before.email_key) else { return Ok(()) };
    let now = app.clock.now();
    if let Some(held) = queries::find_held(app, &**work, before.id, email_key).await? {
        let proven_at = before.email_proven_at.or(held.proven_at);
        let mut row = held.into_active_model();
        row.expires_at = Set(now + UNDO_FOR);
        row.proven_at = Set(proven_at);
        row.update(&**work).await?;
    } else {
        held_address::ActiveModel {
            id: Set(HeldAddressId::new()),
            operator_id: Set(before.id),
            email: Set(email.clone()),
            email_key: Set(email_key.clone()),
            proven_at: Set(before.email_proven_at),
            created_at: Set(now),
            expires_at: Set(now + UNDO_FOR),
        }
        .insert(&**work)
        .await?;
    }
    queue::put(app, work, Mail::about(Kind::AddressUndo, before.id).to(email)).await
}

/// Whether a profile may not take this address because another one can take it back. Call it after
/// the address is written: the hold is committed together with the change that frees the address.
pub async fn is_kept(app: &App, work: &Work, email: &EmailAddress, operator_id: OperatorId) -> Result<bool, DbErr> {
    Ok(queries::find_hold_any_account(app, &**work, email.key(), Some(operator_id)).await?.is_some())
}

/// Deletes `held`, the addresses that the operator left after it, and the links that restore them.
///
/// Addresses that were left earlier can still be restored: otherwise a person who moved the profile
/// twice could undo the second move, and so end the link of the original holder.
pub async fn forget_since(work: &Work, held: &held_address::Model) -> Result<(), DbErr> {
    let since = held_address::Entity::find()
        .filter(held_address::COLUMN.operator_id.eq(held.operator_id))
        .filter(held_address::COLUMN.created_at.gte(held.created_at))
        .all(&**work)
        .await?;
    for later in since {
        links::end_undo(work, later.operator_id, &later.email_key).await?;
        held_address::Entity::delete_by_id(later.id).exec(&**work).await?;
    }
    Ok(())
}

/// Deletes the addresses that an operator left after this one. Called when a colleague gives this
/// address back to the operator: the effect is the same as restoring it.
///
/// Otherwise a person who moved the profile twice would have a link that takes it again after the
/// colleague has repaired it. The link of this address, and those of addresses that were left
/// earlier, still work.
pub async fn forget_after(app: &App, work: &Work, operator_id: OperatorId, email_key: &str) -> Result<(), DbErr> {
    let Some(held) = queries::find_held(app, &**work, operator_id, email_key).await? else { return Ok(()) };
    let later = held_address::Entity::find()
        .filter(held_address::COLUMN.operator_id.eq(operator_id))
        .filter(held_address::COLUMN.created_at.gt(held.created_at))
        .all(&**work)
        .await?;
    for later in later {
        links::end_undo(work, operator_id, &later.email_key).await?;
        held_address::Entity::delete_by_id(later.id).exec(&**work).await?;
    }
    Ok(())
}

/// Deletes the address links and held addresses of an operator who is removed.
pub async fn forget_all(work: &Work, operator_id: OperatorId) -> Result<(), DbErr> {
    address_link::Entity::delete_many().filter(address_link::COLUMN.operator_id.eq(operator_id)).exec(&**work).await?;
    held_address::Entity::delete_many().filter(held_address::COLUMN.operator_id.eq(operator_id)).exec(&**work).await?;
    Ok(())
}

/// Deletes the links and the held addresses that had expired at `until`.
pub async fn sweep(app: &App, until: DateTime<Utc>) -> anyhow::Result<()> {
    let work = app.begin().await?;
    address_link::Entity::delete_many().filter(address_link::COLUMN.expires_at.lte(until)).exec(&*work).await?;
    held_address::Entity::delete_many().filter(held_address::COLUMN.expires_at.lte(until)).exec(&*work).await?;
    work.commit().await
}

/// Gives an address to operators who accepted their invitation on a server of the previous version,
/// which assumes that they have one already.
pub async fn settle_accepted(app: &App) -> anyhow::Result<()> {
    let waiting = operator::Entity::find()
        .filter(operator::COLUMN.password_hash.is_not_null())
        .filter(operator::COLUMN.email_key.is_null())
        .filter(operator::COLUMN.pending_email.is_null())
        .filter(operator::COLUMN.pending_email_key.is_not_null())
        .filter(operator::COLUMN.removed_at.is_null())
        .all(app.db())
        .await?;
    for operator in waiting {
        let (Some(email), Some(email_key)) = (operator.email.clone(), operator.pending_email_key.clone()) else {
            continue;
        };
        let (mut work, holder) = begin(app, operator.account_id, &email_key).await?;
        let Some(now) = operator::Entity::find_by_id(operator.id).one(&*work).await? else { continue };
        if now != operator {
            continue;
        }
        let proven_at = can_prove(app).then(|| app.clock.now());
        match take(app, &mut work, operator, Gain { email: &email, email_key: &email_key, proven_at }, holder).await {
            Ok(operator) => {
                work.announce(Event::OperatorChanged { account_id: operator.account_id, operator_id: operator.id });
                work.commit().await?;
            }
            // The next sweep tries again.
            Err(TakeError::Taken | TakeError::Raced) => {}
            Err(TakeError::Db(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

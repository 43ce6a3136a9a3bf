//! The steps of giving, moving, leaving and restoring an address. Each step runs in a transaction
//! whose accounts the caller has locked.

mod hold;
mod sweep;
mod take;

use std::collections::BTreeSet;

use anyhow::bail;
use entity::{
    AccountId,
    mail::{Kind, Language},
    operator,
};
use sea_orm::DbErr;

use super::queries;
use crate::{
    account::rules::lock_by_id,
    app::{App, Work},
    error::violates,
    mail::queue::{self, Mail},
    operator::queries::find_by_email_any_account,
};

pub use self::{
    hold::{forget_after, forget_all, forget_since, hold, is_kept},
    sweep::{settle_accepted, sweep},
    take::{Gain, TakeError, give, lose, prove, set, take},
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

/// Mails a link to confirm an operator's current or requested address. Mails nothing if addresses
/// cannot be proven.
pub async fn ask(
    app: &App,
    work: &mut Work,
    operator: &operator::Model,
    email: &str,
    language: Language,
) -> Result<(), DbErr> {
    if !can_prove(app) {
        return Ok(());
    }
    queue::put(app, work, Mail::about(Kind::AddressConfirmation, language, operator.id).to(email)).await
}

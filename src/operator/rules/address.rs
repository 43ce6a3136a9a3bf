//! Changes the address of an operator.

use chrono::{DateTime, TimeDelta};
use entity::{
    OperatorId,
    mail::{Kind, Language},
    operator,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
};

use super::email_conflict;
use crate::{
    account::rules::{bump_version, lock_by_id},
    address::{self, links, rules::Gain},
    app::{App, Work},
    error::{Failure, Rejection},
    input::{EmailAddress, Invalid},
    mail::queue::{Mail, forget_invitations, put},
    operator::queries,
    password_link,
};

/// When a new address takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// At once, unproven.
    Now,
    /// Once the mailed link is confirmed. Until then the previous address stays in effect.
    Proven,
    /// Once the invitation is accepted.
    Accepted,
}

/// How long an operator is not asked to confirm an address, apart from the mailed link.
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// Whether the operator should be asked to prove the address.
#[must_use]
pub fn is_proof_due(app: &App, operator: &operator::Model) -> bool {
    let since = operator.email_set_at.unwrap_or(operator.created_at);
    let is_unproven = operator.email_key.is_some() && operator.email_proven_at.is_none() && !operator.is_invited();
    is_unproven && address::rules::can_prove(app) && since + PATIENCE <= app.clock.now()
}

/// When a new address of an operator takes effect.
pub(super) fn when(app: &App, operator: &operator::Model, is_own: bool) -> When {
    match () {
        () if operator.is_invited() => When::Accepted,
        () if is_own && address::rules::can_prove(app) => When::Proven,
        () => When::Now,
    }
}

/// Writes a new address into the row, without saving it.
pub(super) fn set(app: &App, row: &mut operator::ActiveModel, email: &EmailAddress, when: When) {
    match when {
        When::Now => {
            address::rules::set(app, row, Gain { email: email.address(), email_key: email.key(), proven_at: None });
        }
        When::Proven => {
            row.pending_email = Set(Some(email.address().to_owned()));
            row.pending_email_key = Set(Some(email.key().to_owned()));
        }
        When::Accepted => {
            row.email = Set(Some(email.address().to_owned()));
            row.email_key = Set(None);
            row.pending_email_key = Set(Some(email.key().to_owned()));
            row.invitation_sent_at = Set(None);
        }
    }
}

/// Whether an operator may not have this address, because another operator has it or can take it
/// back. Call it after the row is written.
pub(super) async fn is_refused(
    app: &App,
    work: &Work,
    operator: &operator::Model,
    email: &EmailAddress,
    when: When,
) -> Result<bool, DbErr> {
    match when {
        When::Now => Ok(is_known_here(work, operator, email).await?
            || address::rules::is_kept(app, work, email, operator.id).await?),
        When::Proven => {
            let holder = queries::find_by_email_any_account(&**work, email.key()).await?;
            Ok(holder.is_some_and(|holder| holder.id != operator.id)
                || address::rules::is_kept(app, work, email, operator.id).await?)
        }
        When::Accepted => is_known_here(work, operator, email).await,
    }
}

/// Whether a colleague has this address, or was invited with it. Addresses of colleagues are not
/// secret, unlike those of other accounts.
pub(super) async fn is_known_here(
    work: &Work,
    operator: &operator::Model,
    email: &EmailAddress,
) -> Result<bool, DbErr> {
    let invited = operator::COLUMN.pending_email_key.eq(email.key()).and(operator::COLUMN.password_hash.is_null());
    let known = operator::Entity::find()
        .filter(operator::COLUMN.account_id.eq(operator.account_id))
        .filter(operator::COLUMN.id.ne(operator.id))
        .filter(operator::COLUMN.removed_at.is_null())
        .filter(operator::COLUMN.email_key.eq(email.key()).or(invited))
        .one(&**work)
        .await?;
    Ok(known.is_some())
}

/// Ends the links that were mailed for the previous address, and sends the mail that the new one
/// requires.
pub(super) async fn follow(
    app: &App,
    work: &mut Work,
    before: &operator::Model,
    operator: &operator::Model,
    email: &EmailAddress,
    when: When,
    language: Language,
) -> Result<(), DbErr> {
    links::end_confirmations(work, operator.id).await?;
    match when {
        When::Proven => address::rules::ask(app, work, operator, email.address(), language).await,
        When::Accepted => {
            password_link::end_all(work, operator.id).await?;
            forget_invitations(work, operator.id).await?;
            let mail = Mail::about(Kind::Invitation, language, operator.id);
            put(
                app,
                work,
                match operator.added_by {
                    Some(sender) => mail.from(sender),
                    None => mail,
                },
            )
            .await
        }
        When::Now => {
            password_link::end_all(work, operator.id).await?;
            if let Some(old) = &before.email {
                put(app, work, Mail::about(Kind::EmailChanged, language, operator.id).to(old)).await?;
            }
            address::rules::forget_after(app, work, operator.id, email.key()).await?;
            address::rules::ask(app, work, operator, email.address(), language).await
        }
    }
}

/// Why the administrator could not set an address.
#[derive(Debug, thiserror::Error)]
pub enum SetAddressError {
    #[error("no operator has or had this address, or this id")]
    NotFound,
    #[error(
        "several operators had this address; use the id at the end of the URL of the operator's page in the dashboard"
    )]
    Ambiguous,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("This address signs in to an account already.")]
    EmailTaken,
}
impl Rejection for SetAddressError {}

/// How the administrator identifies an operator.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    Id(OperatorId),
    /// The current address, or a lost one.
    Address(&'a str),
}

/// Sets an operator's address on behalf of the server's administrator. It takes effect at once,
/// unproven; the former address is notified.
pub async fn set_address(
    app: &App,
    named: Named<'_>,
    typed: &str,
) -> Result<operator::Model, Failure<SetAddressError>> {
    let email = super::email_at("email", typed).map_err(SetAddressError::from)?;
    let found = find_named_any_account(app, named).await?;
    let mut work = app.begin_in(found.account_id).await?;
    lock_by_id(&work, found.account_id).await?.ok_or(SetAddressError::NotFound)?;
    let before = queries::find(&*work, found.account_id, found.id).await?.ok_or(SetAddressError::NotFound)?;
    let when = when(app, &before, false);
    let mut row = before.clone().into_active_model();
    set(app, &mut row, &email, when);
    let operator = row.update(&*work).await.map_err(|error| email_conflict(error, SetAddressError::EmailTaken))?;
    if is_refused(app, &work, &operator, &email, when).await? {
        return Err(SetAddressError::EmailTaken.into());
    }
    if before.address_key() != Some(email.key()) {
        follow(app, &mut work, &before, &operator, &email, when, Language::En).await?;
    }
    bump_version(&mut work, operator.account_id).await?;
    work.commit().await?;
    Ok(operator)
}

async fn find_named_any_account(app: &App, named: Named<'_>) -> Result<operator::Model, Failure<SetAddressError>> {
    let present = || operator::Entity::find().filter(operator::COLUMN.removed_at.is_null());
    let email = match named {
        Named::Id(id) => {
            return Ok(present()
                .filter(operator::COLUMN.id.eq(id))
                .one(app.db())
                .await?
                .ok_or(SetAddressError::NotFound)?);
        }
        Named::Address(email) => EmailAddress::parse(email).map_err(|_| SetAddressError::NotFound)?,
    };
    if let Some(holder) = queries::find_by_email_any_account(app.db(), email.key()).await? {
        return Ok(holder);
    }
    let lost = present().filter(operator::COLUMN.lost_at.gt(DateTime::UNIX_EPOCH)).all(app.db()).await?;
    let had = |row: &operator::Model| {
        let lost = row.lost_email.as_deref().and_then(|lost| EmailAddress::parse(lost).ok());
        lost.is_some_and(|lost| lost.key() == email.key())
    };
    let mut found = lost.into_iter().filter(had);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(SetAddressError::Ambiguous.into()),
        (None, _) => Err(SetAddressError::NotFound.into()),
    }
}

//! Inspecting a mailed link, and confirming, restoring or releasing its address.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use entity::{OperatorId, account, mail::Kind, operator, operator::LostReason, password_link::Purpose};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use crate::{
    access::{
        throttle::{Attempt, TooMany},
        token::{self, Incomplete, Token},
        viewer::{ProfileEditor, SignedIn},
    },
    account::{queries as accounts, rules as account_rules},
    address::{
        links,
        queries::{Found, Subject, find_hold_any_account, find_link_any_account},
        rules::{self as addresses, Gain, TakeError},
    },
    app::App,
    error::{Failure, NO_SUCH_OPERATOR, Rejection},
    event::Event,
    input::{Invalid, Reason},
    login::rules::{Chosen, hash, parse_for, set_password},
    mail::queue::{self, Mail},
    operator::queries as operators,
    password::PasswordFault,
    password_link,
    session::{queries as session_queries, rules as sessions},
};

/// What the button on a link's page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The operator sets a first password and receives the address.
    AcceptInvitation,
    /// The operator sets a new password.
    RecoverPassword,
    /// Confirms the operator's current address.
    ConfirmAddress,
    /// Confirms the address that the operator requested, which replaces the previous one.
    ChangeAddress,
    /// Restores the operator's previous address.
    RestoreAddress,
}

/// Whether another operator has the address of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    Free,
    /// Another operator has it unproven, and loses it when the link is used.
    Moves,
    /// Another operator has proven it or can take it back, so the link cannot be used.
    Stays,
}

/// The subject of a link.
#[derive(Clone, Debug)]
pub struct Look {
    pub effect: Effect,
    pub account: account::Model,
    pub operator: operator::Model,
    /// Who added or invited the operator; `None` if the operator signed up, or if that person was
    /// removed.
    pub inviter: Option<String>,
    pub email: String,
    pub expires_at: DateTime<Utc>,
    pub needs_password: bool,
    /// Whether the holder of the link may remove the address from the profile.
    pub is_releasable: bool,
    pub elsewhere: Elsewhere,
}

/// Why a link was not inspected.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for LookError {}

/// Returns the subject of a link, and changes nothing. `None` if the link does not work.
pub async fn look(
    app: &App,
    client: IpAddr,
    viewer: Option<&SignedIn>,
    token: &str,
) -> Result<Option<Look>, Failure<LookError>> {
    app.throttle.attempt(Attempt::Recovery, client, None).map_err(LookError::from)?;
    let Some((effect, operator, email, email_key, expires_at)) = find(app, token).await? else { return Ok(None) };
    let Some(account) = accounts::find(app.db(), operator.account_id).await? else { return Ok(None) };
    let inviter = match operator.added_by {
        Some(id) => operators::find(app.db(), account.id, id).await?.map(|inviter| inviter.name),
        None => None,
    };
    let holder =
        operators::find_by_email_any_account(app.db(), &email_key).await?.filter(|holder| holder.id != operator.id);
    let hold = find_hold_any_account(app, app.db(), &email_key, Some(operator.id)).await?;
    let can_move = addresses::can_prove(app);
    let stays = holder.as_ref().is_some_and(|holder| holder.email_proven_at.is_some() || !can_move)
        || hold.is_some_and(|hold| hold.proven_at.is_some() || !can_move);
    let elsewhere = match holder {
        _ if stays => Elsewhere::Stays,
        Some(_) => Elsewhere::Moves,
        None => Elsewhere::Free,
    };
    let needs_password = match effect {
        Effect::AcceptInvitation | Effect::RecoverPassword => true,
        Effect::ConfirmAddress | Effect::ChangeAddress => needs_password(&operator, viewer),
        Effect::RestoreAddress => false,
    };
    let is_releasable = match effect {
        Effect::RecoverPassword | Effect::ConfirmAddress => {
            can_move && operator.email_proven_at.is_none() && !operator.is_invited()
        }
        Effect::ChangeAddress => true,
        Effect::AcceptInvitation | Effect::RestoreAddress => false,
    };
    Ok(Some(Look { effect, account, operator, inviter, email, expires_at, needs_password, is_releasable, elsewhere }))
}

/// Finds a link in either table.
async fn find(
    app: &App,
    token: &str,
) -> Result<Option<(Effect, operator::Model, String, String, DateTime<Utc>)>, sea_orm::DbErr> {
    if let Some((link, operator)) = password_link::find_any_account(app, app.db(), token).await? {
        let effect = match link.purpose {
            Purpose::Invitation => Effect::AcceptInvitation,
            Purpose::Recovery => Effect::RecoverPassword,
        };
        let (Some(email), Some(key)) = (operator.email.clone(), operator.address_key().map(str::to_owned)) else {
            return Ok(None);
        };
        return Ok(Some((effect, operator, email, key, link.expires_at)));
    }
    let Some(found) = find_link_any_account(app, app.db(), token).await? else { return Ok(None) };
    let effect = match found.subject {
        Subject::Own => Effect::ConfirmAddress,
        Subject::Pending => Effect::ChangeAddress,
        Subject::Held(_) => Effect::RestoreAddress,
    };
    Ok(Some((effect, found.operator, found.email, found.email_key, found.expires_at)))
}

/// Whether confirming requires a new password. The person who opens a link does not necessarily
/// know the password: another person may have chosen it, or the browser may not be signed in to the
/// profile.
fn needs_password(operator: &operator::Model, viewer: Option<&SignedIn>) -> bool {
    operator.password_set_by_other || viewer.is_none_or(|viewer| viewer.operator_id() != operator.id)
}

/// Why an address was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
    #[error("This link has expired or was used already. Ask for a new one.")]
    InvalidLink,
    #[error("This address signs in to another account, where it is confirmed.")]
    EmailTaken,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("The password {0}.")]
    Password(#[from] PasswordFault),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for ConfirmError {}

/// Confirms the address that a link was mailed to. A requested address replaces the previous one,
/// which is held for the operator and notified.
///
/// If another person may know the password, a new one is required, and every other session ends.
pub async fn confirm(
    app: &App,
    viewer: Option<&SignedIn>,
    token: &str,
    new_password: Option<&str>,
) -> Result<operator::Model, Failure<ConfirmError>> {
    let token = Token::typed(token::LINK, token).map_err(ConfirmError::from)?;
    let token = token.reveal();
    let seen = find_confirmable(app, app.db(), token).await?;
    let password_hash = match new_password.filter(|typed| !typed.is_empty()) {
        Some(typed) => {
            let password = parse_for(app, &seen.operator, typed).await?.map_err(ConfirmError::from)?;
            Some(hash(app, password).await?)
        }
        None => None,
    };
    for _ in 0..addresses::ROUNDS {
        if let Some(operator) = Box::pin(confirm_once(app, viewer, token, &seen, password_hash.as_deref())).await? {
            return Ok(operator);
        }
    }
    Err(anyhow::anyhow!("the address of a link changed hands in every attempt").into())
}

async fn find_confirmable(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    token: &str,
) -> Result<Found, Failure<ConfirmError>> {
    let found = find_link_any_account(app, db, token).await?.filter(|found| !matches!(found.subject, Subject::Held(_)));
    Ok(found.ok_or(ConfirmError::InvalidLink)?)
}

/// One attempt of [`confirm`]. `None` if the address changed hands in the meantime.
async fn confirm_once(
    app: &App,
    viewer: Option<&SignedIn>,
    token: &str,
    seen: &Found,
    password_hash: Option<&str>,
) -> Result<Option<operator::Model>, Failure<ConfirmError>> {
    let (mut work, holder) = addresses::begin(app, seen.operator.account_id, &seen.email_key).await?;
    // Read again under the lock: of several concurrent uses, one succeeds.
    let Found { operator: before, subject, email, email_key, .. } = find_confirmable(app, &*work, token).await?;
    let session = match viewer.filter(|viewer| viewer.operator_id() == before.id) {
        Some(viewer) => session_queries::find_operator(&*work, viewer).await?.map(|_| viewer),
        None => None,
    };
    if needs_password(&before, session) && password_hash.is_none() {
        let missing = "Choose a new password, because another person may know the current one.";
        return Err(ConfirmError::from(Invalid::at("newPassword", Reason::Missing, missing)).into());
    }
    let proven_at = Some(app.clock.now());
    let mut operator = if subject == Subject::Pending {
        let gain = Gain { email: &email, email_key: &email_key, proven_at };
        match addresses::take(app, &mut work, before.clone(), gain, holder).await {
            Ok(operator) => operator,
            Err(TakeError::Raced) => return Ok(None),
            Err(TakeError::Taken) => return Err(ConfirmError::EmailTaken.into()),
            Err(TakeError::Db(error)) => return Err(error.into()),
        }
    } else {
        addresses::prove(&work, before.clone(), proven_at).await?
    };
    links::end_confirmations(&work, operator.id).await?;
    if subject == Subject::Pending {
        password_link::end_all(&work, operator.id).await?;
        addresses::hold(app, &mut work, &before).await?;
    }
    if let Some(password_hash) = password_hash {
        operator = set_password(app, &mut work, operator, password_hash.to_owned(), Chosen::ByThemselves).await?;
        sessions::end_all(&mut work, &operator, session.map(SignedIn::session_id)).await?;
    }
    work.announce(Event::OperatorChanged { account_id: operator.account_id, operator_id: operator.id });
    work.commit().await?;
    Ok(Some(operator))
}

/// Why an address was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
    #[error("This link has expired or was used already.")]
    InvalidLink,
    #[error("This address now signs in to another account.")]
    EmailTaken,
}
impl Rejection for RestoreError {}

/// Restores the address that a link was mailed to, whatever address replaced it. Ends every
/// session, and every link except those of addresses that the operator left earlier. Mails a link
/// to set a new password to the restored address.
pub async fn restore(app: &App, token: &str) -> Result<operator::Model, Failure<RestoreError>> {
    let token = Token::typed(token::LINK, token).map_err(RestoreError::from)?;
    let token = token.reveal();
    for _ in 0..addresses::ROUNDS {
        if let Some(operator) = Box::pin(restore_once(app, token)).await? {
            return Ok(operator);
        }
    }
    Err(anyhow::anyhow!("the address of a link changed hands in every attempt").into())
}

async fn restore_once(app: &App, token: &str) -> Result<Option<operator::Model>, Failure<RestoreError>> {
    let seen = find_link_any_account(app, app.db(), token).await?.ok_or(RestoreError::InvalidLink)?;
    let (mut work, holder) = addresses::begin(app, seen.operator.account_id, &seen.email_key).await?;
    let found = find_link_any_account(app, &*work, token).await?.ok_or(RestoreError::InvalidLink)?;
    let Found { operator: before, subject: Subject::Held(held), .. } = found else {
        return Err(RestoreError::InvalidLink.into());
    };
    let gain = Gain { email: &held.email, email_key: &held.email_key, proven_at: held.proven_at };
    let operator = match addresses::take(app, &mut work, before.clone(), gain, holder).await {
        Ok(operator) => operator,
        Err(TakeError::Raced) => return Ok(None),
        Err(TakeError::Taken) => return Err(RestoreError::EmailTaken.into()),
        Err(TakeError::Db(error)) => return Err(error.into()),
    };
    sessions::end_all(&mut work, &operator, None).await?;
    password_link::end_all(&work, operator.id).await?;
    links::end_confirmations(&work, operator.id).await?;
    addresses::forget_since(&work, &held).await?;
    if let Some(left) = before.email.as_deref().filter(|_| before.email_key != operator.email_key) {
        queue::put(app, &mut work, Mail::about(Kind::EmailChanged, operator.id).to(left)).await?;
    }
    queue::put(app, &mut work, Mail::about(Kind::PasswordRecovery, operator.id)).await?;
    work.announce(Event::OperatorChanged { account_id: operator.account_id, operator_id: operator.id });
    work.commit().await?;
    Ok(Some(operator))
}

/// Why an address was not released.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
    #[error("This link has expired or was used already. Ask for a new one.")]
    InvalidLink,
    #[error("This address is confirmed, and stays with its profile.")]
    Confirmed,
}
impl Rejection for ReleaseError {}

/// Removes an unconfirmed address from a profile, on behalf of the person who reads mail there; or
/// withdraws a requested address. Returns the address.
pub async fn release(app: &App, token: &str) -> Result<String, Failure<ReleaseError>> {
    let token = Token::typed(token::LINK, token).map_err(ReleaseError::from)?;
    let token = token.reveal();
    let (_, seen, ..) = find(app, token).await?.ok_or(ReleaseError::InvalidLink)?;
    let mut work = app.begin_in(seen.account_id).await?;
    account_rules::lock_by_id(&work, seen.account_id).await?.ok_or(ReleaseError::InvalidLink)?;
    let recovered = password_link::find_any_account(app, &*work, token).await?;
    let recovered = recovered.filter(|(link, operator)| link.purpose == Purpose::Recovery && !operator.is_invited());
    let (operator, is_pending) = match recovered {
        Some((_, operator)) => (operator, false),
        None => match find_link_any_account(app, &*work, token).await? {
            Some(Found { operator, subject: Subject::Own, .. }) => (operator, false),
            Some(Found { operator, subject: Subject::Pending, .. }) => (operator, true),
            _ => return Err(ReleaseError::InvalidLink.into()),
        },
    };
    let email = if is_pending { operator.pending_email.clone() } else { operator.email.clone() };
    let email = email.ok_or(ReleaseError::InvalidLink)?;
    if is_pending {
        links::end_confirmations(&work, operator.id).await?;
        let (account_id, operator_id) = (operator.account_id, operator.id);
        let mut row = operator.into_active_model();
        row.pending_email = Set(None);
        row.pending_email_key = Set(None);
        row.updated_at = Set(app.clock.now());
        row.update(&*work).await?;
        work.announce(Event::OperatorChanged { account_id, operator_id });
    } else {
        if operator.email_proven_at.is_some() || !addresses::can_prove(app) {
            return Err(ReleaseError::Confirmed.into());
        }
        addresses::lose(app, &mut work, operator, LostReason::Released).await?;
    }
    work.commit().await?;
    Ok(email)
}

/// Why no confirmation was mailed.
#[derive(Debug, thiserror::Error)]
pub enum RequestConfirmationError {
    #[error("{}", NO_SUCH_OPERATOR)]
    NotFound,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for RequestConfirmationError {}

/// Mails an operator another link to confirm the requested address, or the current one if it is
/// unconfirmed. Without such an address nothing is mailed.
pub async fn request_confirmation(
    app: &App,
    actor: &ProfileEditor,
    client: IpAddr,
    id: Option<OperatorId>,
) -> Result<operator::Model, Failure<RequestConfirmationError>> {
    let mut work = app.begin_in(actor.account_id()).await?;
    account_rules::lock_for_profile(&work, actor).await?;
    let operator = match id {
        Some(id) => operators::find(&*work, actor.account_id(), id).await?,
        None => None,
    };
    let operator = operator.ok_or(RequestConfirmationError::NotFound)?;
    let pending = operator.pending_email.as_ref().zip(operator.pending_email_key.as_ref());
    let own = operator.email.as_ref().zip(operator.email_key.as_ref());
    let unproven = own.filter(|_| operator.email_proven_at.is_none() && !operator.is_invited());
    let Some((email, key)) = pending.or(unproven) else { return Ok(operator) };
    app.throttle.attempt(Attempt::Invitation, client, Some(key)).map_err(RequestConfirmationError::from)?;
    if addresses::can_prove(app) {
        app.throttle.invitation_of(operator.account_id).map_err(RequestConfirmationError::from)?;
    }
    addresses::ask(app, &mut work, &operator, email).await?;
    work.commit().await?;
    Ok(operator)
}

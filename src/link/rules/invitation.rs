//! Invitations: whether one can be accepted, and a new one for one that has expired.

use std::net::IpAddr;

use entity::mail::{Kind, Language};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::{Effect, Look, LookError, look};
use crate::{
    access::{
        identity::SignedIn,
        throttle::{Attempt, TooMany},
        token::{self, Incomplete, Token},
    },
    account::rules as account_rules,
    app::App,
    error::{Failure, Rejection},
    mail::queue::{self, Mail},
    password_link,
};

/// An invitation that was neither used nor replaced.
#[derive(Clone, Debug)]
pub enum Invitation {
    Valid(Box<Look>),
    /// It can be renewed. Shows nothing else: whoever finds an old mail does not have to be the
    /// person who received it.
    Expired,
}

/// Returns the subject of an invitation, and changes nothing. `None` if the link was used, was
/// replaced by a newer one, expired long ago, or is no invitation.
pub async fn look_at_invitation(
    app: &App,
    client: IpAddr,
    viewer: Option<&SignedIn>,
    token: &str,
) -> Result<Option<Invitation>, Failure<LookError>> {
    if let Some(found) = look(app, client, viewer, token).await? {
        let is_invitation = found.effect == Effect::AcceptInvitation;
        return Ok(is_invitation.then(|| Invitation::Valid(Box::new(found))));
    }
    let expired = password_link::find_renewable_any_account(app, app.db(), token).await?;
    Ok(expired.map(|_| Invitation::Expired))
}

/// Why no new invitation was mailed.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
    #[error("This link does not work. Use the newest mail, or ask the person who invited you.")]
    InvalidLink,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for RenewError {}

/// Mails a new invitation in exchange for one that has expired, to the address of the operator. It
/// counts for the account that invited the operator, like every invitation.
///
/// The links of an operator end when the address changes, so the new mail is sent to the address
/// that received the expired one. While a mail waits to be sent, nothing is added to the queue.
pub async fn renew_invitation(
    app: &App,
    client: IpAddr,
    token: &str,
    language: Language,
) -> Result<(), Failure<RenewError>> {
    app.throttle.attempt(Attempt::Recovery, client, None).map_err(RenewError::from)?;
    let token = Token::typed(token::LINK, token).map_err(RenewError::from)?;
    let token = token.reveal();
    let seen = password_link::find_renewable_any_account(app, app.db(), token).await?.ok_or(RenewError::InvalidLink)?;
    let mut work = app.begin_in(seen.account_id).await?;
    account_rules::lock_by_id(&work, seen.account_id).await?.ok_or(RenewError::InvalidLink)?;
    // Read again under the lock: of several concurrent requests, one adds a mail.
    let operator =
        password_link::find_renewable_any_account(app, &*work, token).await?.ok_or(RenewError::InvalidLink)?;
    if queue::is_invitation_waiting(&work, operator.id).await? {
        return Ok(());
    }
    let key = operator.address_key().ok_or(RenewError::InvalidLink)?;
    app.throttle.attempt_at(Attempt::Invitation, key).map_err(RenewError::from)?;
    app.throttle.invitation_of(operator.account_id).map_err(RenewError::from)?;
    let mut row = operator.into_active_model();
    row.invitation_sent_at = Set(None);
    let operator = row.update(&*work).await?;
    queue::forget_invitations(&work, operator.id).await?;
    account_rules::bump_version(&mut work, operator.account_id).await?;
    let mail = Mail::about(Kind::Invitation, language, operator.id);
    let mail = match operator.added_by {
        Some(inviter) => mail.from(inviter),
        None => mail,
    };
    queue::put(app, &mut work, mail).await?;
    work.commit().await?;
    Ok(())
}

//! Signing in and out.

use std::net::IpAddr;

use entity::operator;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::{Entered, folded};
use crate::{
    access::{
        identity::SignedIn,
        throttle::{Attempt, TooMany},
    },
    account::rules as account_rules,
    app::App,
    error::{Failure, Rejection},
    input::EmailAddress,
    operator::queries::{find, find_by_email_any_account},
    password::{Password, Verdict},
    session::{
        device::{self, Devices},
        rules::{self as sessions, authenticate},
    },
};

/// Why an operator was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("The address or the password is wrong.")]
    InvalidCredentials,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for SignInError {}

/// Signs an operator in. An unknown address takes as long as a wrong password, and returns the same
/// error.
///
/// A browser that is one of the operator's devices has its own limit. Attempts from any other
/// browser count for its client and for the address.
pub async fn sign_in(
    app: &App,
    client: IpAddr,
    devices: &Devices,
    email: &str,
    password: &str,
) -> Result<Entered, Failure<SignInError>> {
    count_attempt(app, client, devices, email).await?;
    let (known, better) = verify(app, email, password).await?;

    let work = app.begin_in(known.account_id).await?;
    let account = account_rules::lock_by_id(&work, known.account_id).await?.ok_or(SignInError::InvalidCredentials)?;
    let operator = find(&*work, account.id, known.id).await?.ok_or(SignInError::InvalidCredentials)?;
    // While the password was verified, it may have been changed, or the address may have moved to
    // another profile.
    if operator.password_hash != known.password_hash || operator.email_key != known.email_key {
        return Err(SignInError::InvalidCredentials.into());
    }
    if let Some(better) = better {
        let mut row = operator.clone().into_active_model();
        row.password_hash = Set(Some(better));
        row.update(&*work).await?;
    }
    let (token, signed_in) = sessions::start(app, &work, &operator).await?;
    work.commit().await?;
    Ok(Entered { account, operator, token, signed_in })
}

/// Counts an attempt for the device, or else for the client and the address.
async fn count_attempt(app: &App, client: IpAddr, devices: &Devices, email: &str) -> Result<(), Failure<SignInError>> {
    let key = folded(email);
    let device = match &key {
        Some(key) => device::find_any_account(app, devices, key).await?,
        None => None,
    };
    let counted = match device {
        Some(device) => app.throttle.attempt_on_device(device.hash()),
        None => app.throttle.attempt(Attempt::SignIn, client, key.as_deref()),
    };
    Ok(counted.map_err(SignInError::from)?)
}

/// The operator whose address and password these are, and a stronger hash of the password if the
/// parameters were raised since the stored one was created: only now is the password available.
async fn verify(
    app: &App,
    email: &str,
    password: &str,
) -> Result<(operator::Model, Option<String>), Failure<SignInError>> {
    // No operator can have such a password, so it is wrong for every address: returning early
    // reveals nothing about the address.
    let password = Password::typed(password).ok_or(SignInError::InvalidCredentials)?;
    let known = match EmailAddress::parse(email) {
        Ok(email) => find_by_email_any_account(app.db(), email.key()).await?,
        Err(_) => None,
    };
    let stored = known.as_ref().and_then(|operator| operator.password_hash.clone());
    let verdict = app.hasher.verify(password.clone(), stored).await?;
    let (Some(known), Verdict::Right { rehash }) = (known, verdict) else {
        return Err(SignInError::InvalidCredentials.into());
    };
    let better = if rehash { Some(app.hasher.hash(password).await?) } else { None };
    Ok((known, better))
}

/// Ends the caller's session, and the sessions of the other tokens in the request.
pub async fn sign_out(app: &App, signed_in: &SignedIn, others: &[&str]) -> anyhow::Result<()> {
    for token in others {
        if let Some(other) = authenticate(app, token).await?
            && other.session_id() != signed_in.session_id()
        {
            sessions::end(app, &other).await?;
        }
    }
    sessions::end(app, signed_in).await
}

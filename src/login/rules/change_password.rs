//! Changing the own password.

use std::net::IpAddr;

use entity::{mail::Language, operator};

use super::{Chosen, hash, parse_for, set_password};
use crate::{
    access::{
        identity::{Granted, ManageOwnSignIn},
        throttle::{Attempt, TooMany},
    },
    account::rules as account_rules,
    app::App,
    error::{Denied, Failure, Rejection},
    operator::queries::find,
    password::{Password, PasswordFault, Verdict},
    session::rules as sessions,
};

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    #[error("The current password is wrong.")]
    InvalidCredentials,
    #[error("The password {0}.")]
    Password(#[from] PasswordFault),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for ChangePasswordError {}

/// Changes the caller's password, and ends all other sessions of the caller.
pub async fn change_password(
    app: &App,
    actor: &Granted<ManageOwnSignIn>,
    client: IpAddr,
    current: &str,
    new_password: &str,
    language: Language,
) -> Result<operator::Model, Failure<ChangePasswordError>> {
    let me = find(app.db(), actor.account_id(), actor.operator_id()).await?.ok_or(Denied::Unauthenticated)?;
    // A stolen session could be used to guess the password, so attempts are limited as at sign-in.
    // The counts are separate: attempts to sign in do not block the operator here.
    app.throttle
        .attempt(Attempt::ChangePassword, client, Some(&me.id.to_string()))
        .map_err(ChangePasswordError::from)?;
    let current = Password::typed(current).ok_or(ChangePasswordError::InvalidCredentials)?;
    if app.hasher.verify(current, me.password_hash.clone()).await? == Verdict::Wrong {
        return Err(ChangePasswordError::InvalidCredentials.into());
    }
    let new_password = parse_for(app, &me, new_password).await?.map_err(ChangePasswordError::from)?;
    let password_hash = hash(app, new_password).await?;

    let mut work = app.begin_in(actor.account_id()).await?;
    account_rules::lock(&work, actor).await?;
    let operator = find(&*work, actor.account_id(), actor.operator_id()).await?.ok_or(Denied::Unauthenticated)?;
    if operator.password_hash != me.password_hash {
        return Err(ChangePasswordError::InvalidCredentials.into());
    }
    let operator = set_password(app, &mut work, operator, password_hash, Chosen::ByThemselves, language).await?;
    sessions::end_all(&mut work, &operator, Some(actor.session_id())).await?;
    work.commit().await?;
    Ok(operator)
}

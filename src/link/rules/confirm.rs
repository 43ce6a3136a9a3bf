//! Confirming an address.

use entity::{mail::Language, operator};
use sea_orm::ConnectionTrait;

use super::needs_password;
use crate::{
    access::{
        identity::SignedIn,
        throttle::TooMany,
        token::{self, Incomplete, Token},
    },
    account::rules as account_rules,
    address::{
        links,
        queries::{Found, Subject, find_link_any_account},
        rules::{self as addresses, Gain, TakeError},
    },
    app::App,
    error::{Failure, Rejection},
    input::{Invalid, Reason},
    login::rules::{Chosen, hash, parse_for, set_password},
    password::PasswordFault,
    password_link,
    session::{queries as session_queries, rules as sessions},
};

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
    language: Language,
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
        if let Some(operator) =
            Box::pin(confirm_once(app, viewer, token, &seen, password_hash.as_deref(), language)).await?
        {
            return Ok(operator);
        }
    }
    Err(anyhow::anyhow!("the address of a link changed hands in every attempt").into())
}

async fn find_confirmable(app: &App, db: &impl ConnectionTrait, token: &str) -> Result<Found, Failure<ConfirmError>> {
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
    language: Language,
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
        addresses::hold(app, &mut work, &before, language).await?;
    }
    if let Some(password_hash) = password_hash {
        operator =
            set_password(app, &mut work, operator, password_hash.to_owned(), Chosen::ByThemselves, language).await?;
        sessions::end_all(&mut work, &operator, session.map(SignedIn::session_id)).await?;
    }
    account_rules::bump_version(&mut work, operator.account_id).await?;
    work.commit().await?;
    Ok(Some(operator))
}

//! Setting a password with a mailed link.

use std::net::IpAddr;

use entity::{
    mail::{Kind, Language},
    operator,
    password_link::Purpose,
};

use super::{Chosen, Entered, hash, parse_for, set_password};
use crate::{
    access::{
        throttle::{Attempt, TooMany},
        token::{self, Incomplete, Token},
    },
    account::queries as accounts,
    address::rules::{self as addresses, Gain, TakeError as AddressTakeError},
    app::{App, Work},
    error::{Failure, Rejection},
    input::Invalid,
    mail::queue::{self, Mail},
    operator::rules as operators,
    password::PasswordFault,
    password_link,
    session::rules as sessions,
};

/// Why no recovery was started. An unknown address is not a reason.
#[derive(Debug, thiserror::Error)]
pub enum RequestRecoveryError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for RequestRecoveryError {}

/// Queues a mail to the operator who has this address. An unknown address is queued as well, so
/// that it takes the same time.
pub async fn request_recovery(
    app: &App,
    client: IpAddr,
    email: &str,
    language: Language,
) -> Result<(), Failure<RequestRecoveryError>> {
    let email = operators::email_at("email", email).map_err(RequestRecoveryError::from)?;
    app.throttle.attempt(Attempt::Recovery, client, Some(email.key())).map_err(RequestRecoveryError::from)?;
    let mut work = app.begin().await?;
    queue::put(app, &mut work, Mail::to_holder(Kind::PasswordRecovery, language, email.key())).await?;
    work.commit().await?;
    Ok(())
}

/// Why a link did not set a password.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
    #[error("This link has expired or was used already. Ask for a new one.")]
    InvalidLink,
    #[error(
        "Your address signs in to another account, where it is confirmed. Have this invitation sent to another address."
    )]
    EmailTaken,
    #[error("The password {0}.")]
    Password(#[from] PasswordFault),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for RecoverError {}

/// An operator who set a password with a link.
#[derive(Debug)]
pub struct Recovered {
    pub operator: operator::Model,
    /// The session that was started, if one was requested and the link was an invitation.
    pub entered: Option<Entered>,
}

/// Sets a password with the token of a mailed link, and ends every session. Activates no operator.
///
/// The link proves the address that it was mailed to. With the link of an invitation, the operator
/// receives the address, even from a holder who has not proven it, and is signed in if `signs_in`:
/// the operator had no session before. A recovery signs no one in: a person who reads the mail of
/// another would be in at once, and the operator would not notice that the password was changed.
///
/// A rejected password or address does not use up the link.
pub async fn recover_password(
    app: &App,
    token: &str,
    new_password: &str,
    signs_in: bool,
    language: Language,
) -> Result<Recovered, Failure<RecoverError>> {
    let token = Token::typed(token::LINK, token).map_err(RecoverError::from)?;
    let token = token.reveal();
    let (_, seen) = password_link::find_any_account(app, app.db(), token).await?.ok_or(RecoverError::InvalidLink)?;
    let new_password = parse_for(app, &seen, new_password).await?.map_err(RecoverError::from)?;
    let password_hash = hash(app, new_password).await?;
    for _ in 0..addresses::ROUNDS {
        if let Some(recovered) = Box::pin(use_link(app, token, &seen, &password_hash, signs_in, language)).await? {
            return Ok(recovered);
        }
    }
    Err(anyhow::anyhow!("the address of a link changed hands in every attempt").into())
}

/// One attempt of [`recover_password`]. `None` if the address changed hands in the meantime.
async fn use_link(
    app: &App,
    token: &str,
    seen: &operator::Model,
    password_hash: &str,
    signs_in: bool,
    language: Language,
) -> Result<Option<Recovered>, Failure<RecoverError>> {
    let key = seen.address_key().ok_or(RecoverError::InvalidLink)?;
    let (mut work, holder) = addresses::begin(app, seen.account_id, key).await?;
    // Read again under the lock: of several concurrent uses, one succeeds.
    let (link, operator) =
        password_link::find_any_account(app, &*work, token).await?.ok_or(RecoverError::InvalidLink)?;
    let email =
        operator.email.clone().filter(|_| operator.address_key() == Some(key)).ok_or(RecoverError::InvalidLink)?;
    let proven_at = addresses::can_prove(app).then(|| app.clock.now());
    let operator = if operator.email_key.is_none() {
        let gain = Gain { email: &email, email_key: key, proven_at };
        match addresses::take(app, &mut work, operator, gain, holder).await {
            Ok(operator) => operator,
            Err(AddressTakeError::Raced) => return Ok(None),
            Err(AddressTakeError::Taken) => return Err(RecoverError::EmailTaken.into()),
            Err(AddressTakeError::Db(error)) => return Err(error.into()),
        }
    } else {
        addresses::prove(&work, operator, proven_at).await?
    };
    let operator =
        set_password(app, &mut work, operator, password_hash.to_owned(), Chosen::ByThemselves, language).await?;
    sessions::end_all(&mut work, &operator, None).await?;
    let entered = match link.purpose {
        Purpose::Invitation if signs_in => Some(enter(app, &work, &operator).await?),
        Purpose::Invitation | Purpose::Recovery => None,
    };
    work.commit().await?;
    Ok(Some(Recovered { operator, entered }))
}

async fn enter(app: &App, work: &Work, operator: &operator::Model) -> Result<Entered, Failure<RecoverError>> {
    let account = accounts::find(&**work, operator.account_id).await?.ok_or(RecoverError::InvalidLink)?;
    let (token, signed_in) = sessions::start(app, work, operator).await?;
    Ok(Entered { account, operator: operator.clone(), token, signed_in })
}

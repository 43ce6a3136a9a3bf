//! Setting a password on behalf of the server's administrator.

use entity::{mail::Language, operator};

use super::{Chosen, hash, parse_for, set_password};
use crate::{
    access::throttle::TooMany,
    address::rules::{self as addresses, Gain, TakeError as AddressTakeError},
    app::App,
    error::{Failure, Rejection},
    input::EmailAddress,
    operator::queries::{find, find_by_email_any_account, list_invited_by_email_any_account},
    password::PasswordFault,
    session::rules as sessions,
};

/// Why the server's administrator could not reset a password.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    #[error("no operator has this address")]
    NotFound,
    #[error(
        "several accounts have invited this address; the operator has to accept one invitation, or be added with a password"
    )]
    Ambiguous,
    #[error("this operator is invited, and another one has the address, or can take it back")]
    EmailTaken,
    #[error("The password {0}.")]
    Password(#[from] PasswordFault),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for ResetPasswordError {}

/// Sets an operator's password on behalf of the server's administrator, and ends every session. For
/// an invited operator, this accepts the invitation: the operator receives the address, unproven.
/// Without a mail relay there is no other way to sign in.
pub async fn reset_password(
    app: &App,
    email: &str,
    new_password: &str,
) -> Result<operator::Model, Failure<ResetPasswordError>> {
    let email = EmailAddress::parse(email).map_err(|_| ResetPasswordError::NotFound)?;
    let seen = find_resettable_any_account(app, email.key()).await?;
    let new_password = parse_for(app, &seen, new_password).await?.map_err(ResetPasswordError::from)?;
    let password_hash = hash(app, new_password).await?;

    let (mut work, holder) = addresses::begin(app, seen.account_id, email.key()).await?;
    let operator = find(&*work, seen.account_id, seen.id).await?;
    let operator =
        operator.filter(|operator| operator.address_key() == Some(email.key())).ok_or(ResetPasswordError::NotFound)?;
    let operator = if operator.email_key.is_some() {
        operator
    } else {
        // The address had no holder when it was read without the lock.
        if holder.is_some() {
            return Err(ResetPasswordError::EmailTaken.into());
        }
        let typed = operator.email.clone().unwrap_or_default();
        match addresses::take(
            app,
            &mut work,
            operator,
            Gain { email: &typed, email_key: email.key(), proven_at: None },
            None,
        )
        .await
        {
            Ok(operator) => operator,
            Err(AddressTakeError::Taken | AddressTakeError::Raced) => return Err(ResetPasswordError::EmailTaken.into()),
            Err(AddressTakeError::Db(error)) => return Err(error.into()),
        }
    };
    let operator = set_password(app, &mut work, operator, password_hash, Chosen::ByAnother, Language::En).await?;
    sessions::end_all(&mut work, &operator, None).await?;
    work.commit().await?;
    Ok(operator)
}

/// The operator who signs in with an address, or else the only operator who was invited with it.
async fn find_resettable_any_account(
    app: &App,
    email_key: &str,
) -> Result<operator::Model, Failure<ResetPasswordError>> {
    if let Some(holder) = find_by_email_any_account(app.db(), email_key).await? {
        return Ok(holder);
    }
    let mut invited = list_invited_by_email_any_account(app.db(), email_key).await?.into_iter();
    match (invited.next(), invited.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(ResetPasswordError::Ambiguous.into()),
        (None, _) => Err(ResetPasswordError::NotFound.into()),
    }
}

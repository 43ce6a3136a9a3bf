//! Restoring a previous address.

use entity::{
    mail::{Kind, Language},
    operator,
};

use crate::{
    access::token::{self, Incomplete, Token},
    account::rules as account_rules,
    address::{
        links,
        queries::{Found, Subject, find_link_any_account},
        rules::{self as addresses, Gain, TakeError},
    },
    app::App,
    error::{Failure, Rejection},
    mail::queue::{self, Mail},
    password_link,
    session::rules as sessions,
};

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
pub async fn restore(app: &App, token: &str, language: Language) -> Result<operator::Model, Failure<RestoreError>> {
    let token = Token::typed(token::LINK, token).map_err(RestoreError::from)?;
    let token = token.reveal();
    for _ in 0..addresses::ROUNDS {
        if let Some(operator) = Box::pin(restore_once(app, token, language)).await? {
            return Ok(operator);
        }
    }
    Err(anyhow::anyhow!("the address of a link changed hands in every attempt").into())
}

async fn restore_once(
    app: &App,
    token: &str,
    language: Language,
) -> Result<Option<operator::Model>, Failure<RestoreError>> {
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
        queue::put(app, &mut work, Mail::about(Kind::EmailChanged, language, operator.id).to(left)).await?;
    }
    queue::put(app, &mut work, Mail::about(Kind::PasswordRecovery, language, operator.id)).await?;
    account_rules::bump_version(&mut work, operator.account_id).await?;
    work.commit().await?;
    Ok(Some(operator))
}

//! Releasing an address that is not the recipient's.

use entity::{operator::LostReason, password_link::Purpose};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::find;
use crate::{
    access::token::{self, Incomplete, Token},
    account::rules as account_rules,
    address::{
        links,
        queries::{Found, Subject, find_link_any_account},
        rules as addresses,
    },
    app::App,
    error::{Failure, Rejection},
    password_link,
};

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
        let account_id = operator.account_id;
        let mut row = operator.into_active_model();
        row.pending_email = Set(None);
        row.pending_email_key = Set(None);
        row.updated_at = Set(app.clock.now());
        row.update(&*work).await?;
        account_rules::bump_version(&mut work, account_id).await?;
    } else {
        if operator.email_proven_at.is_some() || !addresses::can_prove(app) {
            return Err(ReleaseError::Confirmed.into());
        }
        addresses::lose(app, &mut work, operator, LostReason::Released).await?;
    }
    work.commit().await?;
    Ok(email)
}

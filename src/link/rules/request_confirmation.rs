//! Requesting another link to confirm an address.

use std::net::IpAddr;

use entity::{OperatorId, mail::Language, operator};

use crate::{
    access::{
        identity::ProfileEditor,
        throttle::{Attempt, TooMany},
    },
    account::rules as account_rules,
    address::rules as addresses,
    app::App,
    error::{Failure, NO_SUCH_OPERATOR, Rejection},
    operator::queries as operators,
};

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
    language: Language,
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
    addresses::ask(app, &mut work, &operator, email, language).await?;
    work.commit().await?;
    Ok(operator)
}

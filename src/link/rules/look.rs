//! Inspecting a link.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use entity::{account, operator};

use super::{Effect, find, needs_password};
use crate::{
    access::{
        identity::SignedIn,
        throttle::{Attempt, TooMany},
    },
    account::queries as accounts,
    address::{queries::find_hold_any_account, rules as addresses},
    app::App,
    error::{Failure, Rejection},
    operator::queries as operators,
};

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

//! Inspecting a mailed link, and confirming, restoring or releasing its address; renewing an
//! invitation.

mod confirm;
mod invitation;
mod look;
mod release;
mod request_confirmation;
mod restore;

use chrono::{DateTime, Utc};
use entity::{operator, password_link::Purpose};
use sea_orm::DbErr;

use crate::{
    access::identity::SignedIn,
    address::queries::{Subject, find_link_any_account},
    app::App,
    password_link,
};

pub use self::{
    confirm::{ConfirmError, confirm},
    invitation::{Invitation, RenewError, look_at_invitation, renew_invitation},
    look::{Elsewhere, Look, LookError, look},
    release::{ReleaseError, release},
    request_confirmation::{RequestConfirmationError, request_confirmation},
    restore::{RestoreError, restore},
};

/// What the button on a link's page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The operator sets a first password and receives the address.
    AcceptInvitation,
    /// The operator sets a new password.
    RecoverPassword,
    /// Confirms the operator's current address.
    ConfirmAddress,
    /// Confirms the address that the operator requested, which replaces the previous one.
    ChangeAddress,
    /// Restores the operator's previous address.
    RestoreAddress,
}

/// Finds a link in either table.
async fn find(
    app: &App,
    token: &str,
) -> Result<Option<(Effect, operator::Model, String, String, DateTime<Utc>)>, DbErr> {
    if let Some((link, operator)) = password_link::find_any_account(app, app.db(), token).await? {
        let effect = match link.purpose {
            Purpose::Invitation => Effect::AcceptInvitation,
            Purpose::Recovery => Effect::RecoverPassword,
        };
        let (Some(email), Some(key)) = (operator.email.clone(), operator.address_key().map(str::to_owned)) else {
            return Ok(None);
        };
        return Ok(Some((effect, operator, email, key, link.expires_at)));
    }
    let Some(found) = find_link_any_account(app, app.db(), token).await? else { return Ok(None) };
    let effect = match found.subject {
        Subject::Own => Effect::ConfirmAddress,
        Subject::Pending => Effect::ChangeAddress,
        Subject::Held(_) => Effect::RestoreAddress,
    };
    Ok(Some((effect, found.operator, found.email, found.email_key, found.expires_at)))
}

/// Whether confirming requires a new password. The person who opens a link does not necessarily
/// know the password: another person may have chosen it, or the browser may not be signed in to the
/// profile.
fn needs_password(operator: &operator::Model, viewer: Option<&SignedIn>) -> bool {
    operator.password_set_by_other || viewer.is_none_or(|viewer| viewer.operator_id() != operator.id)
}

//! The rules that change operators, one file for each verb.

mod access;
mod activate;
mod add;
mod address;
mod refold;
mod remove;
mod update;

pub use access::{ChangeAccessError, TransferError, change_access_level, transfer_ownership};
pub use activate::{ActivateError, DeactivateError, activate, deactivate};
pub use add::{AddError, Added, InviteError, NewOperator, NewProfile, add, insert, invite};
pub use address::{Named, SetAddressError, is_proof_due, set_address};
pub use refold::refold;
pub use remove::{RemoveError, remove};
pub use update::{Changes, UpdateError, update};

use std::net::IpAddr;

use entity::{OperatorId, operator};
use sea_orm::DbErr;

use super::queries;
use crate::{
    access::{identity::Granted, throttle::Attempt},
    app::{App, Work},
    error::{Failure, Rejection},
    input::{Description, EmailAddress, Invalid, Name, search_key},
};

/// Reads an operator under a lock that the caller holds. An id that this server never created is
/// `None`.
async fn find<P>(work: &Work, actor: &Granted<P>, id: Option<OperatorId>) -> Result<Option<operator::Model>, DbErr> {
    let Some(id) = id else { return Ok(None) };
    queries::find(&**work, actor.account_id(), id).await
}

/// The text that the search box matches.
fn search_key_of(name: &str, public_name: Option<&str>) -> String {
    search_key(&[name, public_name.unwrap_or_default()])
}

/// Converts the error of a write: the address may have been taken since it was checked.
pub(crate) fn email_conflict<R: Rejection>(error: DbErr, taken: R) -> Failure<R> {
    if crate::address::rules::is_taken(&error) { taken.into() } else { error.into() }
}

/// Whether another operator signs in with this address. Only for an answer that already reports
/// other faults; without other faults the unique index decides. Rate limited for each client, and
/// `false` beyond the limit: otherwise this would reveal without a limit which addresses have an
/// account.
async fn is_taken(
    app: &App,
    client: IpAddr,
    email: &EmailAddress,
    owns: impl FnOnce(&operator::Model) -> bool,
) -> Result<bool, DbErr> {
    if app.throttle.attempt(Attempt::Invitation, client, None).is_err() {
        return Ok(false);
    }
    let found = queries::find_by_email_any_account(app.db(), email.key()).await?;
    Ok(found.is_some_and(|found| !owns(&found)))
}

pub(crate) fn name_at(field: &str, typed: &str) -> Result<Name, Invalid> {
    Name::parse(typed).map_err(|fault| Invalid::typed(field, "The name", fault))
}

pub(crate) fn email_at(field: &str, typed: &str) -> Result<EmailAddress, Invalid> {
    EmailAddress::parse(typed).map_err(|fault| Invalid::typed(field, "The address", fault))
}

fn description_at(field: &str, typed: &str) -> Result<Option<Description>, Invalid> {
    Description::parse(typed).map_err(|fault| Invalid::typed(field, "The description", fault))
}

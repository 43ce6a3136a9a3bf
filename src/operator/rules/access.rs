//! Access levels and ownership.

use entity::{OperatorId, account, operator, operator::AccessLevel};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::find;
use crate::{
    access::identity::{Granted, HandOver, ManageOperators},
    account::{
        queries as accounts,
        rules::{bump_version, lock, lock_operators},
    },
    app::App,
    error::{Failure, NO_SUCH_OPERATOR, Rejection},
};

/// Why an access level was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeAccessError {
    #[error("{}", NO_SUCH_OPERATOR)]
    NotFound,
    #[error("The owner always has full access. Transfer ownership first.")]
    Owner,
    #[error("You cannot change your own access level. Ask a colleague with full access.")]
    Own,
}
impl Rejection for ChangeAccessError {}

/// Sets what an operator may do. Takes effect in open connections at once.
pub async fn change_access_level(
    app: &App,
    actor: &Granted<ManageOperators>,
    id: Option<OperatorId>,
    access_level: AccessLevel,
) -> Result<operator::Model, Failure<ChangeAccessError>> {
    let mut work = app.begin_in(actor.account_id()).await?;
    lock(&work, actor).await?;
    let operator = find(&work, actor, id).await?.ok_or(ChangeAccessError::NotFound)?;
    if operator.access_level == access_level {
        return Ok(operator);
    }
    if operator.is_owner {
        return Err(ChangeAccessError::Owner.into());
    }
    if operator.id == actor.operator_id() {
        return Err(ChangeAccessError::Own.into());
    }

    let mut row = operator.into_active_model();
    row.access_level = Set(access_level);
    row.updated_at = Set(app.clock.now());
    let operator = row.update(&*work).await?;

    bump_version(&mut work, operator.account_id).await?;
    work.commit().await?;
    Ok(operator)
}

/// Why ownership was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error("{}", NO_SUCH_OPERATOR)]
    NotFound,
    #[error("Only the owner can transfer ownership.")]
    NotOwner,
    #[error("This operator has not accepted the invitation yet, and could not sign in.")]
    NoPassword,
    #[error("This operator has no address to sign in with. Set one first.")]
    NoAddress,
}
impl Rejection for TransferError {}

/// Makes another operator the owner, with full access. The former owner keeps full access.
pub async fn transfer_ownership(
    app: &App,
    actor: &Granted<HandOver>,
    id: Option<OperatorId>,
) -> Result<account::Model, Failure<TransferError>> {
    let mut work = app.begin_in(actor.account_id()).await?;
    let account = lock(&work, actor).await?;
    let both: Vec<_> = id.into_iter().chain([actor.operator_id()]).collect();
    lock_operators(&work, &[account.id], &both).await?;
    let owner =
        accounts::find_owner(&*work, account.id).await?.ok_or_else(|| anyhow::anyhow!("account has no owner"))?;
    if owner.id != actor.operator_id() {
        return Err(TransferError::NotOwner.into());
    }
    let heir = find(&work, actor, id).await?.ok_or(TransferError::NotFound)?;
    if heir.id == owner.id {
        return Ok(account);
    }
    if heir.password_hash.is_none() {
        return Err(TransferError::NoPassword.into());
    }
    if heir.email_key.is_none() {
        return Err(TransferError::NoAddress.into());
    }

    let now = app.clock.now();
    // The former owner first: a unique index allows one owner at any moment.
    let mut row = owner.into_active_model();
    row.is_owner = Set(false);
    row.updated_at = Set(now);
    row.update(&*work).await?;
    let mut row = heir.into_active_model();
    row.is_owner = Set(true);
    row.access_level = Set(AccessLevel::Full);
    row.updated_at = Set(now);
    row.update(&*work).await?;

    bump_version(&mut work, account.id).await?;
    work.commit().await?;
    Ok(account)
}

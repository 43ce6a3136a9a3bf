//! Activating and deactivating an operator.

use entity::{OperatorId, operator};

use super::find;
use crate::{
    access::identity::{Granted, ManageOperators},
    account::rules::lock,
    app::App,
    error::{Failure, NO_SUCH_OPERATOR, Rejection},
    seat::rules::{LimitReached, Released, TakeError, release, take},
};

/// Why an operator was not activated.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    #[error("{}", NO_SUCH_OPERATOR)]
    NotFound,
    #[error(transparent)]
    NoFreeSeat(#[from] LimitReached),
}
impl Rejection for ActivateError {}

/// Activates an operator, who then holds one of the plan's seats. No effect and no event if already
/// active.
pub async fn activate(
    app: &App,
    actor: &Granted<ManageOperators>,
    id: Option<OperatorId>,
) -> Result<operator::Model, Failure<ActivateError>> {
    let mut work = app.begin_in(actor.account_id()).await?;
    // Lock before reading: two callers may race for the last seat.
    let account = lock(&work, actor).await?;
    let operator = find(&work, actor, id).await?.ok_or(ActivateError::NotFound)?;
    let operator = take(app, &mut work, &account, operator).await.map_err(|error| match error {
        TakeError::LimitReached(reached) => ActivateError::from(reached).into(),
        TakeError::Db(error) => Failure::from(error),
    })?;
    work.commit().await?;
    Ok(operator)
}

/// Why an operator was not deactivated.
#[derive(Debug, thiserror::Error)]
pub enum DeactivateError {
    #[error("{}", NO_SUCH_OPERATOR)]
    NotFound,
}
impl Rejection for DeactivateError {}

/// Deactivates an operator and frees the seat; the operator's conversations return to the queue.
/// The operator can still use the dashboard and the settings.
pub async fn deactivate(
    app: &App,
    actor: &Granted<ManageOperators>,
    id: Option<OperatorId>,
) -> Result<Released, Failure<DeactivateError>> {
    let mut work = app.begin_in(actor.account_id()).await?;
    lock(&work, actor).await?;
    let operator = find(&work, actor, id).await?.ok_or(DeactivateError::NotFound)?;
    let released = release(app, &mut work, operator).await?;
    work.commit().await?;
    Ok(released)
}

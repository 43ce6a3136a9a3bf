//! Taking a seat, giving it up, moving it, and buying more.

use entity::{OperatorId, account, account::PlanCode, operator};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, IntoActiveModel};

use super::{Usage, queries};
use crate::{
    account::rules as accounts,
    app::{App, Work},
    error::{Failure, Invalid, Reason, Rejection},
    event::Event,
    operator::queries as operators,
    plans::SeatsFault,
    viewer::{Granted, ManageOperators, ManagePlan},
};

/// Every seat is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("All {} seats are in use. Deactivate somebody or add seats.", .usage.limit)]
pub struct LimitReached {
    pub usage: Usage,
}

/// Why a step that needs a free seat ended.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Gives an operator a seat. The caller has locked the account and read the operator since.
pub async fn take(
    app: &App,
    work: &mut Work,
    account: &account::Model,
    operator: operator::Model,
) -> Result<operator::Model, TakeError> {
    if operator.is_active() {
        return Ok(operator);
    }
    let usage = queries::usage(&**work, &app.config.plans, account.id).await?;
    if usage.free() == 0 {
        return Err(LimitReached { usage }.into());
    }
    Ok(write(app, work, operator, true).await?)
}

/// Takes an operator's seat away. The caller has locked the account and read the operator since.
pub async fn release(app: &App, work: &mut Work, operator: operator::Model) -> Result<operator::Model, DbErr> {
    if operator.is_active() { write(app, work, operator, false).await } else { Ok(operator) }
}

async fn write(app: &App, work: &mut Work, operator: operator::Model, active: bool) -> Result<operator::Model, DbErr> {
    let now = app.clock.now();
    let mut row = operator.into_active_model();
    row.activated_at = Set(active.then_some(now));
    row.updated_at = Set(now);
    let operator = row.update(&**work).await?;

    accounts::bump_version(work, operator.account_id).await?;
    work.announce(Event::OperatorChanged { account_id: operator.account_id, operator_id: operator.id });
    Ok(operator)
}

/// Why a seat was not moved.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    #[error("There is no such operator.")]
    FromNotFound,
    #[error("There is no such operator.")]
    ToNotFound,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
}
impl Rejection for SwapError {}

/// Moves a seat from one operator to another in one step: nobody can take it in between.
///
/// Where `from` holds none, `to` needs a free one. Where `to` holds one already, only `from` changes.
pub async fn swap(
    app: &App,
    actor: &Granted<ManageOperators>,
    from: Option<OperatorId>,
    to: Option<OperatorId>,
) -> Result<(operator::Model, operator::Model), Failure<SwapError>> {
    let mut work = app.begin_in(actor.account_id()).await?;
    let account = accounts::lock(&work, actor).await?;
    let from = find(&work, &account, from).await?.ok_or(SwapError::FromNotFound)?;
    let to = find(&work, &account, to).await?.ok_or(SwapError::ToNotFound)?;
    if from.id == to.id {
        return Err(SwapError::Invalid(Invalid::at(
            "toOperatorId",
            Reason::SameOperator,
            "Name two different operators.",
        ))
        .into());
    }

    let (from, to) = if from.is_active() && !to.is_active() {
        // Moved, not counted: as many are active after as before, also where a plan's bounds have sunk below that.
        (release(app, &mut work, from).await?, write(app, &mut work, to, true).await?)
    } else {
        (
            release(app, &mut work, from).await?,
            take(app, &mut work, &account, to).await.map_err(Failure::<SwapError>::from)?,
        )
    };

    work.commit().await?;
    Ok((from, to))
}

impl From<TakeError> for Failure<SwapError> {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::LimitReached(reached) => SwapError::from(reached).into(),
            TakeError::Db(error) => error.into(),
        }
    }
}

/// Why a plan was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePlanError {
    #[error("There is no such operator.")]
    OperatorNotFound { index: usize },
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("The number of seats {0}.")]
    Seats(#[from] SeatsFault),
    #[error("{active} operators are active, and the plan would have {limit} seats. Name who becomes inactive.")]
    TooManyActive { active: i32, limit: i32 },
}
impl Rejection for ChangePlanError {}

/// How many operators a change of plan may deactivate in its step.
const MAX_DEACTIVATED: usize = 100;

/// What an account asks for.
#[derive(Clone, Debug)]
pub struct PlanChange {
    pub plan: PlanCode,
    /// How many seats to buy; none: as many as now, within the plan's bounds.
    pub seats: Option<i32>,
    /// Who gives up a seat in the same step; an id that is none of the account's is `None`.
    pub deactivate: Vec<Option<OperatorId>>,
}

/// Changes plan and seats, and deactivates those who are named, in one step.
pub async fn change_plan(
    app: &App,
    actor: &Granted<ManagePlan>,
    change: PlanChange,
) -> Result<account::Model, Failure<ChangePlanError>> {
    // Each is looked up under the lock, which others wait for.
    if change.deactivate.len() > MAX_DEACTIVATED {
        let too_many = Reason::TooMany { max: MAX_DEACTIVATED };
        let fault = Invalid::at(
            "deactivateOperatorIds",
            too_many,
            format!("Name at most {MAX_DEACTIVATED} operators at once."),
        );
        return Err(ChangePlanError::from(fault).into());
    }
    let mut work = app.begin_in(actor.account_id()).await?;
    let account = accounts::lock(&work, actor).await?;
    let plans = &app.config.plans;
    let seats = plans.seats_for(change.plan, change.seats, account.seats).map_err(ChangePlanError::from)?;

    for (index, id) in change.deactivate.into_iter().enumerate() {
        let operator = find(&work, &account, id).await?.ok_or(ChangePlanError::OperatorNotFound { index })?;
        release(app, &mut work, operator).await?;
    }
    if (account.plan, account.seats) == (change.plan, seats) {
        work.commit().await?;
        return Ok(account);
    }

    let mut row = account.into_active_model();
    row.plan = Set(change.plan);
    row.seats = Set(seats);
    let account = row.update(&*work).await?;
    let usage = queries::usage(&*work, plans, account.id).await?;
    if usage.used > usage.limit {
        return Err(ChangePlanError::TooManyActive { active: usage.used, limit: usage.limit }.into());
    }

    work.announce(Event::AccountChanged { account_id: account.id });
    work.commit().await?;
    Ok(account)
}

async fn find(work: &Work, account: &account::Model, id: Option<OperatorId>) -> Result<Option<operator::Model>, DbErr> {
    let Some(id) = id else { return Ok(None) };
    operators::find(&**work, account.id, id).await
}

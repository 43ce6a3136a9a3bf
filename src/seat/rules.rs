//! Taking, releasing and moving seats, and changing the plan.

use std::collections::BTreeSet;

use entity::{ConversationId, OperatorId, account, account::PlanCode, operator};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, IntoActiveModel};

use super::{Usage, queries};
use crate::{
    access::identity::{Granted, ManageOperators, ManagePlan},
    account::rules as accounts,
    app::{App, Work},
    availability::{Card, rules as availability},
    conversation::rules as conversations,
    error::{Failure, NO_SUCH_OPERATOR, Rejection},
    input::{Invalid, Reason},
    operator::queries as operators,
    plans::SeatsFault,
};

/// All seats are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("All {} seats are in use. Deactivate an operator or add seats.", .usage.limit)]
pub struct LimitReached {
    pub usage: Usage,
}

/// Why a step that needs a free seat failed.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Gives an operator a seat. The caller has locked the account and read the operator afterwards.
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

/// An operator without a seat.
#[derive(Clone, Debug)]
pub struct Released {
    pub operator: operator::Model,
    /// The conversations that the operator left.
    pub returned: BTreeSet<ConversationId>,
}

/// Releases an operator's seat; the operator's conversations return to the queue. The caller has
/// locked the account and read the operator afterwards. If the transaction writes several
/// operators, the caller has [locked](accounts::lock_operators) them all before: conversations are
/// locked here, and operators come before them.
pub async fn release(app: &App, work: &mut Work, operator: operator::Model) -> Result<Released, DbErr> {
    if !operator.is_active() {
        return Ok(Released { operator, returned: BTreeSet::new() });
    }
    let operator = write(app, work, operator, false).await?;
    // Boxed, because every change of a seat gets here, and their futures would be large.
    let returned = Box::pin(conversations::return_to_queue(app, work, &operator)).await?;
    Ok(Released { operator, returned })
}

async fn write(app: &App, work: &mut Work, operator: operator::Model, active: bool) -> Result<operator::Model, DbErr> {
    let now = app.clock.now();
    let before = Card::shown(&operator);
    let mut row = operator.into_active_model();
    row.activated_at = Set(active.then_some(now));
    row.updated_at = Set(now);
    let operator = row.update(&**work).await?;

    availability::note_change(work, before, &operator).await?;
    accounts::bump_version(work, operator.account_id).await?;
    Ok(operator)
}

/// Why a seat was not moved.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    #[error("{}", NO_SUCH_OPERATOR)]
    FromNotFound,
    #[error("{}", NO_SUCH_OPERATOR)]
    ToNotFound,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
}
impl Rejection for SwapError {}

/// Moves a seat from one operator to another in one step, so no other operator can take it in
/// between.
///
/// If `from` holds no seat, `to` needs a free one. If `to` already holds one, only `from` changes.
pub async fn swap(
    app: &App,
    actor: &Granted<ManageOperators>,
    from: Option<OperatorId>,
    to: Option<OperatorId>,
) -> Result<(Released, operator::Model), Failure<SwapError>> {
    let mut work = app.begin_in(actor.account_id()).await?;
    let account = accounts::lock(&work, actor).await?;
    let both: Vec<_> = from.into_iter().chain(to).collect();
    accounts::lock_operators(&work, &[account.id], &both).await?;
    let from = find(&work, &account, from).await?.ok_or(SwapError::FromNotFound)?;
    let to = find(&work, &account, to).await?.ok_or(SwapError::ToNotFound)?;
    if from.id == to.id {
        return Err(SwapError::Invalid(Invalid::at(
            "toOperatorId",
            Reason::SameOperator,
            "Choose two different operators.",
        ))
        .into());
    }

    let (from, to) = if from.is_active() && !to.is_active() {
        // Moved without a check: the number of active operators does not change, so this works even
        // if a plan was reduced below that number.
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
    #[error("{}", NO_SUCH_OPERATOR)]
    OperatorNotFound { index: usize },
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("The number of seats {0}.")]
    Seats(#[from] SeatsFault),
    #[error("{active} operators are active, and the plan would have {limit} seats. Choose operators to deactivate.")]
    TooManyActive { active: i32, limit: i32 },
    #[error("All accounts of this server have the same plan.")]
    PlanFixed,
}
impl Rejection for ChangePlanError {}

/// The maximum number of operators that a change of plan may deactivate.
const MAX_DEACTIVATED: usize = 100;

/// The requested plan and seats.
#[derive(Clone, Debug)]
pub struct PlanChange {
    pub plan: PlanCode,
    /// The number of seats to buy. `None` keeps the current number, within the bounds of the plan.
    pub seats: Option<i32>,
    /// The operators to deactivate in the same step. An id that is not in the account is `None`.
    pub deactivate: Vec<Option<OperatorId>>,
}

/// Changes plan and seats, and deactivates the named operators, in one step. Returns the account,
/// and the number of conversations that returned to the queue. Refused if all
/// accounts have one plan: a change would only take effect once the setting is removed.
pub async fn change_plan(
    app: &App,
    actor: &Granted<ManagePlan>,
    change: PlanChange,
) -> Result<(account::Model, usize), Failure<ChangePlanError>> {
    if app.config.plans.single().is_some() {
        return Err(ChangePlanError::PlanFixed.into());
    }
    // Each operator is read under the lock, which blocks other transactions.
    if change.deactivate.len() > MAX_DEACTIVATED {
        let too_many = Reason::TooMany { max: MAX_DEACTIVATED };
        let fault = Invalid::at(
            "deactivateOperatorIds",
            too_many,
            format!("Choose at most {MAX_DEACTIVATED} operators at once."),
        );
        return Err(ChangePlanError::from(fault).into());
    }
    let mut work = app.begin_in(actor.account_id()).await?;
    let account = accounts::lock(&work, actor).await?;
    let plans = &app.config.plans;
    let seats = plans.seats_for(change.plan, change.seats, account.seats).map_err(ChangePlanError::from)?;

    let losers: Vec<_> = change.deactivate.iter().flatten().copied().collect();
    accounts::lock_operators(&work, &[account.id], &losers).await?;
    // Two of them may have left the same conversation.
    let mut returned = BTreeSet::new();
    for (index, id) in change.deactivate.into_iter().enumerate() {
        let operator = find(&work, &account, id).await?.ok_or(ChangePlanError::OperatorNotFound { index })?;
        returned.extend(release(app, &mut work, operator).await?.returned);
    }
    if (account.plan, account.seats) == (change.plan, seats) {
        work.commit().await?;
        return Ok((account, returned.len()));
    }

    let mut row = account.into_active_model();
    row.plan = Set(change.plan);
    row.seats = Set(seats);
    let account = row.update(&*work).await?;
    let usage = queries::usage(&*work, plans, account.id).await?;
    if usage.used > usage.limit {
        return Err(ChangePlanError::TooManyActive { active: usage.used, limit: usage.limit }.into());
    }

    accounts::bump_version(&mut work, account.id).await?;
    work.commit().await?;
    Ok((account, returned.len()))
}

async fn find(work: &Work, account: &account::Model, id: Option<OperatorId>) -> Result<Option<operator::Model>, DbErr> {
    let Some(id) = id else { return Ok(None) };
    operators::find(&**work, account.id, id).await
}

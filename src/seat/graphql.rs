//! The face of plans and seats.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Union};

use super::{
    Usage,
    rules::{self, ChangePlanError as PlanRefusal, LimitReached, PlanChange, SwapError},
};
use crate::{
    account::graphql::Account,
    error::Invalid,
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::{IntoGraphql, into_payload},
        user_error::{InvalidInput, OperatorNotFound},
    },
    operator::graphql::Operator,
    plans,
};

/// A plan that an account can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::account::PlanCode")]
pub enum PlanCode {
    /// Costs nothing.
    Free,
    /// The smallest plan whose seats are bought.
    Mini,
    /// The middle plan.
    Standard,
    /// The largest plan.
    Pro,
}

/// A plan that an account can be on.
#[derive(Clone, Debug, SimpleObject)]
pub struct Plan {
    /// Names the plan in a request.
    pub code: PlanCode,
    /// What people call it.
    pub name: String,
    /// The fewest seats an account can have on it, at least one.
    pub seat_minimum: i32,
    /// The most seats an account can have on it; null when there is no ceiling.
    pub seat_limit: Option<i32>,
    /// Whether an account chooses how many seats it has; otherwise it has `seatLimit`.
    pub seats_are_bought: bool,
}

impl From<&plans::Plan> for Plan {
    fn from(plan: &plans::Plan) -> Self {
        Self {
            code: plan.code.into(),
            name: plan.name.clone(),
            seat_minimum: plan.min_seats,
            seat_limit: plan.max_seats,
            seats_are_bought: plan.seats_are_bought,
        }
    }
}

/// An account's seats: how many operators may be active at once, the owner included.
#[derive(Clone, Debug, SimpleObject)]
pub struct SeatUsage {
    /// How many operators may be active at once.
    pub limit: i32,
    /// How many are active now.
    pub used: i32,
    /// How many more can be activated.
    pub free: i32,
}

impl From<Usage> for SeatUsage {
    fn from(usage: Usage) -> Self {
        Self { limit: usage.limit, used: usage.used, free: usage.free() }
    }
}

/// Every seat of the plan is in use. Deactivate somebody, move a seat with `swapSeat`, or add seats with `changePlan`.
#[derive(Clone, Debug, SimpleObject)]
pub struct SeatLimitReached {
    /// A sentence for the person who asked, in English.
    pub message: String,
    /// Where in `input` the fault lies, from its root; empty when nowhere in particular.
    pub path: Vec<String>,
    /// The account's seats at the moment of the refusal.
    pub seats: SeatUsage,
}

impl SeatLimitReached {
    /// At one field of the input.
    #[must_use]
    pub fn at(field: &str, reached: LimitReached) -> Self {
        Self { message: reached.to_string(), path: vec![field.to_owned()], seats: reached.usage.into() }
    }
}

/// More operators are active than the plan would have seats. Name who becomes inactive in `deactivateOperatorIds`.
#[derive(Clone, Debug, SimpleObject)]
pub struct TooManyActiveOperators {
    /// A sentence for the person who asked, in English.
    pub message: String,
    /// Where in `input` the fault lies, from its root; empty when nowhere in particular.
    pub path: Vec<String>,
    /// How many would be active, those named in `deactivateOperatorIds` left out.
    pub active: i32,
    /// How many seats the plan would have.
    pub limit: i32,
}

/// Who gives up a seat, and who gets it.
#[derive(Debug, InputObject)]
pub struct SwapSeatInput {
    /// Becomes inactive. If they are inactive already, a free seat is used.
    pub from_operator_id: ID,
    /// Becomes active.
    pub to_operator_id: ID,
}

/// What came of moving a seat.
#[derive(Debug, SimpleObject)]
pub struct SwapSeatPayload {
    /// The operator who is inactive now; null when it was refused.
    pub from: Option<Operator>,
    /// The operator who is active now; null when it was refused.
    pub to: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<SwapSeatError>,
}

/// Why a seat was not moved.
#[derive(Clone, Debug, Union)]
pub enum SwapSeatError {
    OperatorNotFound(OperatorNotFound),
    SeatLimitReached(SeatLimitReached),
    InvalidInput(InvalidInput),
}

impl From<SwapError> for SwapSeatError {
    fn from(error: SwapError) -> Self {
        match error {
            SwapError::FromNotFound => {
                Self::OperatorNotFound(OperatorNotFound::at("fromOperatorId", error.to_string()))
            }
            SwapError::ToNotFound => Self::OperatorNotFound(OperatorNotFound::at("toOperatorId", error.to_string())),
            SwapError::Invalid(fault) => Self::InvalidInput(fault.into()),
            SwapError::LimitReached(reached) => Self::SeatLimitReached(SeatLimitReached::at("toOperatorId", reached)),
        }
    }
}

/// The plan and the seats that an account is to have.
#[derive(Debug, InputObject)]
pub struct ChangePlanInput {
    /// The plan to be on.
    pub plan: PlanCode,
    /// How many seats to buy, at least one. Left out or null: as many as now, within the plan's bounds. A plan whose seats are not
    /// bought takes no number but its own.
    pub seats: Option<i32>,
    /// Who becomes inactive in the same step, when the new plan has fewer seats than are in use; at most 100.
    #[graphql(default)]
    pub deactivate_operator_ids: Vec<ID>,
}

/// What came of changing the plan.
#[derive(Debug, SimpleObject)]
pub struct ChangePlanPayload {
    /// The account on its new plan; null when it was refused.
    pub account: Option<Account>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<ChangePlanError>,
}

/// Why a plan was not changed.
#[derive(Clone, Debug, Union)]
pub enum ChangePlanError {
    TooManyActiveOperators(TooManyActiveOperators),
    OperatorNotFound(OperatorNotFound),
    InvalidInput(InvalidInput),
}

impl From<PlanRefusal> for ChangePlanError {
    fn from(error: PlanRefusal) -> Self {
        let message = error.to_string();
        match error {
            PlanRefusal::OperatorNotFound { index } => Self::OperatorNotFound(OperatorNotFound {
                message,
                path: vec!["deactivateOperatorIds".to_owned(), index.to_string()],
            }),
            PlanRefusal::Invalid(fault) => Self::InvalidInput(fault.into()),
            PlanRefusal::Seats(fault) => Self::InvalidInput(Invalid::at("seats", fault, message).into()),
            PlanRefusal::TooManyActive { active, limit } => Self::TooManyActiveOperators(TooManyActiveOperators {
                message,
                path: vec!["seats".to_owned()],
                active,
                limit,
            }),
        }
    }
}

#[derive(Debug, Default)]
pub struct SeatQuery;

#[Object]
impl SeatQuery {
    /// What an account can be on, from the smallest plan to the largest. Public.
    async fn plans(&self, ctx: &Context<'_>) -> Vec<Plan> {
        ctx.app().config.plans.all().iter().map(Plan::from).collect()
    }
}

#[derive(Debug, Default)]
pub struct SeatMutation;

#[Object]
impl SeatMutation {
    /// Moves a seat from one operator to another in one step. Full access only.
    async fn swap_seat(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who gives up a seat, and who gets it.")] input: SwapSeatInput,
    ) -> Nullable<SwapSeatPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
            let (from, to) = (id::operator_key(&input.from_operator_id), id::operator_key(&input.to_operator_id));
            let (swapped, user_errors) = into_payload(rules::swap(ctx.app(), &actor, from, to).await)?;
            let (from, to) = swapped.unzip();
            Ok(SwapSeatPayload { from: from.map(Operator), to: to.map(Operator), user_errors })
        })
        .await
    }

    /// Changes the account's plan and its number of seats. Full access only.
    ///
    /// Fewer seats than active operators are refused with `TooManyActiveOperators`, unless `deactivateOperatorIds` names who gives
    /// up theirs. A refused change changes nothing.
    async fn change_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan, the seats, and who becomes inactive.")] input: ChangePlanInput,
    ) -> Nullable<ChangePlanPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
            let deactivate = input.deactivate_operator_ids.iter().map(id::operator_key).collect();
            let change = PlanChange { plan: input.plan.into(), seats: input.seats, deactivate };
            let (account, user_errors) = into_payload(rules::change_plan(ctx.app(), &actor, change).await)?;
            Ok(ChangePlanPayload { account: account.map(Account), user_errors })
        })
        .await
    }
}

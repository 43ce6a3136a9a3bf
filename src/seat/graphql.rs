//! GraphQL types of plans and seats.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::{
    Usage,
    rules::{self, ChangePlanError, PlanChange, SwapError},
};
use crate::{
    account::graphql::Account,
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::{count, into_payload},
        user_error::{InvalidInput, OperatorNotFound},
    },
    input::Invalid,
    operator::graphql::Operator,
    plans,
    schema::UserErrors,
};

/// A plan of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::account::PlanCode")]
pub enum PlanCode {
    /// The free plan.
    Free,
    /// The smallest plan with bought seats.
    Mini,
    /// The middle plan.
    Standard,
    /// The largest plan.
    Pro,
}

/// A plan of an account: its name and its limits of seats.
#[derive(Clone, Debug, SimpleObject)]
pub struct Plan {
    /// The plan's code, as in `changePlan`.
    pub code: PlanCode,
    /// The plan's name, for display.
    pub name: String,
    /// The minimum number of seats, at least one.
    pub seat_minimum: i32,
    /// The maximum number of seats. Null if there is none.
    pub seat_limit: Option<i32>,
    /// Whether the account chooses its number of seats. If not, it has `seatLimit` seats, or 10,000
    /// if that is null.
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

/// An account's seats. Each active operator uses one, the owner included.
#[derive(Clone, Debug, SimpleObject)]
pub struct SeatUsage {
    /// The maximum number of active operators.
    pub limit: i32,
    /// The number of active operators.
    pub used: i32,
    /// The number of operators that can still be activated.
    pub free: i32,
}

impl From<Usage> for SeatUsage {
    fn from(usage: Usage) -> Self {
        Self { limit: usage.limit, used: usage.used, free: usage.free() }
    }
}

crate::user_error! {
    /// All seats of the plan are in use. Deactivate an operator, move a seat with `swapSeat`, or
    /// add seats with `changePlan`.
    SeatLimitReached {
        /// The account's seats when the mutation was refused.
        seats: SeatUsage,
    }

    /// More operators are active than the new plan has seats. Choose operators to deactivate in
    /// `deactivateOperatorIds`.
    TooManyActiveOperators {
        /// The number of operators that would be active, without those in `deactivateOperatorIds`.
        active: i32,
        /// The number of seats of the new plan.
        limit: i32,
    }

    /// All accounts of this server have the same plan, which cannot be changed.
    PlanFixed {}
}

/// Two operators: one gives a seat to the other.
#[derive(Debug, InputObject)]
pub struct SwapSeatInput {
    /// The operator to deactivate. If already inactive, a free seat is used.
    pub from_operator_id: ID,
    /// The operator to activate.
    pub to_operator_id: ID,
}

/// Result of `swapSeat`.
#[derive(Debug, SimpleObject)]
pub struct SwapSeatPayload {
    /// The operator who is now inactive. Null if refused.
    pub from: Option<Operator>,
    /// The operator who is now active. Null if refused.
    pub to: Option<Operator>,
    /// Number of conversations that `from` left. Those without another participant returned to the
    /// queue. 0 if refused.
    pub returned_conversations: i32,
    /// Why the seat was not moved. Empty on success.
    pub user_errors: UserErrors<SwapError>,
}

crate::rejections! { error: SwapError {
    SwapError::FromNotFound => OperatorNotFound::at(&["fromOperatorId"], &error),
    SwapError::ToNotFound => OperatorNotFound::at(&["toOperatorId"], &error),
    SwapError::Invalid(fault) => InvalidInput::from(fault),
    SwapError::LimitReached(reached) => SeatLimitReached::at(&["toOperatorId"], &reached, reached.usage.into()),
} }

/// A new plan and number of seats.
#[derive(Debug, InputObject)]
pub struct ChangePlanInput {
    /// The new plan.
    pub plan: PlanCode,
    /// The number of seats to buy, at least one. Omitted or null: the current number, within the
    /// plan's limits. For a plan with included seats, only their number is accepted.
    pub seats: Option<i32>,
    /// Operators to deactivate in the same step, if the new plan has fewer seats than are in use.
    /// At most 100.
    #[graphql(default)]
    pub deactivate_operator_ids: Vec<ID>,
}

/// Result of `changePlan`.
#[derive(Debug, SimpleObject)]
pub struct ChangePlanPayload {
    /// The account with its new plan. Null if refused.
    pub account: Option<Account>,
    /// Number of conversations that the deactivated operators left. Those without another
    /// participant returned to the queue. 0 if refused.
    pub returned_conversations: i32,
    /// Why the plan was not changed. Empty on success.
    pub user_errors: UserErrors<ChangePlanError>,
}

crate::rejections! { error: ChangePlanError {
    ChangePlanError::OperatorNotFound { index } => OperatorNotFound::at(&["deactivateOperatorIds", &index.to_string()], &error),
    ChangePlanError::Invalid(fault) => InvalidInput::from(fault),
    ChangePlanError::Seats(fault) => InvalidInput::from(Invalid::at("seats", fault, error.to_string())),
    ChangePlanError::PlanFixed => PlanFixed::at(&["plan"], &error),
    ChangePlanError::TooManyActive { active, limit } => TooManyActiveOperators::at(&["seats"], &error, active, limit),
} }

#[derive(Debug, Default)]
pub struct SeatQuery;

#[Object]
impl SeatQuery {
    /// All plans, from the smallest to the largest. If there is only one, every account has it, and
    /// `changePlan` is refused. Public.
    async fn plans(&self, ctx: &Context<'_>) -> Vec<Plan> {
        ctx.app().config.plans.all().iter().map(Plan::from).collect()
    }
}

#[derive(Debug, Default)]
pub struct SeatMutation;

#[Object]
impl SeatMutation {
    /// Moves a seat from one operator to another in one step. Full access only.
    ///
    /// User errors: `InvalidInput`, `OperatorNotFound`, `SeatLimitReached`.
    async fn swap_seat(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The two operators.")] input: SwapSeatInput,
    ) -> Nullable<SwapSeatPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let (from, to) = (id::operator_key(&input.from_operator_id), id::operator_key(&input.to_operator_id));
            let (swapped, user_errors) = into_payload(rules::swap(ctx.app(), &actor, from, to).await)?;
            let (from, to) = swapped.unzip();
            let returned_conversations = count(from.as_ref().map_or(0, |released| released.returned.len()));
            let from = from.map(|released| Operator(released.operator));
            Ok(SwapSeatPayload { from, to: to.map(Operator), returned_conversations, user_errors })
        })
        .await
    }

    /// Changes the account's plan and number of seats. Full access only.
    ///
    /// Refused if the new plan has fewer seats than there are active operators, unless
    /// `deactivateOperatorIds` lists enough of them. Refused if `plans` has only one plan. A
    /// refused change has no effect.
    ///
    /// User errors: `InvalidInput`, `OperatorNotFound`, `PlanFixed`, `TooManyActiveOperators`.
    async fn change_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan, the number of seats, and operators to deactivate.")] input: ChangePlanInput,
    ) -> Nullable<ChangePlanPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let deactivate = input.deactivate_operator_ids.iter().map(id::operator_key).collect();
            let change = PlanChange { plan: input.plan.into(), seats: input.seats, deactivate };
            let (account, user_errors) = into_payload(rules::change_plan(ctx.app(), &actor, change).await)?;
            let (account, returned) = account.unzip();
            let returned_conversations = count(returned.unwrap_or_default());
            Ok(ChangePlanPayload { account: account.map(Account), returned_conversations, user_errors })
        })
        .await
    }
}

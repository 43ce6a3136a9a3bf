//! `activateOperator` and `deactivateOperator`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::Operator;
use crate::{
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::{count, into_payload},
        user_error::OperatorNotFound,
    },
    operator::rules::{self, ActivateError, DeactivateError},
    schema::UserErrors,
    seat::graphql::SeatLimitReached,
};

/// The operator to activate.
#[derive(Debug, InputObject)]
pub struct ActivateOperatorInput {
    /// Any operator of the account.
    pub operator_id: ID,
}

/// Result of `activateOperator`.
#[derive(Debug, SimpleObject)]
pub struct ActivateOperatorPayload {
    /// The active operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why the operator was not activated. Empty on success.
    pub user_errors: UserErrors<ActivateError>,
}

crate::rejections! { error: ActivateError {
    ActivateError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    ActivateError::NoFreeSeat(reached) => SeatLimitReached::at(&["operatorId"], &reached, reached.usage.into()),
} }

/// The operator to deactivate.
#[derive(Debug, InputObject)]
pub struct DeactivateOperatorInput {
    /// Any operator of the account, including the owner.
    pub operator_id: ID,
}

/// Result of `deactivateOperator`.
#[derive(Debug, SimpleObject)]
pub struct DeactivateOperatorPayload {
    /// The inactive operator. Null if refused.
    pub operator: Option<Operator>,
    /// Number of conversations that the operator left. Those without another participant returned
    /// to the queue. 0 if refused.
    pub returned_conversations: i32,
    /// Why the operator was not deactivated. Empty on success.
    pub user_errors: UserErrors<DeactivateError>,
}

crate::rejections! { error: DeactivateError {
    DeactivateError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
} }

#[derive(Debug, Default)]
pub struct ActivateMutation;

#[Object]
impl ActivateMutation {
    /// Activates an operator, who then uses a seat of the plan. Visitors see an invited operator
    /// only after the invitation was accepted. No effect if already active. Full access only.
    ///
    /// User errors: `OperatorNotFound`, `SeatLimitReached`.
    async fn activate_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator to activate.")] input: ActivateOperatorInput,
    ) -> Nullable<ActivateOperatorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) = into_payload(rules::activate(ctx.app(), &actor, id).await)?;
            Ok(ActivateOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Deactivates an operator and frees the seat. Inactive operators can still use the dashboard.
    /// No effect if already inactive. Full access only.
    ///
    /// User errors: `OperatorNotFound`.
    async fn deactivate_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator to deactivate.")] input: DeactivateOperatorInput,
    ) -> Nullable<DeactivateOperatorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (released, user_errors) = into_payload(rules::deactivate(ctx.app(), &actor, id).await)?;
            let returned_conversations = count(released.as_ref().map_or(0, |released| released.returned.len()));
            let operator = released.map(|released| Operator(released.operator));
            Ok(DeactivateOperatorPayload { operator, returned_conversations, user_errors })
        })
        .await
    }
}

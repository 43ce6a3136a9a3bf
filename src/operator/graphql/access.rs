//! `changeAccessLevel`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{AccessLevel, Operator};
use crate::{
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::into_payload,
        user_error::{OperatorNotFound, OwnerRequired},
    },
    operator::rules::{self, ChangeAccessError},
    schema::UserErrors,
};

crate::user_error! {
    /// Operators cannot change their own access level.
    OwnAccessLevel {}
}

/// An operator and a new access level.
#[derive(Debug, InputObject)]
pub struct ChangeAccessLevelInput {
    /// Any operator except yourself and the owner.
    pub operator_id: ID,
    /// The new access level.
    pub access_level: AccessLevel,
}

/// Result of `changeAccessLevel`.
#[derive(Debug, SimpleObject)]
pub struct ChangeAccessLevelPayload {
    /// The changed operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why the access level was not changed. Empty on success.
    pub user_errors: UserErrors<ChangeAccessError>,
}

crate::rejections! { error: ChangeAccessError {
    ChangeAccessError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    ChangeAccessError::Owner => OwnerRequired::at(&["operatorId"], &error),
    ChangeAccessError::Own => OwnAccessLevel::at(&["operatorId"], &error),
} }

#[derive(Debug, Default)]
pub struct AccessMutation;

#[Object]
impl AccessMutation {
    /// Changes an operator's access level. Full access only. Refused for yourself and for the
    /// owner.
    ///
    /// User errors: `OperatorNotFound`, `OwnAccessLevel`, `OwnerRequired`.
    async fn change_access_level(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator, and the level.")] input: ChangeAccessLevelInput,
    ) -> Nullable<ChangeAccessLevelPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) =
                into_payload(rules::change_access_level(ctx.app(), &actor, id, input.access_level.into()).await)?;
            Ok(ChangeAccessLevelPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}

//! `removeOperator`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::{count, into_payload},
        user_error::{OperatorNotFound, OwnerRequired},
    },
    operator::rules::{self, RemoveError},
    schema::UserErrors,
};

/// The operator to remove.
#[derive(Debug, InputObject)]
pub struct RemoveOperatorInput {
    /// Any operator except the owner.
    pub operator_id: ID,
}

/// Result of `removeOperator`.
#[derive(Debug, SimpleObject)]
pub struct RemoveOperatorPayload {
    /// The id of the removed operator. Null if refused.
    pub removed_operator_id: Option<ID>,
    /// Number of conversations that the operator left. Those without another participant returned
    /// to the queue. 0 if refused.
    pub returned_conversations: i32,
    /// Why the operator was not removed. Empty on success.
    pub user_errors: UserErrors<RemoveError>,
}

crate::rejections! { error: RemoveError {
    RemoveError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    RemoveError::Owner => OwnerRequired::at(&["operatorId"], &error),
} }

#[derive(Debug, Default)]
pub struct RemoveMutation;

#[Object]
impl RemoveMutation {
    /// Removes an operator: frees the seat, ends all sessions and clears personal data. Full access
    /// only. Refused for the owner.
    ///
    /// User errors: `OperatorNotFound`, `OwnerRequired`.
    async fn remove_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator to remove.")] input: RemoveOperatorInput,
    ) -> Nullable<RemoveOperatorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (removed, user_errors) = into_payload(rules::remove(ctx.app(), &actor, id).await)?;
            let (removed, returned) = removed.unzip();
            Ok(RemoveOperatorPayload {
                removed_operator_id: removed.map(id::operator),
                returned_conversations: count(returned.unwrap_or_default()),
                user_errors,
            })
        })
        .await
    }
}

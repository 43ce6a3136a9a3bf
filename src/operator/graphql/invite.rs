//! `inviteOperator`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::Operator;
use crate::{
    graphql::{
        ContextExt, Language, Nullable, id, nullable,
        payload::into_payload,
        user_error::{OperatorNotFound, TooManyAttempts},
    },
    operator::rules::{self, InviteError},
    schema::UserErrors,
};

crate::user_error! {
    /// The operator has already set a password, and can recover it with `requestPasswordRecovery`.
    InvitationAccepted {}
}

/// The operator to invite again.
#[derive(Debug, InputObject)]
pub struct InviteOperatorInput {
    /// An operator who has not set a password yet.
    pub operator_id: ID,
    /// The language of the invitation.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
}

/// Result of `inviteOperator`.
#[derive(Debug, SimpleObject)]
pub struct InviteOperatorPayload {
    /// The invited operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why no invitation was sent. Empty on success.
    pub user_errors: UserErrors<InviteError>,
}

crate::rejections! { error: InviteError {
    InviteError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    InviteError::HasPassword => InvitationAccepted::at(&["operatorId"], &error),
    InviteError::TooMany(refused) => TooManyAttempts::from(refused),
} }

#[derive(Debug, Default)]
pub struct InviteMutation;

#[Object]
impl InviteMutation {
    /// Sends a new invitation to an operator who has not set a password yet. Earlier links stop
    /// working. Full access only.
    ///
    /// User errors: `InvitationAccepted`, `OperatorNotFound`, `TooManyAttempts`.
    async fn invite_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator to invite.")] input: InviteOperatorInput,
    ) -> Nullable<InviteOperatorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) = into_payload(
                rules::invite(ctx.app(), &actor, ctx.scope().caller().address, id, input.language.into()).await,
            )?;
            Ok(InviteOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}

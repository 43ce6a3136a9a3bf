//! `requestAddressConfirmation`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    graphql::{
        ContextExt, Language, Nullable, id, nullable,
        payload::into_payload,
        user_error::{OperatorNotFound, TooManyAttempts},
    },
    link::rules::{self, RequestConfirmationError},
    operator::graphql::Operator,
    schema::UserErrors,
};

/// The operator whose address needs to be confirmed.
#[derive(Debug, InputObject)]
pub struct RequestAddressConfirmationInput {
    /// Yourself, or any operator with full access.
    pub operator_id: ID,
    /// The language of the mail.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
}

/// Result of `requestAddressConfirmation`.
#[derive(Debug, SimpleObject)]
pub struct RequestAddressConfirmationPayload {
    /// The operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why no link was mailed. Empty on success.
    pub user_errors: UserErrors<RequestConfirmationError>,
}

crate::rejections! { error: RequestConfirmationError {
    RequestConfirmationError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    RequestConfirmationError::TooMany(refused) => TooManyAttempts::from(refused),
} }

#[derive(Debug, Default)]
pub struct RequestConfirmationMutation;

#[Object]
impl RequestConfirmationMutation {
    /// Mails a new link to confirm the operator's pending address, or the current one. No effect if
    /// there is none to confirm. For yourself, or any operator with full access.
    ///
    /// User errors: `OperatorNotFound`, `TooManyAttempts`.
    async fn request_address_confirmation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator.")] input: RequestAddressConfirmationInput,
    ) -> Nullable<RequestAddressConfirmationPayload> {
        nullable(async {
            let id = id::operator_key(&input.operator_id);
            let actor = ctx.may_edit(id)?;
            let (operator, user_errors) = into_payload(
                rules::request_confirmation(ctx.app(), &actor, ctx.scope().caller().address, id, input.language.into())
                    .await,
            )?;
            Ok(RequestAddressConfirmationPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}

//! `updateOperator`.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::Operator;
use crate::{
    graphql::{
        ContextExt, Language, Nullable, id, nullable,
        payload::into_payload,
        user_error::{EmailTaken, InvalidCredentials, InvalidInput, OperatorNotFound, OwnerRequired, TooManyAttempts},
    },
    input::debug_hides,
    operator::rules::{self, Changes, UpdateError},
    schema::UserErrors,
};

/// Changes of a profile. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct UpdateOperatorInput {
    /// The operator to change: yourself, or any operator with full access.
    pub operator_id: ID,
    /// The name shown in the dashboard, 1 to 100 characters. Not null.
    pub name: MaybeUndefined<String>,
    /// The name shown to visitors, 1 to 100 characters. Null: the same as `name`.
    pub public_name: MaybeUndefined<String>,
    /// The address to sign in with. Not null.
    ///
    /// Your own requires `currentPassword`, and takes effect when the mailed link is confirmed.
    /// Until then it is `pendingEmail`. Send the current address to cancel the change.
    ///
    /// Another operator's takes effect immediately. A notification is mailed to the former address,
    /// and an operator without a password is invited at the new one. Earlier links stop working.
    ///
    /// Only the owner changes the owner's address, unless it was lost. Without a mail relay, every
    /// change takes effect immediately.
    pub email: MaybeUndefined<String>,
    /// Your password. Required to change your own address, otherwise ignored.
    pub current_password: Option<String>,
    /// Job title or motto, at most 200 characters. Null: none.
    pub description: MaybeUndefined<String>,
    /// The language of the mails that a changed address causes.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
}
debug_hides!(UpdateOperatorInput);

/// Result of `updateOperator`.
#[derive(Debug, SimpleObject)]
pub struct UpdateOperatorPayload {
    /// The changed operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why the operator was not changed. Empty on success.
    pub user_errors: UserErrors<UpdateError>,
}

crate::rejections! { error: UpdateError {
    UpdateError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    UpdateError::Invalid(fault) => InvalidInput::from(fault),
    UpdateError::EmailTaken => EmailTaken::at(&["email"], &error),
    UpdateError::OwnersAddress => OwnerRequired::at(&["email"], &error),
    UpdateError::WrongPassword => InvalidCredentials::at(&["currentPassword"], &error),
    UpdateError::TooMany(refused) => TooManyAttempts::from(refused),
} }

#[derive(Debug, Default)]
pub struct UpdateMutation;

#[Object]
impl UpdateMutation {
    /// Changes a profile: your own, or any operator's with full access.
    ///
    /// User errors: `EmailTaken`, `InvalidCredentials`, `InvalidInput`, `OperatorNotFound`,
    /// `OwnerRequired`, `TooManyAttempts`.
    async fn update_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator, and the changes.")] input: UpdateOperatorInput,
    ) -> Nullable<UpdateOperatorPayload> {
        nullable(async {
            let id = id::operator_key(&input.operator_id);
            let actor = ctx.may_edit(id)?;
            let (operator, user_errors) =
                into_payload(rules::update(ctx.app(), &actor, ctx.scope().caller().address, id, input.into()).await)?;
            Ok(UpdateOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}

impl From<UpdateOperatorInput> for Changes {
    fn from(input: UpdateOperatorInput) -> Self {
        Self {
            name: input.name.into(),
            public_name: input.public_name.into(),
            email: input.email.into(),
            description: input.description.into(),
            current_password: input.current_password,
            language: input.language.into(),
        }
    }
}

//! `changePassword`.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    graphql::{
        ContextExt, Language, Nullable, nullable,
        payload::into_payload,
        user_error::{InvalidCredentials, PasswordRejected, TooManyAttempts},
    },
    input::debug_hides,
    login::rules::{self, ChangePasswordError},
    operator::graphql::Operator,
    schema::UserErrors,
};

/// The caller's current password and the new one.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The current password.
    pub current_password: String,
    /// At least 12 characters, unless the server is configured otherwise. At most 256.
    pub new_password: String,
    /// The language of the mail that reports the changed password.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
}
debug_hides!(ChangePasswordInput);

/// Result of `changePassword`.
#[derive(Debug, SimpleObject)]
pub struct ChangePasswordPayload {
    /// The signed-in operator. All other sessions have ended. Null if refused.
    pub viewer: Option<Operator>,
    /// Why the password was not changed. Empty on success.
    pub user_errors: UserErrors<ChangePasswordError>,
}

crate::rejections! { error: ChangePasswordError {
    ChangePasswordError::InvalidCredentials => InvalidCredentials::at(&["currentPassword"], &error),
    ChangePasswordError::Password(fault) => PasswordRejected::at("newPassword", fault),
    ChangePasswordError::TooMany(refused) => TooManyAttempts::from(refused),
} }

#[derive(Debug, Default)]
pub struct ChangePasswordMutation;

#[Object]
impl ChangePasswordMutation {
    /// Changes the caller's password and ends all other sessions of the caller. For signed-in
    /// operators.
    ///
    /// User errors: `InvalidCredentials`, `InvalidInput`, `TooManyAttempts`, `WeakPassword`.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The current password, and the new one.")] input: ChangePasswordInput,
    ) -> Nullable<ChangePasswordPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let client = ctx.scope().caller().address;
            let (current, new, language) = (&input.current_password, &input.new_password, input.language.into());
            let changed = rules::change_password(ctx.app(), &actor, client, current, new, language).await;
            let (operator, user_errors) = into_payload(changed)?;
            Ok(ChangePasswordPayload { viewer: operator.map(Operator), user_errors })
        })
        .await
    }
}

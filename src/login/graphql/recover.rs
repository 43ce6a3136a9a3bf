//! `requestPasswordRecovery` and `recoverPassword`.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::request::{check_origin, remember_device};
use crate::{
    graphql::{
        ContextExt, Nullable, nullable,
        payload::into_payload,
        user_error::{EmailTaken, IncompleteLink, InvalidInput, InvalidLink, PasswordRejected, TooManyAttempts},
    },
    input::debug_hides,
    login::rules::{self, RecoverError, RequestRecoveryError},
    operator::graphql::Operator,
    schema::UserErrors,
};

/// The address of an operator who forgot the password.
#[derive(Debug, InputObject)]
pub struct RequestPasswordRecoveryInput {
    /// The address to sign in with, case-insensitive.
    pub email: String,
}

/// Result of `requestPasswordRecovery`. The same whether or not an operator has the address.
#[derive(Debug, SimpleObject)]
pub struct RequestPasswordRecoveryPayload {
    /// Why no mail is sent, whether or not an operator has the address. Empty on success.
    pub user_errors: UserErrors<RequestRecoveryError>,
}

crate::rejections! { error: RequestRecoveryError {
    RequestRecoveryError::Invalid(fault) => InvalidInput::from(fault),
    RequestRecoveryError::TooMany(refused) => TooManyAttempts::from(refused),
} }

/// A mailed link's token, and a new password.
#[derive(InputObject)]
pub struct RecoverPasswordInput {
    /// The part of the link after `#token=`, from a recovery or invitation mail. Characters before
    /// and after the token are ignored.
    pub token: String,
    /// At least 12 characters, unless the server is configured otherwise. At most 256.
    pub new_password: String,
}
debug_hides!(RecoverPasswordInput);

/// Result of `recoverPassword`.
#[derive(Debug, SimpleObject)]
pub struct RecoverPasswordPayload {
    /// The operator, who can now sign in with the new password. Null if refused. Creates no
    /// session.
    pub viewer: Option<Operator>,
    /// Why the password was not set. Empty on success. A rejected password leaves the link usable.
    pub user_errors: UserErrors<RecoverError>,
}

crate::rejections! { error: RecoverError {
    RecoverError::Incomplete(fault) => IncompleteLink::at(&["token"], &fault),
    RecoverError::InvalidLink => InvalidLink::at(&["token"], &error),
    RecoverError::EmailTaken => EmailTaken::at(&["token"], &error),
    RecoverError::Password(fault) => PasswordRejected::at("newPassword", fault),
    RecoverError::TooMany(refused) => TooManyAttempts::from(refused),
} }

#[derive(Debug, Default)]
pub struct RecoverMutation;

#[Object]
impl RecoverMutation {
    /// Mails a link to set a new password, if an operator has this address. The result does not
    /// reveal whether one has. Public. Refused for pages of foreign origins.
    ///
    /// User errors: `InvalidInput`, `TooManyAttempts`.
    async fn request_password_recovery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address.")] input: RequestPasswordRecoveryInput,
    ) -> Nullable<RequestPasswordRecoveryPayload> {
        nullable(async {
            check_origin(ctx)?;
            let (_, user_errors) =
                into_payload(rules::request_recovery(ctx.app(), ctx.scope().caller().address, &input.email).await)?;
            Ok(RequestPasswordRecoveryPayload { user_errors })
        })
        .await
    }

    /// Sets a password with a link from a recovery or invitation mail, and ends all sessions of the
    /// operator. Public. Refused for pages of foreign origins.
    ///
    /// The link confirms the address that it was mailed to. An invited operator gets the address,
    /// even if another operator has it unconfirmed. The browser becomes one of the operator's
    /// devices.
    ///
    /// User errors: `EmailTaken`, `IncompleteLink`, `InvalidInput`, `InvalidLink`,
    /// `TooManyAttempts`, `WeakPassword`.
    async fn recover_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token, and the new password.")] input: RecoverPasswordInput,
    ) -> Nullable<RecoverPasswordPayload> {
        nullable(async {
            check_origin(ctx)?;
            let (operator, user_errors) =
                into_payload(rules::recover_password(ctx.app(), &input.token, &input.new_password).await)?;
            if let Some(operator) = &operator {
                remember_device(ctx, operator, None).await;
            }
            Ok(RecoverPasswordPayload { viewer: operator.map(Operator), user_errors })
        })
        .await
    }
}

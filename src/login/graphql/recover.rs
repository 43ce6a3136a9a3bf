//! `requestPasswordRecovery` and `recoverPassword`.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::request::{SessionTransport, check_transport, enter, remember_device};
use crate::{
    graphql::{
        ContextExt, Language, Nullable, check_origin, nullable,
        payload::into_payload,
        user_error::{EmailTaken, IncompleteLink, InvalidInput, InvalidLink, PasswordRejected, TooManyAttempts},
    },
    input::debug_hides,
    login::rules::{self, RecoverError, Recovered, RequestRecoveryError},
    operator::graphql::Operator,
    schema::UserErrors,
};

/// The address of an operator who forgot the password.
#[derive(Debug, InputObject)]
pub struct RequestPasswordRecoveryInput {
    /// The address to sign in with, case-insensitive.
    pub email: String,
    /// The language of the mail.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
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
    /// How the client keeps its session, if the link is from an invitation: the operator is then
    /// signed in. Null: the operator is not signed in. Ignored for links from recovery mails, which
    /// never create a session.
    pub transport: Option<SessionTransport>,
    /// The language of the mail that reports the changed password.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
}
debug_hides!(RecoverPasswordInput);

/// Result of `recoverPassword`.
#[derive(SimpleObject)]
pub struct RecoverPasswordPayload {
    /// The operator, who can now sign in with the new password. Null if refused.
    pub viewer: Option<Operator>,
    /// The session token, returned only once. Null unless an invitation was accepted with
    /// `transport: TOKEN`.
    pub token: Option<String>,
    /// Why the password was not set. Empty on success. A rejected password leaves the link usable.
    pub user_errors: UserErrors<RecoverError>,
}
debug_hides!(RecoverPasswordPayload);

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
            let (_, user_errors) = into_payload(
                rules::request_recovery(ctx.app(), ctx.scope().caller().address, &input.email, input.language.into())
                    .await,
            )?;
            Ok(RequestPasswordRecoveryPayload { user_errors })
        })
        .await
    }

    /// Sets a password with a link from a recovery or invitation mail, and ends all sessions of the
    /// operator. Public. Refused for pages of foreign origins.
    ///
    /// The link confirms the address that it was mailed to. An invited operator gets the address,
    /// even if another operator has it unconfirmed, and is signed in if the input has a
    /// `transport`. The browser becomes one of the operator's devices.
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
            if let Some(transport) = input.transport {
                check_transport(ctx, transport)?;
            }
            let signs_in = input.transport.is_some();
            let (token, password, language) = (&input.token, &input.new_password, input.language.into());
            let recovered = rules::recover_password(ctx.app(), token, password, signs_in, language).await;
            let (recovered, user_errors) = into_payload(recovered)?;
            let Some(recovered) = recovered else {
                return Ok(RecoverPasswordPayload { viewer: None, token: None, user_errors });
            };
            let token = arrive(ctx, &recovered, input.transport).await;
            Ok(RecoverPasswordPayload { viewer: Some(Operator(recovered.operator)), token, user_errors })
        })
        .await
    }
}

/// Makes the browser one of the operator's devices, and hands out the session if one was started.
/// Returns the token if it belongs into the payload.
async fn arrive(ctx: &Context<'_>, recovered: &Recovered, transport: Option<SessionTransport>) -> Option<String> {
    match (&recovered.entered, transport) {
        // The device belongs to the session of the cookie.
        (Some(entered), Some(SessionTransport::Cookie)) => enter(ctx, entered, SessionTransport::Cookie).await,
        (entered, transport) => {
            remember_device(ctx, &recovered.operator, None).await;
            enter(ctx, entered.as_ref()?, transport?).await
        }
    }
}

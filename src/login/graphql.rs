//! GraphQL types of sign-up, sign-in, sign-out and passwords.

use async_graphql::{Context, Enum, Error, InputObject, Object, SimpleObject};
use edge::caller::{OriginTrust, Transport};
use entity::{SessionId, operator};

use super::rules::{
    self, ChangePasswordError, Entered, NewAccount, RecoverError, RequestRecoveryError, SignInError, SignUpError,
};
use crate::{
    access::viewer::Viewer,
    account::graphql::Account,
    graphql::{
        ContextExt, Nullable, Scope, nullable,
        payload::{IntoGraphql, bad_user_input, foreign_origin, into_payload},
        user_error::{
            EmailTaken, IncompleteLink, InvalidCredentials, InvalidInput, InvalidLink, PasswordRejected,
            TooManyAttempts,
        },
    },
    operator::graphql::Operator,
    schema::UserErrors,
    session::{
        cookie,
        device::{self, Devices},
    },
};

crate::user_error! {
    /// Sign-up is closed on this server.
    SignUpClosed {}
}

/// How the client keeps its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum SessionTransport {
    /// In an `HttpOnly` cookie, for browsers. Over HTTP only.
    Cookie,
    /// As a token for `Authorization: Bearer`. The payload contains it once.
    Token,
}

/// A company and its owner.
#[derive(Debug, InputObject)]
pub struct SignUpInput {
    /// The company's name, 1 to 100 characters.
    pub account_name: String,
    /// The owner's name shown in the dashboard, 1 to 100 characters.
    pub name: String,
    /// The owner's address to sign in with. Unique on this server, case-insensitive.
    pub email: String,
    /// At least 12 characters, unless the server is configured otherwise. At most 256.
    pub password: String,
    /// How the client keeps its session.
    #[graphql(default_with = "SessionTransport::Cookie")]
    pub transport: SessionTransport,
}

/// Result of `signUp`.
#[derive(Debug, SimpleObject)]
pub struct SignUpPayload {
    /// The new account, on the FREE plan. Null if refused.
    pub account: Option<Account>,
    /// The owner, active and signed in. Null if refused.
    pub viewer: Option<Operator>,
    /// The session token, returned only once. Null with `transport: COOKIE`.
    pub token: Option<String>,
    /// Why the account was not created. Empty on success.
    pub user_errors: UserErrors<SignUpError>,
}

crate::rejections! { error: SignUpError {
    SignUpError::Invalid(fault) => InvalidInput::from(fault),
    SignUpError::Password(fault) => PasswordRejected::at("password", fault),
    SignUpError::EmailTaken => EmailTaken::at(&["email"], &error),
    SignUpError::TooMany(refused) => TooManyAttempts::from(refused),
    SignUpError::Closed => SignUpClosed::at(&[], &error),
} }

/// An operator's credentials.
#[derive(Debug, InputObject)]
pub struct SignInInput {
    /// The operator's address, case-insensitive.
    pub email: String,
    /// The operator's password.
    pub password: String,
    /// How the client keeps its session.
    #[graphql(default_with = "SessionTransport::Cookie")]
    pub transport: SessionTransport,
}

/// Result of `signIn`.
#[derive(Debug, SimpleObject)]
pub struct SignInPayload {
    /// The signed-in operator. Null if refused.
    pub viewer: Option<Operator>,
    /// The session token, returned only once. Null with `transport: COOKIE`.
    pub token: Option<String>,
    /// Why the operator was not signed in. Empty on success.
    pub user_errors: UserErrors<SignInError>,
}

crate::rejections! { error: SignInError {
    SignInError::InvalidCredentials => InvalidCredentials::at(&[], &error),
    SignInError::TooMany(refused) => TooManyAttempts::from(refused),
} }

/// Result of `signOut`.
#[derive(Debug, SimpleObject)]
pub struct SignOutPayload {
    /// Whether a session was ended. False for anonymous callers.
    pub signed_out: bool,
}

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
#[derive(Debug, InputObject)]
pub struct RecoverPasswordInput {
    /// The part of the link after `#token=`, from a recovery or invitation mail. Characters before
    /// and after the token are ignored.
    pub token: String,
    /// At least 12 characters, unless the server is configured otherwise. At most 256.
    pub new_password: String,
}

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

/// The caller's current password and the new one.
#[derive(Debug, InputObject)]
pub struct ChangePasswordInput {
    /// The current password.
    pub current_password: String,
    /// At least 12 characters, unless the server is configured otherwise. At most 256.
    pub new_password: String,
}

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
pub struct LoginMutation;

#[Object]
impl LoginMutation {
    /// Creates an account on the FREE plan, with an owner who is active and signed in. Public
    /// unless the server is configured otherwise. Refused for pages of foreign origins.
    ///
    /// User errors: `EmailTaken`, `InvalidInput`, `SignUpClosed`, `TooManyAttempts`,
    /// `WeakPassword`.
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company and its owner.")] input: SignUpInput,
    ) -> Nullable<SignUpPayload> {
        nullable(async {
            check_origin(ctx)?;
            check_transport(ctx, input.transport)?;
            let new = NewAccount {
                account_name: input.account_name,
                name: input.name,
                email: input.email,
                password: input.password,
            };
            let (entered, user_errors) =
                into_payload(rules::sign_up(ctx.app(), ctx.scope().caller().address, new).await)?;
            let token = match &entered {
                Some(entered) => enter(ctx, entered, input.transport).await,
                None => None,
            };
            let (account, viewer) =
                entered.map(|entered| (Account(entered.account), Operator(entered.operator))).unzip();
            Ok(SignUpPayload { account, viewer, token, user_errors })
        })
        .await
    }

    /// Signs an operator in. Public. Refused for pages of foreign origins.
    ///
    /// After 100 consecutive attempts for one address, all clients share one attempt a minute. A
    /// browser in which the operator has signed in with `transport: COOKIE` has its own limit.
    ///
    /// User errors: `InvalidCredentials`, `TooManyAttempts`.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The credentials.")] input: SignInInput,
    ) -> Nullable<SignInPayload> {
        nullable(async {
            check_origin(ctx)?;
            check_transport(ctx, input.transport)?;
            let (client, devices) = (ctx.scope().caller().address, devices(ctx));
            let (entered, user_errors) =
                into_payload(rules::sign_in(ctx.app(), client, &devices, &input.email, &input.password).await)?;
            let token = match &entered {
                Some(entered) => enter(ctx, entered, input.transport).await,
                None => None,
            };
            Ok(SignInPayload { viewer: entered.map(|entered| Operator(entered.operator)), token, user_errors })
        })
        .await
    }

    /// Ends the caller's session immediately and closes its sockets. No effect for anonymous
    /// callers.
    async fn sign_out(&self, ctx: &Context<'_>) -> Nullable<SignOutPayload> {
        nullable(async {
            let viewer = ctx.viewer();
            if ctx.scope().caller().transport == Transport::Http {
                ctx.append_http_header("set-cookie", cookie::clear(&ctx.app().config));
            }
            let Some(signed_in) = viewer.signed_in() else { return Ok(SignOutPayload { signed_out: false }) };
            // A browser can have a session under another cookie name too, and would continue with
            // it.
            let others: Vec<_> = ctx.scope().caller().sessions().collect();
            rules::sign_out(ctx.app(), signed_in, &others).await.map_err(IntoGraphql::into_graphql)?;
            ctx.scope().set_viewer(Viewer::Stranger);
            Ok(SignOutPayload { signed_out: true })
        })
        .await
    }

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
            let changed =
                rules::change_password(ctx.app(), &actor, client, &input.current_password, &input.new_password).await;
            let (operator, user_errors) = into_payload(changed)?;
            Ok(ChangePasswordPayload { viewer: operator.map(Operator), user_errors })
        })
        .await
    }
}

/// Refuses pages of foreign origins, whatever the session transport: passwords and mailed links are
/// for this server's own pages. Checked before any limit is counted, so a foreign page cannot use
/// up the attempts of its visitors.
fn check_origin(ctx: &Context<'_>) -> Result<(), Error> {
    let caller = ctx.scope().caller();
    if caller.origin != OriginTrust::Foreign {
        return Ok(());
    }
    ctx.app().refused_page(caller.foreign_origin());
    Err(foreign_origin(ctx.app().config.foreign_origin()))
}

/// The devices of the request's cookies.
fn devices(ctx: &Context<'_>) -> Devices {
    Devices::read(ctx.scope().caller().devices())
}

/// Makes the browser one of the operator's devices, if the response can set a cookie.
async fn remember_device(ctx: &Context<'_>, operator: &operator::Model, session: Option<SessionId>) {
    if ctx.scope().caller().transport != Transport::Http {
        return;
    }
    if let Some(cookie) =
        device::remember_or_log(ctx.app(), operator.account_id, operator.id, session, &devices(ctx)).await
    {
        ctx.append_http_header("set-cookie", cookie);
    }
}

/// Refuses a cookie over transports that cannot set one. Checked before any other work.
fn check_transport(ctx: &Context<'_>, transport: SessionTransport) -> Result<(), Error> {
    let caller = ctx.scope().caller();
    match transport {
        SessionTransport::Cookie if caller.transport != Transport::Http => {
            Err(bad_user_input("A cookie can only be set over HTTP. Ask for `transport: TOKEN` here."))
        }
        SessionTransport::Cookie | SessionTransport::Token => Ok(()),
    }
}

/// Makes the new operator the viewer of the operation, so that the rest of the selection is
/// resolved with the operator's permissions. Returns the token if it belongs into the payload. A
/// cookie is set in the headers of this response, because only this response knows the token.
async fn enter(ctx: &Context<'_>, entered: &Entered, transport: SessionTransport) -> Option<String> {
    let scope: &Scope = ctx.scope();
    scope.set_viewer(Viewer::Operator(entered.signed_in.clone()));
    match transport {
        SessionTransport::Token => Some(entered.token.reveal().to_owned()),
        SessionTransport::Cookie => {
            ctx.append_http_header("set-cookie", cookie::set(&scope.app().config, &entered.token));
            remember_device(ctx, &entered.operator, Some(entered.signed_in.session_id())).await;
            None
        }
    }
}

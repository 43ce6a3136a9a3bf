//! The face of signing up, in and out, and of passwords.

use async_graphql::{Context, Enum, Error, InputObject, Object, SimpleObject, Union};
use entity::{SessionId, operator};

use super::rules::{
    self, ChangePasswordError as ChangeRefusal, Entered, NewAccount, RecoverError, RequestRecoveryError,
    SignInError as SignInRefusal, SignUpError as SignUpRefusal,
};
use crate::{
    account::graphql::Account,
    graphql::{
        ContextExt, Nullable, Scope, nullable,
        payload::{IntoGraphql, bad_user_input, foreign_origin, into_payload},
        scope::{OriginTrust, Transport},
        user_error::{
            EmailTaken, IncompleteLink, InvalidCredentials, InvalidInput, InvalidLink, TooManyAttempts, WeakPassword,
        },
    },
    operator::graphql::Operator,
    session::{
        cookie,
        device::{self, Devices},
    },
    viewer::Viewer,
};

crate::user_error! {
    /// New accounts are not open to everybody on this server.
    SignUpClosed;
}

/// How a session is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum SessionTransport {
    /// In an `HttpOnly` cookie, for browsers. Over HTTP only.
    Cookie,
    /// As a token in the payload, sent once, for `Authorization: Bearer`.
    Token,
}

/// A company and its owner.
#[derive(Debug, InputObject)]
pub struct SignUpInput {
    /// What the company is called, 1 to 100 characters.
    pub account_name: String,
    /// The owner's name seen in the dashboard, 1 to 100 characters.
    pub name: String,
    /// The owner's address to sign in with. Unique over the server, without regard to case.
    pub email: String,
    /// At least 12 characters, unless the server is set otherwise; at most 256.
    pub password: String,
    /// How the session is kept.
    #[graphql(default_with = "SessionTransport::Cookie")]
    pub transport: SessionTransport,
}

/// What came of signing up.
#[derive(Debug, SimpleObject)]
pub struct SignUpPayload {
    /// The new account, on the FREE plan; null when it was refused.
    pub account: Option<Account>,
    /// The owner, active and signed in; null when it was refused.
    pub viewer: Option<Operator>,
    /// The session's token, sent this once; null with `transport: COOKIE`.
    pub token: Option<String>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<SignUpError>,
}

/// Why nobody was signed up.
#[derive(Clone, Debug, Union)]
pub enum SignUpError {
    InvalidInput(InvalidInput),
    EmailTaken(EmailTaken),
    WeakPassword(WeakPassword),
    TooManyAttempts(TooManyAttempts),
    SignUpClosed(SignUpClosed),
}

impl From<SignUpRefusal> for SignUpError {
    fn from(error: SignUpRefusal) -> Self {
        let message = error.to_string();
        match error {
            SignUpRefusal::Invalid(fault) => Self::InvalidInput(fault.into()),
            SignUpRefusal::Password(fault) => {
                WeakPassword::or_invalid("password", fault, Self::WeakPassword, Self::InvalidInput)
            }
            SignUpRefusal::EmailTaken => Self::EmailTaken(EmailTaken::at("email", message)),
            SignUpRefusal::TooMany(refused) => Self::TooManyAttempts(refused.into()),
            SignUpRefusal::Closed => Self::SignUpClosed(SignUpClosed { message, path: Vec::new() }),
        }
    }
}

/// Who signs in.
#[derive(Debug, InputObject)]
pub struct SignInInput {
    /// The operator's address, without regard to case.
    pub email: String,
    /// The operator's password.
    pub password: String,
    /// How the session is kept.
    #[graphql(default_with = "SessionTransport::Cookie")]
    pub transport: SessionTransport,
}

/// What came of signing in.
#[derive(Debug, SimpleObject)]
pub struct SignInPayload {
    /// The operator who is signed in now; null when it was refused.
    pub viewer: Option<Operator>,
    /// The session's token, sent this once; null with `transport: COOKIE`.
    pub token: Option<String>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<SignInError>,
}

/// Why nobody was signed in.
#[derive(Clone, Debug, Union)]
pub enum SignInError {
    InvalidCredentials(InvalidCredentials),
    TooManyAttempts(TooManyAttempts),
}

impl From<SignInRefusal> for SignInError {
    fn from(error: SignInRefusal) -> Self {
        match error {
            SignInRefusal::InvalidCredentials => {
                Self::InvalidCredentials(InvalidCredentials { message: error.to_string(), path: Vec::new() })
            }
            SignInRefusal::TooMany(refused) => Self::TooManyAttempts(refused.into()),
        }
    }
}

/// What came of signing out.
#[derive(Debug, SimpleObject)]
pub struct SignOutPayload {
    /// Whether there was a session to end. It ends at once, with every socket that uses it.
    pub signed_out: bool,
}

/// Whose password is to be recovered.
#[derive(Debug, InputObject)]
pub struct RequestPasswordRecoveryInput {
    /// The address to sign in with, without regard to case.
    pub email: String,
}

/// The same whether or not the address is known.
#[derive(Debug, SimpleObject)]
pub struct RequestPasswordRecoveryPayload {
    /// Why no mail goes out even if the address is known; empty otherwise.
    pub user_errors: Vec<RequestPasswordRecoveryError>,
}

/// Why no recovery was begun.
#[derive(Clone, Debug, Union)]
pub enum RequestPasswordRecoveryError {
    InvalidInput(InvalidInput),
    TooManyAttempts(TooManyAttempts),
}

impl From<RequestRecoveryError> for RequestPasswordRecoveryError {
    fn from(error: RequestRecoveryError) -> Self {
        match error {
            RequestRecoveryError::Invalid(fault) => Self::InvalidInput(fault.into()),
            RequestRecoveryError::TooMany(refused) => Self::TooManyAttempts(refused.into()),
        }
    }
}

/// A mailed link's token, and the password to set.
#[derive(Debug, InputObject)]
pub struct RecoverPasswordInput {
    /// What follows `#token=` in the link of a recovery or an invitation. Characters before and after the token are ignored.
    pub token: String,
    /// At least 12 characters, unless the server is set otherwise; at most 256.
    pub new_password: String,
}

/// What came of setting a password by link.
#[derive(Debug, SimpleObject)]
pub struct RecoverPasswordPayload {
    /// The operator whose password was set, who can sign in with it now; null when it was refused. Nobody is signed in by this.
    pub viewer: Option<Operator>,
    /// Why it was refused; empty when it was not. A password that is refused does not use the link up.
    pub user_errors: Vec<RecoverPasswordError>,
}

/// Why a link did not set a password.
#[derive(Clone, Debug, Union)]
pub enum RecoverPasswordError {
    IncompleteLink(IncompleteLink),
    InvalidLink(InvalidLink),
    EmailTaken(EmailTaken),
    WeakPassword(WeakPassword),
    InvalidInput(InvalidInput),
    TooManyAttempts(TooManyAttempts),
}

impl From<RecoverError> for RecoverPasswordError {
    fn from(error: RecoverError) -> Self {
        match error {
            RecoverError::Incomplete(fault) => Self::IncompleteLink(IncompleteLink::at("token", fault.to_string())),
            RecoverError::InvalidLink => Self::InvalidLink(InvalidLink::at("token", error.to_string())),
            RecoverError::EmailTaken => Self::EmailTaken(EmailTaken::at("token", error.to_string())),
            RecoverError::Password(fault) => {
                WeakPassword::or_invalid("newPassword", fault, Self::WeakPassword, Self::InvalidInput)
            }
            RecoverError::TooMany(refused) => Self::TooManyAttempts(refused.into()),
        }
    }
}

/// One's own password, the old and the new.
#[derive(Debug, InputObject)]
pub struct ChangePasswordInput {
    /// The password until now.
    pub current_password: String,
    /// At least 12 characters, unless the server is set otherwise; at most 256.
    pub new_password: String,
}

/// What came of changing the password.
#[derive(Debug, SimpleObject)]
pub struct ChangePasswordPayload {
    /// The operator; null when it was refused. This session goes on, every other one of theirs has ended.
    pub viewer: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<ChangePasswordError>,
}

/// Why a password was not changed.
#[derive(Clone, Debug, Union)]
pub enum ChangePasswordError {
    InvalidCredentials(InvalidCredentials),
    WeakPassword(WeakPassword),
    InvalidInput(InvalidInput),
    TooManyAttempts(TooManyAttempts),
}

impl From<ChangeRefusal> for ChangePasswordError {
    fn from(error: ChangeRefusal) -> Self {
        match error {
            ChangeRefusal::InvalidCredentials => {
                Self::InvalidCredentials(InvalidCredentials::at("currentPassword", error.to_string()))
            }
            ChangeRefusal::Password(fault) => {
                WeakPassword::or_invalid("newPassword", fault, Self::WeakPassword, Self::InvalidInput)
            }
            ChangeRefusal::TooMany(refused) => Self::TooManyAttempts(refused.into()),
        }
    }
}

#[derive(Debug, Default)]
pub struct LoginMutation;

#[Object]
impl LoginMutation {
    /// Opens an account on the FREE plan. Whoever signs up owns it, is active, and is signed in. Open to strangers, unless this server is
    /// set otherwise, and not to pages of foreign origins.
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

    /// Signs an operator in. Open to strangers, but not to pages of foreign origins.
    ///
    /// After 100 attempts at one address in a row one a minute is left, to all clients together. A browser in which the operator has
    /// signed in with `transport: COOKIE` is counted by itself; clients without cookies share the attempts of the address.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: SignInInput,
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

    /// Ends the session that asks, at once, with every socket that uses it. A stranger has none to end.
    async fn sign_out(&self, ctx: &Context<'_>) -> Nullable<SignOutPayload> {
        nullable(async {
            let viewer = ctx.viewer();
            if ctx.scope().caller().transport == Transport::Http {
                ctx.append_http_header("set-cookie", cookie::clear(&ctx.app().config));
            }
            let Some(signed_in) = viewer.signed_in() else { return Ok(SignOutPayload { signed_out: false }) };
            // A browser may hold a session under another name as well, and would go on with that one.
            let others: Vec<_> = ctx.scope().caller().sessions().collect();
            rules::sign_out(ctx.app(), signed_in, &others).await.map_err(IntoGraphql::into_graphql)?;
            ctx.scope().set_viewer(Viewer::Stranger);
            Ok(SignOutPayload { signed_out: true })
        })
        .await
    }

    /// Mails a link to set a new password, if an operator has this address. The answer is the same if nobody has. Open to strangers, but not
    /// to pages of foreign origins.
    async fn request_password_recovery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: RequestPasswordRecoveryInput,
    ) -> Nullable<RequestPasswordRecoveryPayload> {
        nullable(async {
            check_origin(ctx)?;
            let (_, user_errors) =
                into_payload(rules::request_recovery(ctx.app(), ctx.scope().caller().address, &input.email).await)?;
            Ok(RequestPasswordRecoveryPayload { user_errors })
        })
        .await
    }

    /// Sets a password with a mailed link, that of a recovery or of an invitation, and ends every session of the operator. The link
    /// confirms the address that it was mailed to: an invited operator gets it, even from a holder who has not confirmed it. The browser is
    /// one of the operator's devices from then on. Open to strangers, but not to pages of foreign origins.
    async fn recover_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token and the new password.")] input: RecoverPasswordInput,
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

    /// Changes one's own password and ends every other session of one's own. Anyone signed in.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old password and the new one.")] input: ChangePasswordInput,
    ) -> Nullable<ChangePasswordPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
            let client = ctx.scope().caller().address;
            let changed =
                rules::change_password(ctx.app(), &actor, client, &input.current_password, &input.new_password).await;
            let (operator, user_errors) = into_payload(changed)?;
            Ok(ChangePasswordPayload { viewer: operator.map(Operator), user_errors })
        })
        .await
    }
}

/// Passwords and mailed links are typed into pages of ours only, however the session would be kept. Checked before any limit counts: a
/// foreign page uses up no attempts of its visitors.
fn check_origin(ctx: &Context<'_>) -> Result<(), Error> {
    let caller = ctx.scope().caller();
    if caller.origin != OriginTrust::Foreign {
        return Ok(());
    }
    ctx.app().refused_page(caller.foreign_origin());
    Err(foreign_origin(ctx.app().config.http.foreign_origin()))
}

/// The devices that the browser says it is.
fn devices(ctx: &Context<'_>) -> Devices {
    Devices::read(ctx.scope().caller().devices())
}

/// Makes the browser one of the operator's devices, where the answer can set its cookie.
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

/// A cookie needs an answer over HTTP. Checked before anything is done.
fn check_transport(ctx: &Context<'_>, transport: SessionTransport) -> Result<(), Error> {
    let caller = ctx.scope().caller();
    match transport {
        SessionTransport::Cookie if caller.transport != Transport::Http => {
            Err(bad_user_input("A cookie can only be set over HTTP. Ask for `transport: TOKEN` here."))
        }
        SessionTransport::Cookie | SessionTransport::Token => Ok(()),
    }
}

/// From here on the operation is the operator's: the rest of its selection shows what they may see. Gives the token to be sent, if it
/// goes into the payload. The cookie goes into the answer's headers, since nothing but this answer knows the token.
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

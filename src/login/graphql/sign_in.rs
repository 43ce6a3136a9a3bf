//! `signIn` and `signOut`.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use edge::caller::Transport;

use super::request::{SessionTransport, check_transport, devices, enter};
use crate::{
    access::identity::Identity,
    graphql::{
        ContextExt, Nullable, check_origin, nullable,
        payload::{IntoGraphql, into_payload},
        user_error::{InvalidCredentials, TooManyAttempts},
    },
    input::debug_hides,
    login::rules::{self, SignInError},
    operator::graphql::Operator,
    schema::UserErrors,
    session::cookie,
};

/// An operator's credentials.
#[derive(InputObject)]
pub struct SignInInput {
    /// The operator's address, case-insensitive.
    pub email: String,
    /// The operator's password.
    pub password: String,
    /// How the client keeps its session.
    #[graphql(default_with = "SessionTransport::Cookie")]
    pub transport: SessionTransport,
}
debug_hides!(SignInInput);

/// Result of `signIn`.
#[derive(SimpleObject)]
pub struct SignInPayload {
    /// The signed-in operator. Null if refused.
    pub viewer: Option<Operator>,
    /// The session token, returned only once. Null with `transport: COOKIE`.
    pub token: Option<String>,
    /// Why the operator was not signed in. Empty on success.
    pub user_errors: UserErrors<SignInError>,
}
debug_hides!(SignInPayload);

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

#[derive(Debug, Default)]
pub struct SignInMutation;

#[Object]
impl SignInMutation {
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
            let identity = ctx.identity();
            if ctx.scope().caller().transport == Transport::Http {
                ctx.append_http_header("set-cookie", cookie::clear(&ctx.app().config));
            }
            let Some(signed_in) = identity.signed_in() else { return Ok(SignOutPayload { signed_out: false }) };
            // A browser can have a session under another cookie name too, and would continue with
            // it.
            let others: Vec<_> = ctx.scope().caller().sessions().collect();
            rules::sign_out(ctx.app(), signed_in, &others).await.map_err(IntoGraphql::into_graphql)?;
            ctx.scope().set_identity(Identity::Anonymous);
            Ok(SignOutPayload { signed_out: true })
        })
        .await
    }
}

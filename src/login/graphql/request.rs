//! What the mutations of signing in read from their request and add to its response: the devices
//! and the session.

use async_graphql::{Context, Enum, Error};
use edge::caller::Transport;
use entity::{SessionId, operator};

use crate::{
    access::identity::Identity,
    graphql::{ContextExt, Scope, bad_user_input},
    login::rules::Entered,
    session::{
        cookie,
        device::{self, Devices},
    },
};

/// How the client keeps its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum SessionTransport {
    /// In an `HttpOnly` cookie, for browsers. Over HTTP only.
    Cookie,
    /// As a token for `Authorization: Bearer`. The payload contains it once.
    Token,
}

/// The devices of the request's cookies.
pub(super) fn devices(ctx: &Context<'_>) -> Devices {
    Devices::read(ctx.scope().caller().devices())
}

/// Makes the browser one of the operator's devices, if the response can set a cookie.
pub(super) async fn remember_device(ctx: &Context<'_>, operator: &operator::Model, session: Option<SessionId>) {
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
pub(super) fn check_transport(ctx: &Context<'_>, transport: SessionTransport) -> Result<(), Error> {
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
pub(super) async fn enter(ctx: &Context<'_>, entered: &Entered, transport: SessionTransport) -> Option<String> {
    let scope: &Scope = ctx.scope();
    scope.set_identity(Identity::Operator(entered.signed_in.clone()));
    match transport {
        SessionTransport::Token => Some(entered.token.reveal().to_owned()),
        SessionTransport::Cookie => {
            ctx.append_http_header("set-cookie", cookie::set(&scope.app().config, &entered.token));
            remember_device(ctx, &entered.operator, Some(entered.signed_in.session_id())).await;
            None
        }
    }
}

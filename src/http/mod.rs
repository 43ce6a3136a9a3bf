//! The edge: everything between a TCP connection and a resolver, without knowledge of the domain.
//!
//! In reading order: [`server`] accepts connections. The router gives each request an id and
//! dispatches it. `graphql` finds the page (`origin`), the address (`client`) and the session
//! (`authenticate`) of the caller, and reads the request (`read`, `upload`, `body`, `sent`).
//! [`document`] validates it, `operation` runs it, and `finish` completes the answer. Subscribers
//! follow a `broadcast`. `websocket` and `sse` are other transports around the same core, so that
//! each limit and each permission holds on all of them. `request_info` has the page and the address
//! for all transports, and [`code`] the codes of errors. What the edge needs from the backend is
//! one trait, [`backend::Backend`].
//!
//! Invariants: nothing is read without a limit and a timeout. No queue grows without a limit. No
//! document runs before it is validated. A cookie never counts for a page of a foreign origin. A
//! mutation that has begun runs to its end.

mod assets;
mod authenticate;
pub mod backend;
mod body;
mod broadcast;
mod client;
pub mod code;
mod cookies;
pub mod document;
mod edge;
mod fair;
mod finish;
mod graphql;
pub mod health;
mod media;
mod operation;
mod origin;
mod own_documents;
mod pace;
mod read;
mod refusal;
mod request;
mod request_info;
mod sent;
pub mod server;
mod sse;
#[cfg(test)]
mod tests;
mod upload;
mod websocket;
mod write_timeout;

use axum::{
    Router,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Response},
    routing::any,
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

pub use assets::has_widget;
pub use backend::{Audience, Backend, ServerBackend, Subject};
pub use server::Server;

use edge::Edge;

/// All routes: those of the edge, the embedded files, and `pages`.
fn router<H: Backend>(edge: &Edge<H>, pages: Router) -> Router {
    let mut routes = Router::new()
        .route("/graphql", any(graphql::serve::<H>))
        .merge(health::routes())
        .merge(assets::dashboard())
        .merge(assets::widget());
    if edge.backend.config().graphiql {
        routes = routes.merge(assets::graphiql());
    }
    let pages = pages.layer(middleware::from_fn_with_state(edge.clone(), client::name::<H>));
    dressed(edge, routes.with_state(edge.clone()).merge(pages))
}

/// The routes of a listener that serves metrics only.
fn metrics_router<H: Backend>(edge: &Edge<H>) -> Router {
    dressed(edge, health::metrics_routes().with_state(edge.clone()))
}

/// RFC 6797: browsers connect over TLS only, for a year. Not for subdomains, which may belong to
/// others, and not for the preload list, which is the decision of the domain's owner.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

fn dressed<H: Backend>(edge: &Edge<H>, routes: Router) -> Router {
    let routes = routes
        .fallback(nothing_here)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(request::middleware));
    if edge.backend.config().public_url.scheme() == "https" {
        routes.layer(SetResponseHeaderLayer::overriding(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT))
    } else {
        routes
    }
}

async fn nothing_here(method: Method, uri: Uri) -> Response {
    assets::redirect(&method, &uri).unwrap_or_else(|| (StatusCode::NOT_FOUND, "Not found.\n").into_response())
}

/// Answers for a panic outside of resolvers. Panics of resolvers are caught before.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(panic = message, "a request handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{}\n", code::INTERNAL)).into_response()
}

//! The edge: everything between a TCP connection and a resolver, and no word of what the product is about.
//!
//! In reading order: [`server`] takes connections; the router gives every request an id and sends it on; `graphql`
//! finds out which page (`origin`), whose address (`client`) and who (`authenticate`)
//! is asking, and reads (`read`, `body`, `sent`) what;
//! [`document`] judges it; `operation` runs it; `finish` puts the last hand on the answer; what is followed is a `broadcast`.
//! `websocket` and `sse` are other ways in and out around the same middle, so that a limit or a right holds on all of them or on
//! none. What the edge needs from the backend behind it is one trait, [`backend::Backend`].
//!
//! Always true: nothing is read without a bound and a time-out, nothing is queued without a bound, a document is never
//! executed unjudged, a cookie never counts for a page that is not ours, and a mutation that has begun is finished.

mod assets;
mod authenticate;
pub mod backend;
mod body;
mod broadcast;
mod client;
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

/// All routes: the edge's own, what is embedded, and `pages` beside them.
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

/// The routes of a listener for metrics alone.
fn metrics_router<H: Backend>(edge: &Edge<H>) -> Router {
    dressed(edge, health::metrics_routes().with_state(edge.clone()))
}

/// RFC 6797: browsers come over TLS only, for a year. Neither for subdomains, which are not ours, nor for the preload list, which is for
/// the domain's owner to decide.
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
    assets::redirect(&method, &uri)
        .unwrap_or_else(|| (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response())
}

/// A panic outside of resolvers, which have a net of their own.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(panic = message, "a request handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on the server.\n").into_response()
}

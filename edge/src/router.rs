//! The routes of a server: those of the edge and those of the product, and what holds for all.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Response},
    routing::any,
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

use crate::{backend::Backend, client, code, config::HttpConfig, graphql, health, request, shared::Edge, supervisor};

/// The product's own routes.
#[derive(Debug, Default)]
pub struct Routes {
    /// Their responses are counted for the client until they are written.
    pub pages: Router,
    /// Files that are in memory in any case, so their responses are not counted.
    pub files: Router,
}

/// All routes of the main listener.
pub(crate) fn router<H: Backend>(edge: &Edge<H>, Routes { pages, files }: Routes) -> Router {
    let routes =
        Router::new().route("/graphql", any(graphql::serve::<H>)).merge(health::routes()).with_state(edge.clone());
    let pages = pages.layer(middleware::from_fn_with_state(edge.clone(), client::name::<H>));
    dressed(edge, routes.merge(files).merge(pages))
}

/// The routes of a listener that serves metrics only.
pub(crate) fn metrics_router<H: Backend>(edge: &Edge<H>) -> Router {
    dressed(edge, health::metrics_routes().with_state(edge.clone()))
}

/// RFC 6797: browsers connect over TLS only, for a year. Not for subdomains, which may belong to
/// others, and not for the preload list, which is the decision of the domain's owner.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The header that tells browsers to use TLS, if the server is reached over it.
pub(crate) fn strict_transport(config: &HttpConfig) -> Option<HeaderValue> {
    config.is_https().then_some(STRICT_TRANSPORT)
}

fn dressed<H: Backend>(edge: &Edge<H>, routes: Router) -> Router {
    let routes = routes
        .fallback(any(nothing_here::<H>).with_state(edge.clone()))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(request::middleware));
    match strict_transport(edge.backend.config()) {
        Some(strict) => routes.layer(SetResponseHeaderLayer::overriding(header::STRICT_TRANSPORT_SECURITY, strict)),
        None => routes,
    }
}

async fn nothing_here<H: Backend>(
    State(edge): State<Edge<H>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let response = edge.backend.unrouted(&method, &uri, &headers);
    response.unwrap_or_else(|| (StatusCode::NOT_FOUND, "Not found.\n").into_response())
}

/// Answers for a panic outside of resolvers. Panics of resolvers are caught before.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!(panic = supervisor::message(&*panic), "a request handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{}\n", code::INTERNAL)).into_response()
}

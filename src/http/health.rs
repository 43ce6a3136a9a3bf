//! For whoever watches over the server: is it alive, can it serve, and what has it been doing.

use std::time::Duration;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{backend::Backend, edge::Edge};
use crate::metrics;

/// A database that takes longer to answer than this is not ready.
const READY_WITHIN: Duration = Duration::from_secs(5);

/// `/healthz` and `/readyz`.
pub(super) fn routes<H: Backend>() -> Router<Edge<H>> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz::<H>))
}

/// `/metrics`, for a separate listener: counts of statements tell who has an account, and behind a proxy on the same machine every
/// stranger comes from loopback.
pub(super) fn metrics_routes<H: Backend>() -> Router<Edge<H>> {
    Router::new().route("/metrics", get(metrics::<H>))
}

/// The process runs. Says nothing about what it needs, so that nobody restarts it for a slow database.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready without its bus, too: a broker that is away must not take every server out of the balancer at once.
async fn readyz<H: Backend>(State(edge): State<Edge<H>>) -> Response {
    let ready = if edge.draining.is_cancelled() {
        Err("stopping".to_owned())
    } else {
        match tokio::time::timeout(READY_WITHIN, edge.backend.ready()).await {
            Ok(ready) => ready,
            Err(_elapsed) => Err(format!("no answer within {} s", READY_WITHIN.as_secs())),
        }
    };
    match ready {
        Ok(()) => edge
            .backend
            .remarks()
            .iter()
            .fold("ready\n".to_owned(), |text, remark| text + remark + "\n")
            .into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

async fn metrics<H: Backend>(State(edge): State<Edge<H>>) -> Response {
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], edge.backend.metrics().render()).into_response()
}

//! Endpoints for monitoring: liveness, readiness and metrics.

use std::time::Duration;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{backend::Backend, shared::Edge};
use crate::metrics;

/// The server is not ready if the database takes longer than this to answer.
const READY_WITHIN: Duration = Duration::from_secs(5);

/// `/healthz` and `/readyz`.
pub(crate) fn routes<H: Backend>() -> Router<Edge<H>> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz::<H>))
}

/// `/metrics`, for a separate listener: counts of statements reveal who has an account, and behind
/// a proxy on the same machine every anonymous client comes from loopback.
pub(crate) fn metrics_routes<H: Backend>() -> Router<Edge<H>> {
    Router::new().route("/metrics", get(metrics::<H>))
}

/// The process runs. Independent of the database, so that a slow database does not cause a restart.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready also without the bus, because a broker that is down must not take all servers out of the
/// balancer at once.
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

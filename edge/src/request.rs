//! Applied to each request: an id, a span that adds the id to each log line, and headers that
//! prevent a browser from guessing content types.

use std::time::Instant;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Instrument;

use crate::caller::RequestId;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const METHODS: &str = "GET, HEAD, POST, OPTIONS";

/// The status and the reason for a request that a proxy may have parsed differently (RFC 9112,
/// sections 3.2 and 6.1).
fn ambiguous(request: &Request) -> Option<(StatusCode, &'static str)> {
    let headers = request.headers();
    let hosts = headers.get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
        return Some((StatusCode::BAD_REQUEST, "Send exactly one Host header."));
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => None,
        (Some(_), None) if headers.contains_key(header::CONTENT_LENGTH) => {
            Some((StatusCode::BAD_REQUEST, "Send Content-Length or Transfer-Encoding, not both."))
        }
        (Some(only), None) if only.as_bytes().eq_ignore_ascii_case(b"chunked") => None,
        _ => Some((StatusCode::NOT_IMPLEMENTED, "The only supported Transfer-Encoding is \"chunked\".")),
    }
}

/// The span of one request. It has only the path of its address: a query string may contain user
/// input, a document may contain a password, and a fragment may contain the token of a link.
pub(crate) fn span(id: RequestId, method: &Method, path: &str) -> tracing::Span {
    tracing::info_span!("request", request.id = %id, method = %method, path = split_at_hash(path).0)
}

/// Logs the answer to a request, within its span.
pub(crate) fn log_answer(status: StatusCode, started: Instant) {
    tracing::debug!(
        status = status.as_u16(),
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request answered"
    );
}

/// Adds the headers that every answer has.
pub(crate) fn dress(id: RequestId, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(X_REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A page may have set a stricter policy.
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
}

/// Handles one request.
pub(crate) async fn middleware(mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    let span = span(id, request.method(), request.uri().path());
    request.extensions_mut().insert(id);
    let mut response = async move {
        let started = Instant::now();
        let known = matches!(*request.method(), Method::GET | Method::HEAD | Method::POST | Method::OPTIONS);
        let response = if let Some((status, reason)) = ambiguous(&request) {
            // Where the next request on this connection begins is unknown.
            (status, [(header::CONNECTION, "close")], format!("{reason}\n")).into_response()
        } else if known {
            next.run(request).await
        } else {
            (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, METHODS)]).into_response()
        };
        log_answer(response.status(), started);
        response
    }
    .instrument(span)
    .await;
    dress(id, response.headers_mut());
    response
}

/// The two sides of a `#` that was encoded once, or by several programs in turn (`%23`, `%2523`).
/// Only the first side may be logged: the other one is a fragment and may contain a token.
#[must_use]
pub fn split_at_hash(path: &str) -> (&str, Option<&str>) {
    for (start, _) in path.match_indices('%') {
        let mut rest = &path[start + 1..];
        while let Some(inner) = rest.strip_prefix("25") {
            rest = inner;
        }
        if let Some(fragment) = rest.strip_prefix("23") {
            return (&path[..start], Some(fragment));
        }
    }
    (path, None)
}

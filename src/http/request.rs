//! What every request gets, whatever it is for: an id, a span that carries it into each line of the log, and the headers
//! that keep a browser from guessing.

use std::time::Instant;

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Instrument;

use super::assets;
use crate::graphql::scope::RequestId;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const METHODS: &str = "GET, HEAD, POST, OPTIONS";

/// What a proxy in front may have read differently than we do (RFC 9112, sections 3.2 and 6.1): the status and the reason.
fn ambiguous(request: &Request) -> Option<(StatusCode, &'static str)> {
    let headers = request.headers();
    let hosts = headers.get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
        return Some((StatusCode::BAD_REQUEST, "A request has one Host header."));
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => None,
        (Some(_), None) if headers.contains_key(header::CONTENT_LENGTH) => {
            Some((StatusCode::BAD_REQUEST, "A request has a Content-Length or a Transfer-Encoding, not both."))
        }
        (Some(only), None) if only.as_bytes().eq_ignore_ascii_case(b"chunked") => None,
        _ => Some((StatusCode::NOT_IMPLEMENTED, "The only Transfer-Encoding taken is \"chunked\".")),
    }
}

/// Wraps one request.
pub(super) async fn middleware(mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    // The path alone: a query string may contain user input, a document a password, and a
    // fragment the token of a link.
    let span = tracing::info_span!(
        "request",
        request.id = %id,
        method = %request.method(),
        path = assets::without_fragment(request.uri().path()),
    );
    request.extensions_mut().insert(id.clone());
    let mut response = async move {
        let started = Instant::now();
        let known = matches!(*request.method(), Method::GET | Method::HEAD | Method::POST | Method::OPTIONS);
        let response = if let Some((status, reason)) = ambiguous(&request) {
            // Where the next request begins on this connection is not sure.
            (status, [(header::CONNECTION, "close")], format!("{reason}\n")).into_response()
        } else if known {
            next.run(request).await
        } else {
            (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, METHODS)]).into_response()
        };
        tracing::debug!(
            status = response.status().as_u16(),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "request answered"
        );
        response
    }
    .instrument(span)
    .await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(X_REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Pages may be stricter for themselves.
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    response
}

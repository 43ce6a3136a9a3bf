//! Answers to preflights (Fetch standard, "CORS protocol") for public resources that are read
//! without credentials.
//!
//! Monitoring scripts on a customer's pages add headers to each request, such as `traceparent`. The
//! browser then sends a preflight, and does not send the request without an answer. Without
//! credentials no header gives a page more access, so all are allowed.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// How long a browser may cache the answer, in seconds.
pub(crate) const SECONDS: &str = "7200";

/// Any page may send any header. By the standard, `*` excludes `Authorization` and requests with
/// cookies.
const ANY_HEADER: HeaderValue = HeaderValue::from_static("*");

/// The answer for a route that is read with GET.
pub async fn public() -> Response {
    let headers = [
        (header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ANY_HEADER),
        (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(SECONDS)),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

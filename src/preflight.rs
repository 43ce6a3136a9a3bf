//! Answers to preflights (Fetch standard, "CORS protocol") for what is public without credentials.
//!
//! Monitoring on a customer's pages adds headers to every request, such as `traceparent`. A browser then asks first, and reads nothing
//! where it is not answered. Without credentials no header gives a page more than it has, so all are allowed.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// How long a browser may remember the answer.
pub const SECONDS: &str = "7200";

/// Any page may send any header; `*` never stands for `Authorization`, nor for a request with cookies.
pub const ANY_HEADER: HeaderValue = HeaderValue::from_static("*");

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

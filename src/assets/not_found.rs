//! The page for an address without a route.

use std::fmt;

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};

use super::{Dashboard, INDEX, encoding::weighted, policy::Policy, site::Site};

/// The dashboard's page, sent with 404. It shows that the address is unknown.
pub struct NotFound(Site);

impl NotFound {
    #[must_use]
    pub fn embedded() -> Self {
        Self(Site::embedded::<Dashboard>(Policy::of_dashboard()))
    }

    /// The page, if the request names HTML as acceptable, as browsers do when they open a document.
    /// `None` for scripts, images and programs, which send `*/*`.
    #[must_use]
    pub fn answer(&self, method: &Method, request: &HeaderMap) -> Option<Response> {
        if !matches!(*method, Method::GET | Method::HEAD) || !names_html(request) {
            return None;
        }
        // Conditions apply only to what would be a success (RFC 9110, section 13.2.1).
        let mut request = request.clone();
        request.remove(header::IF_NONE_MATCH);
        let mut response = self.0.answer(INDEX, &request);
        *response.status_mut() = StatusCode::NOT_FOUND;
        let headers = response.headers_mut();
        headers.remove(header::ETAG);
        // The address may contain a token, and another request for it gets plain text.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Some(response)
    }
}

impl fmt::Debug for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotFound").finish_non_exhaustive()
    }
}

fn names_html(request: &HeaderMap) -> bool {
    let ranges =
        request.get_all(header::ACCEPT).into_iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    ranges
        .filter_map(|range| weighted(str::from_utf8(range).ok()?))
        .any(|(range, weight)| range.eq_ignore_ascii_case("text/html") && weight > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

    fn asks(method: &Method, accept: Option<&'static str>) -> Option<Response> {
        let mut request = HeaderMap::new();
        request.insert(header::IF_NONE_MATCH, HeaderValue::from_static("*"));
        request.extend(accept.map(|accept| (header::ACCEPT, HeaderValue::from_static(accept))));
        NotFound::embedded().answer(method, &request)
    }

    #[test]
    fn a_browser_gets_the_page_and_the_status() {
        for accept in [BROWSER, "text/html", "application/json;q=0.5, TEXT/HTML;q=0.1"] {
            for method in [Method::GET, Method::HEAD] {
                let answer = asks(&method, Some(accept)).expect("a page");
                let header = |name| answer.headers().get(name).map(|value: &HeaderValue| value.to_str().expect("text"));
                assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{accept}");
                assert_eq!(header(header::CONTENT_TYPE), Some("text/html; charset=utf-8"));
                assert_eq!((header(header::CACHE_CONTROL), header(header::ETAG)), (Some("no-store"), None));
                assert_eq!(header(header::REFERRER_POLICY), Some("no-referrer"), "the address may contain a token");
                let policy = header(header::CONTENT_SECURITY_POLICY).expect("a policy");
                assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            }
        }
    }

    #[test]
    fn other_requests_get_no_page() {
        for accept in [None, Some(""), Some("*/*"), Some("image/avif,image/webp,*/*;q=0.8"), Some("text/html;q=0")] {
            assert!(asks(&Method::GET, accept).is_none(), "{accept:?}");
        }
        assert!(asks(&Method::POST, Some(BROWSER)).is_none());
    }
}

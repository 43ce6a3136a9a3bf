//! Which page a browser was on when it sent a request, and what that page may do.
//!
//! The chat widget runs on the pages of any customer, so pages of foreign origins are served, as strangers: their requests
//! never count a cookie, and an answer they get is readable without credentials only. Pages of the public URL's own origin
//! and of the allowed list may act for whoever is signed in. Programs send no `Origin`, and bring their own token.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{
    config::http::{HttpConfig, Origin},
    graphql::scope::OriginTrust,
    preflight,
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Longer than a scheme, a host name and a port.
const MAX_ORIGIN_BYTES: usize = 280;
/// A page may name this many bytes of headers that it will send; no page sends more.
const MAX_REQUESTED_BYTES: usize = 1_000;

/// What is known of the page behind a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// What the `Origin` header says.
    pub trust: OriginTrust,
    /// Whether a session's cookie may be believed.
    pub cookie_counts: bool,
}

/// Judges the page behind a request.
pub(super) fn page(headers: &HeaderMap, config: &HttpConfig) -> Page {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let trust = match (origins.next(), origins.next()) {
        (None, _) => OriginTrust::None,
        (Some(origin), None) if is_allowed(origin, config) => OriginTrust::Allowed,
        (Some(_), _) => OriginTrust::Foreign,
    };
    // A link, an image or a script of a foreign page sends cookies but no `Origin`.
    let cross_site = headers.get(SEC_FETCH_SITE).is_some_and(|site| site.as_bytes() == b"cross-site");
    let cookie_counts = match trust {
        OriginTrust::None => !cross_site,
        OriginTrust::Allowed => true,
        OriginTrust::Foreign => false,
    };
    Page { trust, cookie_counts }
}

fn is_allowed(origin: &HeaderValue, config: &HttpConfig) -> bool {
    let own = Origin::of(&config.public_url);
    own.iter().chain(&config.allowed_origins).any(|allowed| allowed.as_str().as_bytes() == origin.as_bytes())
}

/// Adds to an answer what lets the page read it (Fetch standard, "CORS protocol").
pub(super) fn allow_reading(request: &HeaderMap, trust: OriginTrust, answer: &mut HeaderMap) {
    // Also without an `Origin`: a cache must not serve that answer to a page.
    answer.append(header::VARY, HeaderValue::from_static("origin"));
    match (trust, request.get(header::ORIGIN)) {
        (OriginTrust::Allowed, Some(origin)) => {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        (OriginTrust::Foreign, _) => {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        _ => return,
    }
    answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-request-id"));
}

/// Adds to the answer of a preflight what the page may send.
///
/// Monitoring adds headers to every request of a page. With credentials a browser takes no wildcard, so a page of ours is allowed what it
/// names; a foreign page is allowed any header, which never includes `Authorization`.
pub(super) fn allow_sending(request: &HeaderMap, trust: OriginTrust, answer: &mut HeaderMap) {
    let usual = HeaderValue::from_static("content-type, graphql-require-preflight, authorization");
    let headers = match trust {
        OriginTrust::None => return,
        OriginTrust::Allowed => {
            request.get(header::ACCESS_CONTROL_REQUEST_HEADERS).filter(|names| is_list(names)).cloned().unwrap_or(usual)
        }
        OriginTrust::Foreign => preflight::ANY_HEADER,
    };
    answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
    answer.append(header::VARY, HeaderValue::from_static("access-control-request-headers"));
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(preflight::SECONDS));
}

/// Whether a text names headers, as browsers write them.
fn is_list(names: &HeaderValue) -> bool {
    let of_a_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~, ".contains(byte);
    (1..=MAX_REQUESTED_BYTES).contains(&names.len()) && names.as_bytes().iter().all(of_a_name)
}

/// The origin of a foreign page, for the log and the operations that ask for it; none that is no origin.
pub(super) fn foreign(headers: &HeaderMap, trust: OriginTrust) -> Option<&str> {
    let origin = headers.get(header::ORIGIN).filter(|_| trust == OriginTrust::Foreign)?;
    origin.to_str().ok().filter(|origin| origin.len() <= MAX_ORIGIN_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(headers: &[(&'static str, &'static str)]) -> Page {
        let config = HttpConfig {
            public_url: "https://chat.example.org/base/".parse().expect("a URL"),
            allowed_origins: vec!["http://localhost:5173".parse().expect("an origin")],
            ..HttpConfig::default()
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        page(&map, &config)
    }

    #[test]
    fn only_the_own_origin_and_the_list_may_act_for_somebody() {
        use OriginTrust::{Allowed, Foreign, None};
        for (headers, trust, cookie_counts) in [
            (&[][..], None, true),
            (&[("origin", "https://chat.example.org")], Allowed, true),
            (&[("origin", "http://localhost:5173")], Allowed, true),
            (&[("origin", "https://chat.example.org"), ("sec-fetch-site", "same-origin")], Allowed, true),
            (&[("origin", "http://chat.example.org")], Foreign, false),
            (&[("origin", "https://chat.example.org:444")], Foreign, false),
            (&[("origin", "https://chat.example.org.evil.test")], Foreign, false),
            (&[("origin", "https://evil.test")], Foreign, false),
            (&[("origin", "null")], Foreign, false),
            (&[("origin", "")], Foreign, false),
            (&[("origin", "http://localhost:5173"), ("origin", "https://evil.test")], Foreign, false),
            (&[("sec-fetch-site", "cross-site")], None, false),
            (&[("sec-fetch-site", "same-origin")], None, true),
            (&[("sec-fetch-site", "none")], None, true),
        ] {
            assert_eq!(judged(headers), Page { trust, cookie_counts }, "{headers:?}");
        }
    }
}

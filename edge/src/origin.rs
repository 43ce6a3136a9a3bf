//! The page that sent a request, and what it may do.
//!
//! A script of the product may run on the pages of any customer. So pages of foreign origins are
//! served as anonymous callers, unless they send a [token that counts everywhere](crate::Reach):
//! their cookies do not count, and they can read answers only without credentials. Pages of the
//! public URL's origin and of the allow list may act for a signed-in caller. Programs send no
//! `Origin`, and send a token.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{
    caller::OriginTrust,
    config::{HttpConfig, Origin},
    preflight,
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Longer than a scheme, a host name and a port.
const MAX_ORIGIN_BYTES: usize = 280;
/// The maximum length of the list of headers in a preflight. No real page sends more.
const MAX_REQUESTED_BYTES: usize = 1_000;

/// The page behind a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// The trust in the page, by its `Origin` header.
    pub trust: OriginTrust,
    /// Whether a session cookie counts.
    pub cookie_counts: bool,
}

/// Finds the page behind a request.
pub(crate) fn page(headers: &HeaderMap, config: &HttpConfig) -> Page {
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

/// Adds the headers that allow the page to read the answer (Fetch standard, "CORS protocol").
pub(crate) fn allow_reading(request: &HeaderMap, trust: OriginTrust, answer: &mut HeaderMap) {
    // Also without an `Origin`, because a cache must not serve that answer to a page.
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

/// Adds to the answer of a preflight the headers that the page may send.
///
/// Monitoring scripts add headers to each request of a page. With credentials a browser accepts no
/// wildcard, so an allowed page may send the headers that it names. A foreign page may send any
/// header. By the standard `*` excludes `Authorization`, so it is listed: whether the token counts
/// there is decided when it is sent.
pub(crate) fn allow_sending(request: &HeaderMap, trust: OriginTrust, answer: &mut HeaderMap) {
    let usual = HeaderValue::from_static("content-type, graphql-require-preflight, authorization");
    let headers = match trust {
        OriginTrust::None => return,
        OriginTrust::Allowed => {
            request.get(header::ACCESS_CONTROL_REQUEST_HEADERS).filter(|names| is_list(names)).cloned().unwrap_or(usual)
        }
        OriginTrust::Foreign => HeaderValue::from_static("*, authorization"),
    };
    answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
    answer.append(header::VARY, HeaderValue::from_static("access-control-request-headers"));
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(preflight::SECONDS));
}

/// Whether a text is a list of header names, as browsers write it.
fn is_list(names: &HeaderValue) -> bool {
    let of_a_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~, ".contains(byte);
    (1..=MAX_REQUESTED_BYTES).contains(&names.len()) && names.as_bytes().iter().all(of_a_name)
}

/// The origin of a foreign page, for the log and for operations that ask for it. `None` if the
/// header is no origin.
pub(crate) fn foreign(headers: &HeaderMap, trust: OriginTrust) -> Option<&str> {
    let origin = headers.get(header::ORIGIN).filter(|_| trust == OriginTrust::Foreign)?;
    origin.to_str().ok().filter(|origin| origin.len() <= MAX_ORIGIN_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validated(headers: &[(&'static str, &'static str)]) -> Page {
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
    fn only_allowed_origins_may_act_for_an_operator() {
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
            assert_eq!(validated(headers), Page { trust, cookie_counts }, "{headers:?}");
        }
    }
}

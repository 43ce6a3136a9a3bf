//! What the files of each site are sent with: what a page may do, and who may have them.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What all files of a site are sent with, beside what each needs for itself.
#[derive(Clone, Debug)]
pub(super) struct Manners {
    /// `Cache-Control` of what keeps its name when it changes.
    pub kept: &'static str,
    pub headers: HeaderMap,
}

/// What the dashboard may do: run its own scripts and talk to its own server.
///
/// - Images as `blob:` are a photo before it is sent, as `data:` small pictures in stylesheets.
/// - `connect-src 'self'` covers a WebSocket to the same host and port too (CSP level 3).
/// - `form-action 'none'` is right although it has forms: a script sends them. Were the script not to run, the browser must not
///   put a password into an address.
/// - No frame may hold the page, or a click meant for another page could remove an operator.
const DASHBOARD_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What `GraphiQL` may do, and nothing else.
///
/// - Styles are `'unsafe-inline'` because its editor, Monaco, writes style elements as it draws. Scripts are not.
/// - Images as `data:` are in Monaco's stylesheet: the wavy lines under mistakes, for one.
/// - `worker-src`: checking and completing run in workers, which are files of the same build.
const GRAPHIQL_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'; \
     font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

impl Manners {
    pub(super) fn of_dashboard() -> Self {
        Self::of_pages(DASHBOARD_POLICY)
    }

    pub(super) fn of_graphiql() -> Self {
        Self::of_pages(GRAPHIQL_POLICY)
    }

    /// The widget is for every website, which may read it and measure how long it took. It keeps its name, so it is kept for five
    /// minutes only; for a day after that, a browser uses what it has once more while it fetches what there is.
    ///
    /// On the page it is bound by that page's policy; its own is for whoever opens it by itself.
    pub(super) fn of_widget() -> Self {
        Self::of(
            "public, max-age=300, stale-while-revalidate=86400",
            &[
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
                (CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"),
                (TIMING_ALLOW_ORIGIN, "*"),
            ],
        )
    }

    /// Pages are asked for again each time, and usually answered with 304.
    fn of_pages(policy: &'static str) -> Self {
        Self::of(
            "no-cache",
            &[
                (header::CONTENT_SECURITY_POLICY, policy),
                (header::REFERRER_POLICY, "no-referrer"),
                (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
                (PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
            ],
        )
    }

    fn of(kept: &'static str, headers: &[(HeaderName, &'static str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        Self { kept, headers }
    }
}

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const TIMING_ALLOW_ORIGIN: HeaderName = HeaderName::from_static("timing-allow-origin");

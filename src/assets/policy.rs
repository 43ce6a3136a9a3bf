//! Response headers for the files of each site: what a page may do, and which origins may load the
//! files.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The response headers that all files of a site have.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    /// The `Cache-Control` of files that keep their name when they change.
    pub kept: &'static str,
    pub headers: HeaderMap,
}

/// What the dashboard may do: run its own scripts and connect to its own server.
///
/// - Images as `blob:` are a photo before its upload, as `data:` small pictures in stylesheets.
/// - `connect-src 'self'` includes a WebSocket to the same host and port (CSP level 3).
/// - `form-action 'none'` is correct although there are forms, because a script sends them. If the
///   script does not run, the browser must not put a password into a URL.
/// - No frame may embed the page. Otherwise a click meant for another page could remove an
///   operator.
const DASHBOARD_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What `GraphiQL` may do.
///
/// - Styles are `'unsafe-inline'`, because its editor, Monaco, creates style elements while it
///   renders. Scripts are not.
/// - Images as `data:` are in Monaco's stylesheet, such as the wavy lines under errors.
/// - `worker-src`: validation and completion run in workers, which are files of the same build.
const GRAPHIQL_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'; \
     font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

impl Policy {
    pub(super) fn of_dashboard() -> Self {
        Self::of_pages(DASHBOARD_POLICY)
    }

    pub(super) fn of_graphiql() -> Self {
        Self::of_pages(GRAPHIQL_POLICY)
    }

    /// The widget is for all websites, which may read it and measure its timing. It loads the chat
    /// window with `import()`, and from another origin that needs `Access-Control-Allow-Origin`.
    /// The names do not change, so the files are cached for only five minutes. For a day after
    /// that, a browser may use the cached file once more while it fetches the current one.
    ///
    /// On a website the policy of that page applies. The policy here applies when the file is
    /// opened directly.
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

    /// Pages are revalidated on each use, usually with a 304.
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

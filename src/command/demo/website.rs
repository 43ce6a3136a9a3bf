//! The website of the demo's account: a small shop with the widget, embedded as on a customer's
//! site. Only the demo serves it.
//!
//! It has its own strict content security policy, which also shows how little the widget requires
//! from a page.

use askama::Template;
use axum::{
    Router,
    http::{HeaderName, header},
    response::IntoResponse,
    routing::get,
};

use super::seed::{EMAIL, PASSWORD};
use crate::assets::has_widget;

/// The page of the website.
pub(super) const PATH: &str = "/demo";

/// The widget needs `script-src` and `connect-src`; the rest is for the shop itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("../../../templates/demo/website.css");
const ICON: &str = include_str!("../../../templates/demo/icon.svg");

#[derive(Debug, Template)]
#[template(path = "demo/website.html")]
struct Website<'a> {
    widget_key: &'a str,
    /// Without the widget, the page shows the command that builds it.
    has_widget: bool,
    email: &'static str,
    password: &'static str,
}

/// Routes for `GET /demo` and the files of that page.
pub(super) fn routes(widget_key: &str) -> Router {
    let page = page(widget_key, has_widget());
    Router::new()
        .route(PATH, get(move || async move { file("text/html; charset=utf-8", page) }))
        .route("/demo/website.css", get(|| async { file("text/css; charset=utf-8", STYLE) }))
        .route("/demo/icon.svg", get(|| async { file("image/svg+xml", ICON) }))
}

fn page(widget_key: &str, has_widget: bool) -> String {
    let website = Website { widget_key, has_widget, email: EMAIL, password: PASSWORD };
    website.render().expect("a template of plain values can be written into memory")
}

fn file(content_type: &'static str, body: impl IntoResponse) -> impl IntoResponse {
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SNIPPET: &str = r#"<script async src="/widget.js" data-key="wk_Nvxu3Fa6m381m-MM-4gu6Q"></script>"#;

    #[test]
    fn it_has_the_widget_as_any_site_would() {
        let page = page("wk_Nvxu3Fa6m381m-MM-4gu6Q", true);
        assert!(page.contains(SNIPPET), "{page}");
        assert!(page.contains(EMAIL) && page.contains(PASSWORD), "{page}");
        assert!(!page.contains("./scripts/demo"), "{page}");
    }

    #[test]
    fn it_says_what_to_run_where_the_widget_is_not_built() {
        assert!(page("wk_Nvxu3Fa6m381m-MM-4gu6Q", false).contains("./scripts/demo"));
    }

    #[test]
    fn it_needs_nothing_that_its_policy_forbids() {
        assert!(!POLICY.contains("unsafe"), "{POLICY}");
        for page in [page("\"><script>alert(1)</script>", true), page("wk", false)] {
            assert_eq!(page.matches("<script").count(), 1, "only the snippet, and no script from the key: {page}");
            for forbidden in ["<style", " style=", " onclick=", "http://", "https://", "<form"] {
                assert!(!page.contains(forbidden), "{forbidden} in {page}");
            }
        }
    }
}

use std::{borrow::Cow, collections::HashMap};

use axum::{
    body::Body,
    http::{HeaderName, Method, Request, StatusCode, header},
};
use bytes::Bytes;
use tower::ServiceExt as _;

use super::*;

const SCRIPT: &str = "/assets/index-C1Q2DuEu.js";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// A site as a web build creates it, independent of a build on this machine.
fn site(policy: Policy) -> Site {
    let files = [
        ("index.html", "<!doctype html>"),
        ("index.html.gz", "page, packed"),
        ("icon.svg", "<svg/>"),
        ("licenses.md", "# Licences"),
        ("licenses.md.br", "licences, packed"),
        ("assets/index-C1Q2DuEu.js", "plain"),
        ("assets/index-C1Q2DuEu.js.br", "brotli"),
        ("assets/index-C1Q2DuEu.js.gz", "gzip"),
        ("assets/fonts/a-B2C3D4E5.woff2", "font"),
    ];
    let files = files.map(|(name, text)| (Cow::from(name), Bytes::from(text)));
    Site::new(policy, HashMap::from(files))
}

fn built_dashboard() -> Router {
    dashboard_of(site(Policy::of_dashboard()))
}

fn built_graphiql() -> Router {
    graphiql_of(site(Policy::of_graphiql()))
}

const WIDGET_FILES: [(&str, &str); 4] =
    [("widget.js", "plain"), ("widget.js.br", "brotli"), ("widget.js.gz", "gzip"), ("licenses.md", "# Licences")];
const CHAT_FILES: [(&str, &str); 3] = [("chat.js", "plain"), ("chat.js.br", "brotli"), ("chat.js.gz", "gzip")];

fn widget_with(files: impl Iterator<Item = (&'static str, &'static str)>) -> Router {
    let files = files.map(|(name, text)| (Cow::from(name), Bytes::from(text)));
    widget_of(Site::new(Policy::of_widget(), files.collect()))
}

fn built_widget() -> Router {
    widget_with(WIDGET_FILES.into_iter().chain(CHAT_FILES))
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: impl axum::http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("our headers are ASCII"))
    }

    fn policy(&self) -> &str {
        self.header(header::CONTENT_SECURITY_POLICY).expect("the header is there")
    }
}

async fn ask(router: Router, method: Method, path: &str, headers: &[(HeaderName, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let response = router.oneshot(request.body(Body::empty()).expect("a request")).await.expect("a router never fails");
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body in memory");
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

async fn read(router: Router, path: &str, headers: &[(HeaderName, &str)]) -> Answer {
    ask(router, Method::GET, path, headers).await
}

#[tokio::test]
async fn every_address_of_the_dashboard_is_its_one_page() {
    for path in [
        "/",
        "/?lang=cs",
        "/sign-in",
        "/sign-up",
        "/forgot-password",
        "/recover-password",
        "/accept-invitation",
        "/visitors",
        "/welcome",
        "/profile",
        "/settings",
        "/settings/",
        "/settings/operators",
        "/settings/operators/b3ABogPDBTt3h7XtlZ5WSCvu",
        "/settings/a.b/c.js",
    ] {
        let answer = read(built_dashboard(), path, &[]).await;

        assert_eq!((answer.status, &*answer.body), (StatusCode::OK, "<!doctype html>"), "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), Some("text/html; charset=utf-8"), "{path}");
        assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-cache"), "{path}");
    }
}

#[tokio::test]
async fn a_page_has_its_policy() {
    for (router, path) in [
        (built_dashboard(), "/"),
        (built_dashboard(), "/settings/operators"),
        (built_dashboard(), SCRIPT),
        (built_graphiql(), "/graphiql"),
        (built_graphiql(), "/graphiql/"),
        (built_graphiql(), "/graphiql/index.html"),
        (built_graphiql(), "/graphiql?query=%7Bplans%7Bcode%7D%7D"),
    ] {
        let answer = read(router, path, &[]).await;

        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"), "{path}");
        assert_eq!(answer.header(header::REFERRER_POLICY), Some("no-referrer"), "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
        assert!(answer.header("permissions-policy").is_some_and(|policy| policy.contains("camera=()")), "{path}");
        assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), None, "{path}");
        let policy: Vec<_> = answer.policy().split("; ").collect();
        for directive in [
            "default-src 'none'",
            "script-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(&directive), "{path}: {directive} in {policy:?}");
        }
    }
}

#[tokio::test]
async fn the_dashboard_is_allowed_nothing_inline() {
    let answer = read(built_dashboard(), "/", &[]).await;
    assert!(!answer.policy().contains("unsafe"), "{}", answer.policy());
    assert!(answer.policy().contains("img-src 'self' blob: data:;"), "a photo is shown before it is sent");
    assert!(answer.policy().contains("connect-src 'self';"), "{}", answer.policy());
}

#[tokio::test]
async fn a_hashed_file_is_cached_permanently() {
    for (router, path) in [(built_dashboard(), SCRIPT.to_owned()), (built_graphiql(), format!("/graphiql{SCRIPT}"))] {
        let answer = read(router, &path, &[]).await;

        assert_eq!(answer.body, "plain", "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), Some("text/javascript; charset=utf-8"));
        assert_eq!(answer.header(header::CACHE_CONTROL), Some(IMMUTABLE));
        assert_eq!(answer.header(header::VARY), Some("accept-encoding"));
        assert_eq!(answer.header(header::CONTENT_ENCODING), None);
    }
    let font = read(built_dashboard(), "/assets/fonts/a-B2C3D4E5.woff2", &[]).await;
    assert_eq!(
        (font.header(header::CONTENT_TYPE), font.header(header::CACHE_CONTROL)),
        (Some("font/woff2"), Some(IMMUTABLE))
    );
    assert_eq!(font.header(header::VARY), None, "there is one representation only");
}

#[tokio::test]
async fn a_file_next_to_the_page_is_revalidated() {
    for (path, body, content_type) in
        [("/icon.svg", "<svg/>", "image/svg+xml"), ("/licenses.md", "# Licences", "text/markdown; charset=utf-8")]
    {
        let answer = read(built_dashboard(), path, &[]).await;

        assert_eq!((answer.status, &*answer.body), (StatusCode::OK, body), "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), Some(content_type));
        assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-cache"));
    }
    let packed = read(built_dashboard(), "/licenses.md", &[(header::ACCEPT_ENCODING, "br")]).await;
    assert_eq!((&*packed.body, packed.header(header::CONTENT_ENCODING)), ("licences, packed", Some("br")));
}

#[tokio::test]
async fn the_request_chooses_the_encoding() {
    for (accepts, sent) in [
        ("", "plain"),
        ("br", "brotli"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br, zstd", "brotli"),
        ("GZIP , BR", "brotli"),
        ("*", "brotli"),
        ("deflate", "plain"),
        ("bro, notgzip", "plain"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.000, gzip; q=0.1", "gzip"),
        ("br;Q=0,gzip;Q=0", "plain"),
        ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("br;q=0.5, gzip;q=0.5", "brotli"),
        ("gzip;q=0.5, identity", "plain"),
        ("gzip;q=0.5, identity;q=0.2", "gzip"),
        ("*;q=0, gzip", "gzip"),
        ("br;q=0, *", "gzip"),
        ("identity;q=0", "plain"),
        ("br;q=x, gzip;q=2, identity", "plain"),
    ] {
        for (router, path) in
            [(built_dashboard(), SCRIPT), (built_widget(), "/widget.js"), (built_widget(), "/chat.js")]
        {
            let answer = read(router, path, &[(header::ACCEPT_ENCODING, accepts)]).await;

            assert_eq!(answer.body, sent, "{path} for {accepts:?}");
            let named =
                Some(sent).map(|sent| if sent == "brotli" { "br" } else { sent }).filter(|sent| *sent != "plain");
            assert_eq!(answer.header(header::CONTENT_ENCODING), named, "{path} for {accepts:?}");
            assert_eq!(answer.header(header::VARY), Some("accept-encoding"));
        }
    }
}

#[tokio::test]
async fn a_cached_file_is_not_modified() {
    let packed = (header::ACCEPT_ENCODING, "br");
    let plain_tag =
        read(built_dashboard(), SCRIPT, &[]).await.header(header::ETAG).expect("the header is there").to_owned();
    let tag = read(built_dashboard(), SCRIPT, std::slice::from_ref(&packed)).await;
    let tag = tag.header(header::ETAG).expect("the header is there").to_owned();
    assert_ne!(tag, plain_tag, "a strong tag names bytes, and these differ");

    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let answer = read(built_dashboard(), SCRIPT, &[packed.clone(), (header::IF_NONE_MATCH, &known)]).await;

        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(answer.body, "");
        assert_eq!(answer.header(header::ETAG), Some(&*tag));
        assert_eq!(answer.header(header::CACHE_CONTROL), Some(IMMUTABLE));
        assert_eq!(answer.header(header::VARY), Some("accept-encoding"));
        assert_eq!(answer.header(header::CONTENT_TYPE), None);
        assert!(answer.policy().starts_with("default-src 'none'"), "a cached file obeys the current policy");
    }
    for other in ["\"other\"", tag.trim_matches('"'), &plain_tag] {
        let answer = read(built_dashboard(), SCRIPT, &[packed.clone(), (header::IF_NONE_MATCH, other)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{other}");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    for (router, path) in [(built_dashboard(), SCRIPT), (built_widget(), "/widget.js"), (built_widget(), "/chat.js")] {
        let answer = ask(router, Method::HEAD, path, &[(header::ACCEPT_ENCODING, "gzip")]).await;

        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.body, "");
        assert_eq!(answer.header(header::CONTENT_LENGTH), Some("4"));
        assert_eq!(answer.header(header::CONTENT_ENCODING), Some("gzip"));
    }
}

#[tokio::test]
async fn a_missing_file_is_never_a_page() {
    for path in [
        "/assets/index-0ld.js",
        "/assets/index-C1Q2DuEu.js.br",
        "/assets/",
        "/assets",
        "/assets/../index.html",
        "/assets/..%2findex.html",
        "/assets/%2e%2e/index.html",
        "/assets//etc/passwd",
        "/assets/%ff%fe",
        "/index.html",
        "/index.html.gz",
        "/licenses.md.br",
        "/icon.svg/",
        "/somewhere",
        "/sign-in/",
        "/sign-in/more",
        "/settingsss",
        "/../Cargo.toml",
        "//settings",
    ] {
        let answer = read(built_dashboard(), path, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_ne!(answer.header(header::CONTENT_TYPE), Some("text/html; charset=utf-8"), "{path}");
    }
    for path in [
        "/graphiql/assets/index-0ld.js",
        "/graphiql/somewhere",
        "/graphiql/assets/",
        "/graphiql/assets/index-C1Q2DuEu.js.br",
        "/graphiql/../Cargo.toml",
        "/graphiql/%2e%2e/Cargo.toml",
        "/graphiql/..%2f..%2fCargo.toml",
        "/graphiql//etc/passwd",
        "/graphiql/%ff%fe",
    ] {
        let answer = read(built_graphiql(), path, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), Some("text/plain; charset=utf-8"), "{path}");
        assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-cache"), "{path}");
    }
    for path in ["/licenses.md", "/chat.js.br", "/chat", "/chat.js/"] {
        assert_eq!(read(built_widget(), path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_build_without_the_chat_window_serves_the_widget_only() {
    for (path, status) in [("/widget.js", StatusCode::OK), ("/chat.js", StatusCode::NOT_FOUND)] {
        assert_eq!(read(widget_with(WIDGET_FILES.into_iter()), path, &[]).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn nothing_can_be_sent_to_a_page() {
    for (router, path) in [
        (built_dashboard(), "/"),
        (built_dashboard(), SCRIPT),
        (built_widget(), "/widget.js"),
        (built_widget(), "/chat.js"),
        (built_graphiql(), "/graphiql"),
    ] {
        let answer = ask(router, Method::POST, path, &[]).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.header(header::ALLOW), Some("GET,HEAD"), "{path}");
    }
}

#[tokio::test]
async fn the_widget_is_for_all_websites_and_cached_briefly() {
    for path in ["/widget.js", "/chat.js"] {
        // As a page loads a module of another origin: with its own origin.
        let origin = (header::ORIGIN, "https://shop.example");
        let first = read(built_widget(), &format!("{path}?v=1"), std::slice::from_ref(&origin)).await;
        let tag = first.header(header::ETAG).expect("the header is there");
        let again = read(built_widget(), path, &[origin, (header::IF_NONE_MATCH, tag)]).await;

        assert_eq!((first.status, again.status), (StatusCode::OK, StatusCode::NOT_MODIFIED), "{path}");
        assert_eq!(first.header(header::CONTENT_TYPE), Some("text/javascript; charset=utf-8"), "{path}");
        for answer in [&first, &again] {
            for (name, value) in [
                ("access-control-allow-origin", "*"),
                ("cache-control", "public, max-age=300, stale-while-revalidate=86400"),
                ("cross-origin-resource-policy", "cross-origin"),
                ("timing-allow-origin", "*"),
                ("x-content-type-options", "nosniff"),
                ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
                ("vary", "accept-encoding"),
            ] {
                assert_eq!(answer.header(name), Some(value), "{name} of {path}");
            }
            assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS), None, "{path}");
        }
    }
}

#[tokio::test]
async fn embedded_pages_are_served_real_or_stub() {
    for (path, title) in [("/", "Deskbell</title>"), ("/graphiql", "<title>Deskbell GraphiQL</title>")] {
        let answer = read(routes(true), path, &[]).await;

        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains(title), "{path}");
        // The policy forbids them, so the page must not need them.
        assert!(!answer.body.contains("<script>"), "{path}");
        let styles_inside = answer.body.contains("<style") || answer.body.contains(" style=");
        assert!(!styles_inside || answer.policy().contains("style-src 'self' 'unsafe-inline'"), "{path}");
        // All files that the page names are served.
        for loaded in answer.body.split(['"', '\'']).filter(|part| part.starts_with('/') && part.contains('.')) {
            assert_eq!(read(routes(true), loaded, &[]).await.status, StatusCode::OK, "{loaded}, which {path} names");
        }
    }
    let widget = read(routes(true), "/widget.js", &[]).await;
    assert_eq!((widget.status, has_widget()), (StatusCode::OK, is_real_widget(widget.body.as_bytes())));
    let chat = read(routes(true), "/chat.js", &[]).await.status;
    assert_eq!(chat, if Widget::get(CHAT).is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND });
}

#[test]
fn a_stub_is_not_a_widget() {
    assert!(!is_real_widget(include_bytes!("../../web/stub/widget.js")));
    assert!(is_real_widget(b"customElements.define(`deskbell-widget`,e)"));
}

#[test]
fn every_embedded_file_has_a_known_type() {
    let sites = [
        Site::embedded::<Dashboard>(Policy::of_dashboard()),
        Site::embedded::<Widget>(Policy::of_widget()),
        Site::embedded::<Graphiql>(Policy::of_graphiql()),
    ];
    for site in sites {
        assert_ne!(site.names().count(), 0);
        for name in site.names() {
            assert_ne!(site::content_type(name), site::UNKNOWN_TYPE, "{name}");
        }
    }
}

#[tokio::test]
async fn the_embedded_pages_are_served_and_graphiql_can_be_switched_off() {
    let policy = "default-src 'none'; script-src 'self';";
    for page in ["/", "/sign-in", "/recover-password", "/settings/operators", "/graphiql"] {
        let answer = read(routes(true), page, &[]).await;
        assert_eq!(
            (answer.status, answer.header(header::CONTENT_TYPE)),
            (StatusCode::OK, Some("text/html; charset=utf-8"))
        );
        assert!(answer.policy().starts_with(policy), "{page}");
    }
    assert_eq!(read(routes(true), "/widget.js", &[]).await.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), Some("*"));
    assert_eq!(read(routes(true), "/assets/missing.js", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(read(routes(false), "/graphiql", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(read(routes(false), "/", &[]).await.status, StatusCode::OK);
}

//! The pages that a browser gets from the server itself: `GraphiQL`, and the page that mails lead to.
//!
//! Everything is embedded when the server is compiled, so that one file is the whole installation and
//! nothing is asked of the network. Compression was done by the web build: a file may have a `.br` and a
//! `.gz` beside it, and the request chooses. Names under `assets/` carry a hash of their content and may be
//! kept for good; everything else is asked for again and usually answered with 304.
//!
//! A missing file is a 404 and never a page: a script tag that receives HTML fails in confusing ways.

use std::{borrow::Cow, collections::HashMap, fmt::Write as _, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

/// What `web/graphiql` builds, or the stub page of `build.rs`.
#[derive(RustEmbed)]
#[folder = "web/graphiql/dist/"]
struct Graphiql;

/// Written by hand and embedded as it is.
#[derive(RustEmbed)]
#[folder = "web/pages/"]
struct Pages;

/// What `GraphiQL` may do, and nothing else.
///
/// - Styles are `'unsafe-inline'` because its editor, Monaco, writes style elements as it draws. Scripts are not.
/// - Images as `data:` are in Monaco's stylesheet: the wavy lines under mistakes, for one.
/// - `connect-src 'self'` covers a WebSocket to the same host and port too (CSP level 3).
/// - `worker-src`: checking and completing run in workers, which are files of the same build.
/// - No frame may hold the page, or a click meant for another page could run a mutation.
const GRAPHIQL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'; \
     font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// What the password page may do: run its one script and talk to the API.
///
/// `form-action 'none'` is right although it has a form: the script sends it. Were the script not to run, the
/// browser must not put a password into an address.
const PAGES_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// `GET /graphiql` and what that page loads from below it.
pub fn graphiql<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    graphiql_of(Site::embedded::<Graphiql>(GRAPHIQL_POLICY))
}

/// `GET /recover-password` and `GET /accept-invitation`, where mails lead, and what they load from `/pages/`.
pub fn pages<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let site = Arc::new(Site::embedded::<Pages>(PAGES_POLICY));
    Router::new()
        .route("/recover-password", get(page(&site, "password.html")))
        .route("/accept-invitation", get(page(&site, "password.html")))
        .route("/pages/{*path}", get(file(&site)))
}

fn graphiql_of<S>(site: Site) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let site = Arc::new(site);
    Router::new()
        .route("/graphiql", get(page(&site, "index.html")))
        .route("/graphiql/", get(page(&site, "index.html")))
        .route("/graphiql/{*path}", get(file(&site)))
}

/// Answers with one file, whatever the path.
fn page(site: &Arc<Site>, name: &'static str) -> impl Fn(HeaderMap) -> std::future::Ready<Response> + Clone + use<> {
    let site = Arc::clone(site);
    move |request| std::future::ready(site.answer(name, &request))
}

/// Answers with the file that the path names.
fn file(site: &Arc<Site>) -> impl Fn(Path<String>, HeaderMap) -> std::future::Ready<Response> + Clone + use<> {
    let site = Arc::clone(site);
    move |Path(path), request| std::future::ready(site.answer(&path, &request))
}

/// A folder of files, ready to answer with: hashed and sorted by encoding once, when the server starts.
///
/// Only names that the folder has can be asked for; there is no path to climb out of.
struct Site {
    policy: HeaderValue,
    assets: HashMap<String, Asset>,
}

struct Asset {
    content_type: HeaderValue,
    cache_control: HeaderValue,
    plain: Representation,
    /// Best first.
    packed: Vec<(Encoding, Representation)>,
}

/// The bytes as sent. Each encoding has its own strong `ETag`, as RFC 9110, section 8.8.3.3, asks.
struct Representation {
    bytes: Bytes,
    etag: HeaderValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    /// Best first: brotli is a sixth smaller than gzip on what we serve.
    const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// `x-gzip` is gzip (RFC 9110, section 8.4.1.3).
    fn is_named(self, coding: &str) -> bool {
        coding.eq_ignore_ascii_case(self.name()) || (self == Self::Gzip && coding.eq_ignore_ascii_case("x-gzip"))
    }
}

impl Site {
    fn embedded<F: RustEmbed>(policy: HeaderValue) -> Self {
        let files = F::iter().filter_map(|name| F::get(&name).map(|file| (name, bytes(file.data))));
        Self::new(policy, files.collect())
    }

    fn new(policy: HeaderValue, mut files: HashMap<Cow<'static, str>, Bytes>) -> Self {
        let names: Vec<String> = files
            .keys()
            .filter(|name| !Encoding::ALL.iter().any(|encoding| name.ends_with(encoding.suffix())))
            .map(ToString::to_string)
            .collect();
        let assets = names
            .into_iter()
            .filter_map(|name| {
                let plain = Representation::of(files.remove(name.as_str())?);
                let packed = Encoding::ALL
                    .into_iter()
                    .filter_map(|encoding| {
                        let bytes = files.remove(format!("{name}{}", encoding.suffix()).as_str())?;
                        Some((encoding, Representation::of(bytes)))
                    })
                    .collect();
                let asset = Asset { content_type: content_type(&name), cache_control: cache_control(&name), plain, packed };
                Some((name, asset))
            })
            .collect();
        Self { policy, assets }
    }

    fn answer(&self, name: &str, request: &HeaderMap) -> Response {
        let Some(asset) = self.assets.get(name) else {
            return (
                StatusCode::NOT_FOUND,
                [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::CACHE_CONTROL, "no-cache")],
                "There is no such file.\n",
            )
                .into_response();
        };
        let (encoding, chosen) = asset.choose(request);
        let unchanged = is_known(request, &chosen.etag);

        // On 304 as well: a browser updates what it stored, and an update of the server may have changed the policy.
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(header::ETAG, chosen.etag.clone());
        headers.insert(header::CACHE_CONTROL, asset.cache_control.clone());
        if !asset.packed.is_empty() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        // On every file, not only on pages: a worker obeys the policy that its own script came with.
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
        if unchanged {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_TYPE, asset.content_type.clone());
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
        *response.body_mut() = Body::from(chosen.bytes.clone());
        response
    }
}

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

impl Asset {
    /// The representation that the request likes best; among equals the smallest.
    ///
    /// Sends the plain one even to a request that refuses it (`identity;q=0`): RFC 9110, section 12.5.3, allows
    /// that instead of a 406, and a page helps more than an error.
    fn choose(&self, request: &HeaderMap) -> (Option<Encoding>, &Representation) {
        let accepted = Accepted::of(request);
        let mut best = (None, &self.plain);
        let mut best_weight = accepted.identity();
        // Worst first, so that the better of two equals comes last and wins.
        for (encoding, representation) in self.packed.iter().rev() {
            let weight = accepted.weight(*encoding);
            if weight > 0 && weight >= best_weight {
                best = (Some(*encoding), representation);
                best_weight = weight;
            }
        }
        best
    }
}

impl Representation {
    fn of(bytes: Bytes) -> Self {
        let mut etag = String::from("\"");
        for byte in &Sha256::digest(&bytes)[..16] {
            write!(etag, "{byte:02x}").expect("a String takes every write");
        }
        etag.push('"');
        let etag = HeaderValue::try_from(etag).expect("hexadecimal digits in quotes make a header");
        Self { bytes, etag }
    }
}

/// What `Accept-Encoding` says (RFC 9110, section 12.5.3), with weights in thousandths.
struct Accepted<'a>(Vec<(&'a str, u16)>);

impl<'a> Accepted<'a> {
    fn of(request: &'a HeaderMap) -> Self {
        let members =
            request.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        Self(members.filter_map(weighted).collect())
    }

    /// 0 when refused or not mentioned.
    fn weight(&self, encoding: Encoding) -> u16 {
        self.find(|coding| encoding.is_named(coding)).or_else(|| self.any()).unwrap_or(0)
    }

    /// Not mentioned, the plain file is acceptable, but less than anything that is.
    fn identity(&self) -> u16 {
        self.find(|coding| coding.eq_ignore_ascii_case("identity")).or_else(|| self.any()).unwrap_or(0)
    }

    fn any(&self) -> Option<u16> {
        self.find(|coding| coding == "*")
    }

    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<u16> {
        self.0.iter().find(|(coding, _)| is_it(coding)).map(|(_, weight)| *weight)
    }
}

/// One member of the list, such as `gzip;q=0.5`. A weight that is none counts as a refusal.
fn weighted(member: &str) -> Option<(&str, u16)> {
    let mut parts = member.split(';').map(str::trim);
    let coding = parts.next().filter(|coding| !coding.is_empty())?;
    let weight = match parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
        None => 1000,
        Some(text) => thousandths(text).unwrap_or(0),
    };
    Some((coding, weight))
}

/// `0`, `0.5`, `1.000` … in thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

/// Whether `If-None-Match` names what we would send. Compared weakly, as RFC 9110, section 13.1.2, asks: a proxy
/// may have weakened the tag.
fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    request.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes())
    })
}

fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn cache_control(name: &str) -> HeaderValue {
    HeaderValue::from_static(if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" })
}

/// The types we serve. Not guessed: with `nosniff`, a script of the wrong type does not run.
fn content_type(name: &str) -> HeaderValue {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    HeaderValue::from_static(match extension {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "svg" => "image/svg+xml",
        "ttf" => "font/ttf",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    })
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, Request};
    use tower::ServiceExt as _;

    use super::*;

    const SCRIPT: &str = "/graphiql/assets/index-C1Q2DuEu.js";

    /// A site as the web build leaves it, whether or not it was built on this machine.
    fn built() -> Router {
        let files = [
            ("index.html", "<!doctype html>"),
            ("assets/index-C1Q2DuEu.js", "plain"),
            ("assets/index-C1Q2DuEu.js.br", "brotli"),
            ("assets/index-C1Q2DuEu.js.gz", "gzip"),
        ];
        let files = files.map(|(name, text)| (Cow::from(name), Bytes::from(text)));
        graphiql_of(Site::new(GRAPHIQL_POLICY, HashMap::from(files)))
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
    async fn a_page_comes_with_its_policy_and_is_asked_for_again() {
        for path in ["/graphiql", "/graphiql/", "/graphiql/index.html", "/graphiql?query=%7Bplans%7Bcode%7D%7D"] {
            let answer = read(built(), path, &[]).await;

            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(answer.body, "<!doctype html>");
            assert_eq!(answer.header(header::CONTENT_TYPE), Some("text/html; charset=utf-8"));
            assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-cache"));
            assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
            assert_eq!(answer.header(header::REFERRER_POLICY), Some("no-referrer"));
            let policy = answer.header(header::CONTENT_SECURITY_POLICY).expect("the header is there");
            assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        }
    }

    #[tokio::test]
    async fn a_hashed_file_may_be_kept_for_good() {
        let answer = read(built(), SCRIPT, &[]).await;

        assert_eq!(answer.body, "plain");
        assert_eq!(answer.header(header::CONTENT_TYPE), Some("text/javascript; charset=utf-8"));
        assert_eq!(answer.header(header::CACHE_CONTROL), Some("public, max-age=31536000, immutable"));
        assert_eq!(answer.header(header::VARY), Some("accept-encoding"));
        assert_eq!(answer.header(header::CONTENT_ENCODING), None);
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
            let answer = read(built(), SCRIPT, &[(header::ACCEPT_ENCODING, accepts)]).await;

            assert_eq!(answer.body, sent, "for {accepts:?}");
            let named = Some(sent).map(|sent| if sent == "brotli" { "br" } else { sent }).filter(|sent| *sent != "plain");
            assert_eq!(answer.header(header::CONTENT_ENCODING), named, "for {accepts:?}");
            assert_eq!(answer.header(header::VARY), Some("accept-encoding"));
        }
    }

    #[tokio::test]
    async fn a_browser_that_has_it_is_told_so() {
        let packed = (header::ACCEPT_ENCODING, "br");
        let plain_tag = read(built(), SCRIPT, &[]).await.header(header::ETAG).expect("the header is there").to_owned();
        let tag = read(built(), SCRIPT, std::slice::from_ref(&packed)).await.header(header::ETAG).expect("the header is there").to_owned();
        assert_ne!(tag, plain_tag, "a strong tag names bytes, and these differ");

        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let answer = read(built(), SCRIPT, &[packed.clone(), (header::IF_NONE_MATCH, &known)]).await;

            assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(answer.body, "");
            assert_eq!(answer.header(header::ETAG), Some(&*tag));
            assert_eq!(answer.header(header::CACHE_CONTROL), Some("public, max-age=31536000, immutable"));
            assert_eq!(answer.header(header::VARY), Some("accept-encoding"));
            assert_eq!(answer.header(header::CONTENT_TYPE), None);
        }
        for other in ["\"other\"", tag.trim_matches('"'), &plain_tag] {
            let answer = read(built(), SCRIPT, &[packed.clone(), (header::IF_NONE_MATCH, other)]).await;
            assert_eq!(answer.status, StatusCode::OK, "{other}");
        }
    }

    #[tokio::test]
    async fn head_is_get_without_the_body() {
        let answer = ask(built(), Method::HEAD, SCRIPT, &[(header::ACCEPT_ENCODING, "gzip")]).await;

        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body, "");
        assert_eq!(answer.header(header::CONTENT_LENGTH), Some("4"));
        assert_eq!(answer.header(header::CONTENT_ENCODING), Some("gzip"));
    }

    #[tokio::test]
    async fn what_is_not_there_is_never_a_page() {
        for path in [
            "/graphiql/assets/index-0ld.js",
            "/graphiql/somewhere",
            "/graphiql/assets/",
            "/graphiql/assets/index-C1Q2DuEu.js.br",
            "/graphiql/../Cargo.toml",
            "/graphiql/%2e%2e/Cargo.toml",
            "/graphiql/..%2f..%2fCargo.toml",
            "/graphiql//etc/passwd",
        ] {
            let answer = read(built(), path, &[]).await;

            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(answer.header(header::CONTENT_TYPE), Some("text/plain; charset=utf-8"), "{path}");
        }
    }

    #[tokio::test]
    async fn nothing_can_be_sent_to_a_page() {
        let answer = ask(built(), Method::POST, "/graphiql", &[]).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header(header::ALLOW), Some("GET,HEAD"));
    }

    #[tokio::test]
    async fn mails_lead_to_one_page_at_two_addresses() {
        let recovery = read(pages(), "/recover-password", &[]).await;
        let invitation = read(pages(), "/accept-invitation", &[]).await;

        assert_eq!(recovery.status, StatusCode::OK);
        assert_eq!(recovery.body, invitation.body);
        assert!(!recovery.header(header::CONTENT_SECURITY_POLICY).expect("the header is there").contains("unsafe"));
        for loaded in ["/pages/password.js", "/pages/password.css", "/pages/icon.svg"] {
            assert!(recovery.body.contains(loaded), "{loaded}");
            let answer = read(pages(), loaded, &[]).await;
            assert_eq!(answer.status, StatusCode::OK, "{loaded}");
            assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-cache"));
        }
    }

    #[tokio::test]
    async fn the_embedded_graphiql_is_there_real_or_stub() {
        let answer = read(graphiql(), "/graphiql", &[]).await;

        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains("<title>Deskbell GraphiQL</title>"));
        // The policy forbids them, so the page must not need them.
        assert!(!answer.body.contains("<script>"));
    }

    #[test]
    fn every_embedded_file_has_a_known_type() {
        for site in [Site::embedded::<Graphiql>(GRAPHIQL_POLICY), Site::embedded::<Pages>(PAGES_POLICY)] {
            assert!(!site.assets.is_empty());
            for (name, asset) in &site.assets {
                assert_ne!(asset.content_type, "application/octet-stream", "{name}");
            }
        }
    }
}

//! Authenticates a caller by a token in `Authorization`, or by a browser's cookie from a page that
//! may use it.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};

use super::{backend::Backend, cookies, origin::Page, refusal::Refusal};
use crate::{caller::OriginTrust, config::HttpConfig};

/// Longer than any valid token, so it is rejected without a database read.
const MAX_TOKEN_BYTES: usize = 256;

/// The close reason of a socket whose page of a foreign origin sends a token. A reason has at most
/// 123 bytes (RFC 6455, section 5.5).
pub(crate) fn foreign_close(config: &HttpConfig) -> String {
    let setting = config.setting("ALLOWED_ORIGINS");
    let reason = format!("Open {}, or add this page's origin to {setting}.", config.public_base());
    if reason.len() <= 123 { reason } else { format!("Add this page's origin to {setting}.") }
}

const INVALID: &str = "The session has ended or the token is wrong. Sign in again.";

/// The credential of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    Nothing,
    /// Sent on purpose, so an invalid one is an error.
    Bearer(String),
    /// Sent by the browser with each request, so an invalid one means an anonymous caller. There
    /// are several when another application sets a cookie with the same name.
    Cookie(Vec<String>),
}

/// A page of a foreign origin sends a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ForeignOrigin;

/// The credential in the headers. A token takes precedence over a cookie. Cookies are returned in
/// the order of `names`.
///
/// # Errors
/// A page of a foreign origin sends a token.
pub(crate) fn credential(headers: &HeaderMap, page: Page, names: &[String]) -> Result<Credential, ForeignOrigin> {
    if headers.contains_key(header::AUTHORIZATION) && page.trust == OriginTrust::Foreign {
        return Err(ForeignOrigin);
    }
    // A proxy may have added a header line. A token that is not ASCII is invalid, but it was sent
    // on purpose.
    let mut lines =
        headers.get_all(header::AUTHORIZATION).into_iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    if let Some(token) = lines.find_map(|line| bearer(&line).map(str::to_owned)) {
        return Ok(Credential::Bearer(token));
    }
    let counted = names.iter().filter(|_| page.cookie_counts);
    let cookies: Vec<_> = counted.flat_map(|name| cookies::named(headers, name)).map(str::to_owned).collect();
    Ok(if cookies.is_empty() { Credential::Nothing } else { Credential::Cookie(cookies) })
}

/// The token of `Bearer <token>`. `None` for other schemes, because a proxy may ask for its own
/// password.
pub(crate) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session of the credential. `None` for an anonymous caller.
///
/// # Errors
/// The token is invalid, or the database does not answer.
pub(crate) async fn session<H: Backend>(
    backend: &H,
    credential: &Credential,
    client: IpAddr,
) -> Result<Option<H::Session>, Refusal> {
    match credential {
        Credential::Nothing => Ok(None),
        Credential::Bearer(token) => {
            opened_by(backend, token, client).await?.map(Some).ok_or_else(|| Refusal::unauthenticated(INVALID))
        }
        Credential::Cookie(tokens) => {
            for token in tokens {
                if let Some(session) = opened_by(backend, token, client).await? {
                    return Ok(Some(session));
                }
            }
            Ok(None)
        }
    }
}

async fn opened_by<H: Backend>(backend: &H, token: &str, client: IpAddr) -> Result<Option<H::Session>, Refusal> {
    if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
        return Ok(None);
    }
    backend.authenticate(token, client).await.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "could not read a session");
        Refusal::unavailable()
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn brought(headers: &[(&'static str, &'static str)], trust: OriginTrust) -> Result<Credential, ForeignOrigin> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value.as_bytes()).expect("a header"));
        }
        let page = Page { trust, cookie_counts: trust != OriginTrust::Foreign };
        credential(&map, page, &["session".to_owned(), "old".to_owned()])
    }

    #[test]
    fn a_token_precedes_a_cookie_and_a_foreign_page_may_send_neither() {
        use Credential::{Bearer, Cookie, Nothing};
        let none = OriginTrust::None;
        let cookies = |tokens: &[&str]| Ok(Cookie(tokens.iter().map(|&token| token.to_owned()).collect()));
        let foreign = OriginTrust::Foreign;
        for (headers, trust, expected) in [
            (&[][..], none, Ok(Nothing)),
            (&[("authorization", "Bearer abc")], none, Ok(Bearer("abc".into()))),
            (&[("authorization", "bearer  abc ")], none, Ok(Bearer("abc".into()))),
            (&[("authorization", "Bearer")], none, Ok(Bearer(String::new()))),
            (&[("authorization", "Basic YTpi")], none, Ok(Nothing)),
            (&[("authorization", "Basic YTpi"), ("cookie", "session=x")], none, cookies(&["x"])),
            (&[("authorization", "Bearer abc"), ("cookie", "session=x")], none, Ok(Bearer("abc".into()))),
            (&[("cookie", "a=1; session=x; b=2")], none, cookies(&["x"])),
            (&[("cookie", "a=1"), ("cookie", "session=\"x\"")], none, cookies(&["x"])),
            (&[("cookie", "sessions=x; mysession=y")], none, Ok(Nothing)),
            (&[("cookie", "session=")], none, Ok(Nothing)),
            (&[("cookie", "old=y; session=x")], none, cookies(&["x", "y"])),
            (&[("cookie", "session=x; session=y")], none, cookies(&["x", "y"])),
            (&[("authorization", "Basic YTpi"), ("authorization", "Bearer abc")], none, Ok(Bearer("abc".into()))),
            (&[("authorization", "Bearer é")], none, Ok(Bearer("é".into()))),
            (&[("authorization", "Basic é"), ("cookie", "town=Plzeň; session=x")], none, cookies(&["x"])),
            (&[("cookie", "session=x")], foreign, Ok(Nothing)),
            (&[("authorization", "Bearer abc")], foreign, Err(ForeignOrigin)),
            (&[("authorization", "Basic YTpi")], foreign, Err(ForeignOrigin)),
        ] {
            assert_eq!(brought(headers, trust), expected, "{headers:?}");
        }
    }
}

//! Authenticates a caller by a token in `Authorization`, or by a browser's cookie from a page that
//! may use it.

use std::{fmt, net::IpAddr};

use axum::http::{HeaderMap, header};

use super::{
    backend::Backend,
    cookies,
    identity::{Identity, Reach},
    origin::Page,
    refusal::Refusal,
};
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
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    Nothing,
    /// Sent on purpose, so an invalid one is an error.
    Bearer(String),
    /// Sent by the browser with each request, so an invalid one means an anonymous caller. There
    /// are several when another application sets a cookie with the same name.
    Cookie(Vec<String>),
}

/// Without the tokens, which must not reach a log.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Bearer(_) => "Bearer(…)",
            Self::Cookie(_) => "Cookie(…)",
        })
    }
}

/// A page of a foreign origin sends a token that does not count there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ForeignOrigin;

/// The credential in the headers. A token takes precedence over a cookie. Cookies are returned in
/// the order of `names`. A token that counts everywhere is never sent as a cookie by us: another
/// application could set one, and it would hide the cookie of a session.
///
/// # Errors
/// A page of a foreign origin sends a token that does not count there.
pub(crate) fn credential<I: Identity>(
    headers: &HeaderMap,
    page: Page,
    names: &[String],
) -> Result<Credential, ForeignOrigin> {
    // A proxy may have added a header line. A token that is not ASCII is invalid, but it was sent
    // on purpose.
    let mut lines =
        headers.get_all(header::AUTHORIZATION).into_iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let token = lines.find_map(|line| bearer(&line).map(str::to_owned));
    if headers.contains_key(header::AUTHORIZATION) && !counts::<I>(token.as_deref(), page.trust) {
        return Err(ForeignOrigin);
    }
    if let Some(token) = token {
        return Ok(Credential::Bearer(token));
    }
    let counted = names.iter().filter(|_| page.cookie_counts);
    let sent = counted.flat_map(|name| cookies::named(headers, name));
    let cookies: Vec<_> = sent.filter(|token| I::reach(token) == Reach::AllowedOrigins).map(str::to_owned).collect();
    Ok(if cookies.is_empty() { Credential::Nothing } else { Credential::Cookie(cookies) })
}

/// The token of `Bearer <token>`. `None` for other schemes, because a proxy may ask for its own
/// password.
pub(crate) fn bearer(value: &str) -> Option<&str> {
    // Only the white space of HTTP, because a token with any other character is another token.
    let space = [' ', '\t'];
    let value = value.trim_matches(space);
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(space))
}

/// Whether a token counts for a page. `None` is a credential of another scheme.
pub(crate) fn counts<I: Identity>(token: Option<&str>, trust: OriginTrust) -> bool {
    trust != OriginTrust::Foreign || token.is_some_and(|token| I::reach(token) == Reach::EveryPage)
}

/// The identity that the credential opens.
///
/// # Errors
/// The token is invalid, or the database does not answer.
pub(crate) async fn identity<H: Backend>(
    backend: &H,
    credential: &Credential,
    client: IpAddr,
) -> Result<H::Identity, Refusal> {
    match credential {
        Credential::Nothing => Ok(H::Identity::default()),
        Credential::Bearer(token) => {
            opened_by(backend, token, client).await?.ok_or_else(|| Refusal::unauthenticated(INVALID))
        }
        Credential::Cookie(tokens) => {
            for token in tokens {
                if let Some(identity) = opened_by(backend, token, client).await? {
                    return Ok(identity);
                }
            }
            Ok(H::Identity::default())
        }
    }
}

async fn opened_by<H: Backend>(backend: &H, token: &str, client: IpAddr) -> Result<Option<H::Identity>, Refusal> {
    if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
        return Ok(None);
    }
    backend.authenticate(token, client).await.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "could not read a token");
        Refusal::unavailable()
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::tests::toy;

    const VISITOR: &str = "Bearer vt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0";
    const VISITORS_COOKIE: &str = "session=vt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0";

    fn brought(headers: &[(&'static str, &'static str)], trust: OriginTrust) -> Result<Credential, ForeignOrigin> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value.as_bytes()).expect("a header"));
        }
        let page = Page { trust, cookie_counts: trust != OriginTrust::Foreign };
        credential::<toy::Identity>(&map, page, &["session".to_owned(), "old".to_owned()])
    }

    #[test]
    fn no_token_is_in_debug_output() {
        for credential in [Credential::Bearer("secret".into()), Credential::Cookie(vec!["secret".into()])] {
            assert!(!format!("{credential:?}").contains("secret"));
        }
    }

    #[test]
    fn a_token_precedes_a_cookie_and_a_foreign_page_may_send_a_visitors_token_only() {
        use Credential::{Bearer, Cookie, Nothing};
        let none = OriginTrust::None;
        let cookies = |tokens: &[&str]| Ok(Cookie(tokens.iter().map(|&token| token.to_owned()).collect()));
        let foreign = OriginTrust::Foreign;
        let visitor = || Ok(Bearer(toy::VISITOR.to_owned()));
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
            (&[("cookie", VISITORS_COOKIE)], none, Ok(Nothing)),
            (&[("cookie", VISITORS_COOKIE), ("cookie", "session=x")], none, cookies(&["x"])),
            (&[("cookie", "old=y; session=x")], none, cookies(&["x", "y"])),
            (&[("cookie", "session=x; session=y")], none, cookies(&["x", "y"])),
            (&[("authorization", "Basic YTpi"), ("authorization", "Bearer abc")], none, Ok(Bearer("abc".into()))),
            (&[("authorization", "Bearer é")], none, Ok(Bearer("é".into()))),
            (&[("authorization", "\tbearer  abc\t")], none, Ok(Bearer("abc".into()))),
            (&[("authorization", "Bearer abc\u{a0}")], none, Ok(Bearer("abc\u{a0}".into()))),
            (&[("authorization", "Basic é"), ("cookie", "town=Plzeň; session=x")], none, cookies(&["x"])),
            (&[("cookie", "session=x")], foreign, Ok(Nothing)),
            (&[("authorization", "Bearer abc")], foreign, Err(ForeignOrigin)),
            (&[("authorization", "Basic YTpi")], foreign, Err(ForeignOrigin)),
            (&[("authorization", VISITOR)], foreign, visitor()),
            (&[("authorization", VISITOR)], none, visitor()),
            (&[("authorization", "Basic YTpi"), ("authorization", VISITOR)], foreign, visitor()),
            (&[("authorization", VISITOR), ("cookie", "session=x")], foreign, visitor()),
            (&[("authorization", "Bearer abc"), ("authorization", VISITOR)], foreign, Err(ForeignOrigin)),
        ] {
            assert_eq!(brought(headers, trust), expected, "{headers:?}");
        }
    }
}

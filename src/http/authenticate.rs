//! Who is asking: a token in `Authorization`, or a browser's cookie from a page that may use it.

use axum::http::{HeaderMap, header};

use super::{house::House, origin::Page, refusal::Refusal};
use crate::graphql::scope::OriginTrust;

/// Longer than any token of ours: not worth a look into the database.
const MAX_TOKEN_BYTES: usize = 256;

/// Said to a foreign page that brings a token.
pub(super) const FOREIGN: &str = "This page's origin may not act for a signed-in operator. Add it to DESKBELL_ALLOWED_ORIGINS.";
const INVALID: &str = "The session has ended or the token is wrong. Sign in again.";

/// What a request brought to show who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    Nothing,
    /// Sent on purpose: wrong is an error.
    Bearer(String),
    /// Sent by the browser with everything: wrong means a stranger.
    Cookie(String),
}

/// What the headers bring. A token goes before a cookie.
///
/// # Errors
/// A page of a foreign origin brings a token.
pub(super) fn credential(headers: &HeaderMap, page: Page, cookie_name: &str) -> Result<Credential, Refusal> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.to_str().ok()?));
    if headers.contains_key(header::AUTHORIZATION) && page.trust == OriginTrust::Foreign {
        return Err(Refusal::forbidden(FOREIGN));
    }
    if let Some(token) = token {
        return Ok(Credential::Bearer(token.to_owned()));
    }
    let cookie = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| name.trim() == cookie_name)
        .map(|(_, value)| value.trim().trim_matches('"').to_owned());
    Ok(match cookie {
        Some(token) if page.cookie_counts && !token.is_empty() => Credential::Cookie(token),
        _ => Credential::Nothing,
    })
}

/// The token of `Bearer <token>`. Other schemes are not ours: a proxy in front may have asked for a password of its own.
pub(super) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session that the credential opens; `None` for a stranger.
///
/// # Errors
/// A token that opens nothing, or a database that does not answer.
pub(super) async fn session<H: House>(house: &H, credential: &Credential) -> Result<Option<H::Session>, Refusal> {
    let (token, is_bearer) = match credential {
        Credential::Nothing => return Ok(None),
        Credential::Bearer(token) => (token, true),
        Credential::Cookie(token) => (token, false),
    };
    let found = if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
        None
    } else {
        house.authenticate(token).await.map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "a session could not be looked up");
            Refusal::unavailable()
        })?
    };
    match found {
        None if is_bearer => Err(Refusal::unauthenticated(INVALID)),
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn brought(headers: &[(&'static str, &'static str)], trust: OriginTrust) -> Result<Credential, &'static str> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let page = Page { trust, cookie_counts: trust != OriginTrust::Foreign };
        credential(&map, page, "session").map_err(|refusal| refusal.code.as_str())
    }

    #[test]
    fn a_token_goes_before_a_cookie_and_a_foreign_page_may_bring_neither() {
        use Credential::{Bearer, Cookie, Nothing};
        let none = OriginTrust::None;
        let foreign = OriginTrust::Foreign;
        for (headers, trust, expected) in [
            (&[][..], none, Ok(Nothing)),
            (&[("authorization", "Bearer abc")], none, Ok(Bearer("abc".into()))),
            (&[("authorization", "bearer  abc ")], none, Ok(Bearer("abc".into()))),
            (&[("authorization", "Bearer")], none, Ok(Bearer(String::new()))),
            (&[("authorization", "Basic YTpi")], none, Ok(Nothing)),
            (&[("authorization", "Basic YTpi"), ("cookie", "session=x")], none, Ok(Cookie("x".into()))),
            (&[("authorization", "Bearer abc"), ("cookie", "session=x")], none, Ok(Bearer("abc".into()))),
            (&[("cookie", "a=1; session=x; b=2")], none, Ok(Cookie("x".into()))),
            (&[("cookie", "a=1"), ("cookie", "session=\"x\"")], none, Ok(Cookie("x".into()))),
            (&[("cookie", "sessions=x; mysession=y")], none, Ok(Nothing)),
            (&[("cookie", "session=")], none, Ok(Nothing)),
            (&[("cookie", "session=x")], foreign, Ok(Nothing)),
            (&[("authorization", "Bearer abc")], foreign, Err("FORBIDDEN")),
            (&[("authorization", "Basic YTpi")], foreign, Err("FORBIDDEN")),
        ] {
            assert_eq!(brought(headers, trust), expected, "{headers:?}");
        }
    }
}

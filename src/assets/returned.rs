//! Redirects for URLs of pages that were slightly changed.
//!
//! Mail filters that rewrite links request `/recover-password%23token=…`, with an encoded `#`.
//! People and programs append a slash to a page. Both are redirected to the page. The browser keeps
//! the token in the fragment, which it does not send.

use axum::{
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use edge::request::split_at_hash;

use super::PAGES;

/// A redirect to the page that the URL means. `None` for any other URL.
pub fn redirect(method: &Method, uri: &Uri) -> Option<Response> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let location = HeaderValue::from_str(&page(uri.path(), uri.query())?).ok()?;
    // The URL may contain a token, so it is neither cached nor sent as a referrer.
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Some((StatusCode::PERMANENT_REDIRECT, headers).into_response())
}

fn page(path: &str, query: Option<&str>) -> Option<String> {
    let (before, fragment) = split_at_hash(path);
    let page = before.trim_end_matches('/');
    // Only known pages, so that this is not an open redirect.
    let page = PAGES.iter().find(|known| **known == page && !known.contains('{'))?;
    if let Some(fragment) = fragment {
        return Some(format!("{page}#{}", fragment.replace("%3D", "=").replace("%3d", "=")));
    }
    // A browser adds the fragment of the URL to a location without one.
    (before != *page).then(|| query.map_or_else(|| (*page).to_owned(), |query| format!("{page}?{query}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_url_is_redirected_to_its_page_only() {
        for (path, query, location) in [
            ("/recover-password%23token=dbl_Ab-_", None, Some("/recover-password#token=dbl_Ab-_")),
            ("/accept-invitation%23token%3Ddbl_Ab", None, Some("/accept-invitation#token=dbl_Ab")),
            ("/recover-password/%23token=dbl_Ab.", None, Some("/recover-password#token=dbl_Ab.")),
            ("/recover-password%23token=dbl_Ab", Some("data=05"), Some("/recover-password#token=dbl_Ab")),
            ("/recover-password%252523token=dbl_Ab", None, Some("/recover-password#token=dbl_Ab")),
            ("/profile/", None, Some("/profile")),
            ("/profile%2", None, None),
            ("/profile%25", None, None),
            ("/profile//", Some("a=1"), Some("/profile?a=1")),
            ("/profile", None, None),
            ("/", None, None),
            ("//", None, None),
            ("//evil.example/", None, None),
            ("//evil.example%23token=x", None, None),
            ("/nowhere/", None, None),
            ("/nowhere%23token=x", None, None),
            ("/settings/{*page}/", None, None),
            ("/graphql%23token=x", None, None),
        ] {
            assert_eq!(page(path, query).as_deref(), location, "{path}");
        }
    }
}

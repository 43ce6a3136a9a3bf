//! Strong entity tags (RFC 9110, section 8.8.3): names for the bytes of an answer, so that a client
//! that has them receives a 304 instead.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest as _, Sha256};

/// The tag of these bytes: half of their SHA-256, which is long enough to rule out collisions.
#[must_use]
pub fn of(bytes: &[u8]) -> HeaderValue {
    let mut etag = String::from("\"");
    for byte in &Sha256::digest(bytes)[..16] {
        write!(etag, "{byte:02x}").expect("writing to a String never fails");
    }
    etag.push('"');
    HeaderValue::try_from(etag).expect("quoted hexadecimal digits are a valid header")
}

/// Whether `If-None-Match` names these bytes, or any (`*`).
#[must_use]
pub fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    tags(request).any(|tag| tag == "*" || is_same(tag, etag))
}

/// Whether `If-None-Match` names exactly these bytes. A client that does has received them, so they
/// need not be loaded.
#[must_use]
pub fn is_named(request: &HeaderMap, etag: &HeaderValue) -> bool {
    tags(request).any(|tag| is_same(tag, etag))
}

fn tags(request: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = request.get_all(header::IF_NONE_MATCH).into_iter();
    values
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|tag| str::from_utf8(tag).ok())
        .map(str::trim)
}

/// A weak comparison, as RFC 9110, section 13.1.2, requires: a proxy may have weakened the tag.
fn is_same(tag: &str, etag: &HeaderValue) -> bool {
    tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_bytes_have_different_tags() {
        assert_eq!(of(b"Ada"), of(b"Ada"));
        assert_ne!(of(b"Ada"), of(b"ada"));
        let tag = of(b"").to_str().expect("ASCII").to_owned();
        assert_eq!((tag.len(), &tag[..5], tag.ends_with('"')), (34, "\"e3b0", true));
    }

    #[test]
    fn a_list_of_tags_names_the_one_that_is_in_it() {
        let etag = of(b"Ada");
        let text = etag.to_str().expect("ASCII");
        for (lines, named, known) in [
            (&[][..], false, false),
            (&[text], true, true),
            (&[&format!("W/{text}")], true, true),
            (&[&format!("\"other\" , {text}")], true, true),
            (&["\"other\"", text], true, true),
            (&["*"], false, true),
            (&["\"other\""], false, false),
            (&[text.trim_matches('"')], false, false),
            (&[&text.to_uppercase()], false, false),
            (&[""], false, false),
        ] {
            let mut request = HeaderMap::new();
            for line in lines {
                request.append(header::IF_NONE_MATCH, line.parse().expect("a header"));
            }
            assert_eq!((is_named(&request, &etag), is_known(&request, &etag)), (named, known), "{lines:?}");
        }
    }
}

//! Strong entity tags (RFC 9110, section 8.8.3): names for the bytes of an answer, so that a client
//! that has them receives a 304 instead.

use std::{fmt::Write as _, iter};

use axum::http::{HeaderMap, HeaderValue};
use headers::{ETag, Header as _, HeaderMapExt as _, IfNoneMatch};
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

/// Whether `If-None-Match` names these bytes, or any (`*`). A list that is not ASCII counts as
/// none, so the client receives the whole answer.
#[must_use]
pub fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    request.typed_get().is_some_and(|condition| names(&condition, etag))
}

/// Whether `If-None-Match` names exactly these bytes. A client that does has received them, so they
/// need not be loaded.
#[must_use]
pub fn is_named(request: &HeaderMap, etag: &HeaderValue) -> bool {
    request.typed_get().is_some_and(|condition| condition != IfNoneMatch::any() && names(&condition, etag))
}

/// Compares weakly, as RFC 9110, section 13.1.2, requires: a proxy may have weakened the tag.
fn names(condition: &IfNoneMatch, etag: &HeaderValue) -> bool {
    ETag::decode(&mut iter::once(etag)).is_ok_and(|etag| !condition.precondition_passes(&etag))
}

#[cfg(test)]
mod tests {
    use axum::http::header;

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
            (&[&format!("\"one, other\", \"an other\", \"\ttab\", {text}")], true, true),
            (&[&format!("\"é\", {text}")], false, false),
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

//! Reads cookies as bytes.
//!
//! Other applications on the same host share the `Cookie` header, and a browser sends whatever they
//! set. So a value that is not ASCII is skipped, and the rest of the line is still read.

use axum::http::{HeaderMap, header};

/// How many cookies of one name are read. A browser sends two when another application has set one
/// with the same name for a longer path or a wider domain.
const MAX_PER_NAME: usize = 4;

/// The values of the cookies with this name, in the order in which they were sent, without empty
/// ones.
pub(crate) fn named<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(move |pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            (pair[..at].trim_ascii() == name.as_bytes()).then(|| pair[at + 1..].trim_ascii())
        })
        .filter_map(|value| str::from_utf8(value).ok())
        .map(|value| value.trim_matches('"'))
        .filter(|value| !value.is_empty())
        .take(MAX_PER_NAME)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn values(lines: &[&[u8]]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line).expect("a header"));
        }
        named(&headers, "session").map(str::to_owned).collect()
    }

    #[test]
    fn cookies_are_found_among_those_of_other_applications() {
        for (lines, expected) in [
            (&[&b"session=x"[..]][..], &["x"][..]),
            (&["town=Plzeň; session=x".as_bytes()], &["x"]),
            (&["session=x; town=Plzeň".as_bytes()], &["x"]),
            (&[b"town=Plze\xf2; session=x; \xff=\xfe"], &["x"]),
            (&[b"a=1", b"session=\"x\""], &["x"]),
            (&[b"a; session=x;;"], &["x"]),
            (&[b"session = x"], &["x"]),
            (&[b"session=a=b"], &["a=b"]),
            (&[b"session=\xff; session=x"], &["x"]),
            (&[b"session=; session=x"], &["x"]),
            (&[b"sessions=x; mysession=y; Session=z"], &[]),
            (&[b"session=1; session=2; session=3; session=4; session=5"], &["1", "2", "3", "4"]),
        ] {
            assert_eq!(
                values(lines),
                expected,
                "{:?}",
                lines.iter().map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>()
            );
        }
    }
}

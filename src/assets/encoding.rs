//! Selects the encoding of a file that a request prefers.

use axum::http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    /// The best one first: brotli is a sixth smaller than gzip on our files.
    pub(super) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// The suffix that the web build appends to a file's name.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }

    /// The name in `Content-Encoding`.
    pub(super) fn name(self) -> &'static str {
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

/// The content of `Accept-Encoding` (RFC 9110, section 12.5.3), with weights in thousandths.
pub(super) struct Accepted<'a>(Vec<(&'a str, u16)>);

impl<'a> Accepted<'a> {
    pub(super) fn of(request: &'a HeaderMap) -> Self {
        let lines = request.get_all(header::ACCEPT_ENCODING).into_iter();
        let members = lines
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
            .filter_map(|member| str::from_utf8(member).ok());
        Self(members.filter_map(weighted).collect())
    }

    /// 0 if it is refused or not mentioned.
    pub(super) fn weight(&self, encoding: Encoding) -> u16 {
        self.find(|coding| encoding.is_named(coding)).or_else(|| self.any()).unwrap_or(0)
    }

    /// If it is not mentioned, the plain file is acceptable, but less than any mentioned encoding.
    pub(super) fn identity(&self) -> u16 {
        self.find(|coding| coding.eq_ignore_ascii_case("identity")).or_else(|| self.any()).unwrap_or(0)
    }

    fn any(&self) -> Option<u16> {
        self.find(|coding| coding == "*")
    }

    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<u16> {
        self.0.iter().find(|(coding, _)| is_it(coding)).map(|(_, weight)| *weight)
    }
}

/// One member of a list, such as `gzip;q=0.5`. An invalid weight counts as a refusal.
pub(super) fn weighted(member: &str) -> Option<(&str, u16)> {
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

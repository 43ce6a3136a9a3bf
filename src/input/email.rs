//! An [`EmailAddress`] has two forms: mail goes to its `address`, and its `key` is unique. The key
//! ignores case. It is computed here and not by a database, because databases fold different
//! letters. Two characters that only look alike never get the same key; otherwise one person could
//! recover another's password.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt, iter, net::IpAddr};

use lettre::Address;
use unicode_normalization::UnicodeNormalization;

use super::characters::{is_forbidden, is_invisible};

/// Why an e-mail address was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailFault {
    /// Only white space.
    #[error("must not be empty")]
    Empty,
    /// Longer than mail servers accept (RFC 5321, section 4.5.3.1.3, less the angle brackets).
    #[error("must have at most {} bytes", EmailAddress::MAX_BYTES)]
    TooLong,
    /// Not an address to which mail can be sent.
    #[error("must be an e-mail address, such as ada@example.com")]
    NotAnAddress,
}

/// An address to which mail can be sent, with its unique form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    address: String,
    key: String,
}

impl EmailAddress {
    /// Most bytes of an address.
    pub const MAX_BYTES: usize = 254;

    /// Parses an address: removes what copying added at its ends (see [`bare`]) and normalises it,
    /// otherwise as typed.
    ///
    /// Internationalised addresses are accepted, and dots anywhere in the local part: large
    /// providers have assigned `taro..x@` and `taro.@`. Quoted local parts ("ada lovelace"@…) and
    /// address literals (ada@[192.0.2.1]) are not accepted.
    ///
    /// # Errors
    /// [`EmailFault`].
    pub fn parse(typed: &str) -> Result<Self, EmailFault> {
        if typed.trim().is_empty() {
            return Err(EmailFault::Empty);
        }
        let typed = bare(typed);
        if typed.len() > 4 * Self::MAX_BYTES {
            return Err(EmailFault::TooLong);
        }
        let address = composed(typed);
        if address.len() > Self::MAX_BYTES {
            return Err(EmailFault::TooLong);
        }
        let (local, domain) = address.rsplit_once('@').ok_or(EmailFault::NotAnAddress)?;
        if !is_local_part(local) {
            return Err(EmailFault::NotAnAddress);
        }
        let domain = domain_key(domain).ok_or(EmailFault::NotAnAddress)?;
        let key = format!("{}@{domain}", without_case(local));
        // In ASCII, which mail servers see, a domain may be longer than as typed.
        if key.len() > Self::MAX_BYTES {
            return Err(EmailFault::TooLong);
        }
        Ok(Self { address, key })
    }

    /// The form for SMTP: the domain in ASCII, and the local part quoted where its dots require it
    /// (RFC 5321, section 4.1.2).
    #[must_use]
    pub fn mailbox(&self) -> Address {
        let (local, _) = self.address.rsplit_once('@').expect("an address has an @");
        let (_, domain) = self.key.rsplit_once('@').expect("a key has an @");
        let is_dot_string = local.split('.').all(|atom| !atom.is_empty());
        let local = if is_dot_string { local.to_owned() } else { format!("\"{local}\"") };
        // `parse` has checked it: lettre's parser rejects such dots and combining characters.
        Address::new_dangerous(local, domain)
    }

    /// The address that mail goes to: as typed, but trimmed and in form C.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The unique form: equal for addresses that differ only in case, or in the notation of their
    /// domain. Never shown, and never mailed to.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The address and the key.
    #[must_use]
    pub fn into_parts(self) -> (String, String) {
        (self.address, self.key)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

/// Removes what copying and typing add around an address: invisible characters, white space and
/// direction controls, brackets and quotes, punctuation that no address begins or ends with, and
/// `mailto:` with any header fields.
fn bare(typed: &str) -> &str {
    let hidden = |c: char| is_invisible(c) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}');
    let opens = |c: char| hidden(c) || matches!(c, '<' | '(' | '[' | '{' | '"' | '“' | '„' | '«' | ',' | ';' | ':');
    let closes = |c: char| {
        hidden(c)
            || matches!(
                c,
                '>' | ')' | ']' | '}' | '"' | '”' | '“' | '»' | '.' | ',' | ';' | ':' | '!' | '?' | '/' | '…' | '。'
            )
    };
    let mut text = typed;
    loop {
        let before = text.len();
        text = text.trim_start_matches(opens).trim_end_matches(closes);
        if let Some((scheme, rest)) = text.split_at_checked("mailto:".len())
            && scheme.eq_ignore_ascii_case("mailto:")
        {
            text = rest.split('?').next().unwrap_or_default();
        }
        // A single apostrophe may be part of the address: o'brien@, and 'tis@.
        if let Some(inside) = text.strip_prefix(['\'', '‘']).and_then(|rest| rest.strip_suffix(['\'', '’'])) {
            text = inside;
        }
        if text.len() == before {
            return text;
        }
    }
}

/// Whether a mail server could have assigned this local part without quotes: atoms (RFC 5322,
/// section 3.2.3; RFC 6531, section 3.3), and dots anywhere. At most 64 bytes (RFC 5321, section
/// 4.5.3.1.1).
fn is_local_part(text: &str) -> bool {
    let is_taken = |c: char| {
        if c.is_ascii() {
            c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
        } else {
            !is_forbidden(c) && !is_invisible(c)
        }
    };
    (1..=64).contains(&text.len()) && text.chars().all(is_taken) && text.chars().any(|c| c != '.')
}

/// The domain in ASCII; `None` for an invalid domain or an IP address.
fn domain_key(domain: &str) -> Option<String> {
    let visible = !domain.contains(|c: char| is_forbidden(c) || is_invisible(c));
    let known = visible && !domain.starts_with('[') && Address::new("x", domain).is_ok();
    let key = idna::domain_to_ascii_strict(domain).ok().filter(|_| known)?;
    let is_machine = domain.parse::<IpAddr>().is_ok() || key.parse::<IpAddr>().is_ok();
    (!is_machine).then_some(key)
}

/// The [key](EmailAddress::key) of the inbox that an address belongs to: the key without a `+tag`.
/// For limits on mail only.
#[must_use]
pub fn inbox_key(key: &str) -> Cow<'_, str> {
    let untagged = key.rsplit_once('@').and_then(|(local, domain)| {
        let (inbox, _) = local.split_once('+')?;
        (!inbox.is_empty()).then(|| format!("{inbox}@{domain}"))
    });
    untagged.map_or(key.into(), Into::into)
}

/// Converts to form C, except for characters that it would turn into ASCII (the Kelvin sign would
/// become a K).
fn composed(text: &str) -> String {
    let becomes_ascii = |c: char| !c.is_ascii() && iter::once(c).nfc().all(|c| c.is_ascii());
    text.split_inclusive(becomes_ascii)
        .flat_map(|run| {
            let kept = run.chars().next_back().filter(|c| becomes_ascii(*c));
            let rest = &run[..run.len() - kept.map_or(0, char::len_utf8)];
            rest.nfc().chain(kept)
        })
        .collect()
}

/// Converts to lower case, except for characters that it would turn into ASCII: for a mail server,
/// the dotted capital İ is not an i with a combining dot.
fn without_case(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_ascii() && c.to_lowercase().any(|lower| lower.is_ascii()) {
            folded.push(c);
        } else {
            folded.extend(c.to_lowercase());
        }
    }
    folded
}

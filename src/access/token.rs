//! Session tokens, device tokens, the tokens of mailed links, and those of visitors.
//!
//! The client has 256 random bits, the database their SHA-256. A copy of the database therefore
//! gives no access. A fast hash is enough because the input is random. A prefix makes a leaked
//! token easy to search for.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Prefix of a session token.
pub const SESSION: &str = "dbs_";
/// Prefix of the token of a mailed link.
pub const LINK: &str = "dbl_";
/// Prefix of a device token.
pub const DEVICE: &str = "dbd_";
/// Prefix of a visitor's token, which the visitor's browser makes.
pub const VISITOR: &str = "vt_";

/// Length without the prefix: 256 bits in base64url.
const CHARACTERS: usize = 43;

/// Whether a text has the form of a token with this prefix.
#[must_use]
pub fn has_form(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|bits| bits.len() == CHARACTERS && bits.bytes().all(in_alphabet))
}

fn in_alphabet(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// A text that is too short for the token of a mailed link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This link is incomplete. Open it again from the mail, or copy all of it.")]
pub struct Incomplete;

/// A token in plain text, for the client. Never logged or stored.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new token: a prefix and 256 random bits.
    #[must_use]
    pub fn random(prefix: &str) -> Self {
        let bits: [u8; 32] = rand::random();
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bits)))
    }

    /// Extracts a token from text that a person typed or copied.
    ///
    /// A token has a known prefix, length and alphabet. Text before it (white space, the rest of
    /// the link) and after it (`.`, `)`, `>`, `%3E`) is ignored.
    ///
    /// # Errors
    /// [`Incomplete`] if it is too short. Depends only on the text, not on which tokens exist.
    pub fn typed(prefix: &str, text: &str) -> Result<Self, Incomplete> {
        let Some(start) = text.find(prefix) else {
            // Without a prefix it matches no row. If it is also too short, its beginning is
            // missing.
            let is_long = text.len() >= prefix.len() + CHARACTERS;
            return if is_long { Ok(Self(text.to_owned())) } else { Err(Incomplete) };
        };
        let random = &text[start + prefix.len()..];
        let length = random.bytes().take(CHARACTERS).take_while(|byte| in_alphabet(*byte)).count();
        if length < CHARACTERS { Err(Incomplete) } else { Ok(Self(format!("{prefix}{}", &random[..CHARACTERS]))) }
    }

    /// The plain text, for the client.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        hash(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The hash that the database stores for a token.
#[must_use]
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The hash of the token in a text that a person typed or copied.
#[must_use]
pub fn link_hash(text: &str) -> Vec<u8> {
    Token::typed(LINK, text).map_or_else(|Incomplete| hash(text), |token| token.hash())
}

/// A public identifier of 128 random bits, for a widget key or an operator's card. Cannot be
/// guessed, but is not a secret.
#[must_use]
pub fn public_name(prefix: &str) -> String {
    let bits: [u8; 16] = rand::random();
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_256_bits_and_never_prints() {
        let token = Token::random(SESSION);
        assert_eq!(token.reveal().len(), SESSION.len() + 43);
        assert_ne!(token.reveal(), Token::random(SESSION).reveal());
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(token.hash().len(), 32);
        assert!(has_form(token.reveal(), SESSION) && !has_form(token.reveal(), DEVICE));
        for other in ["", "dbs_", "dbs_é", &format!("{}a", token.reveal()), &token.reveal().replace('s', ".")] {
            assert!(!has_form(other, SESSION), "{other}");
        }
    }

    #[test]
    fn what_surrounds_a_token_is_not_a_part_of_it() {
        let token = Token::random(LINK);
        let token = token.reveal();
        for (before, behind) in [
            ("", ""),
            ("", "."),
            ("", ")"),
            ("", ">"),
            ("", "%3E"),
            ("", "%20"),
            ("", ","),
            ("", "\u{200b}"),
            (" \n", " \n"),
            ("", "AAAA"),
            ("\u{202a}", "\u{202c}"),
            ("https://chat.example.com/recover-password#token=", ".\n"),
            ("https://chat.example.com/recover-password%23token%3D", ""),
        ] {
            let typed = Token::typed(LINK, &format!("{before}{token}{behind}")).expect("it is whole");
            assert_eq!(typed.reveal(), token, "{before:?} {behind:?}");
        }
        for part in
            ["", "dbl_", "x", &token[..46], &token[4..], &format!("{}.{}", &token[..46], &token[46..]), &token[..20]]
        {
            assert_eq!(Token::typed(LINK, part).err(), Some(Incomplete), "{part:?}");
        }
        // As long as a token, but without a prefix: it is looked up and not found.
        let foreign = "t".repeat(47);
        assert_eq!(Token::typed(LINK, &foreign).expect("it is long").reveal(), foreign);
    }
}

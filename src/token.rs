//! Secrets that are handed out once: session tokens and the tokens of mailed links.
//!
//! 256 random bits go to the client, their SHA-256 to the database: a copy of the database opens nothing, and a fast hash is
//! enough because the input is random. A prefix makes a leaked token easy to search for.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// What begins a session token.
pub const SESSION: &str = "dbs_";
/// What begins the token of a mailed link.
pub const LINK: &str = "dbl_";
/// What begins the token of a device.
pub const DEVICE: &str = "dbd_";

/// Characters behind a prefix: 256 bits in base64url.
const CHARACTERS: usize = 43;

/// Whether a text could be a token with this prefix.
#[must_use]
pub fn has_form(text: &str, prefix: &str) -> bool {
    let in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.strip_prefix(prefix).is_some_and(|bits| bits.len() == CHARACTERS && bits.bytes().all(in_alphabet))
}

/// A token as the client holds it. Never printed, never stored.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// 256 random bits behind a prefix.
    #[must_use]
    pub fn random(prefix: &str) -> Self {
        let bits: [u8; 32] = rand::random();
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bits)))
    }

    /// The text for the client.
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

/// What the database knows a token by.
#[must_use]
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// A public name of 128 random bits (a widget key, an operator's card): unguessable, of no use as a secret.
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
}

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
    text.strip_prefix(prefix).is_some_and(|bits| bits.len() == CHARACTERS && bits.bytes().all(in_alphabet))
}

fn in_alphabet(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Less than a whole token of a mailed link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This link is not complete. Open it again from the mail, or copy all of it.")]
pub struct Incomplete;

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

    /// Reads a token as a person or a mail program returns it.
    ///
    /// A token has a prefix, a length and an alphabet, so whatever precedes it (white space, the rest of the link) or follows it
    /// (`.`, `)`, `>`, `%3E`) is not part of it.
    ///
    /// # Errors
    /// [`Incomplete`] if it is too short. This depends on the text alone, not on which tokens exist.
    pub fn typed(prefix: &str, text: &str) -> Result<Self, Incomplete> {
        let Some(start) = text.find(prefix) else {
            // Without a prefix it matches no row; if it is also too short, its beginning is missing.
            let is_long = text.len() >= prefix.len() + CHARACTERS;
            return if is_long { Ok(Self(text.to_owned())) } else { Err(Incomplete) };
        };
        let random = &text[start + prefix.len()..];
        let length = random.bytes().take(CHARACTERS).take_while(|byte| in_alphabet(*byte)).count();
        if length < CHARACTERS { Err(Incomplete) } else { Ok(Self(format!("{prefix}{}", &random[..CHARACTERS]))) }
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

/// What the database knows the token of a mailed link by, as a person or a mail program returns it.
#[must_use]
pub fn link_hash(text: &str) -> Vec<u8> {
    Token::typed(LINK, text).map_or_else(|Incomplete| hash(text), |token| token.hash())
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

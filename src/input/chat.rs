//! A [`ChatText`] is the plain text of a message or of a note. Its invariants: it is in Unicode
//! normalisation form C, has a character that is not white space, and its only control characters
//! are tabs and line feeds. It contains no characters that override the direction of the text
//! around it. Otherwise it is as typed: white space at its ends is kept, and so are joiners and
//! variation selectors.
//!
//! A [`ClientMessageId`] is a client's id of one send. It is opaque, and compared byte by byte.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::debug_hides;

/// Why a text of a chat was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChatTextFault {
    /// Only white space.
    #[error("must not be empty")]
    Empty,
    /// Longer than accepted.
    #[error("must have at most {max} characters")]
    TooLong {
        /// Most accepted characters, in Unicode code points.
        max: usize,
    },
    /// A character that affects the text around it.
    #[error("must not contain control characters or changes of text direction")]
    Forbidden,
}

/// The text of a message or of a note: 1 to 4,000 characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ChatText(String);
debug_hides!(ChatText);

impl ChatText {
    /// Most characters, in Unicode code points.
    pub const MAX: usize = 4_000;

    /// Parses a text: normalises it and its line ends, and keeps everything else.
    ///
    /// # Errors
    /// [`ChatTextFault`].
    pub fn parse(typed: &str) -> Result<Self, ChatTextFault> {
        let too_long = ChatTextFault::TooLong { max: Self::MAX };
        // Composition shortens a text to a quarter of its length at most, and a line end to half,
        // so this check comes before them.
        if typed.chars().nth(4 * Self::MAX).is_some() {
            return Err(too_long);
        }
        let text: String = typed.nfc().collect::<String>().replace("\r\n", "\n").replace('\r', "\n");
        if text.chars().nth(Self::MAX).is_some() {
            return Err(too_long);
        }
        if text.chars().all(char::is_whitespace) {
            return Err(ChatTextFault::Empty);
        }
        if text.chars().any(is_forbidden) {
            return Err(ChatTextFault::Forbidden);
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<ChatText> for String {
    fn from(text: ChatText) -> Self {
        text.0
    }
}

/// Characters that control a device, or reorder the text around them. The two separators are line
/// ends that most programs do not show as such.
fn is_forbidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

/// A client's id of one send: 1 to 100 characters of any form.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientMessageId(String);
debug_hides!(ClientMessageId);

impl ClientMessageId {
    /// Most characters, in Unicode code points.
    pub const MAX: usize = 100;

    /// Parses an id, which is kept as sent.
    ///
    /// # Errors
    /// [`ChatTextFault::Empty`] or [`ChatTextFault::TooLong`].
    pub fn parse(sent: String) -> Result<Self, ChatTextFault> {
        if sent.is_empty() {
            return Err(ChatTextFault::Empty);
        }
        if sent.chars().nth(Self::MAX).is_some() {
            return Err(ChatTextFault::TooLong { max: Self::MAX });
        }
        Ok(Self(sent))
    }

    /// The form in which it is stored; see `entity::message`.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The id of which these bytes are stored.
    #[must_use]
    pub fn stored(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// As the client has sent it.
impl fmt::Display for ClientMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    use super::*;

    fn text(typed: &str) -> Result<String, ChatTextFault> {
        ChatText::parse(typed).map(String::from)
    }

    #[test]
    fn a_text_is_kept_as_typed() {
        for kept in [
            "x",
            " Hello,\n\n\tAda \n",
            "<b>Hi</b> & **bold** https://example.com javascript:alert(1)",
            "می\u{200c}خواهم",
            "👩\u{200d}💻 ❤\u{fe0f}",
            "a\u{200b}b\u{feff}c\u{ad}",
            "א\u{200e} (12) \u{200f}\u{61c}",
            "\u{200b}",
            "\u{a0}x\u{3000}",
            "\u{202f}1\u{2027}\u{2065}",
            "\u{fff9}\u{ffff}\u{10ffff}",
            "ﬁ²",
        ] {
            assert_eq!(text(kept).as_deref(), Ok(kept), "{kept:?}");
        }
    }

    #[test]
    fn line_ends_become_line_feeds_and_letters_are_composed() {
        for (typed, kept) in [
            ("a\r\nb", "a\nb"),
            ("a\rb", "a\nb"),
            ("a\r\r\n\n\rb", "a\n\n\n\nb"),
            ("\r\na\r\n", "\na\n"),
            ("Z\u{30c}ofie", "Žofie"),
            ("\u{1100}\u{1161}\u{11a8}", "각"),
        ] {
            assert_eq!(text(typed).as_deref(), Ok(kept), "{typed:?}");
        }
    }

    #[test]
    fn white_space_alone_is_no_text() {
        for typed in ["", " ", "\n", "\r\n\t", "\u{a0}\u{2003}\u{3000}", "\u{2028}", "\u{85}", &" ".repeat(4_000)] {
            assert_eq!(text(typed), Err(ChatTextFault::Empty), "{typed:?}");
        }
    }

    #[test]
    fn control_characters_and_changes_of_direction_are_refused() {
        let controls = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}').filter(|c| !matches!(c, '\t' | '\n' | '\r'));
        let others = ('\u{2028}'..='\u{202e}').chain('\u{2066}'..='\u{206f}');
        let refused: Vec<_> = controls.chain(others).collect();
        assert_eq!(refused.len(), 29 + 33 + 7 + 10);
        for c in refused {
            assert_eq!(text(&format!("a{c}b")), Err(ChatTextFault::Forbidden), "{c:?}");
        }
    }

    #[test]
    fn a_text_has_at_most_4000_code_points_after_normalisation() {
        let long = Err(ChatTextFault::TooLong { max: 4_000 });
        for (typed, taken) in [
            ("x".repeat(4_000), true),
            ("x".repeat(4_001), false),
            ("🦦".repeat(4_000), true),
            ("🦦".repeat(4_001), false),
            ("e\u{301}".repeat(4_000), true),
            ("e\u{301}".repeat(4_001), false),
            ("x\r\n".repeat(2_000), true),
            (format!("{}x", "x\r\n".repeat(2_000)), false),
            // Four code points that become one, and one that becomes two.
            ("α\u{313}\u{300}\u{345}".repeat(4_000), true),
            ("\u{958}".repeat(2_000), true),
            ("\u{958}".repeat(2_001), false),
            // White space counts, and is not trimmed.
            (format!("{}x", " ".repeat(3_999)), true),
            (format!("{}x", " ".repeat(4_000)), false),
            (" ".repeat(4_001), false),
            ("x".repeat(1_000_000), false),
        ] {
            let result = text(&typed);
            assert!(if taken { result.is_ok() } else { result == long }, "{typed:.40}");
        }
    }

    #[test]
    fn what_is_taken_keeps_the_invariants_and_is_taken_again_unchanged() {
        const ODD: &[char] = &[
            '\r', '\n', '\t', ' ', 'e', '\u{301}', '\u{30c}', '\u{1100}', '\u{1161}', '\u{11a8}', '\u{958}',
            '\u{200d}', '\u{200b}', '\u{fe0f}', '\0', '\u{85}', '\u{2028}', '\u{202e}', '\u{2069}', '\u{2065}', '🦦',
        ];
        let mut random = StdRng::seed_from_u64(13);
        let (mut taken, mut refused) = (0, 0);
        for _ in 0..20_000 {
            let length = random.random_range(0..12);
            let draw = |random: &mut StdRng| match random.random_range(0..4) {
                0 => ODD[random.random_range(0..ODD.len())],
                1 => char::from_u32(random.random_range(0..0x11_0000)).unwrap_or('x'),
                _ => random.random_range('a'..='z'),
            };
            let typed: String = (0..length).map(|_| draw(&mut random)).collect();
            let Ok(kept) = text(&typed) else {
                let is_odd = |c: char| is_forbidden(c) && c != '\r';
                assert!(typed.trim().is_empty() || typed.chars().any(is_odd), "{typed:?} has no fault");
                refused += 1;
                continue;
            };
            taken += 1;
            assert_eq!(text(&kept).as_deref(), Ok(kept.as_str()), "{typed:?}");
            assert!(!kept.trim().is_empty() && !kept.contains('\r') && !kept.chars().any(is_forbidden), "{typed:?}");
            let unified = typed.replace("\r\n", "\n").replace('\r', "\n");
            assert!(kept.nfd().eq(unified.nfd()), "{typed:?} keeps its characters and their order");
        }
        assert!(taken > 5_000 && refused > 1_000, "{taken} {refused}");
    }

    #[test]
    fn an_id_of_a_send_is_any_text_of_1_to_100_characters() {
        let parse = |sent: &str| ClientMessageId::parse(sent.to_owned());
        for sent in ["0", " ", "\0", "\r\n", "e\u{301}", "\u{202e}", &"🦦".repeat(100)] {
            let id = parse(sent).unwrap_or_else(|fault| panic!("{sent:?}: {fault}"));
            assert_eq!(id.to_string(), sent);
            assert_eq!(ClientMessageId::stored(id.as_bytes()), id);
        }
        assert_ne!(parse("e\u{301}"), parse("é"), "it is not normalised");
        assert_eq!(parse(""), Err(ChatTextFault::Empty));
        assert_eq!(parse(&"x".repeat(101)), Err(ChatTextFault::TooLong { max: 100 }));
    }

    #[test]
    fn no_text_and_no_id_is_in_debug_output() {
        let shown = format!("{:?} {:?}", ChatText::parse("secret"), ClientMessageId::parse("secret".to_owned()));
        assert!(!shown.contains("secret"), "{shown}");
    }
}

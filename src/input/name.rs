//! A [`Name`] is shown to colleagues and visitors. Its invariants: it is in Unicode normalisation
//! form C, begins and ends with a visible character, and cannot reorder, break or imitate the text
//! around it. So it contains no control characters, no line breaks, and no characters that override
//! the text direction. Everything else is allowed: any script, combining marks, joined emoji. A
//! [`Description`] follows the same rules and may be absent.

use std::fmt;

use unicode_normalization::char::is_combining_mark;

use super::characters::{bounded, is_forbidden, is_invisible};

/// Why a text was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Only white space.
    #[error("must not be empty")]
    Empty,
    /// No visible character.
    #[error("must have a visible character")]
    Invisible,
    /// Longer than the field accepts.
    #[error("must have at most {max} characters")]
    TooLong {
        /// Most accepted characters, in Unicode code points.
        max: usize,
    },
    /// A character that affects the text around it.
    #[error("must not contain line breaks, control characters or changes of text direction")]
    Forbidden,
}

/// The name of a person or a company: 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(String);

impl Name {
    /// Most characters, in Unicode code points.
    pub const MAX: usize = 100;

    /// Parses a name: normalises and trims it, and keeps white space inside it.
    ///
    /// # Errors
    /// [`TextFault`].
    pub fn parse(typed: &str) -> Result<Self, TextFault> {
        line(typed, Self::MAX)?.map(Self).ok_or(TextFault::Empty)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A job title or a motto: up to 200 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Description(String);

impl Description {
    /// Most characters, in Unicode code points.
    pub const MAX: usize = 200;

    /// Parses a description. `None` if it is only white space.
    ///
    /// # Errors
    /// [`TextFault`], but never [`TextFault::Empty`].
    pub fn parse(typed: &str) -> Result<Option<Self>, TextFault> {
        Ok(line(typed, Self::MAX)?.map(Self))
    }

    /// The description.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text {
    ($($text:ident),+) => {$(
        impl fmt::Display for $text {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $text {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$text> for String {
            fn from(text: $text) -> Self {
                text.0
            }
        }
    )+};
}

text!(Name, Description);

/// Parses one line of text: normalises and trims it. `None` if nothing remains.
fn line(typed: &str, max: usize) -> Result<Option<String>, TextFault> {
    let text = bounded(typed, max)?;
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().any(is_forbidden) {
        return Err(TextFault::Forbidden);
    }
    if text.chars().all(|c| is_invisible(c) || is_combining_mark(c)) {
        return Err(TextFault::Invisible);
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(typed: &str) -> Result<String, TextFault> {
        Name::parse(typed).map(String::from)
    }

    #[test]
    fn names_of_all_kinds_are_taken() {
        for kept in [
            "Ada",
            "Žofie Nováková",
            "محمد علي",
            "דָּוִד בֶּן־גּוּרִיּוֹן",
            "山田 太郎",
            "O’Brien-Śmigły Jr.",
            "नरेन्द्र",
            "می\u{200c}خواهم",
            "👩\u{200d}💻 Ada",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "❤\u{fe0f}",
            "Ada  Lovelace",
            "א\u{200f} (12)",
            "<b>Ada</b> & Co. \"%_\\",
            "x",
        ] {
            assert_eq!(name(kept).as_deref(), Ok(kept));
        }
    }

    #[test]
    fn names_are_normalised_and_trimmed() {
        assert_eq!(name(" \u{3000}Z\u{30c}ofie\t\n").as_deref(), Ok("Žofie"));
        assert_eq!(name("\u{1100}\u{1161}\u{11a8}").as_deref(), Ok("각"));
        assert_eq!(name("\u{212b}sa").as_deref(), Ok("Åsa"));
        // Only canonical equivalents: these look and read differently.
        assert_eq!(name("ﬁ²").as_deref(), Ok("ﬁ²"));
    }

    #[test]
    fn names_that_play_tricks_are_refused() {
        for (typed, fault) in [
            ("", TextFault::Empty),
            (" \t\u{a0}\u{2003}\n", TextFault::Empty),
            ("Ada\0", TextFault::Forbidden),
            ("Ada\nLovelace", TextFault::Forbidden),
            ("Ada\r\nBcc: x", TextFault::Forbidden),
            ("Ada\u{1b}[31m", TextFault::Forbidden),
            ("Ada\u{85}L", TextFault::Forbidden),
            ("Ada\u{2028}L", TextFault::Forbidden),
            ("Ada\u{2029}L", TextFault::Forbidden),
            ("\u{202e}evil", TextFault::Forbidden),
            ("a\u{202a}b", TextFault::Forbidden),
            ("a\u{2066}b\u{2069}", TextFault::Forbidden),
            ("a\u{206a}b", TextFault::Forbidden),
            ("a\u{ffff}b", TextFault::Forbidden),
            ("a\u{1fffe}b", TextFault::Forbidden),
            ("a\u{fdd0}b", TextFault::Forbidden),
            ("a\u{fff9}b", TextFault::Forbidden),
            ("\u{200d}", TextFault::Invisible),
            ("\u{200b}\u{200b}", TextFault::Invisible),
            ("\u{3164}", TextFault::Invisible),
            ("\u{2800}", TextFault::Invisible),
            ("\u{feff}", TextFault::Invisible),
            ("\u{ad}\u{200e}", TextFault::Invisible),
            ("\u{301}\u{302}", TextFault::Invisible),
            ("\u{fe0f}", TextFault::Invisible),
        ] {
            assert_eq!(name(typed), Err(fault), "{typed:?}");
        }
    }

    #[test]
    fn lengths_are_counted_in_code_points_after_normalisation() {
        let long = Err(TextFault::TooLong { max: 100 });
        for (typed, taken) in [
            ("x".repeat(100), true),
            ("x".repeat(101), false),
            ("🦦".repeat(100), true),
            ("🦦".repeat(101), false),
            ("e\u{301}".repeat(100), true),
            ("e\u{301}".repeat(101), false),
            // three and four code points that become one
            ("α\u{313}\u{300}\u{345}".repeat(100), true),
            ("u\u{308}\u{304}".repeat(100), true),
            // one that becomes two, because it may not be composed
            ("\u{958}".repeat(51), false),
            (format!("{}x{}", " ".repeat(9_000), " ".repeat(9_000)), true),
            ("x".repeat(1_000_000), false),
        ] {
            let result = name(&typed);
            assert!(if taken { result.is_ok() } else { result == long }, "{typed:.40}");
        }
    }

    #[test]
    fn a_description_may_be_absent() {
        let parse = |typed: &str| Description::parse(typed).map(|text| text.map(String::from));
        assert_eq!(parse("  "), Ok(None));
        assert_eq!(parse(" Mathematician "), Ok(Some("Mathematician".to_owned())));
        assert_eq!(parse("two\nlines"), Err(TextFault::Forbidden));
        assert_eq!(parse("\u{200b}"), Err(TextFault::Invisible));
        assert!(parse(&"x".repeat(200)).is_ok());
        assert_eq!(parse(&"x".repeat(201)), Err(TextFault::TooLong { max: 200 }));
    }

    #[test]
    fn faults_read_on_from_the_field() {
        assert_eq!(TextFault::TooLong { max: 100 }.to_string(), "must have at most 100 characters");
    }
}

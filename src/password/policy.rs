//! The requirements on a newly chosen password: its length, and that it is hard to guess.

use unicode_normalization::UnicodeNormalization;

use super::{Findings, MAX_BYTES, MAX_LENGTH, Password, validate::validate};

/// Why a password was refused. The text continues the field's name: "must have at least 12
/// characters".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Empty input.
    #[error("must not be empty")]
    Empty,
    /// Fewer characters than the policy requires.
    #[error("must have at least {min} characters")]
    TooShort {
        /// Fewest accepted characters, in Unicode code points.
        min: usize,
    },
    /// More characters than are accepted.
    #[error("must have at most {max} characters")]
    TooLong {
        /// Most accepted characters, in Unicode code points.
        max: usize,
    },
    /// Easy to guess for someone who knows the person, or common password lists.
    #[error("is too easy to guess")]
    Weak {
        /// Fewest accepted characters; the password has as many.
        min: usize,
        /// The reasons, at least one.
        found: Findings,
    },
}

/// A minimum length that is too small to protect, or too large to be practical.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the shortest password must be between {} and {} characters, not {asked}",
    PasswordPolicy::LEAST_MIN_LENGTH,
    PasswordPolicy::MOST_MIN_LENGTH
)]
pub struct PolicyFault {
    asked: usize,
}

/// Requirements on a newly chosen password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    min_length: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: Self::DEFAULT_MIN_LENGTH }
    }
}

impl PasswordPolicy {
    /// Fewest characters by default.
    pub const DEFAULT_MIN_LENGTH: usize = 12;
    /// The smallest value that can be set (NIST SP 800-63B).
    pub const LEAST_MIN_LENGTH: usize = 8;
    /// The largest value that can be set: with longer minimums, people write their passwords down.
    pub const MOST_MIN_LENGTH: usize = 64;

    /// A policy that requires at least `min_length` characters.
    ///
    /// # Errors
    /// [`PolicyFault`] outside of [`Self::LEAST_MIN_LENGTH`] to [`Self::MOST_MIN_LENGTH`].
    pub fn new(min_length: usize) -> Result<Self, PolicyFault> {
        if (Self::LEAST_MIN_LENGTH..=Self::MOST_MIN_LENGTH).contains(&min_length) {
            Ok(Self { min_length })
        } else {
            Err(PolicyFault { asked: min_length })
        }
    }

    /// Fewest accepted characters, in Unicode code points after normalisation.
    #[must_use]
    pub const fn min_length(&self) -> usize {
        self.min_length
    }

    /// Checks a newly chosen password.
    ///
    /// `own_words` is what others know about the person: e-mail address, names, the company's name.
    /// This function splits them into words. It takes some milliseconds of CPU time at most.
    ///
    /// # Errors
    /// The first [`PasswordFault`] that applies.
    pub fn parse(&self, typed: &str, own_words: &[&str]) -> Result<Password, PasswordFault> {
        if typed.is_empty() {
            return Err(PasswordFault::Empty);
        }
        let too_long = PasswordFault::TooLong { max: MAX_LENGTH };
        if typed.len() > MAX_BYTES {
            return Err(too_long);
        }
        let password: String = typed.nfkc().collect();
        let length = password.chars().count();
        if length < self.min_length {
            return Err(PasswordFault::TooShort { min: self.min_length });
        }
        if length > MAX_LENGTH {
            return Err(too_long);
        }
        validate(&password, own_words).map_err(|found| PasswordFault::Weak { min: self.min_length, found })?;
        Ok(Password(password))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{GOOD, refusal},
        *,
    };

    #[test]
    fn length_is_counted_in_code_points_after_normalisation() {
        let short = Some(PasswordFault::TooShort { min: 12 });
        let long = Some(PasswordFault::TooLong { max: 256 });
        let varied = |length: usize| -> String { GOOD.chars().chain('가'..='힣').take(length).collect() };
        for (typed, expected) in [
            (String::new(), &Some(PasswordFault::Empty)),
            ("v".to_owned(), &short),
            ("vK7#qz!Lw2r".to_owned(), &short),
            ("vK7#qz!Lw2rT".to_owned(), &None),
            // 16 code points as typed, 11 once composed
            ("a\u{301}ž".repeat(5) + "v", &short),
            // two bytes each, four bytes each
            ("žluťoučký kůň úpěl".to_owned(), &None),
            ("🦦🪐🧶🫖🪵🦔🪩🫐🧭🪁🦚🪶".to_owned(), &None),
            (varied(256), &None),
            (varied(257), &long),
            // one code point as typed that becomes eighteen
            ("\u{fdfa}".repeat(15), &long),
            (GOOD.repeat(50), &long),
            ("\u{1f9a6}".repeat(257), &long),
        ] {
            assert_eq!(&refusal(&typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_good_password_may_hold_anything() {
        for typed in [
            GOOD,
            "correct horse battery staple",
            " leading and trailing space kept ",
            "tab\tnewline\nnul\0 and \u{202e}override",
            "密码学很有意思但是也很难啊",
            "ada likes violet submarines",
        ] {
            assert_eq!(refusal(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn nothing_is_trimmed_or_folded() {
        let chosen = PasswordPolicy::default().parse("  Mauve Otter on Sundays ", &[]);
        assert_eq!(chosen.unwrap().0, "  Mauve Otter on Sundays ");
    }

    #[test]
    fn a_policy_cannot_be_set_to_nonsense() {
        assert_eq!(PasswordPolicy::new(8).unwrap().min_length(), 8);
        assert_eq!(PasswordPolicy::new(64).unwrap().min_length(), 64);
        for asked in [0, 7, 65, 10_000] {
            let fault = PasswordPolicy::new(asked).unwrap_err().to_string();
            assert!(fault.contains("between 8 and 64"), "{fault}");
        }
    }
}

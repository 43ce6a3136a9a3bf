//! Names, durations and times as words in a letter.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Formats a name on one line, so that no mail program detects a link in it.
///
/// Mail programs detect links by dots, colons and slashes between letters, so these get a space.
/// "J. R. R. Tolkien" and "Sales / Support" still look right to a reader. The wide forms are those
/// that domain names accept as a dot, too (UTS 46).
pub(super) fn harmless(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '.' | ':' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}' => {
                spaced.extend([c, ' ']);
            }
            '/' | '\\' | '@' | '\u{ff0f}' | '\u{ff20}' => spaced.extend([' ', c, ' ']),
            c if c.is_control() => spaced.push(' '),
            c => spaced.push(c),
        }
    }
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// "30 minutes", "1 hour", "7 days": the largest unit that is exact, at least minutes.
pub(super) fn in_words(duration: Duration) -> String {
    let minutes = duration.as_secs().div_ceil(60).max(1);
    let (number, unit) = match minutes {
        m if m.is_multiple_of(24 * 60) => (m / (24 * 60), "day"),
        m if m.is_multiple_of(60) => (m / 60, "hour"),
        m => (m, "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y at %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["Ada Lovelace", "O’Brien-Śmigły", "Acme Inc.", "山田 太郎", "Brno & Sons", "محمد علي"]
        {
            assert_eq!(harmless(name), name);
        }
        for (name, written) in [
            ("J.R.R. Tolkien", "J. R. R. Tolkien"),
            ("Sales/Support", "Sales / Support"),
            ("evil。example", "evil。 example"),
            ("a\0b\tc", "a b c"),
        ] {
            assert_eq!(harmless(name), written);
        }
    }

    #[test]
    fn durations_are_said_in_words() {
        for (seconds, words) in [
            (0, "1 minute"),
            (61, "2 minutes"),
            (1_800, "30 minutes"),
            (3_600, "1 hour"),
            (5_400, "90 minutes"),
            (86_400, "1 day"),
            (604_800, "7 days"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}

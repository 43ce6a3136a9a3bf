//! Names, durations and times as words in a letter.

use std::time::Duration;

use chrono::{DateTime, Datelike as _, Utc};
use entity::mail::Language;

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

/// "30 minutes", "1 hour", "7 days": the largest unit that is exact, at least minutes. In Czech in
/// the accusative, as in "platí 1 hodinu".
pub(super) fn in_words(duration: Duration, language: Language) -> String {
    let minutes = duration.as_secs().div_ceil(60).max(1);
    let (number, english, czech) = match minutes {
        m if m.is_multiple_of(24 * 60) => (m / (24 * 60), ["day", "days"], ["den", "dny", "dní"]),
        m if m.is_multiple_of(60) => (m / 60, ["hour", "hours"], ["hodinu", "hodiny", "hodin"]),
        m => (m, ["minute", "minutes"], ["minutu", "minuty", "minut"]),
    };
    let unit = match (language, number) {
        (Language::En, 1) => english[0],
        (Language::En, _) => english[1],
        (Language::Cs, 1) => czech[0],
        (Language::Cs, 2..=4) => czech[1],
        (Language::Cs, _) => czech[2],
    };
    format!("{number} {unit}")
}

/// The names of months in Czech dates, which have the genitive.
const CZECH_MONTHS: [&str; 12] = [
    "ledna",
    "února",
    "března",
    "dubna",
    "května",
    "června",
    "července",
    "srpna",
    "září",
    "října",
    "listopadu",
    "prosince",
];

pub(super) fn moment(at: DateTime<Utc>, language: Language) -> String {
    match language {
        Language::En => at.format("%-d %B %Y at %H:%M UTC").to_string(),
        // Without the word "v", which is "ve" before some hours.
        Language::Cs => {
            format!("{}. {} {}", at.day(), CZECH_MONTHS[at.month0() as usize], at.format("%Y (%H:%M UTC)"))
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

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
        for (seconds, english, czech) in [
            (0, "1 minute", "1 minutu"),
            (61, "2 minutes", "2 minuty"),
            (1_800, "30 minutes", "30 minut"),
            (3_600, "1 hour", "1 hodinu"),
            (3 * 3_600, "3 hours", "3 hodiny"),
            (5 * 3_600, "5 hours", "5 hodin"),
            (5_400, "90 minutes", "90 minut"),
            (86_400, "1 day", "1 den"),
            (4 * 86_400, "4 days", "4 dny"),
            (604_800, "7 days", "7 dní"),
            (22 * 86_400, "22 days", "22 dní"),
        ] {
            let words = |language| in_words(Duration::from_secs(seconds), language);
            assert_eq!((words(Language::En).as_str(), words(Language::Cs).as_str()), (english, czech));
        }
    }

    #[test]
    fn dates_are_said_in_words() {
        for (month, english, czech) in [
            (1, "2 January 2026 at 04:05 UTC", "2. ledna 2026 (04:05 UTC)"),
            (9, "2 September 2026 at 04:05 UTC", "2. září 2026 (04:05 UTC)"),
            (12, "2 December 2026 at 04:05 UTC", "2. prosince 2026 (04:05 UTC)"),
        ] {
            let at = Utc.with_ymd_and_hms(2026, month, 2, 4, 5, 9).unwrap();
            assert_eq!((moment(at, Language::En).as_str(), moment(at, Language::Cs).as_str()), (english, czech));
        }
    }
}

//! Validates that a password is hard to guess, within a bounded time.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use zxcvbn::{Score, feedback::Suggestion};

use super::{Findings, MAX_LENGTH, Weakness};

/// Most characters that zxcvbn rates at once: its time grows with the square of the length.
const LONGEST_PIECE: usize = 32;

/// Shortest piece that is rated: fewer characters say little about the whole.
const SHORTEST_PIECE: usize = 12;

/// Most ways to read a piece ([`readings`]), because zxcvbn's time grows with that number: a
/// hundred characters of punctuation would take a second.
const MAX_READINGS: usize = 8;

/// Most pieces that are rated.
const MAX_PIECES: usize = MAX_LENGTH / LONGEST_PIECE;

/// Most personal words that a password is compared with: a bound on zxcvbn's work.
const MAX_OWN_WORDS: usize = 48;

/// Refuses a password that can be guessed in fewer than 10⁸ attempts.
///
/// `own_words` is what others know about the person. A long password is rated in pieces, and one
/// good piece is enough: guessing the whole includes guessing the piece. Rating only the beginning
/// would refuse good passwords for a weak beginning.
///
/// # Errors
/// What makes the password easy to guess, at least one finding.
pub(super) fn validate(password: &str, own_words: &[&str]) -> Result<(), Findings> {
    let own = OwnWords::of(own_words);
    if own.contain(password) {
        return Err(Findings::own_word());
    }
    let own_words = own.words();
    let characters: Vec<char> = password.chars().collect();
    let mut rest = without_repetition(&characters);
    let mut found = Findings::default();
    for _ in 0..MAX_PIECES {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(piece_length(rest));
        rest = after;
        let entropy = zxcvbn::zxcvbn(&String::from_iter(piece), &own_words);
        if entropy.score() >= Score::Three {
            return Ok(());
        }
        if found.is_empty() {
            found = Findings::of(&entropy, &own_words);
        }
    }
    if found.is_empty() {
        found.note(Weakness::TooFewWords, Suggestion::AddAnotherWordOrTwo.to_string());
    }
    Err(found)
}

/// What others know about a person, folded for comparison with a password.
struct OwnWords(BTreeSet<String>);

impl OwnWords {
    fn of(given: &[&str]) -> Self {
        let mut words = BTreeSet::new();
        for given in given {
            let given = fold(given);
            if let Some((local_part, _)) = given.rsplit_once('@') {
                words.insert(local_part.to_owned());
            }
            words.extend(given.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
            words.insert(given.chars().filter(|c| c.is_alphanumeric()).collect());
            words.insert(given);
        }
        // Words of one or two letters occur in every password.
        words.retain(|word| word.chars().count() > 2);
        Self(words)
    }

    /// Whether the password equals one of the words, ignoring case and white space.
    fn contain(&self, password: &str) -> bool {
        let squeezed = |text: &str| -> String { text.split_whitespace().collect() };
        let password = squeezed(&fold(password));
        self.0.iter().any(|word| squeezed(word) == password)
    }

    fn words(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).take(MAX_OWN_WORDS).collect()
    }
}

fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Shortens a repetition to its first two periods. Otherwise the cut into pieces would hide the
/// repetition from zxcvbn.
fn without_repetition(characters: &[char]) -> &[char] {
    // Knuth, Morris and Pratt: for each prefix, the length of its longest proper prefix that is
    // also its suffix.
    let mut border = vec![0; characters.len()];
    for end in 1..characters.len() {
        let mut length = border[end - 1];
        while length > 0 && characters[length] != characters[end] {
            length = border[length - 1];
        }
        border[end] = length + usize::from(characters[length] == characters[end]);
    }
    let period = characters.len() - border.last().copied().unwrap_or(0);
    &characters[..characters.len().min(2 * period)]
}

/// How many characters to rate at once.
fn piece_length(characters: &[char]) -> usize {
    let most = characters.len().min(LONGEST_PIECE);
    (SHORTEST_PIECE..most).find(|&length| readings(&characters[..=length]) > MAX_READINGS).unwrap_or(most)
}

/// In how many ways zxcvbn reads digits and punctuation as letters ("p4$$" as "pass"): for each
/// letter, one of the characters that may replace it, and both readings of those that may replace
/// two letters.
fn readings(characters: &[char]) -> usize {
    const STAND_INS: [&str; 12] = ["4@", "8", "({[<", "3", "69", "1!|", "1|7", "0", "$5", "+7", "%", "2"];
    const AMBIGUOUS: &str = "1|7";
    let present = |set: &str| set.chars().filter(|c| characters.contains(c)).count();
    let choices = STAND_INS.iter().map(|set| present(set).max(1));
    choices.product::<usize>() << present(AMBIGUOUS)
}

#[cfg(test)]
mod tests {
    use std::{
        hint::black_box,
        time::{Duration, Instant},
    };

    use super::{
        super::{
            PasswordFault, PasswordPolicy,
            tests::{GOOD, refusal},
        },
        *,
    };

    /// The shortest of five runs: other load on the machine slows some runs, but not all.
    fn quickest<T>(mut act: impl FnMut() -> T) -> Duration {
        let took = |_| {
            let started = Instant::now();
            black_box(act());
            started.elapsed()
        };
        (0..5).map(took).min().expect("several times")
    }

    #[test]
    fn what_can_be_guessed_is_refused_and_says_what_helps() {
        for typed in [
            "password1234",
            "passwordpassword",
            "qwertyuiop[]",
            "abcdefghijkl",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "123456789012345",
            "iloveyou2024",
            "ada.lovelace@engines.example",
            "ADA.LOVELACE",
            "Ada Lovelace",
            "adalovelace1",
            "Ada  LOVELACE",
            "analyticalengines",
            "lovelace-ada",
            &"a".repeat(256),
            &"password".repeat(32),
            &"password1@".repeat(25),
            &("iloveyou1! ".repeat(20) + "ilove"),
        ] {
            match refusal(typed) {
                Some(PasswordFault::Weak { min: 12, found }) => {
                    assert!(!found.weaknesses.is_empty() && !found.suggestions.is_empty(), "{typed}");
                    assert!(found.suggestions.iter().all(|s| s.ends_with('.')), "{found:?}");
                }
                other => panic!("{typed}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_long_password_is_not_refused_for_how_it_begins() {
        let typed = "a".repeat(200) + GOOD;
        assert_eq!(refusal(&typed), None);
    }

    #[test]
    fn validating_the_worst_input_takes_little_time() {
        let own = "Wolfeschlegelsteinhausenbergerdorff ".repeat(7);
        let worst = [
            "a".repeat(256),
            "4@8({[<369!|1$5+7%0".repeat(14)[..256].to_owned(),
            "p4ssw0rd".repeat(32),
            "12/31/1999".repeat(26)[..256].to_owned(),
            "l0v3".repeat(64),
            "4d4m4d4m".repeat(32),
            "ab".repeat(128),
            ('!'..='~').cycle().take(256).collect(),
        ];
        for typed in worst {
            let took = quickest(|| PasswordPolicy::default().parse(&typed, &[&own]));
            // Eight pieces of at most three milliseconds. Rated as a whole, some of these take a
            // second even in an optimised build.
            assert!(took < Duration::from_millis(250), "{typed}: {took:?}");
        }
    }

    #[test]
    fn repetition_is_rated_as_what_is_repeated() {
        for (typed, rated) in [
            ("", ""),
            ("abc", "abc"),
            ("abcab", "abcab"),
            ("abcabc", "abcabc"),
            ("abcabcabcab", "abcabc"),
            ("aaaaaaa", "aa"),
            ("aabaabaaab", "aabaabaaab"),
        ] {
            let typed: Vec<char> = typed.chars().collect();
            assert_eq!(String::from_iter(without_repetition(&typed)), rated);
        }
    }

    #[test]
    fn punctuation_is_rated_in_pieces_that_can_be_read_in_few_ways() {
        let length = |typed: &str| piece_length(&typed.chars().collect::<Vec<_>>());
        assert_eq!(length("short"), 5);
        assert_eq!(length("correct horse battery staple"), 28);
        assert_eq!(length(&"a".repeat(256)), LONGEST_PIECE);
        assert_eq!(length("4@8({[<369!|1$5+7%0 and more of it"), SHORTEST_PIECE);
        assert_eq!(length("nineteen eighty-four: 1984@$5!"), 29);
        assert_eq!(refusal("4@8({[<369!|1$5+7%0"), None);
        assert_eq!(refusal("7!1|4@$5zK%q"), None);
    }
}

//! What makes a password easy to guess: maps zxcvbn's many warnings and suggestions to a few kinds
//! that help a person.

use zxcvbn::{
    Entropy, Match,
    feedback::{Suggestion, Warning},
    matching::patterns::MatchPattern,
};

/// What makes a password easy to guess. Clients translate the code into their own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer characters than the policy requires.
    TooShort,
    /// Contains a name or an address of the person.
    GuessableByNameOrAddress,
    /// On the list of the most common passwords.
    Common,
    /// Similar to one on that list.
    SimilarToCommon,
    /// A common name.
    Name,
    /// A single dictionary word.
    SingleWord,
    /// Adjacent keys.
    KeyboardPattern,
    /// A repetition.
    Repetition,
    /// A sequence of characters, such as `abc`.
    Sequence,
    /// A date or a year.
    DateOrYear,
    /// Capitals at predictable positions.
    PredictableCapitals,
    /// Digits and symbols at predictable positions.
    PredictableSubstitution,
    /// A word spelled backwards.
    ReversedWord,
    /// Too few words that are hard to guess.
    TooFewWords,
}

/// The weaknesses of a password, as codes and as sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The codes, without duplicates. At least one for a refused password.
    pub weaknesses: Vec<Weakness>,
    /// What is wrong, and what would help.
    pub suggestions: Vec<String>,
}

impl Findings {
    /// The weaknesses that zxcvbn found in a password, or in a piece of one; empty if it is good.
    pub(super) fn of(judged: &Entropy, own_words: &[&str]) -> Self {
        let mut found = Self::default();
        let Some(feedback) = judged.feedback() else { return found };
        if judged.sequence().iter().any(|part| is_own(part, own_words)) {
            found.note_own_word();
        }
        if let Some(warning) = feedback.warning() {
            found.note(warning.into(), warning.to_string());
        }
        for suggestion in feedback.suggestions() {
            found.note((*suggestion).into(), suggestion.to_string());
        }
        found
    }

    pub(super) fn own_word() -> Self {
        let mut found = Self::default();
        found.note_own_word();
        found
    }

    /// The finding for a password that is too short. Nothing else is judged.
    #[must_use]
    pub fn too_short() -> Self {
        let mut found = Self::default();
        found.note(Weakness::TooShort, "Use a sentence or a few unrelated words: length counts most.");
        found
    }

    fn note_own_word(&mut self) {
        self.note(Weakness::GuessableByNameOrAddress, "A name or an address is the first thing that others try.");
    }

    pub(super) fn note(&mut self, weakness: Weakness, sentence: impl Into<String>) {
        if !self.weaknesses.contains(&weakness) {
            self.weaknesses.push(weakness);
        }
        self.suggestions.push(sentence.into());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.weaknesses.is_empty()
    }
}

/// Whether zxcvbn recognised a part as one of the person's own words, which its feedback does not
/// mention.
fn is_own(part: &Match, own_words: &[&str]) -> bool {
    match &part.pattern {
        MatchPattern::Dictionary(found) => own_words.contains(&found.matched_word.as_str()),
        MatchPattern::Repeat(repeated) => repeated.base_matches.iter().any(|part| is_own(part, own_words)),
        _ => false,
    }
}

impl From<Warning> for Weakness {
    fn from(warning: Warning) -> Self {
        match warning {
            Warning::ThisIsATop10Password | Warning::ThisIsATop100Password | Warning::ThisIsACommonPassword => {
                Self::Common
            }
            Warning::ThisIsSimilarToACommonlyUsedPassword => Self::SimilarToCommon,
            Warning::AWordByItselfIsEasyToGuess => Self::SingleWord,
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
                Self::Name
            }
            Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => {
                Self::KeyboardPattern
            }
            Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
                Self::Repetition
            }
            Warning::SequencesLikeAbcAreEasyToGuess => Self::Sequence,
            Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Self::DateOrYear,
        }
    }
}

impl From<Suggestion> for Weakness {
    fn from(suggestion: Suggestion) -> Self {
        match suggestion {
            Suggestion::UseAFewWordsAvoidCommonPhrases
            | Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters
            | Suggestion::AddAnotherWordOrTwo => Self::TooFewWords,
            Suggestion::CapitalizationDoesntHelpVeryMuch
            | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => Self::PredictableCapitals,
            Suggestion::ReversedWordsArentMuchHarderToGuess => Self::ReversedWord,
            Suggestion::PredictableSubstitutionsDontHelpVeryMuch => Self::PredictableSubstitution,
            Suggestion::UseALongerKeyboardPatternWithMoreTurns => Self::KeyboardPattern,
            Suggestion::AvoidRepeatedWordsAndCharacters => Self::Repetition,
            Suggestion::AvoidSequences => Self::Sequence,
            Suggestion::AvoidRecentYears
            | Suggestion::AvoidYearsThatAreAssociatedWithYou
            | Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => Self::DateOrYear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{PasswordFault, PasswordPolicy},
        Findings,
        Weakness::*,
    };

    fn found(typed: &str) -> Findings {
        let own = ["ada.lovelace@engines.example", "Ada Lovelace", "Analytical Engines"];
        match PasswordPolicy::default().parse(typed, &own) {
            Err(PasswordFault::Weak { found, .. }) => found,
            other => panic!("{typed}: {other:?}"),
        }
    }

    #[test]
    fn what_others_know_is_named_whole_in_part_and_in_disguise() {
        for typed in [
            "Ada Lovelace",
            "ADA.LOVELACE@engines.example",
            "lovelace-ada",
            "adalovelace1",
            "enginesanalytical",
            "l0velace1815",
        ] {
            assert_eq!(found(typed).weaknesses[0], GuessableByNameOrAddress, "{typed}");
        }
        assert_eq!(found("lovelacelovelace").weaknesses, [GuessableByNameOrAddress, Repetition, TooFewWords]);
        assert_eq!(found("christopher1").weaknesses, [Name, TooFewWords], "somebody else's name");
    }

    #[test]
    fn each_weakness_is_told_once_and_every_sentence() {
        for (typed, weaknesses, sentences) in [
            ("abcdefghijkl", &[Sequence, TooFewWords][..], 3),
            ("qwertyuiop[]", &[KeyboardPattern, TooFewWords], 3),
            ("passwordpassword", &[Repetition, TooFewWords], 3),
            ("Password1234", &[SimilarToCommon, TooFewWords, PredictableCapitals], 3),
        ] {
            let found = found(typed);
            assert_eq!(
                (found.weaknesses.as_slice(), found.suggestions.len()),
                (weaknesses, sentences),
                "{typed}: {found:?}"
            );
        }
    }
}

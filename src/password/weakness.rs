//! What makes a password easy to guess: the many things that the judge says, in the few kinds that help a person.

use zxcvbn::{
    Entropy, Match,
    feedback::{Suggestion, Warning},
    matching::patterns::MatchPattern,
};

/// What makes a password easy to guess, for clients that say so in words of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer characters than the policy asks for.
    TooShort,
    /// A name or an address that others know the person by.
    GuessableByNameOrAddress,
    /// On the list of what most people use.
    Common,
    /// Nearly on that list.
    SimilarToCommon,
    /// What people are called.
    Name,
    /// One word of a dictionary.
    SingleWord,
    /// Keys beside each other.
    KeyboardPattern,
    /// The same again and again.
    Repetition,
    /// Characters that follow each other.
    Sequence,
    /// A date or a year.
    DateOrYear,
    /// Capitals where everybody puts them.
    PredictableCapitals,
    /// Digits and symbols where everybody puts them.
    PredictableSubstitution,
    /// A word spelled backwards.
    ReversedWord,
    /// Too little that is hard to guess.
    TooFewWords,
}

/// What was found in a password, as codes and as sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Each of them once. At least one in a password that is refused.
    pub weaknesses: Vec<Weakness>,
    /// What is wrong and what would help.
    pub suggestions: Vec<String>,
}

impl Findings {
    /// What the judge says of a password, or of a piece of one; nothing when it finds it good.
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

    /// Of a password that is not judged any further.
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

/// Whether the judge took a part for one of the person's own words, of which it says nothing.
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
    use super::{super::*, Weakness::*};

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

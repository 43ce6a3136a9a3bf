//! The [`patterns`](SearchText::patterns) of a [`SearchText`] match a [`search_key`]. Both are
//! folded in the same way, here and not by a database: case, marks, apostrophes, dashes and white
//! space make no difference. A search may find too much, and an address key must not, so the two
//! foldings share no code.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use super::{
    TextFault,
    characters::{bounded, is_forbidden, is_invisible},
};

/// The text of a search box: up to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchText {
    /// Folded by [`folded`].
    folded: String,
    /// Folded by [`lowered`]: the form that versions before [`folded`] stored, and the form for
    /// searching an address.
    lowered: String,
}

impl SearchText {
    /// Most characters, in Unicode code points.
    pub const MAX: usize = 100;

    /// Parses a search. `None` if there is nothing to search for.
    ///
    /// Characters that are forbidden in names are dropped, because they match nothing.
    ///
    /// # Errors
    /// [`TextFault::TooLong`].
    pub fn parse(typed: &str) -> Result<Option<Self>, TextFault> {
        let text = bounded(typed, Self::MAX)?;
        let known: String = text.chars().filter(|c| !is_forbidden(*c)).collect();
        let search = Self { folded: folded(&known), lowered: lowered(known.trim()) };
        Ok((!search.folded.is_empty()).then_some(search))
    }

    /// The patterns for `LIKE … ESCAPE '\'`. At least one of them matches a [`search_key`] that
    /// contains the text.
    ///
    /// The `ESCAPE` clause is required: without it SQLite has no escape character.
    #[must_use]
    pub fn patterns(&self) -> [String; 2] {
        [like_pattern(&self.folded), like_pattern(&self.lowered)]
    }

    /// The pattern that matches an address's key. Addresses may differ in ways that a search for
    /// names ignores.
    #[must_use]
    pub fn address_pattern(&self) -> String {
        like_pattern(&self.lowered)
    }
}

/// Lower case and form C. Both Greek small sigmas become one.
fn lowered(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).nfc().collect()
}

/// Removes differences that people ignore or type differently: case (fully: ß becomes ss), marks,
/// letters with a stroke, kinds of apostrophe and dash, compatibility forms, invisible characters,
/// and the amount of white space.
///
/// Marks that make a different letter are kept: the voicing of kana, and the nukta and virama of
/// Indic scripts.
fn folded(text: &str) -> String {
    let plain: String = text.chars().map(plain).collect();
    let decomposed: String =
        plain.nfkd().flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
    let letters: String = decomposed
        .nfkd()
        .filter(|c| canonical_combining_class(*c) < 10 && (c.is_whitespace() || !is_invisible(*c)))
        .flat_map(without_stroke)
        .nfc()
        .collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Maps all kinds of apostrophe to one, and all kinds of dash to one.
fn plain(c: char) -> char {
    match c {
        '\u{2018}'..='\u{201b}' | '`' | '´' | 'ʹ' | '\u{2bb}'..='\u{2bf}' | 'ˈ' | '′' | '׳' | 'ꞌ' | '＇' => {
            '\''
        }
        '\u{2010}'..='\u{2015}' | '−' | '﹘' | '﹣' | '－' => '-',
        c => c,
    }
}

/// Replaces letters that are missing on most keyboards and that no normalisation decomposes.
fn without_stroke(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'ø' => ('o', None),
        'ł' => ('l', None),
        'đ' | 'ð' => ('d', None),
        'ħ' => ('h', None),
        'ŧ' => ('t', None),
        'þ' => ('t', Some('h')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        c => (c, None),
    };
    std::iter::once(first).chain(second)
}

/// The text that is stored in a row so that a search finds any of `parts`, in the same way on every
/// database.
///
/// A line break separates the parts. No search can contain one, so no match spans two parts. Each
/// part is stored in lower case and folded: a server of the previous version searches for the lower
/// case form, this one for both, and each finds the rows of the other.
#[must_use]
pub fn search_key(parts: &[&str]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for fold in [lowered, folded] {
        for line in parts.iter().map(|part| fold(part.trim())) {
            if !line.is_empty() && !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines.join("\n")
}

/// The pattern for `LIKE … ESCAPE '\'` that finds the text anywhere.
fn like_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(typed: &str) -> Option<SearchText> {
        SearchText::parse(typed).unwrap()
    }

    /// Whether a search finds a row with this name.
    fn finds(stored: &str, typed: &str) -> bool {
        let text = search(typed).unwrap_or_else(|| panic!("{typed:?} searches for nothing"));
        let found = [&text.folded, &text.lowered].into_iter().any(|text| search_key(&[stored]).contains(text.as_str()));
        // The previous version.
        let before = lowered(stored);
        assert!(found || !before.contains(&text.lowered), "{typed:?} was found in {stored:?} before");
        found
    }

    #[test]
    fn a_search_finds_what_people_take_for_the_same() {
        for (stored, typed) in [
            ("Eve Novotná", "novotna"),
            ("Žofie", "zofie"),
            ("Žofie Nováková", "z\u{30c}ofie n"),
            ("Zofie", "Žofie"),
            ("Nguyễn Thị", "nguyen thi"),
            ("Straße", "STRASSE"),
            ("STRASSE", "straße"),
            ("GROẞE", "grosse"),
            ("İbrahim", "ibrahim"),
            ("İbrahim", "İBRAHIM"),
            ("IŞIK", "ışık"),
            ("ıdil", "IDIL"),
            ("ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"),
            ("Jean\u{a0}Luc", "jean luc"),
            ("Jean  Luc", "jean\u{2003}luc"),
            ("Jean‑Luc", "jean-luc"),
            ("O’Brien", "o'brien"),
            ("O'Brien", "O´Brien"),
            ("Søren", "soren"),
            ("Łukasz", "lukasz"),
            ("Þór Æsir", "thor aesir"),
            ("דָּוִד", "דוד"),
            ("مُحَمَّد", "محمد"),
            ("می\u{200c}خواهم", "میخواهم"),
            ("Ёлкина", "елкина"),
            ("Ａｄａ", "ada"),
            ("각", "\u{1100}\u{1161}\u{11a8}"),
            ("❤\u{fe0f} Ada", "❤ ada"),
            ("100%", "100%"),
        ] {
            assert!(finds(stored, typed), "{typed:?} in {stored:?}");
        }
        for (stored, typed) in [
            ("Zofie", "sofie"),
            ("Bob", "o'b"),
            ("がっこう", "かっこう"),
            ("Ada Lovelace", "adalovelace"),
            ("a\u{301}", "\u{301}b"),
        ] {
            assert!(!finds(stored, typed), "{typed:?} in {stored:?}");
        }
    }

    #[test]
    fn a_search_key_has_each_part_in_both_forms_and_nothing_is_found_across_two() {
        let stored = search_key(&["Žofie Nováková", "zofie@Example.com", "", "ΟΔΥΣΣΕΥΣ 100%"]);
        assert_eq!(stored, "žofie nováková\nzofie@example.com\nοδυσσευσ 100%\nzofie novakova");
        for typed in ["nováková\nzofie", "novákovázofie", "%zofie@example.com%100"] {
            let text = search(typed).unwrap();
            assert!(!stored.contains(&text.folded) && !stored.contains(&text.lowered), "{typed}");
        }
    }

    #[test]
    fn a_search_for_nothing_is_none() {
        for typed in ["", "  ", "\0", "\u{202e} \n"] {
            assert_eq!(search(typed), None, "{typed:?}");
        }
        assert_eq!(search("a\0d\u{202e}a").unwrap().folded, "ada");
        assert!(SearchText::parse(&"x".repeat(100)).is_ok());
        assert_eq!(SearchText::parse(&"x".repeat(101)), Err(TextFault::TooLong { max: 100 }));
    }

    #[test]
    fn a_pattern_takes_its_text_literally() {
        for (typed, pattern) in [
            ("ada", "%ada%"),
            ("100%", r"%100\%%"),
            ("a_b", r"%a\_b%"),
            (r"a\b", r"%a\\b%"),
            ("'; drop table", "%'; drop table%"),
        ] {
            assert_eq!(search(typed).unwrap().patterns(), [pattern, pattern]);
        }
    }
}

//! A badge: a small image that shows whether an operator is available, for pages and readmes
//! without scripts.
//!
//! It is drawn only from a fixed table of texts, so it can never contain text that a user typed. It
//! uses no style and loads no font, so a page can show it under the strictest policy.

use askama::Template;

/// The space between a text and the edge of its half.
const MARGIN: u32 = 6;

/// A language of the badge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Czech,
}

impl Language {
    /// Parses a language tag such as `cs` or `cs-CZ` (RFC 5646). Any other language is English.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("cs") { Self::Czech } else { Self::English }
    }

    /// The tag of the language.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Czech => "cs",
        }
    }
}

/// A text, and its width in pixels in Verdana or `DejaVu Sans` of 11 pixels. Other fonts are
/// stretched or compressed to this width.
#[derive(Clone, Copy, Debug)]
struct Text {
    text: &'static str,
    width: u32,
}

const fn text(text: &'static str, width: u32) -> Text {
    Text { text, width }
}

#[derive(Debug, Template)]
#[template(path = "availability/badge.svg")]
struct Badge {
    language: &'static str,
    label: Text,
    state: Text,
    /// Dark enough for white text: a contrast of at least 4.5 to 1 (WCAG 2.2, criterion 1.4.3).
    colour: &'static str,
    /// The start of the second half.
    split: u32,
    width: u32,
}

/// The badge as SVG.
#[must_use]
pub fn draw(is_available: bool, language: Language) -> String {
    let label = text("chat", 24);
    let state = match (language, is_available) {
        (Language::English, true) => text("available", 50),
        (Language::English, false) => text("away", 29),
        (Language::Czech, true) => text("dostupný", 51),
        (Language::Czech, false) => text("nedostupný", 65),
    };
    let colour = if is_available { "#1a7f37" } else { "#57606a" };
    let split = label.width + 2 * MARGIN;
    let badge =
        Badge { language: language.tag(), label, state, colour, split, width: split + state.width + 2 * MARGIN };
    badge.render().expect("a template of plain values can be written into memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_visible_text_and_accessible_text() {
        for (is_available, language, state) in [
            (true, Language::English, "available"),
            (false, Language::English, "away"),
            (true, Language::Czech, "dostupný"),
            (false, Language::Czech, "nedostupný"),
        ] {
            let badge = draw(is_available, language);
            for part in [
                format!(" role=\"img\" xml:lang=\"{}\" aria-label=\"chat: {state}\">", language.tag()),
                format!("<title>chat: {state}</title>"),
                ">chat</text>".to_owned(),
                format!(">{state}</text>"),
            ] {
                assert!(badge.contains(&part), "{part} in {badge}");
            }
        }
    }

    #[test]
    fn it_is_as_wide_as_its_texts() {
        let badge = draw(true, Language::English);
        assert!(badge.contains("width=\"98\" height=\"20\" viewBox=\"0 0 98 20\""), "{badge}");
        assert!(badge.contains("<text x=\"6\" y=\"14\" textLength=\"24\">chat<"), "{badge}");
        assert!(badge.contains("<text x=\"42\" y=\"14\" textLength=\"50\">available<"), "{badge}");
    }

    #[test]
    fn it_needs_nothing_that_a_policy_forbids() {
        for badge in [draw(true, Language::English), draw(false, Language::Czech)] {
            for forbidden in ["<style", "style=", "<script", "href", "url(", "<image", "{{"] {
                assert!(!badge.contains(forbidden), "{forbidden} in {badge}");
            }
        }
    }

    #[test]
    fn a_language_is_known_by_its_tag() {
        for (tag, language) in [
            ("cs", Language::Czech),
            ("CS", Language::Czech),
            ("cs-CZ", Language::Czech),
            ("cs_CZ", Language::Czech),
            ("en", Language::English),
            ("csb", Language::English),
            ("de", Language::English),
            ("", Language::English),
            ("\"><script>", Language::English),
        ] {
            assert_eq!(Language::of(tag), language, "{tag}");
        }
    }
}

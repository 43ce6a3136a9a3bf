//! The characters that a text cannot contain, or that are invisible in it, and its length.

use unicode_normalization::UnicodeNormalization;

use super::TextFault;

/// Trims the text and converts it to form C; refuses more than `max` characters.
pub(super) fn bounded(typed: &str, max: usize) -> Result<String, TextFault> {
    let typed = typed.trim();
    // Composition shortens a text to a quarter of its length at most, so this check comes before
    // it.
    if typed.chars().nth(4 * max).is_some() {
        return Err(TextFault::TooLong { max });
    }
    let text: String = typed.nfc().collect();
    if text.chars().nth(max).is_some() {
        return Err(TextFault::TooLong { max });
    }
    Ok(text)
}

/// Characters that break a line, control a device or reorder the text around them.
///
/// The left-to-right and right-to-left *marks* (U+200E, U+200F, U+061C) are allowed. They have a
/// direction like a letter, without effect beyond it, and Hebrew and Arabic names with digits or
/// brackets need them.
pub(super) fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}'                 // line and paragraph separator
            | '\u{202a}'..='\u{202e}'               // embeddings and overrides
            | '\u{2066}'..='\u{206f}'               // isolates; deprecated shaping controls
            | '\u{fff9}'..='\u{fffb}'               // interlinear annotation
            | '\u{fdd0}'..='\u{fdef}'               // not characters
        )
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Characters that are invisible on their own: white space, Unicode's default-ignorable characters,
/// and the empty Braille cell. They are allowed inside a name: emoji and Persian need joiners.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
        )
}

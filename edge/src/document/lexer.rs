//! Counts the tokens of a text in one pass, without further parsing.
//!
//! It runs before the parser, because the parser recurses into brackets. So it must never see fewer
//! tokens or shallower brackets than the parser would. Where the two could disagree (a block string
//! without an end), it refuses. Other invalid text is left to the parser, which has better
//! messages.

use async_graphql::Pos;

use super::DocumentRefused;

/// The maximum nesting of brackets of any kind. The parser recurses into them. Documents that
/// people write are far below.
const MAX_NESTING: usize = 64;

/// Counts tokens and nesting, and stops when one exceeds its limit.
pub(super) fn count(text: &str, max_tokens: usize) -> Result<(), DocumentRefused> {
    let bytes = text.as_bytes();
    let mut tokens = 0;
    let mut nesting: usize = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            // A byte order mark counts as white space.
            0xEF if bytes[at..].starts_with("\u{feff}".as_bytes()) => {
                at += 3;
                continue;
            }
            b'#' => {
                at = find(bytes, at, |byte| matches!(byte, b'\n' | b'\r'));
                continue;
            }
            b'"' => match string(bytes, at) {
                Some(end) => end,
                None if bytes[at..].starts_with(b"\"\"\"") => {
                    return Err(DocumentRefused::Syntax {
                        message: "this block string never ends".to_owned(),
                        at: Some(position(text, at)),
                    });
                }
                // The parser stops at this quote, so the rest cannot matter.
                None => return Ok(()),
            },
            b'.' if bytes[at..].starts_with(b"...") => at + 3,
            b'{' | b'(' | b'[' => {
                nesting += 1;
                if nesting > MAX_NESTING {
                    return Err(DocumentRefused::TooNested { limit: MAX_NESTING });
                }
                at + 1
            }
            b'}' | b')' | b']' => {
                nesting = nesting.saturating_sub(1);
                at + 1
            }
            byte if is_word(byte) || byte == b'-' => find(bytes, at + 1, |byte| !is_word(byte) && byte != b'.'),
            _ => at + 1,
        };
        tokens += 1;
        if tokens > max_tokens {
            return Err(DocumentRefused::TooManyTokens { limit: max_tokens });
        }
        at = end;
    }
    Ok(())
}

/// The byte after the string that starts at `start`. `None` if the string has no end.
fn string(bytes: &[u8], start: usize) -> Option<usize> {
    if bytes[start..].starts_with(b"\"\"\"") {
        let mut at = start + 3;
        while at < bytes.len() {
            let rest = &bytes[at..];
            if rest.starts_with(b"\\\"\"\"") {
                at += 4;
            } else if rest.starts_with(b"\"\"\"") {
                return Some(at + 3);
            } else {
                at += 1;
            }
        }
        return None;
    }
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\n' | b'\r' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn find(bytes: &[u8], from: usize, stop: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|&byte| stop(byte)).map_or(bytes.len(), |offset| from + offset)
}

fn position(text: &str, at: usize) -> Pos {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Pos { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest limit under which the text passes.
    fn tokens(text: &str) -> usize {
        (0..1_000).find(|&limit| count(text, limit).is_ok()).unwrap_or_else(|| panic!("{text} never passes"))
    }

    #[test]
    fn tokens_are_counted_as_the_specification_splits_them() {
        for (text, expected) in [
            ("", 0),
            ("{ a }", 3),
            ("{a,b,,c}", 5),
            ("\u{feff}{a}", 3),
            ("{ a # { { { a comment\n b }", 4),
            ("{ a # one\r b }", 4),
            ("{ f(x: $y) @skip(if: true) }", 16),
            ("{ ...F ... on T { a } }", 10),
            (r#"{ f(x: "a { b \" } c") }"#, 8),
            ("{ f(x: \"\"\"a { \\\"\"\" \" \"\" } \n\"\"\") }", 8),
            (r#"{ f(x: "", y: """""") }"#, 11),
            ("{ f(x: -1.5e10, y: [1 2]) }", 14),
            ("{ f(x: \"żółw 🐢 {\") }", 8),
            ("{ 🐢 }", 6),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    #[test]
    fn a_block_string_without_end_is_refused() {
        let nested = format!("{{ f(x: [\"\"\"a\" {}", "[".repeat(500));
        let refused = count(&nested, 10_000).expect_err("must be refused");
        assert_eq!(refused.to_string(), "Syntax error: this block string never ends.");
    }

    #[test]
    fn a_string_without_end_is_left_to_the_parser() {
        assert!(count("{ f(x: \"abc\n) }", 100).is_ok());
        assert!(count("{ f(x: \"abc\\", 100).is_ok());
    }

    #[test]
    fn brackets_of_every_kind_nest_up_to_the_limit() {
        for (open, close) in [("{", "}"), ("(", ")"), ("[", "]")] {
            let nest = |depth: usize| format!("{}{}", open.repeat(depth), close.repeat(depth));
            assert!(count(&nest(MAX_NESTING), 1_000).is_ok(), "{open}");
            assert!(count(&nest(MAX_NESTING + 1), 1_000).is_err(), "{open}");
            assert!(count(&open.repeat(100_000), 1_000_000).is_err(), "{open}");
        }
        assert!(count(&"[]".repeat(400), 1_000).is_ok(), "side by side is not nested");
    }
}

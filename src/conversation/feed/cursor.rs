//! Cursors of logs: how far a client has received a conversation.
//!
//! A cursor names the conversation, the side, that side's revision, and the newest message at it by
//! sequence and id. The id tells a log that was restored from a backup and has grown since from the
//! log that the client has received.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::ConversationId;
use uuid::Uuid;

use super::Side;

/// The first byte. A server treats a cursor of another version as no cursor.
const VERSION: u8 = 1;
const BYTES: usize = 2 + 16 + 8 + 4 + 16;
/// Length of the text.
const LETTERS: usize = (BYTES * 4).div_ceil(3);

/// How far a client has received a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The revision of the side.
    pub revision: i64,
    /// The sequence of the newest message at that revision.
    pub sequence: i32,
    /// The id of that message.
    pub message: Uuid,
}

impl Position {
    /// Before the first message.
    pub const START: Self = Self { revision: 0, sequence: 0, message: Uuid::nil() };
}

/// What a client has received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub side: Side,
    /// `None`: there was no conversation.
    pub of: Option<(ConversationId, Position)>,
}

impl Cursor {
    /// Parses a cursor. `None` if the text is not one of this version.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = (text.len() == LETTERS).then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten()?;
        let (&[version, side], rest) = bytes.split_first_chunk()?;
        let (conversation, rest) = rest.split_first_chunk()?;
        let (revision, rest) = rest.split_first_chunk()?;
        let (sequence, rest) = rest.split_first_chunk()?;
        let message: &[u8; 16] = rest.try_into().ok()?;
        if version != VERSION {
            return None;
        }
        let position = Position {
            revision: i64::from_be_bytes(*revision),
            sequence: i32::from_be_bytes(*sequence),
            message: Uuid::from_bytes(*message),
        };
        let side = Side::from_number(side)?;
        let of = match Uuid::from_bytes(*conversation) {
            none if none.is_nil() => {
                if position != Position::START {
                    return None;
                }
                None
            }
            key => Some((ConversationId(key), position)),
        };
        Some(Self { side, of })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (conversation, position) =
            self.of.map_or((Uuid::nil(), Position::START), |(id, position)| (id.0, position));
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend([VERSION, self.side.number()]);
        bytes.extend(conversation.as_bytes());
        bytes.extend(position.revision.to_be_bytes());
        bytes.extend(position.sequence.to_be_bytes());
        bytes.extend(position.message.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position() -> Position {
        Position { revision: 1_234_567_890_123, sequence: 70_000, message: Uuid::new_v4() }
    }

    #[test]
    fn a_cursor_comes_back() {
        for side in [Side::Visitor, Side::Operators] {
            for of in [None, Some((ConversationId::new(), position()))] {
                let cursor = Cursor { side, of };
                assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
            }
        }
    }

    #[test]
    fn everything_else_is_no_cursor() {
        let text = Cursor { side: Side::Visitor, of: Some((ConversationId::new(), position())) }.to_string();
        for end in 0..text.len() {
            assert_eq!(Cursor::parse(&text[..end]), None, "{end}");
        }
        let altered = |index: usize, value: u8| {
            let mut bytes = URL_SAFE_NO_PAD.decode(&text).expect("base64");
            bytes[index] = value;
            URL_SAFE_NO_PAD.encode(bytes)
        };
        for no_cursor in [
            altered(0, 0),
            altered(0, VERSION + 1),
            altered(1, 0),
            altered(1, 3),
            format!("{text}A"),
            format!("{}=", &text[1..]),
            "é".repeat(LETTERS / 2),
            "A".repeat(1_000_000),
            "\u{0}".to_owned(),
        ] {
            assert_eq!(Cursor::parse(&no_cursor), None);
        }
        // A position in no conversation.
        let mut bytes = URL_SAFE_NO_PAD.decode(&text).expect("base64");
        bytes[2..18].fill(0);
        assert_eq!(Cursor::parse(&URL_SAFE_NO_PAD.encode(bytes)), None);
    }
}

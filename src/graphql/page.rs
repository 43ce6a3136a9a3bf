//! Pages of a list, as in the GraphQL Cursor Connections Specification (Relay). The order is stable
//! and ends in the key.

use async_graphql::{Error, SimpleObject};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::payload::bad_user_input;

/// The maximum number of items of a page.
pub const MAX: u32 = 100;
/// The default number of items of a page.
pub const DEFAULT: u32 = 50;

/// The position of a page in its list.
#[derive(Clone, Debug, Default, SimpleObject)]
pub struct PageInfo {
    /// Whether there are items after this page.
    pub has_next_page: bool,
    /// Whether there are items before this page.
    pub has_previous_page: bool,
    /// Cursor of the first item of this page. Null for an empty page.
    pub start_cursor: Option<String>,
    /// Cursor of the last item of this page. Null for an empty page.
    pub end_cursor: Option<String>,
}

/// The end of the range that a page starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageEnd {
    Start,
    End,
}

/// A requested page: its size, from which end, between which keys (exclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    pub size: u32,
    pub from: PageEnd,
    pub after: Option<Uuid>,
    pub before: Option<Uuid>,
}

impl Window {
    /// Parses a connection's arguments.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a size outside 0 to [`MAX`], for `first` together with `last`, or for
    /// an invalid cursor.
    pub fn parse(
        first: Option<i32>,
        after: Option<&str>,
        last: Option<i32>,
        before: Option<&str>,
    ) -> Result<Self, Error> {
        let (size, from) = match (first, last) {
            (Some(_), Some(_)) => return Err(bad_user_input("Use `first` or `last`, not both.")),
            (Some(first), None) => (size("first", first)?, PageEnd::Start),
            (None, Some(last)) => (size("last", last)?, PageEnd::End),
            (None, None) => (DEFAULT, PageEnd::Start),
        };
        Ok(Self { size, from, after: after.map(key).transpose()?, before: before.map(key).transpose()? })
    }

    /// The limit of the query: one more than the page, to detect a next page.
    #[must_use]
    pub fn limit(&self) -> u64 {
        u64::from(self.size) + 1
    }

    /// Turns the rows of the query, in the order from the window's end, into the page in list
    /// order.
    pub fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> Uuid) -> (Vec<T>, PageInfo) {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if self.from == PageEnd::End {
            rows.reverse();
        }
        let info = PageInfo {
            has_next_page: if self.from == PageEnd::Start { more } else { self.before.is_some() },
            has_previous_page: if self.from == PageEnd::End { more } else { self.after.is_some() },
            start_cursor: rows.first().map(|row| cursor(key(row))),
            end_cursor: rows.last().map(|row| cursor(key(row))),
        };
        (rows, info)
    }
}

/// The cursor of an item. Opaque.
#[must_use]
pub fn cursor(key: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(key.as_bytes())
}

fn key(cursor: &str) -> Result<Uuid, Error> {
    (cursor.len() <= 32)
        .then(|| URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| Uuid::from_slice(&bytes).ok()))
        .flatten()
        .ok_or_else(|| bad_user_input("The cursor is invalid. Use a cursor from a page of this list, unchanged."))
}

fn size(argument: &str, asked: i32) -> Result<u32, Error> {
    u32::try_from(asked)
        .ok()
        .filter(|size| *size <= MAX)
        .ok_or_else(|| bad_user_input(format!("`{argument}` must be a number from 0 to {MAX}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_out_of_range_and_foreign_cursors_are_refused() {
        for bad in [Window::parse(Some(-1), None, None, None), Window::parse(Some(101), None, None, None)] {
            assert!(bad.is_err());
        }
        assert!(Window::parse(Some(1), None, Some(1), None).is_err());
        assert!(Window::parse(None, Some("'; drop"), None, None).is_err());
        assert_eq!(Window::parse(None, None, None, None).expect("nothing is given").size, DEFAULT);
    }

    #[test]
    fn a_page_says_what_lies_on_either_side() {
        let keys: Vec<Uuid> = (1..=4).map(Uuid::from_u128).collect();
        let first = Window::parse(Some(3), None, None, None).expect("in range");
        let (page, info) = first.cut(keys.clone(), |key| *key);
        assert_eq!(page, keys[..3]);
        assert!(info.has_next_page && !info.has_previous_page);

        let last = Window::parse(None, None, Some(3), None).expect("in range");
        let (page, info) = last.cut(keys.iter().rev().copied().collect(), |key| *key);
        assert_eq!(page, keys[1..]);
        assert!(!info.has_next_page && info.has_previous_page);
        assert_eq!(info.start_cursor, Some(cursor(keys[1])));
    }
}

//! Pages of a list, as in the GraphQL Cursor Connections Specification (Relay). The order is stable
//! and ends in the key.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// The maximum number of items of a page.
pub const MAX: u32 = 100;

/// The default number of items of a page.
pub const DEFAULT: u32 = 50;

/// Why the arguments of a list are invalid. Mistakes of the client program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("Use `first` or `last`, not both.")]
    BothEnds,
    #[error("`{argument}` must be a number from 0 to {MAX}.")]
    Size { argument: &'static str },
    #[error("The cursor is invalid. Use a cursor from a page of this list, unchanged.")]
    Cursor,
}

/// The position of a page in its list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Whether there are items after this page.
    pub has_next: bool,
    /// Whether there are items before this page.
    pub has_previous: bool,
    /// Cursor of the first item. `None` for an empty page.
    pub first_cursor: Option<String>,
    /// Cursor of the last item. `None` for an empty page.
    pub last_cursor: Option<String>,
}

/// What a list is ordered by. Unique in a list, so that a page begins after exactly one item.
pub trait Key: Copy {
    /// The cursor of the item with this key. Opaque.
    fn cursor(&self) -> String;

    /// The key of a cursor. `None` if it is none of this list.
    fn parse(cursor: &str) -> Option<Self>;
}

impl Key for Uuid {
    fn cursor(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.as_bytes())
    }

    fn parse(cursor: &str) -> Option<Self> {
        let bytes = (cursor.len() <= 32).then(|| URL_SAFE_NO_PAD.decode(cursor).ok()).flatten()?;
        Self::from_slice(&bytes).ok()
    }
}

/// The end of the range that a page starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageEnd {
    Start,
    End,
}

/// A requested page: its size, from which end, between which keys (exclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window<K = Uuid> {
    pub size: u32,
    pub from: PageEnd,
    pub after: Option<K>,
    pub before: Option<K>,
}

impl<K: Key> Window<K> {
    /// Parses a connection's arguments.
    ///
    /// # Errors
    /// For a size outside 0 to [`MAX`], for `first` together with `last`, or for an invalid cursor.
    pub fn parse(
        first: Option<i32>,
        after: Option<&str>,
        last: Option<i32>,
        before: Option<&str>,
    ) -> Result<Self, Fault> {
        let (size, from) = match (first, last) {
            (Some(_), Some(_)) => return Err(Fault::BothEnds),
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
    pub fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> (Vec<T>, Bounds) {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if self.from == PageEnd::End {
            rows.reverse();
        }
        let bounds = Bounds {
            has_next: if self.from == PageEnd::Start { more } else { self.before.is_some() },
            has_previous: if self.from == PageEnd::End { more } else { self.after.is_some() },
            first_cursor: rows.first().map(|row| key(row).cursor()),
            last_cursor: rows.last().map(|row| key(row).cursor()),
        };
        (rows, bounds)
    }
}

fn key<K: Key>(cursor: &str) -> Result<K, Fault> {
    K::parse(cursor).ok_or(Fault::Cursor)
}

fn size(argument: &'static str, asked: i32) -> Result<u32, Fault> {
    u32::try_from(asked).ok().filter(|size| *size <= MAX).ok_or(Fault::Size { argument })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_out_of_range_and_foreign_cursors_are_refused() {
        for bad in
            [Window::<Uuid>::parse(Some(-1), None, None, None), Window::<Uuid>::parse(Some(101), None, None, None)]
        {
            assert!(bad.is_err());
        }
        assert!(Window::<Uuid>::parse(Some(1), None, Some(1), None).is_err());
        assert!(Window::<Uuid>::parse(None, Some("'; drop"), None, None).is_err());
        assert_eq!(Window::<Uuid>::parse(None, None, None, None).expect("nothing is given").size, DEFAULT);
    }

    #[test]
    fn a_page_says_what_lies_on_either_side() {
        let keys: Vec<Uuid> = (1..=4).map(Uuid::from_u128).collect();
        let first = Window::<Uuid>::parse(Some(3), None, None, None).expect("in range");
        let (page, info) = first.cut(keys.clone(), |key| *key);
        assert_eq!(page, keys[..3]);
        assert!(info.has_next && !info.has_previous);

        let last = Window::<Uuid>::parse(None, None, Some(3), None).expect("in range");
        let (page, info) = last.cut(keys.iter().rev().copied().collect(), |key| *key);
        assert_eq!(page, keys[1..]);
        assert!(!info.has_next && info.has_previous);
        assert_eq!(info.first_cursor, Some(keys[1].cursor()));
    }
}

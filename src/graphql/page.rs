//! The GraphQL type of a page, and its arguments.

use async_graphql::{Error, SimpleObject};

use super::payload::bad_user_input;
use crate::page::{Bounds, Key, Window};

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

impl From<Bounds> for PageInfo {
    fn from(bounds: Bounds) -> Self {
        Self {
            has_next_page: bounds.has_next,
            has_previous_page: bounds.has_previous,
            start_cursor: bounds.first_cursor,
            end_cursor: bounds.last_cursor,
        }
    }
}

/// Parses a connection's arguments.
///
/// # Errors
/// `BAD_USER_INPUT` for invalid arguments.
pub fn window<K: Key>(
    first: Option<i32>,
    after: Option<&str>,
    last: Option<i32>,
    before: Option<&str>,
) -> Result<Window<K>, Error> {
    Window::parse(first, after, last, before).map_err(|fault| bad_user_input(fault.to_string()))
}

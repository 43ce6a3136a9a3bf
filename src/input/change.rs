//! A change to one field of a row: keep, clear, or set.

use super::Invalid;

/// A change to one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    #[default]
    Keep,
    Clear,
    To(T),
}

impl<T> Change<T> {
    /// Parses the value of the change.
    pub fn parse<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Change<U>, E> {
        Ok(match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::To(typed) => Change::To(parse(typed)?),
        })
    }

    /// Like [`parse`](Self::parse), for a field that cannot be empty.
    pub fn parse_required<U>(
        self,
        missing: impl FnOnce() -> Invalid,
        parse: impl FnOnce(T) -> Result<U, Invalid>,
    ) -> Result<Option<U>, Invalid> {
        match self {
            Self::Keep => Ok(None),
            Self::Clear => Err(missing()),
            Self::To(typed) => parse(typed).map(Some),
        }
    }

    /// Applies the change to a nullable field.
    pub fn apply(self, field: &mut Option<String>, text: impl FnOnce(T) -> String) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::To(value) => *field = Some(text(value)),
        }
    }
}

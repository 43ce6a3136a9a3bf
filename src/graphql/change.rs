//! Converts an optional input field: omitted, null or a value.

use async_graphql::MaybeUndefined;

use crate::input::Change;

impl<T> From<MaybeUndefined<T>> for Change<T> {
    fn from(field: MaybeUndefined<T>) -> Self {
        match field {
            MaybeUndefined::Undefined => Self::Keep,
            MaybeUndefined::Null => Self::Clear,
            MaybeUndefined::Value(typed) => Self::To(typed),
        }
    }
}

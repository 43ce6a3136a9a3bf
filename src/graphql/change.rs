//! A field of an input that may be left out, null or typed.

use async_graphql::MaybeUndefined;

use crate::change::Change;

impl<T> From<MaybeUndefined<T>> for Change<T> {
    fn from(field: MaybeUndefined<T>) -> Self {
        match field {
            MaybeUndefined::Undefined => Self::Keep,
            MaybeUndefined::Null => Self::Clear,
            MaybeUndefined::Value(typed) => Self::To(typed),
        }
    }
}

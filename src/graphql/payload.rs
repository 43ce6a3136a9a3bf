//! Turns the result of a rule into a payload, and failures into GraphQL errors.
//!
//! Top-level errors have a message and `extensions.code`. An internal error is logged here, once
//! and in full. The client gets only its code.

use async_graphql::{Error, ErrorExtensions};
use edge::code::{Code, FOREIGN_ORIGIN, INTERNAL};

use crate::{
    app::db::is_reported,
    error::{Denied, Failure},
};

/// The type of a mutation's field: null with an error if it fails, without effect on its siblings.
/// `Result<Option<T>>` would make the whole response null.
pub type Nullable<T> = Option<Result<T, Error>>;

/// Runs a mutation's resolver, so that its failure leaves its siblings intact.
pub async fn nullable<T>(resolver: impl Future<Output = Result<T, Error>>) -> Nullable<T> {
    Some(resolver.await)
}

/// Splits the result of a rule into its value and its rejections, which become `userErrors`.
///
/// # Errors
/// If the caller is not permitted, or on an internal error.
pub fn into_payload<T, R, E: From<Vec<R>>>(answer: Result<T, Failure<R>>) -> Result<(Option<T>, E), Error> {
    match answer {
        Ok(value) => Ok((Some(value), E::from(Vec::new()))),
        Err(Failure::Rejected(rejections)) => Ok((None, E::from(rejections))),
        Err(Failure::Denied(denied)) => Err(denied.into()),
        Err(Failure::Internal(error)) => Err(internal(&error)),
    }
}

/// A number of rows, as an `Int`.
#[must_use]
pub fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Logs an internal error and returns what the client gets. The log has the same request id.
pub fn internal(error: &anyhow::Error) -> Error {
    if is_reported(error) {
        tracing::debug!(error = format!("{error:#}"), "an operation could not be saved");
    } else {
        tracing::error!(error = format!("{error:#}"), "an operation failed inside");
    }
    coded(INTERNAL, Code::Internal)
}

/// A mistake of the client program, not of the person who uses it.
pub fn bad_user_input(message: impl Into<String>) -> Error {
    coded(message, Code::BadUserInput)
}

/// The object does not exist, or the caller must not know whether it does.
pub fn not_found(message: impl Into<String>) -> Error {
    coded(message, Code::NotFound)
}

/// Refused because of the page's origin. `extensions.reason` distinguishes it from a missing
/// permission.
pub fn foreign_origin(message: impl Into<String>) -> Error {
    coded(message, Code::Forbidden).extend_with(|_, extensions| extensions.set("reason", FOREIGN_ORIGIN))
}

/// The caller exceeds a rate limit. The message contains when to retry.
pub fn too_many(message: impl Into<String>) -> Error {
    coded(message, Code::TooManyRequests)
}

fn coded(message: impl Into<String>, code: Code) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
}

/// The only conversion of a denial, so that `?` cannot lose its code. If `Denied` had `Display`,
/// this would not compile: async-graphql converts all types with `Display`, without a code.
impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        let code = match denied {
            Denied::Unauthenticated => Code::Unauthenticated,
            Denied::Forbidden => Code::Forbidden,
        };
        coded(denied.message(), code)
    }
}

/// Converts an internal error into a GraphQL error.
pub trait IntoGraphql {
    fn into_graphql(self) -> Error;
}

impl IntoGraphql for anyhow::Error {
    fn into_graphql(self) -> Error {
        internal(&self)
    }
}

impl IntoGraphql for sea_orm::DbErr {
    fn into_graphql(self) -> Error {
        internal(&self.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_in_a_resolver_keeps_its_code() {
        let resolver = |denied: Denied| -> Result<(), Error> { Err(denied)? };
        for (denied, code) in [(Denied::Unauthenticated, "UNAUTHENTICATED"), (Denied::Forbidden, "FORBIDDEN")] {
            let error = resolver(denied).expect_err("a denial");
            assert_eq!(error.message, denied.message());
            assert_eq!(error.extensions.and_then(|extensions| extensions.get("code").cloned()), Some(code.into()));
        }
    }
}

//! How a rule's answer becomes a payload, and how a fault becomes a GraphQL error.
//!
//! Top-level errors carry `extensions.code` and a sentence; an internal error is logged here, once and in full, and the client
//! sees its code only.

use async_graphql::{Error, ErrorExtensions};

use super::Code;
use crate::{
    db::is_reported,
    error::{Denied, Failure},
};

/// The type of a mutation's field: null, with an error, when it fails, and its siblings stand.
/// `Result<Option<T>>` would null the whole response instead.
pub type Nullable<T> = Option<Result<T, Error>>;

/// Runs a mutation's resolver so that it fails alone.
pub async fn nullable<T>(resolver: impl Future<Output = Result<T, Error>>) -> Nullable<T> {
    Some(resolver.await)
}

/// The user errors of a rule that refused; empty when it did not.
pub type Rejected<E> = Vec<E>;

/// Splits a rule's answer into what happened and what a person can mend.
///
/// # Errors
/// When the asker may not, or when we failed.
pub fn into_payload<T, R, E: From<R>>(answer: Result<T, Failure<R>>) -> Result<(Option<T>, Rejected<E>), Error> {
    match answer {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(Failure::Rejected(reasons)) => Ok((None, reasons.into_iter().map(E::from).collect())),
        Err(Failure::Denied(denied)) => Err(denied.into_graphql()),
        Err(Failure::Internal(error)) => Err(internal(&error)),
    }
}

/// What the client sees of our own failures. The log has the rest, under the same request id.
pub fn internal(error: &anyhow::Error) -> Error {
    if is_reported(error) {
        tracing::debug!(error = format!("{error:#}"), "an operation could not be saved");
    } else {
        tracing::error!(error = format!("{error:#}"), "an operation failed inside");
    }
    coded("Something went wrong on our side.", Code::Internal)
}

/// The program that asked has to be mended, not what a person typed.
pub fn bad_user_input(message: impl Into<String>) -> Error {
    coded(message, Code::BadUserInput)
}

/// There is no such thing, or it is none of the asker's business.
pub fn not_found(message: impl Into<String>) -> Error {
    coded(message, Code::NotFound)
}

/// Refused because of the page's origin. `extensions.reason` distinguishes it from a missing access level.
pub fn foreign_origin(message: impl Into<String>) -> Error {
    coded(message, Code::Forbidden).extend_with(|_, extensions| extensions.set("reason", FOREIGN_ORIGIN))
}

/// The `extensions.reason` of what is refused because of the page's origin.
pub const FOREIGN_ORIGIN: &str = "FOREIGN_ORIGIN";

/// The caller has asked too often; the message says when it may ask again.
pub fn too_many(message: impl Into<String>) -> Error {
    coded(message, Code::TooManyRequests)
}

fn coded(message: impl Into<String>, code: Code) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
}

/// Reads end in one of two ways for the client: refused, or broken.
pub trait IntoGraphql {
    fn into_graphql(self) -> Error;
}

impl IntoGraphql for Denied {
    fn into_graphql(self) -> Error {
        let code = match self {
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden => Code::Forbidden,
        };
        coded(self.to_string(), code)
    }
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

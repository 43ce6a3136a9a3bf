//! Requests that are refused before anything runs. The answer has the shape of a GraphQL answer.

use async_graphql::{ErrorExtensionValues, ServerError};
use axum::http::StatusCode;

use super::code::{Code, FOREIGN_ORIGIN, INTERNAL};

/// An error with a code.
pub(crate) fn error(code: Code, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.as_str());
    error
}

/// A refused request, with its HTTP status.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub status: StatusCode,
    pub code: Code,
    pub message: String,
    /// Distinguishes refusals with the same code.
    pub reason: Option<&'static str>,
    /// The allowed methods.
    pub allow: Option<&'static str>,
}

impl Refusal {
    /// A request that is invalid as it was sent.
    pub(crate) fn bad(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, code: Code::BadUserInput, message: message.into(), reason: None, allow: None }
    }

    /// A request with a wrong method.
    pub(crate) fn method(allow: &'static str, message: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::bad(StatusCode::METHOD_NOT_ALLOWED, message) }
    }

    /// The token is invalid, or its session has ended.
    pub(crate) fn unauthenticated(message: &'static str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: Code::Unauthenticated,
            message: message.to_owned(),
            reason: None,
            allow: None,
        }
    }

    /// The client has too much in flight. It may retry when some of it is done.
    pub(crate) fn too_many(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: Code::TooManyRequests,
            message: message.into(),
            reason: None,
            allow: None,
        }
    }

    /// The client sends the hash of a query instead of the query. With this message and status it
    /// sends the query (Apollo's "Automatic Persisted Queries").
    pub(crate) fn persisted_query() -> Self {
        let message = "PersistedQueryNotSupported".to_owned();
        Self { status: StatusCode::OK, code: Code::PersistedQueryNotSupported, message, reason: None, allow: None }
    }

    /// A request that is not allowed as it was sent.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: Code::Forbidden,
            message: message.into(),
            reason: None,
            allow: None,
        }
    }

    /// A request that is not allowed from a page of that origin.
    pub(crate) fn foreign_origin(message: String) -> Self {
        Self { reason: Some(FOREIGN_ORIGIN), ..Self::forbidden(message) }
    }

    /// An internal error. The caller logs its cause, which is never sent.
    pub(crate) fn internal() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: Code::Internal,
            message: INTERNAL.to_owned(),
            reason: None,
            allow: None,
        }
    }

    /// A dependency of the server does not answer. The client may retry.
    pub(crate) fn unavailable() -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..Self::internal() }
    }

    pub(crate) fn into_error(self) -> ServerError {
        let mut error = error(self.code, self.message);
        if let Some(reason) = self.reason {
            error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("reason", reason);
        }
        error
    }
}

//! What clients receive of errors, on all transports and from all modules: the values of
//! `extensions.code`, and the message of an internal error.

/// The message of an internal error. The cause is logged with the request id, and never sent.
pub const INTERNAL: &str = "Something went wrong on the server.";

/// The `extensions.reason` of a refusal because of the page's origin.
pub const FOREIGN_ORIGIN: &str = "FOREIGN_ORIGIN";

/// A code of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request is malformed: the client needs to be fixed.
    BadUserInput,
    /// The caller is not signed in, or the session has ended.
    Unauthenticated,
    /// The caller is not permitted to do this.
    Forbidden,
    /// The object does not exist, or belongs to another account.
    NotFound,
    /// The caller exceeds a limit.
    TooManyRequests,
    /// The response exceeds the size limit.
    ResponseTooLarge,
    /// The client sent the hash of a persisted query.
    PersistedQueryNotSupported,
    /// The server failed.
    Internal,
}

impl Code {
    /// All codes.
    pub const ALL: [Self; 8] = [
        Self::BadUserInput,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::TooManyRequests,
        Self::ResponseTooLarge,
        Self::PersistedQueryNotSupported,
        Self::Internal,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::TooManyRequests => "TOO_MANY_REQUESTS",
            Self::ResponseTooLarge => "RESPONSE_TOO_LARGE",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::Internal => "INTERNAL_SERVER_ERROR",
        }
    }
}

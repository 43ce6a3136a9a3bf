//! The codes that errors carry in `extensions.code`.

/// A code; there are no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The program that asked must be mended, or the request is malformed.
    BadUserInput,
    /// The caller is not signed in, or not any more.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// There is no such thing, or it is another account's.
    NotFound,
    /// The caller has as much under way as it may.
    TooManyRequests,
    /// The answer is larger than it may be.
    ResponseTooLarge,
    /// The client named a query instead of sending it.
    PersistedQueryNotSupported,
    /// The server's own fault.
    Internal,
}

impl Code {
    /// Every code.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_readme_lists_every_code() {
        let readme = include_str!("../../README.md");
        let list = readme
            .split("carry `extensions.code`:")
            .nth(1)
            .and_then(|rest| rest.split("and `extensions.requestId`").next());
        let listed: BTreeSet<&str> = list.expect("the list of codes").split('`').skip(1).step_by(2).collect();
        assert_eq!(listed, Code::ALL.iter().map(|code| code.as_str()).collect());
    }
}

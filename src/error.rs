//! The ways in which a rule fails: rejected, denied, or broken.
//!
//! Each rule has its own enum of the rejections that it can return; there is no project-wide list
//! of errors.

use sea_orm::{DbErr, SqlErr};

use crate::{access::throttle::TooMany, password::HashError};

/// The message for an unknown operator, or one of another account.
pub const NO_SUCH_OPERATOR: &str = "There is no such operator.";

/// Marks the rejections of a rule, so that `?` converts them into [`Failure`].
pub trait Rejection {}

/// Why a rule failed.
#[derive(Debug)]
pub enum Failure<R> {
    /// The caller can correct the input. Contains all reasons, so that a form can show them
    /// together.
    Rejected(Vec<R>),
    /// The caller does not have the permission.
    Denied(Denied),
    /// The server failed. Logged once, in full; the client gets only a code.
    Internal(anyhow::Error),
}

/// The caller does not have the permission.
///
/// Deliberately not a [`std::error::Error`], and without `Display`: `?` in a resolver converts it
/// into a GraphQL error with its code, and cannot turn it into an internal error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    Unauthenticated,
    Forbidden,
}

impl Denied {
    /// The message for the caller.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Unauthenticated => "Sign in first.",
            Self::Forbidden => "Your access level does not allow this.",
        }
    }
}

/// The failures that every rule shares. Steps that several rules share return it.
#[derive(Debug)]
pub enum Abort {
    Denied(Denied),
    Internal(anyhow::Error),
}

impl<R> From<Abort> for Failure<R> {
    fn from(halt: Abort) -> Self {
        match halt {
            Abort::Denied(denied) => Self::Denied(denied),
            Abort::Internal(error) => Self::Internal(error),
        }
    }
}

impl From<Denied> for Abort {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<DbErr> for Abort {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl From<anyhow::Error> for Abort {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl<R: Rejection> From<R> for Failure<R> {
    fn from(rejection: R) -> Self {
        Self::Rejected(vec![rejection])
    }
}

impl<R> From<Denied> for Failure<R> {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl<R> From<DbErr> for Failure<R> {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl<R> From<anyhow::Error> for Failure<R> {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

/// A full queue of passwords to hash is a rate limit like any other.
impl<R: Rejection + From<TooMany>> From<HashError> for Failure<R> {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => R::from(TooMany::busy()).into(),
            broken => Self::Internal(broken.into()),
        }
    }
}

/// Whether a write failed because the named unique index already contains such a row.
#[must_use]
pub fn violates(error: &DbErr, index: &str, column: &str) -> bool {
    let Some(SqlErr::UniqueConstraintViolation(text)) = error.sql_err() else { return false };
    // PostgreSQL names the index; SQLite names only table and column.
    text.contains(index) || text.ends_with(column)
}

/// Collects all faults of an input before any is returned.
#[derive(Debug)]
pub struct Faults<R>(Vec<R>);

impl<R> Default for Faults<R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<R> Faults<R> {
    /// The value, or `None` after recording the fault.
    pub fn note<T, E: Into<R>>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|fault| self.0.push(fault.into())).ok()
    }

    /// The recorded faults.
    #[must_use]
    pub fn into_inner(self) -> Vec<R> {
        self.0
    }

    /// Whether no fault was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fails with all recorded faults, if there are any.
    pub fn check(self) -> Result<(), Failure<R>> {
        if self.0.is_empty() { Ok(()) } else { Err(Failure::Rejected(self.0)) }
    }
}

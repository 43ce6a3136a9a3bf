//! How a rule ends when it does not succeed: refused, denied, or broken.
//!
//! Each rule has one refusal enum that lists exactly what it can refuse; there is no project-wide list of errors.

mod invalid;

use sea_orm::{DbErr, SqlErr};

pub use self::invalid::{Invalid, Reason};
use crate::{password::HashError, throttle::TooMany};

/// Marks the refusals of a rule, so that `?` lifts them into [`Failure`].
pub trait Rejection {}

/// Why a rule did not do what it was asked.
#[derive(Debug)]
pub enum Failure<R> {
    /// A person can mend it: every reason at once, so that a form can show them all.
    Rejected(Vec<R>),
    /// Who asks may not.
    Denied(Denied),
    /// We failed: logged once, in full; the client sees a code only.
    Internal(anyhow::Error),
}

/// Who asks may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("Sign in first.")]
    Unauthenticated,
    #[error("Your access level does not allow this.")]
    Forbidden,
}

/// The ways to fail that every rule shares; a step that several rules have in common returns it.
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

/// A full queue of passwords is a rate limit like any other.
impl<R: Rejection + From<TooMany>> From<HashError> for Failure<R> {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => R::from(TooMany::busy()).into(),
            broken => Self::Internal(broken.into()),
        }
    }
}

/// Whether a write failed because the named unique index has such a row already.
#[must_use]
pub fn violates(error: &DbErr, index: &str, column: &str) -> bool {
    let Some(SqlErr::UniqueConstraintViolation(text)) = error.sql_err() else { return false };
    // PostgreSQL names the index; SQLite names table and column instead, and nothing else.
    text.contains(index) || text.ends_with(column)
}

/// Collects every fault of an input before any of them is answered.
#[derive(Debug)]
pub struct Faults<R>(Vec<R>);

impl<R> Default for Faults<R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<R> Faults<R> {
    /// The value, or `None` with the fault noted.
    pub fn note<T, E: Into<R>>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|fault| self.0.push(fault.into())).ok()
    }

    /// Whether nothing was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fails with every fault noted so far, if there is any.
    pub fn check(self) -> Result<(), Failure<R>> {
        if self.0.is_empty() { Ok(()) } else { Err(Failure::Rejected(self.0)) }
    }
}

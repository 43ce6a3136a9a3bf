//! Invalid input.

use super::{ChatTextFault, EmailAddress, EmailFault, TextFault};
use crate::plans::SeatsFault;

/// An input that was rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// The path of the field, from the root of the input. Items of a list are named by their index.
    pub path: Vec<String>,
    /// The reason, for programs.
    pub reason: Reason,
    /// The reason as a sentence, for the person who typed the input.
    pub message: String,
}

/// Why an input is invalid, for clients that have their own messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Only white space.
    Empty,
    /// Only invisible characters.
    Invisible,
    /// Longer than the maximum of the field, in the unit of the field: Unicode code points, or
    /// bytes for an address.
    TooLong { max: usize },
    /// A character that changes how the text around it is displayed.
    ForbiddenCharacter,
    /// Not the form of an address that mail can be sent to.
    NotAnEmailAddress,
    /// Null in a required field.
    Missing,
    /// A number below the minimum.
    BelowMinimum { min: i32 },
    /// A number above the maximum.
    AboveMaximum { max: i32 },
    /// A number of seats for a plan that includes its seats.
    SeatsIncluded { included: i32 },
    /// Too many items in a list.
    TooMany { max: usize },
    /// The same operator twice where two are required.
    SameOperator,
    /// A time that is not in the future.
    Past,
    /// An operator who cannot sign in yet.
    NoPasswordYet,
    /// An operator without an address to sign in with.
    NoAddress,
}

impl Invalid {
    pub fn at(field: &str, reason: impl Into<Reason>, message: impl Into<String>) -> Self {
        Self { path: vec![field.to_owned()], reason: reason.into(), message: message.into() }
    }

    /// A fault that continues a sentence: "The name" and "must not be empty".
    pub fn typed(field: &str, subject: &str, fault: impl Into<Reason> + std::fmt::Display) -> Self {
        let message = format!("{subject} {fault}.");
        Self::at(field, fault, message)
    }
}

impl From<TextFault> for Reason {
    fn from(fault: TextFault) -> Self {
        match fault {
            TextFault::Empty => Self::Empty,
            TextFault::Invisible => Self::Invisible,
            TextFault::TooLong { max } => Self::TooLong { max },
            TextFault::Forbidden => Self::ForbiddenCharacter,
        }
    }
}

impl From<ChatTextFault> for Reason {
    fn from(fault: ChatTextFault) -> Self {
        match fault {
            ChatTextFault::Empty => Self::Empty,
            ChatTextFault::TooLong { max } => Self::TooLong { max },
            ChatTextFault::Forbidden => Self::ForbiddenCharacter,
        }
    }
}

impl From<EmailFault> for Reason {
    fn from(fault: EmailFault) -> Self {
        match fault {
            EmailFault::Empty => Self::Empty,
            EmailFault::TooLong => Self::TooLong { max: EmailAddress::MAX_BYTES },
            EmailFault::NotAnAddress => Self::NotAnEmailAddress,
        }
    }
}

impl From<SeatsFault> for Reason {
    fn from(fault: SeatsFault) -> Self {
        match fault {
            SeatsFault::Included { included } => Self::SeatsIncluded { included },
            SeatsFault::TooFew { min, .. } => Self::BelowMinimum { min },
            SeatsFault::TooMany { max, .. } => Self::AboveMaximum { max },
        }
    }
}

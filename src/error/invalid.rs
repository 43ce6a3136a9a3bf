//! What was typed and cannot be taken as it is.

use crate::{
    plans::SeatsFault,
    text::{EmailAddress, EmailFault, TextFault},
};

/// Something typed that cannot be taken as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// The field of the input, from its root; a list's item has its index.
    pub path: Vec<String>,
    /// What is wrong, for programs.
    pub reason: Reason,
    /// The same as a sentence for the person who typed it.
    pub message: String,
}

/// What is wrong with something typed, for clients that say so in words of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing but white space.
    Empty,
    /// Nothing that would be seen.
    Invisible,
    /// Longer than the field takes, in the field's own unit: Unicode code points, or bytes of an address.
    TooLong { max: usize },
    /// A character that does something to the text around it.
    ForbiddenCharacter,
    /// Not of the form that mail can be sent to.
    NotAnEmailAddress,
    /// Null where there must be something.
    Missing,
    /// A number that is too small.
    BelowMinimum { min: i32 },
    /// A number that is too large.
    AboveMaximum { max: i32 },
    /// A number of seats, where they are included and not bought.
    SeatsIncluded { included: i32 },
    /// A list with too many items.
    TooMany { max: usize },
    /// One operator where it takes two.
    SameOperator,
    /// An operator who cannot sign in yet.
    NoPasswordYet,
    /// An operator who has no address to sign in with.
    NoAddress,
}

impl Invalid {
    pub fn at(field: &str, reason: impl Into<Reason>, message: impl Into<String>) -> Self {
        Self { path: vec![field.to_owned()], reason: reason.into(), message: message.into() }
    }

    /// A fault that reads on from what was typed: "The name" and "must not be empty".
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

impl From<EmailFault> for Reason {
    fn from(fault: EmailFault) -> Self {
        match fault {
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

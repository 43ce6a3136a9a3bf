//! User errors: what a person can mend, as typed members of each mutation's error union.
//!
//! Every member has a message for people and the path of the field at fault; some carry data. Rooms add their own with
//! [`user_error!`](crate::user_error).

use async_graphql::{Enum, SimpleObject};

use crate::{
    error::{Invalid, Reason},
    password::{Findings, PasswordFault, Weakness},
    throttle::TooMany,
};

/// Declares user errors that carry nothing but a message and a path.
#[macro_export]
macro_rules! user_error {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, async_graphql::SimpleObject)]
        pub struct $name {
            /// A sentence for the person who asked, in English.
            pub message: String,
            /// Where in `input` the fault lies, from its root; empty when nowhere in particular.
            pub path: Vec<String>,
        }

        impl $name {
            /// At one field of the input.
            #[must_use]
            pub fn at(field: &str, message: impl Into<String>) -> Self {
                Self { message: message.into(), path: vec![field.to_owned()] }
            }
        }
    )+};
}

user_error! {
    /// The address signs in to an account already, this one or another.
    EmailTaken;
    /// The address or the password is wrong. Which of them is not told.
    InvalidCredentials;
    /// The token is too short: a part of the link is missing. The complete link may still work.
    IncompleteLink;
    /// The link has expired, was used already, or was followed by a newer one. Ask for another.
    InvalidLink;
    /// No operator of this account has this id. Another account's operator answers the same.
    OperatorNotFound;
    /// The owner cannot be removed or demoted, and only the owner hands ownership over or changes the owner's address.
    OwnerRequired;
}

/// Something typed cannot be taken as it is: a name too long, an address that is none.
#[derive(Clone, Debug, SimpleObject)]
pub struct InvalidInput {
    /// A sentence for the person who asked, in English.
    pub message: String,
    /// Where in `input` the fault lies, from its root; empty when nowhere in particular.
    pub path: Vec<String>,
    /// What is wrong with it, for clients that say so in words of their own.
    pub reason: InvalidInputReason,
    /// The number that `reason` speaks of, the most or the fewest that are taken; null when it speaks of none.
    pub limit: Option<i32>,
}

/// Why something typed cannot be taken. New values may come: a client shows the message of those it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum InvalidInputReason {
    /// Nothing but white space.
    Empty,
    /// Nothing that can be seen.
    Invisible,
    /// Too many characters; `limit` is the most that are taken, in Unicode code points, or for an e-mail address in bytes.
    TooLong,
    /// A line break, a control character or a change of text direction.
    ForbiddenCharacter,
    /// Not of the form that mail can be sent to.
    NotAnEmailAddress,
    /// Null where there must be something.
    Missing,
    /// Fewer than there have to be; `limit` is the fewest.
    BelowMinimum,
    /// More than there can be; `limit` is the most.
    AboveMaximum,
    /// The seats of this plan are included and not bought; `limit` is how many it has. Leave the number out.
    SeatsIncluded,
    /// Too many at once; `limit` is the most that are taken.
    TooMany,
    /// The same operator twice, where it takes two.
    SameOperator,
    /// The operator has not set a password yet, and so cannot sign in.
    NoPasswordYet,
    /// The operator has no address, and so cannot sign in.
    NoAddress,
}

impl From<Invalid> for InvalidInput {
    fn from(Invalid { path, reason, message }: Invalid) -> Self {
        let (reason, limit) = match reason {
            Reason::Empty => (InvalidInputReason::Empty, None),
            Reason::Invisible => (InvalidInputReason::Invisible, None),
            Reason::TooLong { max } => (InvalidInputReason::TooLong, Some(count(max))),
            Reason::ForbiddenCharacter => (InvalidInputReason::ForbiddenCharacter, None),
            Reason::NotAnEmailAddress => (InvalidInputReason::NotAnEmailAddress, None),
            Reason::Missing => (InvalidInputReason::Missing, None),
            Reason::BelowMinimum { min } => (InvalidInputReason::BelowMinimum, Some(min)),
            Reason::AboveMaximum { max } => (InvalidInputReason::AboveMaximum, Some(max)),
            Reason::SeatsIncluded { included } => (InvalidInputReason::SeatsIncluded, Some(included)),
            Reason::TooMany { max } => (InvalidInputReason::TooMany, Some(count(max))),
            Reason::SameOperator => (InvalidInputReason::SameOperator, None),
            Reason::NoPasswordYet => (InvalidInputReason::NoPasswordYet, None),
            Reason::NoAddress => (InvalidInputReason::NoAddress, None),
        };
        Self { message, path, reason, limit }
    }
}

/// Too many attempts from this client or for this address; the same attempt may succeed later.
#[derive(Clone, Debug, SimpleObject)]
pub struct TooManyAttempts {
    /// A sentence for the person who asked, in English.
    pub message: String,
    /// Where in `input` the fault lies, from its root; empty when nowhere in particular.
    pub path: Vec<String>,
    /// After how many seconds the next attempt is taken.
    pub retry_after_seconds: i32,
}

/// The password is too easy to guess.
#[derive(Clone, Debug, SimpleObject)]
pub struct WeakPassword {
    /// A sentence for the person who asked, in English.
    pub message: String,
    /// Where in `input` the fault lies, from its root; empty when nowhere in particular.
    pub path: Vec<String>,
    /// What is wrong with it, for clients that say so in words of their own; at least one.
    pub reasons: Vec<PasswordWeakness>,
    /// What would make it better, one sentence each.
    pub suggestions: Vec<String>,
    /// The fewest characters that are taken, in Unicode code points, whether or not that is what is wrong.
    pub minimum_length: i32,
}

/// What makes a password easy to guess. New values may come: a client shows the suggestions with those it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Weakness")]
pub enum PasswordWeakness {
    /// Fewer characters than `minimumLength`.
    TooShort,
    /// The person's own name or address, or the company's name, whole or in part.
    GuessableByNameOrAddress,
    /// One of the passwords that most people use.
    Common,
    /// Much like a password that many people use.
    SimilarToCommon,
    /// A common name or surname.
    Name,
    /// A single word.
    SingleWord,
    /// Keys that lie next to each other.
    KeyboardPattern,
    /// The same characters or words again and again.
    Repetition,
    /// Characters that follow each other, such as `abc` or `6543`.
    Sequence,
    /// A date or a year.
    DateOrYear,
    /// Capitals where everybody puts them, or nothing but capitals.
    PredictableCapitals,
    /// Digits or symbols in the place of letters, such as `@` for `a`.
    PredictableSubstitution,
    /// A word spelled backwards.
    ReversedWord,
    /// Too few words, or none that is uncommon: another one or two would help, and symbols need not be.
    TooFewWords,
}

impl From<TooMany> for TooManyAttempts {
    fn from(refused: TooMany) -> Self {
        Self { message: refused.to_string(), path: Vec::new(), retry_after_seconds: refused.retry_after_s }
    }
}

impl WeakPassword {
    /// A password that is too short or too easy to guess is weak; none at all, or one that is too long, is an invalid input. `weak` and
    /// `invalid` put either into the mutation's union.
    pub fn or_invalid<E>(
        field: &str,
        fault: PasswordFault,
        weak: impl FnOnce(Self) -> E,
        invalid: impl FnOnce(InvalidInput) -> E,
    ) -> E {
        let message = format!("The password {fault}.");
        let (min, Findings { weaknesses, suggestions }) = match fault {
            PasswordFault::Empty => return invalid(Invalid::at(field, Reason::Empty, message).into()),
            PasswordFault::TooLong { max } => {
                return invalid(Invalid::at(field, Reason::TooLong { max }, message).into());
            }
            PasswordFault::TooShort { min } => (min, Findings::too_short()),
            PasswordFault::Weak { min, found } => (min, found),
        };
        weak(Self {
            message,
            path: vec![field.to_owned()],
            reasons: weaknesses.into_iter().map(PasswordWeakness::from).collect(),
            suggestions,
            minimum_length: count(min),
        })
    }
}

/// A limit of ours, none of which comes near what an `Int` holds.
fn count(limit: usize) -> i32 {
    i32::try_from(limit).expect("a small number")
}

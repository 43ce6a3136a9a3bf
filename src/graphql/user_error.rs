//! Kinds of user errors that several rooms use, and the macro that declares a kind.
//!
//! A user error is something that a person can correct. Every kind has a message for that person
//! and the path of the field at fault; some carry data. Rooms declare their own kinds with
//! [`user_error!`](crate::user_error), and list them in [`UserError`](crate::schema::UserError).

use async_graphql::Enum;

use crate::{
    access::throttle::TooMany,
    input::{Invalid, Reason},
    password::{Findings, PasswordFault, Weakness},
};

/// Declares kinds of user errors: a message, a path, and the fields given here.
#[macro_export]
macro_rules! user_error {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, async_graphql::SimpleObject)]
        pub struct $name {
            /// What happened and what to do, as a sentence in English.
            pub message: String,
            /// Path of the field at fault, from the root of `input`. Empty if no single field is at
            /// fault.
            pub path: Vec<String>,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $name {
            /// At a path from the root of `input`.
            #[must_use]
            pub fn at(path: &[&str], message: &impl std::fmt::Display $(, $field: $type)*) -> Self {
                let path = path.iter().map(|&step| step.to_owned()).collect();
                Self { message: message.to_string(), path $(, $field)* }
            }
        }
    )+};
}

user_error! {
    /// An operator of this account or of another one already signs in with this address.
    EmailTaken {}

    /// The address or the password is wrong. The error does not reveal which one.
    InvalidCredentials {}

    /// The token is too short: a part of the link is missing. The complete link may still work.
    IncompleteLink {}

    /// The link has expired, was already used, or was replaced by a newer one. Ask for a new link.
    InvalidLink {}

    /// The account has no operator with this id. Also for operators of other accounts.
    OperatorNotFound {}

    /// Only the owner can do this, or it cannot be done to the owner. The owner cannot be removed
    /// or demoted. Only the owner transfers ownership or changes the owner's address.
    OwnerRequired {}

    /// A value of the input is not valid, such as a name that is too long.
    InvalidInput {
        /// What is wrong, for clients that show their own message.
        reason: InvalidInputReason,
        /// The maximum or minimum that `reason` refers to. Null if it refers to none.
        limit: Option<i32>,
    }

    /// Too many attempts from this client or for this address. Try again later.
    TooManyAttempts {
        /// Seconds until the next attempt is accepted.
        retry_after_seconds: i32,
    }

    /// The password is too short or too easy to guess.
    WeakPassword {
        /// What is wrong, for clients that show their own message. At least one.
        reasons: Vec<PasswordWeakness>,
        /// How to improve the password, one sentence each.
        suggestions: Vec<String>,
        /// The minimum length in Unicode code points, whatever `reasons` contains.
        minimum_length: i32,
    }
}

/// Why a value of the input is not valid. New values may be added. For unknown values, clients show
/// `message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum InvalidInputReason {
    /// Empty, or only white space.
    Empty,
    /// Only invisible characters.
    Invisible,
    /// Too long. `limit` is the maximum in Unicode code points, or in bytes for an email address.
    TooLong,
    /// Contains a line break, a control character or a change of text direction.
    ForbiddenCharacter,
    /// Not a valid email address.
    NotAnEmailAddress,
    /// Null where a value is required.
    Missing,
    /// Too small. `limit` is the minimum.
    BelowMinimum,
    /// Too large. `limit` is the maximum.
    AboveMaximum,
    /// The plan includes its seats, so their number cannot be chosen. `limit` is that number. Omit
    /// the field.
    SeatsIncluded,
    /// Too many items. `limit` is the maximum.
    TooMany,
    /// The same operator twice where two are required.
    SameOperator,
    /// A time that is not in the future.
    Past,
    /// The operator has not set a password yet and cannot sign in.
    NoPasswordYet,
    /// The operator has no address and cannot sign in.
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
            Reason::Past => (InvalidInputReason::Past, None),
            Reason::NoPasswordYet => (InvalidInputReason::NoPasswordYet, None),
            Reason::NoAddress => (InvalidInputReason::NoAddress, None),
        };
        Self { message, path, reason, limit }
    }
}

impl From<TooMany> for TooManyAttempts {
    fn from(refused: TooMany) -> Self {
        Self::at(&[], &refused, refused.retry_after_s)
    }
}

/// Why a password is easy to guess. New values may be added. For unknown values, clients show
/// `suggestions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Weakness")]
pub enum PasswordWeakness {
    /// Shorter than `minimumLength`.
    TooShort,
    /// Contains the operator's name or address, or the account's name, or a part of one.
    GuessableByNameOrAddress,
    /// One of the most common passwords.
    Common,
    /// Similar to a common password.
    SimilarToCommon,
    /// A common first name or surname.
    Name,
    /// A single word.
    SingleWord,
    /// Adjacent keys of a keyboard.
    KeyboardPattern,
    /// Repeated characters or words.
    Repetition,
    /// Consecutive characters, such as `abc` or `6543`.
    Sequence,
    /// A date or a year.
    DateOrYear,
    /// Capitals in predictable places, or only capitals.
    PredictableCapitals,
    /// Digits or symbols in place of letters, such as `@` for `a`.
    PredictableSubstitution,
    /// A word spelled backwards.
    ReversedWord,
    /// Too few words, or only common ones. One or two more words help; symbols are not required.
    TooFewWords,
}

/// What a rejected password becomes: weak if it is too short or too easy to guess, an invalid input
/// if it is empty or too long.
#[derive(Debug)]
pub enum PasswordRejected {
    Weak(WeakPassword),
    Invalid(InvalidInput),
}

impl PasswordRejected {
    /// At one field of the input.
    #[must_use]
    pub fn at(field: &str, fault: PasswordFault) -> Self {
        let message = format!("The password {fault}.");
        let (min, Findings { weaknesses, suggestions }) = match fault {
            PasswordFault::Empty => return Self::Invalid(Invalid::at(field, Reason::Empty, message).into()),
            PasswordFault::TooLong { max } => {
                return Self::Invalid(Invalid::at(field, Reason::TooLong { max }, message).into());
            }
            PasswordFault::TooShort { min } => (min, Findings::too_short()),
            PasswordFault::Weak { min, found } => (min, found),
        };
        let reasons = weaknesses.into_iter().map(PasswordWeakness::from).collect();
        Self::Weak(WeakPassword::at(&[field], &message, reasons, suggestions, count(min)))
    }
}

/// A limit of this program. All of them fit in an `Int`.
fn count(limit: usize) -> i32 {
    i32::try_from(limit).expect("a small number")
}

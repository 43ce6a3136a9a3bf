//! User errors: what a person can mend, as typed members of each mutation's error union.
//!
//! Every member has a message for people and the path of the field at fault; some carry data. Rooms add their own with
//! [`user_error!`](crate::user_error).

use async_graphql::SimpleObject;

use crate::{error::Invalid, password::PasswordFault, throttle::TooMany};

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
    /// Something typed cannot be taken as it is: a name too long, an address that is none.
    InvalidInput;
    /// The address signs in to an account already, this one or another.
    EmailTaken;
    /// No operator of this account has this id. Another account's operator answers the same.
    OperatorNotFound;
    /// The owner cannot be removed or demoted, and only the owner hands ownership over or changes the owner's address.
    OwnerRequired;
}

impl From<Invalid> for InvalidInput {
    fn from(fault: Invalid) -> Self {
        Self { message: fault.message, path: fault.path }
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
    /// What would make it better, one sentence each.
    pub suggestions: Vec<String>,
}

impl From<TooMany> for TooManyAttempts {
    fn from(refused: TooMany) -> Self {
        Self { message: refused.to_string(), path: Vec::new(), retry_after_seconds: refused.retry_after_s }
    }
}

impl WeakPassword {
    /// A password that is too short or too easy to guess is weak; one that is too long is an invalid input. `weak` and `invalid` put either into the
    /// mutation's union.
    pub fn or_invalid<E>(field: &str, fault: PasswordFault, weak: impl FnOnce(Self) -> E, invalid: impl FnOnce(InvalidInput) -> E) -> E {
        let message = format!("The password {fault}.");
        match fault {
            PasswordFault::Weak { suggestions } => weak(Self { message, path: vec![field.to_owned()], suggestions }),
            PasswordFault::TooShort { .. } => {
                let suggestions = vec!["Use a sentence or a few unrelated words: length counts most.".to_owned()];
                weak(Self { message, path: vec![field.to_owned()], suggestions })
            }
            PasswordFault::TooLong { .. } => invalid(InvalidInput::at(field, message)),
        }
    }
}

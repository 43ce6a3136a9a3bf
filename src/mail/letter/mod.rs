//! The texts of mails to operators, as plain text and as simple HTML.
//!
//! A letter loads nothing from a server and contains no tracking, so reading it reveals nothing.
//! Names in it are untrusted: anyone can sign up as `Deskbell, see https://evil.example` and invite
//! any address. So no name is in a subject, which mail programs show as the sender's own text; a
//! name is written so that mail programs do not turn it into a link
//! ([`harmless`](words::harmless)); and the only link is the one that this server created.

mod templates;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::mail::Language;

/// A mail to an operator.
#[derive(Clone, PartialEq, Eq)]
pub enum Letter {
    /// To an operator who was added without a password, with a link to choose one.
    Invitation {
        /// The name of the operator.
        operator_name: String,
        /// The account of the operator.
        account_name: String,
        /// The name of the operator who added them.
        invited_by: String,
        /// The page to choose the password; contains the token.
        link: String,
        /// How long the link works.
        valid_for: Duration,
    },
    /// To an operator who forgot the password, with a link to choose another.
    PasswordRecovery {
        /// The name of the operator.
        operator_name: String,
        /// The page to choose the password; contains the token.
        link: String,
        /// How long the link works.
        valid_for: Duration,
    },
    /// Reports that the password was changed, in case the operator did not change it.
    PasswordChanged {
        /// The name of the operator.
        operator_name: String,
        /// The account of the operator.
        account_name: String,
        /// When it was changed.
        at: DateTime<Utc>,
    },
    /// To the previous address. Does not contain the new one.
    EmailChanged {
        /// The name of the operator.
        operator_name: String,
        /// When it was changed.
        at: DateTime<Utc>,
    },
    /// To the address that an operator was added with or signed up with, with a link to confirm it.
    AddressConfirmation {
        /// The name of the operator.
        operator_name: String,
        /// The account of the operator.
        account_name: String,
        /// The name of the operator who added this one. `None` if the operator signed up, or if the
        /// other operator was removed.
        added_by: Option<String>,
        /// The page to confirm or release the address; contains the token.
        link: String,
        /// How long the link works.
        valid_for: Duration,
    },
    /// To the address that an operator requested, with a link to confirm it.
    AddressChange {
        /// The name of the operator.
        operator_name: String,
        /// The account of the operator.
        account_name: String,
        /// The page to confirm or release the address; contains the token.
        link: String,
        /// How long the link works.
        valid_for: Duration,
    },
    /// To the previous address, with a link that restores it.
    AddressUndo {
        /// The name of the operator.
        operator_name: String,
        /// When it was changed.
        at: DateTime<Utc>,
        /// The page to restore the address; contains the token.
        link: String,
        /// When the link expires.
        until: DateTime<Utc>,
    },
    /// To an administrator who tries out the settings of mail.
    Test {
        /// The public URL.
        link: String,
    },
}

/// Contains only the kind: links contain tokens, and names are personal data.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invitation { .. } => "Letter::Invitation",
            Self::PasswordRecovery { .. } => "Letter::PasswordRecovery",
            Self::PasswordChanged { .. } => "Letter::PasswordChanged",
            Self::EmailChanged { .. } => "Letter::EmailChanged",
            Self::AddressConfirmation { .. } => "Letter::AddressConfirmation",
            Self::AddressChange { .. } => "Letter::AddressChange",
            Self::AddressUndo { .. } => "Letter::AddressUndo",
            Self::Test { .. } => "Letter::Test",
        })
    }
}

/// A letter, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    pub language: Language,
    /// One fixed line, without any text that a user typed.
    pub subject: &'static str,
    /// The letter as plain text, with lines of at most 72 characters except for links and long
    /// names.
    pub text: String,
    /// The same letter as HTML.
    pub html: String,
}

/// Contains only the language and the subject.
impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered")
            .field("language", &self.language)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

impl Letter {
    /// The text that the mail program shows before the letter is opened.
    #[must_use]
    pub const fn subject(&self, language: Language) -> &'static str {
        use Language::{Cs, En};
        match (self, language) {
            (Self::Invitation { .. }, En) => "You are invited to answer a website's chat",
            (Self::Invitation { .. }, Cs) => "Pozvánka k obsluze chatu na webu",
            (Self::PasswordRecovery { .. }, En) => "Choose a new password",
            (Self::PasswordRecovery { .. }, Cs) => "Zvolte si nové heslo",
            (Self::PasswordChanged { .. }, En) => "Your password was changed",
            (Self::PasswordChanged { .. }, Cs) => "Vaše heslo bylo změněno",
            (Self::EmailChanged { .. } | Self::AddressUndo { .. }, En) => "Your sign-in address was changed",
            (Self::EmailChanged { .. } | Self::AddressUndo { .. }, Cs) => "Vaše přihlašovací adresa byla změněna",
            (Self::AddressConfirmation { .. } | Self::AddressChange { .. }, En) => "Confirm your address",
            (Self::AddressConfirmation { .. } | Self::AddressChange { .. }, Cs) => "Potvrďte svou adresu",
            (Self::Test { .. }, En) => "Test mail from Deskbell",
            (Self::Test { .. }, Cs) => "Zkušební e-mail z Deskbellu",
        }
    }
}

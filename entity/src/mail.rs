//! The mail queue. A mail that was sent has no row.
//!
//! A row contains no token and no text: both are generated when the mail is sent, so that no usable
//! link is stored on disk.

use std::{convert::Infallible, fmt, str::FromStr};

use sea_orm::entity::prelude::*;

use crate::OperatorId;

key!(
    /// A mail that waits to be sent.
    MailId
);

/// The purpose of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))", rename_all = "snake_case")]
pub enum Kind {
    /// To an operator without a password: a link to set one.
    Invitation,
    /// To `address`, if an operator has it: a link to set a new password.
    PasswordRecovery,
    /// To an operator: your password was changed.
    PasswordChanged,
    /// To the former address of an operator: the address was changed.
    EmailChanged,
    /// To `address`, which an operator has or requested: a link to confirm it.
    AddressConfirmation,
    /// To the former address of an operator: the address was changed, with a link to restore it.
    AddressUndo,
}

/// Why a mail was abandoned. Faults of the server or its relay are retried first, and end as
/// `GivenUp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))", rename_all = "snake_case")]
pub enum Failure {
    /// The relay rejected the recipient: no such mailbox, or one that accepts no mail.
    RecipientRefused,
    /// The address has characters outside of ASCII before the `@`, and the relay does not offer
    /// SMTPUTF8 (RFC 6531).
    NoSmtputf8,
    /// The relay rejected the text.
    TextRefused,
    /// All attempts of about two days failed.
    GivenUp,
}

/// The cause of a [`Failure`], with more values. One that this version does not know is read as
/// `RecipientRefused`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub enum Cause {
    /// No such mailbox.
    MailboxUnknown,
    /// The mailbox is full.
    MailboxFull,
    /// The mailbox is disabled.
    MailboxDisabled,
    /// Mail cannot be sent to this address, such as one whose domain accepts no mail.
    AddressInvalid,
    /// The recipient was rejected for another reason.
    RecipientRefused,
    /// [`Failure::NoSmtputf8`].
    NoSmtputf8,
    /// [`Failure::TextRefused`].
    TextRefused,
    /// [`Failure::GivenUp`].
    GivenUp,
}

impl Cause {
    const ALL: [Self; 8] = [
        Self::MailboxUnknown,
        Self::MailboxFull,
        Self::MailboxDisabled,
        Self::AddressInvalid,
        Self::RecipientRefused,
        Self::NoSmtputf8,
        Self::TextRefused,
        Self::GivenUp,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::MailboxUnknown => "mailbox_unknown",
            Self::MailboxFull => "mailbox_full",
            Self::MailboxDisabled => "mailbox_disabled",
            Self::AddressInvalid => "address_invalid",
            Self::RecipientRefused => "recipient_refused",
            Self::NoSmtputf8 => "no_smtputf8",
            Self::TextRefused => "text_refused",
            Self::GivenUp => "given_up",
        }
    }

    /// The failure that previous versions read.
    #[must_use]
    pub const fn failure(self) -> Failure {
        match self {
            Self::MailboxUnknown
            | Self::MailboxFull
            | Self::MailboxDisabled
            | Self::AddressInvalid
            | Self::RecipientRefused => Failure::RecipientRefused,
            Self::NoSmtputf8 => Failure::NoSmtputf8,
            Self::TextRefused => Failure::TextRefused,
            Self::GivenUp => Failure::GivenUp,
        }
    }
}

/// The cause of a mail that a previous version abandoned.
impl From<Failure> for Cause {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::RecipientRefused => Self::RecipientRefused,
            Failure::NoSmtputf8 => Self::NoSmtputf8,
            Failure::TextRefused => Self::TextRefused,
            Failure::GivenUp => Self::GivenUp,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Cause {
    type Err = Infallible;

    fn from_str(code: &str) -> Result<Self, Infallible> {
        Ok(Self::ALL.into_iter().find(|cause| cause.code() == code).unwrap_or(Self::RecipientRefused))
    }
}

/// The language of a mail. One that this version does not know is read as English: a newer server
/// may have enqueued the mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub enum Language {
    #[default]
    En,
    Cs,
}

impl Language {
    /// The tag of BCP 47.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Cs => "cs",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Language {
    type Err = Infallible;

    fn from_str(tag: &str) -> Result<Self, Infallible> {
        Ok(if tag == Self::Cs.tag() { Self::Cs } else { Self::En })
    }
}

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MailId,
    pub kind: Kind,
    /// The operator that the mail is about; null for a recovery, whose address may belong to no
    /// operator.
    pub operator_id: Option<OperatorId>,
    /// The operator who caused it, if it is another one.
    pub sender_id: Option<OperatorId>,
    /// The folded address for a recovery; otherwise the full address, if it is not the operator's
    /// current one.
    pub address: Option<String>,
    pub attempts: i32,
    /// Earliest time to send it; moved ahead while a server is sending it.
    pub due_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    /// When the mail was abandoned. The row is kept, so that the reason can be read.
    pub failed_at: Option<DateTimeUtc>,
    pub last_error: Option<String>,
    /// Why it was abandoned; null before that, and for mails that were abandoned before this column
    /// existed.
    pub failure: Option<Failure>,
    /// The cause of `failure`; null if a previous version abandoned it.
    pub cause: Option<Cause>,
    /// When a failed delivery is retried. Unlike `due_at`, it stays while a server is sending the
    /// mail.
    pub retry_at: Option<DateTimeUtc>,
    /// The language of the person who caused it.
    pub language: Language,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Why it was abandoned; `None` before that.
    #[must_use]
    pub fn abandoned_because(&self) -> Option<Cause> {
        self.failed_at?;
        Some(self.cause.unwrap_or_else(|| self.failure.map_or(Cause::GivenUp, Cause::from)))
    }

    /// When a failed delivery is retried; `None` once it was abandoned.
    #[must_use]
    pub fn next_attempt_at(&self) -> Option<DateTimeUtc> {
        self.failed_at.is_none().then(|| self.retry_at.unwrap_or(self.due_at))
    }
}

debug_shows!("mail": id, kind, operator_id, sender_id, attempts, due_at, created_at, failed_at, failure, cause, retry_at, language);

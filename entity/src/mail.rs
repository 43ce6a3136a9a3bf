//! The mail queue: what is to be said to whom. A mail that was sent has no row.
//!
//! A row holds no token and no text: both are made when the mail is sent, so that no usable link lies on a disk.

use sea_orm::entity::prelude::*;

use crate::{MailId, OperatorId};

/// What the mail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))", rename_all = "snake_case")]
pub enum Kind {
    /// To an operator without a password: a link to set one.
    Invitation,
    /// To whoever has `address`, if anyone: a link to set a new password.
    PasswordRecovery,
    /// To an operator: your password was changed.
    PasswordChanged,
    /// To the former address of an operator: the address was changed.
    EmailChanged,
    /// To `address`, which an operator has or wants: a link to confirm it.
    AddressConfirmation,
    /// To the former address of an operator: the address was changed, with a link to take it back.
    AddressUndo,
}

/// Why a mail was given up. What is wrong on the side of the server or of its relay is retried first, and ends as `GivenUp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))", rename_all = "snake_case")]
pub enum Failure {
    /// The relay rejected the recipient: no such mailbox, or one that takes no mail.
    RecipientRefused,
    /// The address has letters outside of ASCII before the `@`, and the relay does not offer SMTPUTF8 (RFC 6531).
    NoSmtputf8,
    /// The relay rejected the text.
    TextRefused,
    /// Every attempt of about two days failed.
    GivenUp,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MailId,
    pub kind: Kind,
    /// Whom it is about; null for a recovery, whose address may be nobody's.
    pub operator_id: Option<OperatorId>,
    /// Who caused it, when that is somebody else.
    pub sender_id: Option<OperatorId>,
    /// Folded address of a recovery; otherwise the full address, where it is not the operator's own.
    pub address: Option<String>,
    pub attempts: i32,
    /// Not before this time; moved ahead while somebody is sending it.
    pub due_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    /// Given up; kept for the one who looks why.
    pub failed_at: Option<DateTimeUtc>,
    pub last_error: Option<String>,
    /// Why it was given up; null until then, and for mails that a version before this column gave up.
    pub failure: Option<Failure>,
}

impl ActiveModelBehavior for ActiveModel {}

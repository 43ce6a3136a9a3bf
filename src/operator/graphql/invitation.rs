//! The result of an operator's last invitation.

use async_graphql::{Context, Enum, Error, SimpleObject, dataloader::DataLoader};
use entity::{
    OperatorId,
    mail::{self, Cause},
    operator,
};

use crate::{
    graphql::{Moment, payload::IntoGraphql},
    mail::queries::Undelivered,
};

/// Why an invitation was not delivered. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum InvitationFailure {
    /// There is no mailbox with this address.
    MailboxUnknown,
    /// The mailbox is full.
    MailboxFull,
    /// The mailbox accepts no mail.
    MailboxDisabled,
    /// Mail cannot be sent to this address: its domain accepts no mail, or its form is not valid.
    AddressInvalid,
    /// The recipient's mail server rejected the address for another reason.
    RecipientRefused,
    /// The address has non-ASCII characters, which the mail relay does not support.
    #[graphql(name = "NO_SMTPUTF8")]
    NoSmtputf8,
    /// The recipient's mail server rejected the message.
    TextRefused,
    /// All attempts of about two days failed.
    GivenUp,
    /// The mail relay has not accepted the mail yet. Delivery is retried at `nextAttemptAt`.
    Delayed,
}

impl From<Cause> for InvitationFailure {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::MailboxUnknown => Self::MailboxUnknown,
            Cause::MailboxFull => Self::MailboxFull,
            Cause::MailboxDisabled => Self::MailboxDisabled,
            Cause::AddressInvalid => Self::AddressInvalid,
            Cause::RecipientRefused => Self::RecipientRefused,
            Cause::NoSmtputf8 => Self::NoSmtputf8,
            Cause::TextRefused => Self::TextRefused,
            Cause::GivenUp => Self::GivenUp,
        }
    }
}

/// The last invitation of an operator who has not set a password yet. `inviteOperator` replaces it
/// by a new one. All fields are null while it waits for its first delivery.
#[derive(Clone, Debug, SimpleObject)]
pub struct Invitation {
    /// When the mail relay accepted the mail, or when it was written to the log of a server without
    /// a relay. Null if it was not sent, or by an earlier version.
    pub sent_at: Option<Moment>,
    /// When delivery was abandoned. Null if it was sent, waits, or is retried.
    pub failed_at: Option<Moment>,
    /// Why it was not delivered. Null if no delivery has failed.
    pub failure: Option<InvitationFailure>,
    /// When delivery is retried after a failure. Null if it is not retried.
    pub next_attempt_at: Option<Moment>,
}

impl Invitation {
    /// `undelivered` is the mail of the invitation if its delivery has failed.
    pub(super) fn of(operator: &operator::Model, undelivered: Option<&mail::Model>) -> Self {
        let Some(mail) = undelivered else {
            let sent_at = operator.invitation_sent_at.map(Moment);
            return Self { sent_at, failed_at: None, failure: None, next_attempt_at: None };
        };
        Self {
            sent_at: None,
            failed_at: mail.failed_at.map(Moment),
            failure: Some(mail.abandoned_because().map_or(InvitationFailure::Delayed, Into::into)),
            next_attempt_at: mail.next_attempt_at().map(Moment),
        }
    }
}

/// Why an invitation was not delivered. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum InvitationProblemReason {
    /// The mail relay has not accepted the mail yet. Delivery is retried.
    Delayed,
    /// The recipient's mail server rejected the address.
    RecipientRefused,
    /// The address has non-ASCII characters, which the mail relay does not support.
    #[graphql(name = "NO_SMTPUTF8")]
    NoSmtputf8,
    /// The recipient's mail server rejected the message.
    TextRefused,
    /// Delivery failed, and is no longer retried.
    GivenUp,
}

impl From<Cause> for InvitationProblemReason {
    fn from(cause: Cause) -> Self {
        match cause.failure() {
            mail::Failure::RecipientRefused => Self::RecipientRefused,
            mail::Failure::NoSmtputf8 => Self::NoSmtputf8,
            mail::Failure::TextRefused => Self::TextRefused,
            mail::Failure::GivenUp => Self::GivenUp,
        }
    }
}

/// Why an invitation was not delivered, and when delivery is retried.
#[derive(Clone, Debug, SimpleObject)]
pub struct InvitationProblem {
    /// Why it was not delivered.
    pub reason: InvitationProblemReason,
    /// When delivery failed for the last time. Null while it is retried.
    pub failed_at: Option<Moment>,
    /// When delivery is retried. Null once it is no longer retried.
    pub next_attempt_at: Option<Moment>,
}

impl InvitationProblem {
    pub(super) fn of(mail: &mail::Model) -> Self {
        Self {
            reason: mail.abandoned_because().map_or(InvitationProblemReason::Delayed, Into::into),
            failed_at: mail.failed_at.map(Moment),
            next_attempt_at: mail.next_attempt_at().map(Moment),
        }
    }
}

/// The mail of an operator's invitation if its delivery has failed.
pub(super) async fn undelivered(ctx: &Context<'_>, id: OperatorId) -> Result<Option<mail::Model>, Error> {
    let found = ctx.data_unchecked::<DataLoader<Undelivered>>().load_one(id).await;
    found.map_err(|error| anyhow::Error::new(error).into_graphql())
}

//! Enqueues mails.

use entity::{
    MailId, OperatorId,
    mail::{self, Kind, Language},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};

use crate::{
    app::{App, Work},
    bus::Event,
};

/// A mail to send.
#[derive(Clone, Debug)]
pub struct Mail {
    kind: Kind,
    language: Language,
    operator_id: Option<OperatorId>,
    sender_id: Option<OperatorId>,
    address: Option<String>,
}

impl Mail {
    /// About an operator, and to that operator's address unless [`Mail::to`] sets another.
    #[must_use]
    pub fn about(kind: Kind, language: Language, operator_id: OperatorId) -> Self {
        Self { kind, language, operator_id: Some(operator_id), sender_id: None, address: None }
    }

    /// To the operator who has this address in its folded form, if there is one. The operator is
    /// found when the mail is sent, so that a request takes the same time for any address.
    #[must_use]
    pub fn to_holder(kind: Kind, language: Language, email_key: &str) -> Self {
        Self { kind, language, operator_id: None, sender_id: None, address: Some(email_key.to_owned()) }
    }

    /// Sets the operator who caused the mail.
    #[must_use]
    pub fn from(mut self, sender_id: OperatorId) -> Self {
        self.sender_id = Some(sender_id);
        self
    }

    /// Sets an address other than the operator's.
    #[must_use]
    pub fn to(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }
}

/// Enqueues a mail in a transaction: it is sent after the transaction is committed, and only then.
pub async fn put(app: &App, work: &mut Work, mail: Mail) -> Result<(), DbErr> {
    let now = app.clock.now();
    mail::ActiveModel {
        id: Set(MailId::new()),
        kind: Set(mail.kind),
        operator_id: Set(mail.operator_id),
        sender_id: Set(mail.sender_id),
        address: Set(mail.address),
        attempts: Set(0),
        due_at: Set(now),
        created_at: Set(now),
        failed_at: Set(None),
        last_error: Set(None),
        failure: Set(None),
        cause: Set(None),
        retry_at: Set(None),
        language: Set(mail.language),
    }
    .insert(&**work)
    .await?;
    work.announce(Event::MailQueued);
    Ok(())
}

/// Whether an invitation of an operator waits to be sent.
pub async fn is_invitation_waiting(work: &Work, operator_id: OperatorId) -> Result<bool, DbErr> {
    let waiting = mail::Entity::find()
        .filter(mail::COLUMN.kind.eq(Kind::Invitation))
        .filter(mail::COLUMN.operator_id.eq(operator_id))
        .filter(mail::COLUMN.failed_at.is_null())
        .one(&**work)
        .await?;
    Ok(waiting.is_some())
}

/// Whether a mail was neither sent nor replaced.
pub async fn is_queued(work: &Work, id: MailId) -> Result<bool, DbErr> {
    Ok(mail::Entity::find_by_id(id).one(&**work).await?.is_some())
}

/// Deletes the invitations of an operator, because another one replaces them. One that is being
/// sent arrives, but has no result.
pub async fn forget_invitations(work: &Work, operator_id: OperatorId) -> Result<(), DbErr> {
    mail::Entity::delete_many()
        .filter(mail::COLUMN.kind.eq(Kind::Invitation))
        .filter(mail::COLUMN.operator_id.eq(operator_id))
        .exec(&**work)
        .await?;
    Ok(())
}

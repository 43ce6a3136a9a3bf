//! Puts mails into the queue.

use entity::{
    MailId, OperatorId,
    mail::{self, Kind},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};

use crate::{
    app::{App, Work},
    event::Event,
};

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct Mail {
    kind: Kind,
    operator_id: Option<OperatorId>,
    sender_id: Option<OperatorId>,
    address: Option<String>,
}

impl Mail {
    /// About an operator, and to them unless [`Mail::to`] says otherwise.
    #[must_use]
    pub fn about(kind: Kind, operator_id: OperatorId) -> Self {
        Self { kind, operator_id: Some(operator_id), sender_id: None, address: None }
    }

    /// To whoever has this address in its folded form, if anyone: found when it is sent, so that asking takes the same time for
    /// any address.
    #[must_use]
    pub fn to_holder(kind: Kind, email_key: &str) -> Self {
        Self { kind, operator_id: None, sender_id: None, address: Some(email_key.to_owned()) }
    }

    /// Who caused it.
    #[must_use]
    pub fn from(mut self, sender_id: OperatorId) -> Self {
        self.sender_id = Some(sender_id);
        self
    }

    /// To this address rather than the operator's own.
    #[must_use]
    pub fn to(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }
}

/// Queues a mail with the work: it is sent once the work is committed, and only then.
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
    }
    .insert(&**work)
    .await?;
    work.announce(Event::MailQueued);
    Ok(())
}

/// The invitations of these operators that have not arrived, oldest first: given up, or tried again later.
pub async fn list_undelivered_invitations(
    db: &impl ConnectionTrait,
    operators: &[OperatorId],
) -> Result<Vec<mail::Model>, DbErr> {
    mail::Entity::find()
        .filter(mail::COLUMN.kind.eq(Kind::Invitation))
        .filter(mail::COLUMN.operator_id.is_in(operators.iter().copied()))
        .filter(mail::COLUMN.last_error.is_not_null())
        .order_by_asc(mail::Column::Id)
        .all(db)
        .await
}

/// Forgets the invitations of an operator that were given up: another one is on its way.
pub async fn forget_failed_invitations(work: &Work, operator_id: OperatorId) -> Result<(), DbErr> {
    mail::Entity::delete_many()
        .filter(mail::COLUMN.kind.eq(Kind::Invitation))
        .filter(mail::COLUMN.operator_id.eq(operator_id))
        .filter(mail::COLUMN.failed_at.is_not_null())
        .exec(&**work)
        .await?;
    Ok(())
}

/// How many mails wait to be sent, over all accounts: a figure for whoever runs the server.
pub async fn count_waiting_any_account(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    mail::Entity::find().filter(mail::COLUMN.failed_at.is_null()).count(db).await
}

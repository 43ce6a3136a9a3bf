//! Processes the queue: claims mails that are due, renders and delivers them, and retries those
//! that fail.

use std::{panic::AssertUnwindSafe, time::Duration};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use edge::supervisor;
use entity::{
    mail::{self, Cause, Kind},
    operator,
};
use futures_util::{FutureExt as _, future::join_all};
use lettre::message::Mailbox;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait as _, Condition, EntityTrait, IntoActiveModel, Iterable as _, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _,
    sea_query::{Expr, LockBehavior, LockType},
};
use tokio_util::sync::CancellationToken;

use super::{
    letter::Letter,
    transport::{DeliveryError, Transport},
};
use crate::{
    account::rules as accounts,
    app::{App, Work, db::is_reported},
    bus::Event,
    operator::queries as operators,
};

/// How long a mail in delivery belongs to its worker. After a crash another worker claims it then.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// The maximum difference between the clocks of two servers: a lease from a clock that is ahead
/// must not cause a second delivery.
const MAX_SKEW: TimeDelta = TimeDelta::minutes(5);
/// The number of concurrent deliveries, so that a relay that is slow for one mail delays few
/// others.
const DELIVERIES: usize = 4;
/// After this number of attempts, about two days, a mail fails permanently.
const MAX_ATTEMPTS: i32 = 14;
/// How long a failed mail is kept for diagnosis.
const KEEP_FAILED: TimeDelta = TimeDelta::days(30);

/// A rendered mail.
#[derive(Debug)]
pub struct Outgoing {
    pub to: String,
    pub letter: Letter,
}

/// Renders a mail when it is sent. `None` if there is no recipient any more, or nothing to send.
pub trait Writer: Send + Sync + 'static {
    fn write(
        &self,
        app: &App,
        work: &mut Work,
        mail: &mail::Model,
    ) -> impl Future<Output = anyhow::Result<Option<Outgoing>>> + Send;
}

/// Runs until `stop` is cancelled. A delivery in flight is finished, or its lease expires.
pub async fn run(app: App, transport: Transport, writer: impl Writer, poll: Duration, stop: CancellationToken) {
    let deliver = || deliver_one_by_one(&app, &transport, &writer, poll, &stop);
    join_all((0..DELIVERIES).map(|_| app.supervisor.keep("mail", &stop, deliver))).await;
}

async fn deliver_one_by_one(
    app: &App,
    transport: &Transport,
    writer: &impl Writer,
    poll: Duration,
    stop: &CancellationToken,
) {
    while !stop.is_cancelled() {
        match work_off(app, transport, writer).await {
            Ok(true) => {
                // There may be more mails, and the other workers have not been notified of them.
                app.bus.publish(Event::MailQueued);
                continue;
            }
            Ok(false) => {}
            // Nothing can be claimed now, so another queued mail is no reason to try.
            Err(error) if is_reported(&error) && app.storage().trouble().is_some() => {
                tracing::debug!("the mail queue waits until the database can be written");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = app.storage().writable() => continue,
                }
            }
            // A read failed, and it is unknown when reads will work again.
            Err(error) if is_reported(&error) => tracing::debug!("the mail queue could not be read; retrying"),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the mail queue could not be processed; retrying");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.bus.mail_queued() => {}
            () = tokio::time::sleep(poll) => {}
        }
    }
}

/// Sends the mail that has been due for the longest time. Returns whether there was one.
async fn work_off(app: &App, transport: &Transport, writer: &impl Writer) -> anyhow::Result<bool> {
    let Some(mail) = claim(app).await? else { return Ok(false) };
    let (id, kind, attempt) = (mail.id, mail.kind, mail.attempts);
    let sending = async {
        // If the database cannot be written, neither the mail nor its relay is at fault.
        let written = match write(app, writer, &mail).await {
            Err(error) if is_reported(&error) => return Err(error),
            written => written,
        };
        Ok(send(app, transport, written, &mail).await)
    };
    // If the delivery of a mail panics, the mail is retried as any other failed mail, and its
    // worker continues.
    let sent = match AssertUnwindSafe(sending).catch_unwind().await {
        Ok(sent) => sent?,
        Err(panic) => Err(DeliveryError::Temporary(supervisor::message(&*panic).to_owned())),
    };
    match sent {
        Ok(outcome) => done(app, &mail, outcome).await?,
        Err(error) => {
            let next = next(&mail, &error, app.clock.now());
            let recorded = failed(app, &mail, &error, next).await;
            match next {
                Next::GiveUp(cause) => {
                    tracing::warn!(mail.id = %id, mail.kind = ?kind, attempt, %error, failure = ?cause, "a mail was not delivered, given up");
                }
                Next::Again(at) => {
                    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
                    tracing::warn!(mail.id = %id, mail.kind = ?kind, attempt, %error, "a mail was not delivered, again at {at}");
                }
            }
            recorded?;
        }
    }
    Ok(true)
}

/// Deletes the mails that had failed long before `until`. An invitation stays as long as its
/// operator is invited, so that colleagues see why it did not arrive.
pub async fn sweep(app: &App, until: DateTime<Utc>) -> anyhow::Result<()> {
    let invited = operator::Entity::find()
        .select_only()
        .column(operator::Column::Id)
        .filter(operator::COLUMN.password_hash.is_null())
        .filter(operator::COLUMN.removed_at.is_null());
    let is_unseen = Condition::any()
        .add(mail::COLUMN.kind.ne(Kind::Invitation))
        .add(mail::Column::OperatorId.not_in_subquery(invited.into_query()));
    let work = app.begin().await?;
    mail::Entity::delete_many()
        .filter(mail::COLUMN.failed_at.lt(until - KEEP_FAILED))
        .filter(is_unseen)
        .exec(&*work)
        .await?;
    work.commit().await
}

/// What happened to a mail that needs no further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Sent,
    /// There was no recipient any more, or nothing to send.
    Dropped,
}

/// Claims a mail that is due. Several servers may share the queue, and each delivers several mails
/// concurrently: each one claims mails that the others have not claimed.
async fn claim(app: &App) -> anyhow::Result<Option<mail::Model>> {
    let now = app.clock.now();
    let due = mail::Entity::find()
        .filter(is_due(now))
        .filter(mail::COLUMN.failed_at.is_null())
        // A newer server may enqueue a kind that this version cannot render. The newer server sends
        // it.
        .filter(mail::COLUMN.kind.is_in(Kind::iter()))
        .order_by_asc(mail::Column::DueAt);
    // Most polls find nothing, and need not wait for writers.
    if due.clone().one(app.db()).await?.is_none() {
        return Ok(None);
    }
    let work = app.begin().await?;
    let Some(mail) = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).one(&*work).await? else {
        return Ok(None);
    };
    let attempts = mail.attempts + 1;
    let mut row = mail.into_active_model();
    row.attempts = Set(attempts);
    row.due_at = Set(now + LEASE);
    let mail = row.update(&*work).await?;
    work.commit().await?;
    Ok(Some(mail))
}

/// Whether a mail is due. A mail that would have to wait longer than the longest delay was
/// scheduled by a clock that was ahead, and is due as well.
fn is_due(now: DateTime<Utc>) -> Condition {
    // Until it is claimed for the first time, a mail is due from the time when it was enqueued.
    let due = Condition::any().add(mail::COLUMN.due_at.lte(now)).add(mail::COLUMN.attempts.eq(0));
    (1..=MAX_ATTEMPTS).fold(due, |due, attempts| {
        let longest = LEASE.max(backoff(attempts)) + MAX_SKEW;
        due.add(Condition::all().add(mail::COLUMN.attempts.eq(attempts)).add(mail::COLUMN.due_at.gt(now + longest)))
    })
}

async fn write(app: &App, writer: &impl Writer, mail: &mail::Model) -> anyhow::Result<Option<Outgoing>> {
    let mut work = app.begin().await?;
    let outgoing = writer.write(app, &mut work, mail).await?;
    work.commit().await?;
    Ok(outgoing)
}

async fn send(
    app: &App,
    transport: &Transport,
    written: anyhow::Result<Option<Outgoing>>,
    mail: &mail::Model,
) -> Result<Outcome, DeliveryError> {
    let outgoing = written.map_err(|error| DeliveryError::Temporary(format!("{error:#}")))?;
    let Some(outgoing) = outgoing else { return Ok(Outcome::Dropped) };
    let from: &Mailbox = &app.config.mail.from;
    let letter = outgoing.letter.write(mail.language);
    transport.deliver(from, &outgoing.to, &mail.id.to_string(), &letter).await?;
    Ok(Outcome::Sent)
}

async fn done(app: &App, mail: &mail::Model, outcome: Outcome) -> anyhow::Result<()> {
    let is_sent = outcome == Outcome::Sent;
    let work = begin(app, mail, is_sent || mail.last_error.is_some()).await?;
    let deleted = mail::Entity::delete_by_id(mail.id).exec(&*work).await?.rows_affected;
    // An invitation without a row was replaced by another one, which has not been sent yet.
    if let Some(invited) = mail.operator_id.filter(|_| is_sent && mail.kind == Kind::Invitation && deleted == 1) {
        operator::Entity::update_many()
            .col_expr(operator::Column::InvitationSentAt, Expr::value(app.clock.now()))
            .filter(operator::COLUMN.id.eq(invited))
            .filter(operator::COLUMN.removed_at.is_null())
            .exec(&*work)
            .await?;
    }
    work.commit().await
}

/// Begins a transaction that writes a mail. If the mail is an invitation whose result `shows`, the
/// change of `Operator.invitation` is announced.
async fn begin(app: &App, mail: &mail::Model, shows: bool) -> anyhow::Result<Work> {
    let invited = match mail.operator_id.filter(|_| shows && mail.kind == Kind::Invitation) {
        Some(id) => operators::find_any_account(app.db(), id).await?,
        None => None,
    };
    let Some(invited) = invited else { return Ok(app.begin().await?) };
    let mut work = app.begin_in(invited.account_id).await?;
    // The account before the mail, as in the rules that withdraw an invitation.
    accounts::bump_version(&mut work, invited.account_id).await?;
    Ok(work)
}

/// The next step after a failed delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Again(DateTime<Utc>),
    GiveUp(Cause),
}

fn next(mail: &mail::Model, error: &DeliveryError, now: DateTime<Utc>) -> Next {
    match error {
        DeliveryError::Permanent(cause, _) => Next::GiveUp(*cause),
        DeliveryError::Temporary(_) if mail.attempts >= MAX_ATTEMPTS => Next::GiveUp(Cause::GivenUp),
        DeliveryError::Temporary(_) => Next::Again(now + backoff(mail.attempts)),
    }
}

async fn failed(app: &App, mail: &mail::Model, error: &DeliveryError, next: Next) -> anyhow::Result<()> {
    let work = begin(app, mail, true).await?;
    let mut row = mail::ActiveModel { last_error: Set(Some(error.to_string())), ..Default::default() };
    match next {
        Next::Again(at) => {
            row.due_at = Set(at);
            row.retry_at = Set(Some(at));
        }
        Next::GiveUp(cause) => {
            row.failed_at = Set(Some(app.clock.now()));
            row.failure = Set(Some(cause.failure()));
            row.cause = Set(Some(cause));
        }
    }
    // No row if another invitation has replaced it.
    mail::Entity::update_many().set(row).filter(mail::COLUMN.id.eq(mail.id)).exec(&*work).await?;
    work.commit().await
}

/// Ten seconds, then doubled for each attempt, up to six hours.
fn backoff(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    TimeDelta::seconds((10 << doublings).min(6 * 3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_six_hours_and_last_about_two_days() {
        assert_eq!([1, 2, 3].map(|n| backoff(n).num_seconds()), [10, 20, 40]);
        assert_eq!(backoff(100).num_hours(), 6);
        let total: i64 = (1..MAX_ATTEMPTS).map(|n| backoff(n).num_hours()).sum();
        assert!((10..72).contains(&total), "{total} h");
    }
}

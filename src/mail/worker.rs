//! Empties the queue: takes what is due, has it written, delivers it, and tries again later when that fails.

use std::{panic::AssertUnwindSafe, time::Duration};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::{
    mail::{self, Failure},
    operator,
};
use futures_util::{FutureExt as _, future::join_all};
use lettre::message::Mailbox;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait as _, Condition, EntityTrait, IntoActiveModel, Iterable as _, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{LockBehavior, LockType},
};
use tokio_util::sync::CancellationToken;

use super::{
    letter::Letter,
    transport::{DeliveryError, Transport},
};
use crate::{
    app::{App, Work},
    db::is_reported,
    event::Event,
    supervisor,
};

/// How long a mail that is being sent belongs to its worker; after a crash somebody else takes it then.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// How far the clocks of two servers may be apart: a lease by a clock that is ahead is no reason to send a mail twice.
const MAX_SKEW: TimeDelta = TimeDelta::minutes(5);
/// How many mails are delivered at once: a relay that takes its time over one holds up few others.
const DELIVERIES: usize = 4;
/// After so many attempts, about two days, a mail is given up.
const MAX_ATTEMPTS: i32 = 14;
/// How long a mail that was given up is kept for whoever looks why.
const KEEP_FAILED: TimeDelta = TimeDelta::days(30);

/// A mail as it goes out.
#[derive(Debug)]
pub struct Outgoing {
    pub to: String,
    pub letter: Letter,
}

/// Writes a mail when it is sent. `None`: there is nobody to send it to any more, or nothing to say.
pub trait Writer: Send + Sync + 'static {
    fn write(
        &self,
        app: &App,
        work: &mut Work,
        mail: &mail::Model,
    ) -> impl Future<Output = anyhow::Result<Option<Outgoing>>> + Send;
}

/// Works until told to stop. What it is sending at that moment it finishes, or its lease runs out.
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
                // There may be more, for which the others have not been woken.
                app.bus.publish(Event::MailQueued);
                continue;
            }
            Ok(false) => {}
            // Nothing can be claimed now: a mail that is queued in the meantime is no reason to try.
            Err(error) if is_reported(&error) && app.storage().trouble().is_some() => {
                tracing::debug!("the mail queue waits until the database can be written");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = app.storage().writable() => continue,
                }
            }
            // A read that failed, for which nothing says when it would not.
            Err(error) if is_reported(&error) => tracing::debug!("the mail queue could not be read; trying again"),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the mail queue could not be worked; trying again");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.bus.mail_queued() => {}
            () = tokio::time::sleep(poll) => {}
        }
    }
}

/// Sends the mail that has been due for longest; whether there was one.
async fn work_off(app: &App, transport: &Transport, writer: &impl Writer) -> anyhow::Result<bool> {
    let Some(mail) = claim(app).await? else { return Ok(false) };
    let (id, kind, attempt) = (mail.id, mail.kind, mail.attempts);
    let sending = async {
        // A database that cannot be written is no fault of the mail or of its relay.
        let written = match write(app, writer, &mail).await {
            Err(error) if is_reported(&error) => return Err(error),
            written => written,
        };
        Ok(send(app, transport, written, &mail).await)
    };
    // A mail that panics is tried again later, as any other that fails, and keeps no worker from the rest.
    let sent = match AssertUnwindSafe(sending).catch_unwind().await {
        Ok(sent) => sent?,
        Err(panic) => Err(DeliveryError::Temporary(supervisor::message(&*panic).to_owned())),
    };
    match sent {
        Ok(()) => done(app, mail).await?,
        Err(error) => {
            let next = next(&mail, &error, app.clock.now());
            let recorded = failed(app, mail, &error, next).await;
            match next {
                Next::GiveUp(failure) => {
                    tracing::warn!(mail.id = %id, mail.kind = ?kind, attempt, %error, ?failure, "a mail was not delivered, given up");
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

/// Deletes the mails that had been given up long ago at that time.
pub async fn sweep(app: &App, until: DateTime<Utc>) -> anyhow::Result<()> {
    let work = app.begin().await?;
    mail::Entity::delete_many().filter(mail::COLUMN.failed_at.lt(until - KEEP_FAILED)).exec(&*work).await?;
    work.commit().await
}

/// Takes what is due. Several servers may work one queue, and each several mails at once: each takes what the others have not.
async fn claim(app: &App) -> anyhow::Result<Option<mail::Model>> {
    let now = app.clock.now();
    let due = mail::Entity::find()
        .filter(is_due(now))
        .filter(mail::COLUMN.failed_at.is_null())
        // A newer server may have queued a kind that this one cannot write, and sends it itself.
        .filter(mail::COLUMN.kind.is_in(mail::Kind::iter()))
        .order_by_asc(mail::Column::DueAt);
    // Most looks find nothing, and need not wait for those who write.
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

/// Whether a mail is due. One that would have to wait longer than anything makes it wait was put off by a clock that was ahead,
/// and is due as well.
fn is_due(now: DateTime<Utc>) -> Condition {
    // Until it is claimed for the first time, a mail is due from when it was queued.
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
) -> Result<(), DeliveryError> {
    let outgoing = written.map_err(|error| DeliveryError::Temporary(format!("{error:#}")))?;
    let Some(outgoing) = outgoing else { return Ok(()) };
    let from: &Mailbox = &app.config.mail.from;
    transport.deliver(from, &outgoing.to, &mail.id.to_string(), &outgoing.letter).await
}

async fn done(app: &App, mail: mail::Model) -> anyhow::Result<()> {
    let mut work = app.begin().await?;
    if mail.last_error.is_some() {
        inviters_notice(&mut work, &mail).await?;
    }
    mail::Entity::delete_by_id(mail.id).exec(&*work).await?;
    work.commit().await
}

/// Announces a change of `Operator.invitationProblem`, if the mail is an invitation.
async fn inviters_notice(work: &mut Work, mail: &mail::Model) -> anyhow::Result<()> {
    let Some(id) = mail.operator_id.filter(|_| mail.kind == mail::Kind::Invitation) else { return Ok(()) };
    if let Some(invited) = operator::Entity::find_by_id(id).one(&**work).await? {
        work.announce(Event::OperatorChanged { account_id: invited.account_id, operator_id: invited.id });
    }
    Ok(())
}

/// The next step after a failed delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Again(DateTime<Utc>),
    GiveUp(Failure),
}

fn next(mail: &mail::Model, error: &DeliveryError, now: DateTime<Utc>) -> Next {
    match error {
        DeliveryError::Permanent(failure, _) => Next::GiveUp(*failure),
        DeliveryError::Temporary(_) if mail.attempts >= MAX_ATTEMPTS => Next::GiveUp(Failure::GivenUp),
        DeliveryError::Temporary(_) => Next::Again(now + backoff(mail.attempts)),
    }
}

async fn failed(app: &App, mail: mail::Model, error: &DeliveryError, next: Next) -> anyhow::Result<()> {
    let mut work = app.begin().await?;
    inviters_notice(&mut work, &mail).await?;
    let mut row = mail.into_active_model();
    row.last_error = Set(Some(error.to_string()));
    match next {
        Next::Again(at) => row.due_at = Set(at),
        Next::GiveUp(failure) => {
            row.failed_at = Set(Some(app.clock.now()));
            row.failure = Set(Some(failure));
        }
    }
    row.update(&*work).await?;
    work.commit().await
}

/// Ten seconds, then twice as long each time, up to six hours.
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

//! Starting and ending sessions.

use chrono::{DateTime, TimeDelta, Utc};
use edge::ledger::Who;
use entity::{AccountId, OperatorId, SessionId, operator, session};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
    sea_query::{Expr, LockBehavior, LockType},
};

use super::{
    device,
    queries::{self, Used},
};
use crate::{
    access::{
        identity::{Granted, Permission, SignedIn, allows},
        token::{self, Token},
    },
    app::{App, Work, db::is_reported},
    bus::{Event, Topic, remote::Previous},
    error::{Abort, Denied},
};

/// The minimum interval between two records of a session's use: a write for every read would cost
/// more than it is worth.
const RECORD_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Starts a session of an operator. The token is always new, so a token that was planted before
/// sign-in is useless.
pub async fn start(app: &App, work: &Work, operator: &operator::Model) -> Result<(Token, SignedIn), DbErr> {
    let now = app.clock.now();
    let token = Token::random(token::SESSION);
    let session = session::ActiveModel {
        id: Set(SessionId::new()),
        account_id: Set(operator.account_id),
        operator_id: Set(operator.id),
        token_hash: Set(token.hash()),
        created_at: Set(now),
        last_used_at: Set(now),
        expires_at: Set(now + app.config.session.lifetime),
        device_hash: Set(None),
    }
    .insert(&**work)
    .await?;
    operator::Entity::update_many()
        .col_expr(operator::Column::LastSeenAt, Expr::value(Some(now)))
        .filter(operator::COLUMN.id.eq(operator.id))
        .exec(&**work)
        .await?;
    Ok((token, SignedIn::new(session.id, operator)))
}

/// Locks the actor and these operators of the actor's account, in the order of their ids, then the
/// actor's session, and checks the actor's permission again. For a change that does not lock the
/// account: whatever takes a seat, an access level or a session away waits for its end.
///
/// Returns the actor, and those of the others who exist, in the order of their ids.
pub async fn lock_actor<P: Permission>(
    work: &Work,
    actor: &Granted<P>,
    others: &[OperatorId],
) -> Result<(operator::Model, Vec<operator::Model>), Abort> {
    let wanted = others.iter().copied().chain([actor.operator_id()]);
    let locked = operator::Entity::find()
        .filter(operator::COLUMN.account_id.eq(actor.account_id()))
        .filter(operator::COLUMN.id.is_in(wanted))
        .filter(operator::COLUMN.removed_at.is_null())
        .order_by_asc(operator::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&**work)
        .await?;
    let is_there = session::Entity::find_by_id(actor.session_id()).lock_shared().one(&**work).await?.is_some();
    let me = locked.iter().find(|operator| operator.id == actor.operator_id()).filter(|_| is_there);
    let me = me.cloned().ok_or(Denied::Unauthenticated)?;
    if !allows::<P>(me.access_level) {
        return Err(Denied::Forbidden.into());
    }
    let others = locked.into_iter().filter(|operator| others.contains(&operator.id)).collect();
    Ok((me, others))
}

/// Ends one session.
pub async fn end(app: &App, signed_in: &SignedIn) -> anyhow::Result<()> {
    let mut work = app.begin().await?;
    session::Entity::delete_by_id(signed_in.session_id()).exec(&*work).await?;
    announce_end(&mut work, signed_in.account_id(), signed_in.session_id());
    work.commit().await
}

fn announce_end(work: &mut Work, account_id: AccountId, session_id: SessionId) {
    work.announce(Topic::Session(session_id).gone());
    work.announce(Event::Previous(Previous::SessionEnded { account_id, session_id }));
}

/// Ends every session and device of an operator. `except` is a session that continues with its
/// device.
pub async fn end_all(work: &mut Work, operator: &operator::Model, except: Option<SessionId>) -> Result<(), DbErr> {
    let mut delete = session::Entity::delete_many().filter(session::COLUMN.operator_id.eq(operator.id));
    if let Some(except) = except {
        delete = delete.filter(session::COLUMN.id.ne(except));
    }
    for ended in delete.exec_with_returning(&**work).await? {
        work.announce(Topic::Session(ended.id).gone());
    }
    device::end_all(work, operator, except).await?;
    let (account_id, operator_id) = (operator.account_id, operator.id);
    work.announce(Event::Previous(Previous::SessionsEnded { account_id, operator_id, except }));
    Ok(())
}

/// The operator of a session token, if the session is valid. Records that the session was used.
pub async fn authenticate(app: &App, token: &str) -> anyhow::Result<Option<SignedIn>> {
    if !token.starts_with(token::SESSION) {
        return Ok(None);
    }
    Ok(used(app, queries::find_by_token(app, token).await?))
}

/// Reads the same session again; `None` if it ended. Records that it was used.
pub async fn refresh(app: &App, signed_in: &SignedIn) -> anyhow::Result<Option<SignedIn>> {
    Ok(used(app, queries::find(app, signed_in.session_id()).await?))
}

fn used(app: &App, found: Option<(session::Model, operator::Model)>) -> Option<SignedIn> {
    let (session, operator) = found?;
    record_use(app, &session, &operator, app.clock.now());
    let signed_in = SignedIn::new(session.id, &operator);
    Some(if session.device_hash.is_none() { signed_in.without_device() } else { signed_in })
}

/// Whether the use of a session must be recorded again.
pub(super) fn is_use_due(app: &App, last_used_at: DateTime<Utc>) -> bool {
    app.clock.now() - last_used_at >= RECORD_EVERY
}

/// Records that sessions are in use and their operators seen. Losing the record does no harm: it is
/// repeated by the next poll, and for an operator a minute later.
pub(super) async fn record_uses(app: &App, used: &[Used]) {
    let now = app.clock.now();
    if let Err(error) = write_uses(app, used, now).await
        && !is_reported(&error)
    {
        tracing::warn!(error = format!("{error:#}"), "the use of sessions was not recorded");
    }
}

/// Writes sessions and operators in two transactions. Rows that another transaction holds are
/// skipped: waiting for one with locks on the others could deadlock. Sessions are first, because
/// one that is not recorded expires.
async fn write_uses(app: &App, used: &[Used], now: DateTime<Utc>) -> anyhow::Result<()> {
    let work = app.begin().await?;
    let free = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::COLUMN.id.is_in(used.iter().map(|session| session.id)))
        .filter(session::COLUMN.last_used_at.lte(now - RECORD_EVERY))
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
    session::Entity::update_many()
        .col_expr(session::Column::LastUsedAt, Expr::value(now))
        .filter(session::COLUMN.id.in_subquery(free.into_query()))
        .exec(&*work)
        .await?;
    work.commit().await?;

    let work = app.begin().await?;
    let free = operator::Entity::find()
        .select_only()
        .column(operator::Column::Id)
        .filter(operator::COLUMN.id.is_in(used.iter().map(|session| session.operator_id)))
        .filter(operator::COLUMN.removed_at.is_null())
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
    operator::Entity::update_many()
        .col_expr(operator::Column::LastSeenAt, Expr::value(Some(now)))
        .filter(operator::COLUMN.id.in_subquery(free.into_query()))
        .exec(&*work)
        .await?;
    work.commit().await
}

/// Records in the background that a session was used and its operator seen. No request waits for
/// the record, and losing it does no harm.
fn record_use(app: &App, session: &session::Model, operator: &operator::Model, now: DateTime<Utc>) {
    if !is_use_due(app, session.last_used_at) {
        return;
    }
    let (app, session_id, operator_id) = (app.for_who(Who::account(operator.account_id.0)), session.id, operator.id);
    tokio::spawn(async move {
        let write = async {
            let work = app.begin().await?;
            // Operator before session, as everywhere: different orders would deadlock.
            operator::Entity::update_many()
                .col_expr(operator::Column::LastSeenAt, Expr::value(Some(now)))
                .filter(operator::COLUMN.id.eq(operator_id))
                .filter(operator::COLUMN.removed_at.is_null())
                .exec(&*work)
                .await?;
            session::Entity::update_many()
                .col_expr(session::Column::LastUsedAt, Expr::value(now))
                .filter(session::COLUMN.id.eq(session_id))
                // Of several concurrent requests, one writes.
                .filter(session::COLUMN.last_used_at.lte(now - RECORD_EVERY))
                .exec(&*work)
                .await?;
            work.commit().await
        };
        if let Err(error) = write.await
            && !is_reported(&error)
        {
            tracing::warn!(error = format!("{error:#}"), "the use of a session was not recorded");
        }
    });
}

/// Deletes the sessions whose lifetimes had expired at `until`.
pub async fn sweep(app: &App, until: DateTime<Utc>) -> anyhow::Result<()> {
    // One transaction for each session: a transaction that ends several sessions holds several
    // locks, and two of them could deadlock.
    for (session_id, account_id) in queries::list_over_any_account(app, until).await? {
        let mut work = app.begin().await?;
        session::Entity::delete_by_id(session_id).exec(&*work).await?;
        announce_end(&mut work, account_id, session_id);
        work.commit().await?;
    }
    Ok(())
}

//! Who a session belongs to, and when it ended.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{SessionId, operator, session};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

use crate::{
    app::App,
    event::{Event, Heard},
    session::rules,
    token,
    viewer::SignedIn,
};

/// The operator behind a session token, if the session is good. Records that it was used.
pub async fn authenticate(app: &App, token: &str) -> anyhow::Result<Option<SignedIn>> {
    if !token.starts_with(token::SESSION) {
        return Ok(None);
    }
    let select = session::Entity::find().filter(session::COLUMN.token_hash.eq(token::hash(token)));
    look_up(app, select).await
}

/// The same session, read again; `None` once it ended.
pub async fn refresh(app: &App, signed_in: &SignedIn) -> anyhow::Result<Option<SignedIn>> {
    look_up(app, session::Entity::find_by_id(signed_in.session_id())).await
}

/// The operator of a session that has not been ended; for a rule, which looks under the account's lock. Lifetimes were looked at when
/// the request came.
pub async fn find_operator(db: &impl ConnectionTrait, signed_in: &SignedIn) -> Result<Option<operator::Model>, DbErr> {
    let found = session::Entity::find_by_id(signed_in.session_id()).find_also_related(operator::Entity).one(db).await?;
    let operator = found.and_then(|(_, operator)| operator);
    Ok(operator.filter(|operator| operator.account_id == signed_in.account_id() && operator.removed_at.is_none()))
}

async fn look_up(app: &App, select: Select<session::Entity>) -> anyhow::Result<Option<SignedIn>> {
    let found = select.find_also_related(operator::Entity).one(app.db()).await?;
    let Some((session, Some(operator))) = found else { return Ok(None) };
    let now = app.clock.now();
    if operator.removed_at.is_some() || is_over(app, &session, now) {
        return Ok(None);
    }
    rules::record_use(app, &session, &operator, now);
    let signed_in = SignedIn::new(session.id, &operator);
    Ok(Some(if session.device_hash.is_none() { signed_in.without_device() } else { signed_in }))
}

/// Whether a lifetime has run out.
fn is_over(app: &App, session: &session::Model, now: DateTime<Utc>) -> bool {
    session.expires_at <= now || session.last_used_at + app.config.session.idle <= now
}

/// Waits until a session has ended; says why, for whoever closes what depends on it.
///
/// Looks again now and then as well: lifetimes run out without an event.
pub fn ended(app: &App, signed_in: &SignedIn) -> impl Future<Output = &'static str> + Send + 'static {
    let (app, signed_in) = (app.clone(), signed_in.clone());
    // Listen before the first look, or an end between the two is lost.
    let mut listener = app.bus.listen(signed_in.account_id());
    async move {
        let mut is_told = false;
        loop {
            match exists(&app, &signed_in).await {
                Ok(true) => is_told = false,
                Ok(false) => return "Session ended",
                // Nobody keeps a socket because the database is away.
                Err(_) if is_told => return "Session ended",
                Err(error) => tracing::warn!(error = format!("{error:#}"), "a session could not be looked up; trying again"),
            }
            let looked_at = tokio::time::Instant::now();
            loop {
                tokio::select! {
                    () = tokio::time::sleep_until(looked_at + app.config.session.recheck) => break,
                    heard = listener.next() => match heard {
                        // It may have been on its way since before this session began.
                        Heard::Event(event) if ends(&event, &signed_in) => {
                            is_told = true;
                            break;
                        }
                        Heard::Event(_) => {}
                        Heard::Lagged => break,
                    }
                }
            }
        }
    }
}

/// An open socket uses its session: a dashboard that waits for visitors is not idle.
async fn exists(app: &App, signed_in: &SignedIn) -> anyhow::Result<bool> {
    Ok(refresh(app, signed_in).await?.is_some())
}

pub(super) fn ends(event: &Event, signed_in: &SignedIn) -> bool {
    match event {
        Event::SessionEnded { session_id, .. } => *session_id == signed_in.session_id(),
        Event::SessionsEnded { operator_id, except, .. } => {
            *operator_id == signed_in.operator_id() && *except != Some(signed_in.session_id())
        }
        _ => false,
    }
}

/// Sessions whose lifetimes had run out by that time, for the sweeper.
pub(super) async fn list_over_any_account(app: &App, until: DateTime<Utc>) -> Result<Vec<SessionId>, DbErr> {
    let idle = TimeDelta::from_std(app.config.session.idle).unwrap_or(TimeDelta::MAX);
    let over = sea_orm::Condition::any().add(session::COLUMN.expires_at.lte(until)).add(session::COLUMN.last_used_at.lte(until - idle));
    let rows = session::Entity::find().filter(over).all(app.db()).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

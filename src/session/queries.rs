//! Reads of sessions and their operators.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{AccountId, OperatorId, SessionId, operator, session};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

use crate::{
    access::{token, viewer::SignedIn},
    app::App,
    event::Event,
};

/// The session of a token and its operator, if the session is valid.
pub(super) async fn find_by_token(app: &App, token: &str) -> Result<Option<(session::Model, operator::Model)>, DbErr> {
    find_valid(app, session::Entity::find().filter(session::COLUMN.token_hash.eq(token::hash(token)))).await
}

/// A session and its operator, if the session is valid.
pub(super) async fn find(app: &App, id: SessionId) -> Result<Option<(session::Model, operator::Model)>, DbErr> {
    find_valid(app, session::Entity::find_by_id(id)).await
}

async fn find_valid(
    app: &App,
    select: Select<session::Entity>,
) -> Result<Option<(session::Model, operator::Model)>, DbErr> {
    let found = select.find_also_related(operator::Entity).one(app.db()).await?;
    let Some((session, Some(operator))) = found else { return Ok(None) };
    let is_valid = operator.removed_at.is_none() && !is_over(app, &session, app.clock.now());
    Ok(is_valid.then_some((session, operator)))
}

/// The operator of a session that was not ended. For a rule, which reads it under the account's
/// lock. The lifetimes were checked when the request arrived.
pub async fn find_operator(db: &impl ConnectionTrait, signed_in: &SignedIn) -> Result<Option<operator::Model>, DbErr> {
    let found = session::Entity::find_by_id(signed_in.session_id()).find_also_related(operator::Entity).one(db).await?;
    let operator = found.and_then(|(_, operator)| operator);
    Ok(operator.filter(|operator| operator.account_id == signed_in.account_id() && operator.removed_at.is_none()))
}

/// Whether a lifetime of the session has expired.
fn is_over(app: &App, session: &session::Model, now: DateTime<Utc>) -> bool {
    session.expires_at <= now || session.last_used_at + app.config.session.idle <= now
}

/// An operator, and which of these sessions are valid. `None` if the operator does not exist, or if
/// none of the sessions is valid.
pub(super) async fn list_live(
    app: &App,
    account_id: AccountId,
    operator_id: OperatorId,
    sessions: &[SessionId],
) -> Result<(Option<operator::Model>, Vec<session::Model>), DbErr> {
    // This number of ids fits into one statement on both databases.
    const AT_ONCE: usize = 500;
    let is_there = |operator: &operator::Model| operator.account_id == account_id && operator.removed_at.is_none();
    if sessions.is_empty() {
        let operator = operator::Entity::find_by_id(operator_id).one(app.db()).await?;
        return Ok((operator.filter(is_there), Vec::new()));
    }
    let now = app.clock.now();
    let (mut found, mut live) = (None, Vec::new());
    for sessions in sessions.chunks(AT_ONCE) {
        let select = session::Entity::find()
            .filter(session::COLUMN.operator_id.eq(operator_id))
            .filter(session::COLUMN.id.is_in(sessions.iter().copied()));
        for (session, operator) in select.find_also_related(operator::Entity).all(app.db()).await? {
            let Some(operator) = operator.filter(is_there).filter(|_| !is_over(app, &session, now)) else { continue };
            live.push(session);
            found = Some(operator);
        }
    }
    Ok((found, live))
}

/// Whether an event ends this session.
pub(super) fn ends_session(event: &Event, operator_id: OperatorId, session_id: SessionId) -> bool {
    match event {
        Event::SessionEnded { session_id: ended, .. } => *ended == session_id,
        Event::SessionsEnded { operator_id: of, except, .. } => *of == operator_id && *except != Some(session_id),
        _ => false,
    }
}

/// Sessions whose lifetimes had expired at `until`, for the sweeper.
pub(super) async fn list_over_any_account(app: &App, until: DateTime<Utc>) -> Result<Vec<SessionId>, DbErr> {
    let idle = TimeDelta::from_std(app.config.session.idle).unwrap_or(TimeDelta::MAX);
    let over = sea_orm::Condition::any()
        .add(session::COLUMN.expires_at.lte(until))
        .add(session::COLUMN.last_used_at.lte(until - idle));
    let rows = session::Entity::find().filter(over).all(app.db()).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

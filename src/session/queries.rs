//! Reads of sessions and their operators.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{AccountId, OperatorId, SessionId, operator, session};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use crate::{
    access::{identity::SignedIn, token},
    app::App,
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
    let is_valid =
        operator.removed_at.is_none() && !is_over(app, session.expires_at, session.last_used_at, app.clock.now());
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
fn is_over(app: &App, expires_at: DateTime<Utc>, last_used_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    expires_at <= now || last_used_at + app.config.session.idle <= now
}

/// An operator, and which of these sessions are valid. `None` if the operator does not exist, or if
/// none of the sessions is valid.
pub(super) async fn list_live(
    app: &App,
    account_id: AccountId,
    operator_id: OperatorId,
    sessions: &[SessionId],
) -> Result<(Option<operator::Model>, Vec<SessionId>), DbErr> {
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
            let is_over = is_over(app, session.expires_at, session.last_used_at, now);
            let Some(operator) = operator.filter(|operator| is_there(operator) && !is_over) else { continue };
            live.push(session.id);
            found = Some(operator);
        }
    }
    Ok((found, live))
}

/// A valid session that a connection uses.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct Used {
    pub id: SessionId,
    pub operator_id: OperatorId,
    pub last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// Which of these sessions are valid, whatever their account: the ids come from this server.
pub(super) async fn list_valid_any_account(app: &App, sessions: &[SessionId]) -> Result<Vec<Used>, DbErr> {
    use session::Column;
    let found = session::Entity::find()
        .select_only()
        .columns([Column::Id, Column::OperatorId, Column::LastUsedAt, Column::ExpiresAt])
        .filter(session::COLUMN.id.is_in(sessions.iter().copied()))
        .inner_join(operator::Entity)
        .filter(operator::COLUMN.removed_at.is_null())
        .into_model::<Used>()
        .all(app.db())
        .await?;
    let now = app.clock.now();
    let is_valid = |session: &Used| !is_over(app, session.expires_at, session.last_used_at, now);
    Ok(found.into_iter().filter(is_valid).collect())
}

/// The versions of these sessions, for a server that may have missed changes: a session has one
/// version, and is missing here once it ended.
pub async fn list_versions_any_account(
    db: &impl ConnectionTrait,
    sessions: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, DbErr> {
    let present = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::Id.is_in(sessions.iter().copied()));
    let present: Vec<Uuid> = present.into_tuple().all(db).await?;
    Ok(present.into_iter().map(|id| (id, 1)).collect())
}

/// Sessions whose lifetimes had expired at `until`, for the sweeper.
pub(super) async fn list_over_any_account(
    app: &App,
    until: DateTime<Utc>,
) -> Result<Vec<(SessionId, AccountId)>, DbErr> {
    let idle = TimeDelta::from_std(app.config.session.idle).unwrap_or(TimeDelta::MAX);
    let over = sea_orm::Condition::any()
        .add(session::COLUMN.expires_at.lte(until))
        .add(session::COLUMN.last_used_at.lte(until - idle));
    let columns = [session::Column::Id, session::Column::AccountId];
    session::Entity::find().select_only().columns(columns).filter(over).into_tuple().all(app.db()).await
}

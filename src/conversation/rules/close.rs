//! Closing a conversation: by an operator, by its visitor, or after a long silence.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{ConversationId, conversation, conversation::ClosedBy};
use sea_orm::{
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{LockBehavior, LockType},
};

use super::{Draft, INACTIVE, NO_SUCH_CONVERSATION, begin, begin_own, is_active, lock};
use crate::{
    access::{
        identity::{Chat, Granted, Visitor},
        throttle::TooMany,
    },
    app::{App, db::is_reported},
    conversation::queries,
    error::{Failure, Rejection},
    session::rules::lock_actor,
    visitor::rules::is_blocked,
};

/// Why an operator did not close a conversation.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    #[error("{}", NO_SUCH_CONVERSATION)]
    NotFound,
    #[error("{}", INACTIVE)]
    Inactive,
}
impl Rejection for CloseError {}

/// Closes a conversation, whether the caller takes part or not. The assignee stays, for the record.
/// No effect if it is closed.
pub async fn close(
    app: &App,
    actor: &Granted<Chat>,
    id: Option<ConversationId>,
) -> Result<conversation::Model, Failure<CloseError>> {
    let mut work = begin(app, id).await?;
    let (me, _) = lock_actor(&work, actor, &[]).await?;
    let conversation = lock(&work, actor.account_id(), id).await?.ok_or(CloseError::NotFound)?;
    if !is_active(&me) {
        return Err(CloseError::Inactive.into());
    }
    if conversation.closed_at.is_some() {
        return Ok(conversation);
    }
    let mut draft = Draft::of(app, conversation);
    draft.close(Some(ClosedBy::Operator));
    let (conversation, _) = draft.save(&mut work).await?;
    work.commit().await?;
    Ok(conversation)
}

/// Why a visitor did not close the chat.
#[derive(Debug, thiserror::Error)]
pub enum CloseOwnError {
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for CloseOwnError {}

/// Closes the visitor's latest conversation. `None` if there is none. No effect if it is closed, or
/// while the visitor is blocked.
pub async fn close_own(
    app: &App,
    holder: &Visitor,
    client: std::net::IpAddr,
    widget_key: &str,
) -> Result<Option<conversation::Model>, Failure<CloseOwnError>> {
    app.throttle.chat_message(holder, client).map_err(CloseOwnError::from)?;
    let Some((mut work, visitor, conversation)) = begin_own(app, widget_key, holder).await? else { return Ok(None) };
    if conversation.closed_at.is_some() || is_blocked(app, &visitor) {
        return Ok(Some(conversation));
    }
    let mut draft = Draft::of(app, conversation);
    draft.close(Some(ClosedBy::Visitor));
    let (conversation, _) = draft.save(&mut work).await?;
    work.commit().await?;
    Ok(Some(conversation))
}

/// Most conversations that one transaction closes.
const CLOSED_AT_ONCE: u64 = 100;

/// Closes the conversations without a message for a long time, of all accounts, unless the visitor
/// waits. Looks again under the lock, and skips conversations that another transaction is changing.
/// One that cannot be closed does not keep others from it.
pub async fn close_silent(app: &App) -> anyhow::Result<()> {
    let silence = TimeDelta::from_std(app.config.chat.close_after).unwrap_or(TimeDelta::MAX);
    let Some(until) = app.clock.now().checked_sub_signed(silence) else { return Ok(()) };
    let mut after = None;
    loop {
        let ids = queries::list_silent_any_account(app.db(), until, after, CLOSED_AT_ONCE).await?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = Some(*last);
        if close_at_once(app, &ids, until).await.is_ok() {
            continue;
        }
        for id in ids {
            if let Err(error) = close_at_once(app, &[id], until).await
                && !is_reported(&error)
            {
                let error = format!("{error:#}");
                tracing::warn!(conversation.id = %id, error, "a silent conversation was not closed; retrying in a minute");
            }
        }
    }
}

/// Closes those of these conversations that are silent under the lock.
async fn close_at_once(app: &App, ids: &[ConversationId], until: DateTime<Utc>) -> anyhow::Result<()> {
    let mut work = app.begin().await?;
    let silent = queries::silent(until)
        .filter(conversation::COLUMN.id.is_in(ids.iter().copied()))
        .order_by_asc(conversation::Column::Id)
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .all(&*work)
        .await?;
    for conversation in silent {
        let mut draft = Draft::of(app, conversation);
        draft.close(Some(ClosedBy::Silence));
        draft.save(&mut work).await?;
    }
    work.commit().await
}

//! Closing a conversation: by an operator, by its visitor, or after a long silence.

use chrono::TimeDelta;
use entity::{ConversationId, conversation, conversation::ClosedBy};
use sea_orm::{
    EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{LockBehavior, LockType},
};

use super::{Draft, INACTIVE, NO_SUCH_CONVERSATION, begin, begin_own, is_active, lock};
use crate::{
    access::{
        identity::{Chat, Granted, Visitor},
        throttle::TooMany,
    },
    app::App,
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
/// waits. Looks under the lock, and skips conversations that another transaction is changing.
pub async fn close_silent(app: &App) -> anyhow::Result<()> {
    let silence = TimeDelta::from_std(app.config.chat.close_after).unwrap_or(TimeDelta::MAX);
    loop {
        let Some(until) = app.clock.now().checked_sub_signed(silence) else { return Ok(()) };
        let mut work = app.begin().await?;
        let silent = conversation::Entity::find()
            .filter(conversation::COLUMN.closed_at.is_null())
            .filter(conversation::COLUMN.waiting_since.is_null())
            .filter(conversation::COLUMN.last_activity_at.lte(until))
            .order_by_asc(conversation::Column::Id)
            .limit(CLOSED_AT_ONCE)
            .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
            .all(&*work)
            .await?;
        if silent.is_empty() {
            return Ok(());
        }
        let is_last = u64::try_from(silent.len()).is_ok_and(|found| found < CLOSED_AT_ONCE);
        for conversation in silent {
            let mut draft = Draft::of(app, conversation);
            draft.close(Some(ClosedBy::Silence));
            draft.save(&mut work).await?;
        }
        work.commit().await?;
        if is_last {
            return Ok(());
        }
    }
}

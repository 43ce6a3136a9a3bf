//! Joining a conversation, and leaving it.

use entity::{ConversationId, conversation};

use super::{CLOSED, Draft, INACTIVE, NO_SUCH_CONVERSATION, begin, draft::present, is_active, lock};
use crate::{
    access::identity::{Chat, Granted},
    app::App,
    error::{Failure, Rejection},
    session::rules::lock_actor,
};

/// Why an operator did not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error("{}", NO_SUCH_CONVERSATION)]
    NotFound,
    #[error("{}", CLOSED)]
    Closed,
    #[error("{}", INACTIVE)]
    Inactive,
}
impl Rejection for JoinError {}

/// Lets the caller take part. The first to join becomes the assignee where there is none. No effect
/// if the caller takes part already.
pub async fn join(
    app: &App,
    actor: &Granted<Chat>,
    id: Option<ConversationId>,
) -> Result<conversation::Model, Failure<JoinError>> {
    let mut work = begin(app, id).await?;
    let (me, _) = lock_actor(&work, actor, &[]).await?;
    let conversation = lock(&work, actor.account_id(), id).await?.ok_or(JoinError::NotFound)?;
    if !is_active(&me) {
        return Err(JoinError::Inactive.into());
    }
    if conversation.closed_at.is_some() {
        return Err(JoinError::Closed.into());
    }
    if present(&work, conversation.id).await?.iter().any(|participation| participation.operator_id == me.id) {
        return Ok(conversation);
    }
    let mut draft = Draft::of(app, conversation);
    draft.join(&work, &me).await?;
    let (conversation, _) = draft.save(&mut work).await?;
    work.commit().await?;
    Ok(conversation)
}

/// Why an operator did not leave.
#[derive(Debug, thiserror::Error)]
pub enum LeaveError {
    #[error("{}", NO_SUCH_CONVERSATION)]
    NotFound,
}
impl Rejection for LeaveError {}

/// Ends the caller's participation. An assignee who leaves hands over to the one who joined first
/// of those who stay. When the last one leaves, the conversation returns to the queue. No effect if
/// the caller does not take part.
pub async fn leave(
    app: &App,
    actor: &Granted<Chat>,
    id: Option<ConversationId>,
) -> Result<conversation::Model, Failure<LeaveError>> {
    let mut work = begin(app, id).await?;
    let (me, _) = lock_actor(&work, actor, &[]).await?;
    let conversation = lock(&work, actor.account_id(), id).await?.ok_or(LeaveError::NotFound)?;
    let (mine, others): (Vec<_>, Vec<_>) =
        present(&work, conversation.id).await?.into_iter().partition(|stay| stay.operator_id == me.id);
    let Some(mine) = mine.first() else { return Ok(conversation) };
    let mut draft = Draft::of(app, conversation);
    draft.leave(&work, mine, &others).await?;
    let (conversation, _) = draft.save(&mut work).await?;
    work.commit().await?;
    Ok(conversation)
}

//! Reopening a conversation.

use entity::{ConversationId, conversation};

use super::{Draft, INACTIVE, NO_SUCH_CONVERSATION, begin, is_active, lock_latest};
use crate::{
    access::identity::{Chat, Granted},
    app::App,
    conversation::queries,
    error::{Failure, Rejection},
    session::rules::lock_actor,
    visitor::rules as visitors,
};

/// Why a conversation was not reopened.
#[derive(Debug, thiserror::Error)]
pub enum ReopenError {
    #[error("{}", NO_SUCH_CONVERSATION)]
    NotFound,
    #[error("{}", INACTIVE)]
    Inactive,
    #[error("The visitor has a newer conversation. Only the latest one can be reopened.")]
    Newer(Box<conversation::Model>),
}
impl Rejection for ReopenError {}

/// Reopens a closed conversation, which returns to the queue. Only a visitor's latest conversation
/// can be reopened. No effect if it is not closed.
pub async fn reopen(
    app: &App,
    actor: &Granted<Chat>,
    id: Option<ConversationId>,
) -> Result<conversation::Model, Failure<ReopenError>> {
    let mut work = begin(app, id).await?;
    let (me, _) = lock_actor(&work, actor, &[]).await?;
    // The visitor comes before the conversation in the order of locks, and never changes.
    let found = match id {
        Some(id) => queries::find(&*work, actor.account_id(), id).await?,
        None => None,
    };
    let visitor_id = found.ok_or(ReopenError::NotFound)?.visitor_id;
    visitors::lock(&work, visitor_id).await?;
    let latest = lock_latest(&work, visitor_id).await?.ok_or(ReopenError::NotFound)?;
    if !is_active(&me) {
        return Err(ReopenError::Inactive.into());
    }
    if id != Some(latest.id) {
        return Err(ReopenError::Newer(Box::new(latest)).into());
    }
    if latest.closed_at.is_none() {
        return Ok(latest);
    }
    let mut draft = Draft::of(app, latest);
    draft.reopen(None);
    let (conversation, _) = draft.save(&mut work).await?;
    work.commit().await?;
    Ok(conversation)
}

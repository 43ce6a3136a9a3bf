//! Assigning a conversation to an operator, or to none.

use entity::{ConversationId, OperatorId, conversation};

use super::{CLOSED, Draft, INACTIVE, NO_SUCH_CONVERSATION, begin, draft::present, is_active, lock};
use crate::{
    access::identity::{Chat, Granted},
    app::App,
    error::{Failure, NO_SUCH_OPERATOR, Rejection},
    session::rules::lock_actor,
};

/// Why a conversation was not assigned.
#[derive(Debug, thiserror::Error)]
pub enum AssignError {
    #[error("{}", NO_SUCH_CONVERSATION)]
    NotFound,
    #[error("{}", NO_SUCH_OPERATOR)]
    OperatorNotFound,
    #[error("{}", CLOSED)]
    Closed,
    #[error("{}", INACTIVE)]
    Inactive,
    #[error("Inactive operators cannot chat. Choose an active one.")]
    AssigneeInactive,
}
impl Rejection for AssignError {}

/// Who becomes the assignee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// All who take part leave, and the conversation returns to the queue.
    Nobody,
    /// An id that is not in the account is `None`.
    Operator(Option<OperatorId>),
}

/// Assigns a conversation. The former assignee leaves and the new one joins; others stay.
pub async fn assign(
    app: &App,
    actor: &Granted<Chat>,
    id: Option<ConversationId>,
    to: Assignee,
) -> Result<conversation::Model, Failure<AssignError>> {
    let mut work = begin(app, id).await?;
    let chosen = if let Assignee::Operator(chosen) = to { chosen } else { None };
    let (me, others) = lock_actor(&work, actor, chosen.as_slice()).await?;
    let conversation = lock(&work, actor.account_id(), id).await?.ok_or(AssignError::NotFound)?;
    if !is_active(&me) {
        return Err(AssignError::Inactive.into());
    }
    let assignee = others.into_iter().next();
    if to != Assignee::Nobody {
        let assignee = assignee.as_ref().ok_or(AssignError::OperatorNotFound)?;
        if !is_active(assignee) {
            return Err(AssignError::AssigneeInactive.into());
        }
    }
    if conversation.closed_at.is_some() {
        return Err(AssignError::Closed.into());
    }

    let mut stay = present(&work, conversation.id).await?;
    let former = conversation.assignee_id;
    let mut draft = Draft::of(app, conversation);
    match assignee {
        None => {
            while !stay.is_empty() {
                let leaver = stay.remove(0);
                draft.leave(&work, &leaver, &stay).await?;
            }
            if draft.row().assignee_id.is_some() {
                draft.row_mut().assignee_id = None;
                draft.touch(false);
            }
        }
        Some(assignee) => {
            let leaver = stay.iter().position(|one| Some(one.operator_id) == former && one.operator_id != assignee.id);
            if let Some(position) = leaver {
                let leaver = stay.remove(position);
                draft.leave(&work, &leaver, &stay).await?;
            }
            if !stay.iter().any(|one| one.operator_id == assignee.id) {
                draft.join(&work, &assignee).await?;
            }
            if draft.row().assignee_id != Some(assignee.id) {
                draft.row_mut().assignee_id = Some(assignee.id);
                draft.touch(false);
            }
        }
    }
    let (conversation, _) = draft.save(&mut work).await?;
    work.commit().await?;
    Ok(conversation)
}

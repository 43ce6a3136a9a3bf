//! How far a visitor or an operator has read. A mark only grows.

use entity::{ConversationId, conversation, conversation_mark, message};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};

use super::{Draft, NO_SUCH_CONVERSATION, begin, begin_own, lock};
use crate::{
    access::identity::{Granted, ReadConversations, Visitor},
    app::{App, Work},
    error::{Denied, Failure, Rejection},
    input::{Invalid, Reason},
    session::queries as sessions,
};

/// Why an operator's mark was not set.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    #[error("{}", NO_SUCH_CONVERSATION)]
    NotFound,
    #[error(transparent)]
    Invalid(#[from] Invalid),
}
impl Rejection for MarkError {}

/// Why a visitor's mark was not set.
#[derive(Debug, thiserror::Error)]
pub enum MarkOwnError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
}
impl Rejection for MarkOwnError {}

fn parse(up_to: i32) -> Result<i32, Invalid> {
    if up_to >= 0 {
        return Ok(up_to);
    }
    Err(Invalid::at("upTo", Reason::BelowMinimum { min: 0 }, "The sequence must be at least 0."))
}

/// The numbers of messages of the visitor and of operators up to a sequence, from 1 on.
async fn counts(work: &Work, conversation: &conversation::Model, up_to: i32) -> Result<(i32, i32), DbErr> {
    if up_to == conversation.last_sequence {
        return Ok((conversation.visitor_messages, conversation.operator_messages));
    }
    let found = message::Entity::find_by_id((conversation.id, up_to)).one(&**work).await?;
    let found = found.ok_or_else(|| DbErr::RecordNotFound(format!("message {up_to} of {}", conversation.id)))?;
    Ok((found.visitor_messages, found.operator_messages))
}

/// Records that the caller has read up to a sequence. No effect if the caller has read further.
pub async fn mark(
    app: &App,
    actor: &Granted<ReadConversations>,
    id: Option<ConversationId>,
    up_to: i32,
) -> Result<conversation::Model, Failure<MarkError>> {
    let up_to = parse(up_to).map_err(MarkError::from)?;
    let mut work = begin(app, id).await?;
    let me = sessions::find_operator(&*work, actor.signed_in()).await?.ok_or(Denied::Unauthenticated)?;
    let conversation = lock(&work, actor.account_id(), id).await?.ok_or(MarkError::NotFound)?;
    let up_to = up_to.min(conversation.last_sequence);
    let before = conversation_mark::Entity::find_by_id((conversation.id, me.id)).one(&*work).await?;
    if up_to <= before.map_or(0, |mark| mark.read_up_to) {
        return Ok(conversation);
    }
    let (visitor_messages, _) = counts(&work, &conversation, up_to).await?;
    let mark = conversation_mark::ActiveModel {
        conversation_id: Set(conversation.id),
        operator_id: Set(me.id),
        account_id: Set(conversation.account_id),
        read_up_to: Set(up_to),
        visitor_messages: Set(visitor_messages),
    };
    let key = [conversation_mark::Column::ConversationId, conversation_mark::Column::OperatorId];
    let values = [conversation_mark::Column::ReadUpTo, conversation_mark::Column::VisitorMessages];
    let on_conflict = OnConflict::columns(key).update_columns(values).to_owned();
    conversation_mark::Entity::insert(mark).on_conflict(on_conflict).exec_without_returning(&*work).await?;

    let mut draft = Draft::of(app, conversation);
    let is_furthest = up_to > draft.row().operator_read_up_to;
    if is_furthest {
        draft.row_mut().operator_read_up_to = up_to;
    }
    draft.touch(is_furthest);
    let (conversation, _) = draft.save(&mut work).await?;
    work.commit().await?;
    Ok(conversation)
}

/// Records that the visitor has read up to a sequence of the latest conversation. `None` if there
/// is none. No effect if the visitor has read further.
pub async fn mark_own(
    app: &App,
    holder: &Visitor,
    widget_key: &str,
    up_to: i32,
) -> Result<Option<conversation::Model>, Failure<MarkOwnError>> {
    let up_to = parse(up_to).map_err(MarkOwnError::from)?;
    let Some((mut work, _, conversation)) = begin_own(app, widget_key, holder).await? else { return Ok(None) };
    let up_to = up_to.min(conversation.last_sequence);
    if up_to <= conversation.visitor_read_up_to {
        return Ok(Some(conversation));
    }
    let (_, operator_messages) = counts(&work, &conversation, up_to).await?;
    let mut draft = Draft::of(app, conversation);
    draft.row_mut().visitor_read_up_to = up_to;
    draft.row_mut().visitor_read_operator_messages = operator_messages;
    draft.touch(true);
    let (conversation, _) = draft.save(&mut work).await?;
    work.commit().await?;
    Ok(Some(conversation))
}

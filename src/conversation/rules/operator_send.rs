//! Sending a message to a visitor.

use entity::{ConversationId, OperatorId, ParticipationId, conversation, message, participation};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ExprTrait as _, JoinType, QuerySelect, RelationTrait as _};

use super::{CLOSED, Draft, INACTIVE, NO_SUCH_CONVERSATION, begin, is_active, lock};
use crate::{
    access::identity::{Chat, Granted},
    app::{App, Work, chat_figures::Side},
    conversation::queries,
    error::{Failure, Faults, Rejection},
    input::{ChatText, ClientMessageId, Invalid, debug_hides},
    presence::Typer,
    session::rules::lock_actor,
};

/// Most messages that a refusal names.
const MOST_NEWER: u64 = 100;

/// A message as typed.
pub struct OperatorMessage {
    pub client_message_id: String,
    pub text: String,
    /// The greatest sequence that the operator has seen. `None`: the message is sent in any case.
    pub if_last_sequence: Option<i32>,
}
debug_hides!(OperatorMessage);

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("{}", NO_SUCH_CONVERSATION)]
    NotFound,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("This message id belongs to a message with another text.")]
    Reused,
    #[error("{}", INACTIVE)]
    Inactive,
    #[error("{}", CLOSED)]
    Closed,
    /// With the newest ones, at most [`MOST_NEWER`]; oldest first.
    #[error("More messages were written in the meantime.")]
    Newer(Vec<message::Model>),
}
impl Rejection for SendError {}

/// Sends a message. The caller joins first where necessary, and the visitor's wait ends.
///
/// A repeat, with the same id and text, returns the first message, whatever has happened since.
pub async fn send(
    app: &App,
    actor: &Granted<Chat>,
    id: Option<ConversationId>,
    new: OperatorMessage,
) -> Result<(message::Model, conversation::Model), Failure<SendError>> {
    let mut faults = Faults::<SendError>::default();
    let text = ChatText::parse(&new.text).map_err(|fault| Invalid::typed("text", "The message", fault));
    let text = faults.note(text);
    let client_id = ClientMessageId::parse(new.client_message_id);
    let client_id = client_id.map_err(|fault| Invalid::typed("clientMessageId", "The message id", fault));
    let client_id = faults.note(client_id);
    faults.check()?;
    let (text, client_id) = text.zip(client_id).expect("faults are checked above");

    let mut work = begin(app, id).await?;
    let (me, _) = lock_actor(&work, actor, &[]).await?;
    let conversation = lock(&work, actor.account_id(), id).await?.ok_or(SendError::NotFound)?;
    let (stay, repeated) = look(&work, conversation.id, me.id, &client_id).await?;
    if let Some(sequence) = repeated {
        let found = message::Entity::find_by_id((conversation.id, sequence)).one(&*work).await?;
        let found = found.ok_or_else(|| DbErr::RecordNotFound("a message that was just found".to_owned()))?;
        let is_same = found.text.as_deref() == Some(text.as_str());
        return if is_same { Ok((found, conversation)) } else { Err(SendError::Reused.into()) };
    }
    if !is_active(&me) {
        return Err(SendError::Inactive.into());
    }
    if conversation.closed_at.is_some() {
        return Err(SendError::Closed.into());
    }
    if let Some(seen) = new.if_last_sequence
        && conversation.last_message_sequence.is_some_and(|last| last > seen)
    {
        // Messages never change, so they are read without the locks.
        drop(work);
        let newer = queries::list_newer(app.db(), actor.account_id(), conversation.id, seen, MOST_NEWER).await?;
        return Err(SendError::Newer(newer).into());
    }

    let mut draft = Draft::of(app, conversation);
    let stay = match stay {
        Some(stay) => stay,
        None => draft.join(&work, &me).await?.id,
    };
    draft.operator_text(me.id, stay, &client_id, text);
    let (conversation, messages) = draft.save(&mut work).await?;
    work.commit().await?;
    app.chat.sent(Side::Operator);
    app.presence.wrote((&conversation).into(), Typer::Operator(actor.operator_id()));
    let sent = messages.into_iter().find(|message| message.text.is_some());
    Ok((sent.expect("a text was appended"), conversation))
}

/// Whether an operator takes part in a conversation that was locked, and the sequence of the
/// operator's message with this id: one statement for both.
async fn look(
    work: &Work,
    id: ConversationId,
    operator_id: OperatorId,
    client_id: &ClientMessageId,
) -> Result<(Option<ParticipationId>, Option<i32>), DbErr> {
    let stays = participation::Relation::Conversation.def().rev().on_condition(move |_, _| {
        participation::COLUMN.operator_id.eq(operator_id).and(participation::COLUMN.left_at.is_null()).into()
    });
    let client_id = client_id.as_bytes().to_vec();
    let repeats = message::Relation::Conversation.def().rev().on_condition(move |_, _| {
        let same = message::COLUMN.client_message_id.eq(client_id.clone());
        message::COLUMN.operator_id.eq(operator_id).and(same).into()
    });
    let found = conversation::Entity::find_by_id(id)
        .select_only()
        .column_as(participation::Column::Id, "stay")
        .column_as(message::Column::Sequence, "repeated")
        .join(JoinType::LeftJoin, stays)
        .join(JoinType::LeftJoin, repeats)
        .into_tuple()
        .one(&**work)
        .await?;
    found.ok_or_else(|| DbErr::RecordNotFound(format!("conversation {id}")))
}

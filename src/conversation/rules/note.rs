//! Notes of operators about a conversation, which visitors never see.

use entity::{ConversationId, NoteId, note};
use sea_orm::{ActiveModelTrait as _, EntityTrait, IntoActiveModel};

use super::{Draft, NO_SUCH_CONVERSATION, begin, lock};
use crate::{
    access::identity::{Granted, ReadConversations},
    app::App,
    error::{Denied, Failure, Rejection},
    input::{ChatText, Invalid},
    session::queries as sessions,
};

/// Why a note was not added.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    #[error("{}", NO_SUCH_CONVERSATION)]
    NotFound,
    #[error(transparent)]
    Invalid(#[from] Invalid),
}
impl Rejection for NoteError {}

/// Adds a note to a conversation, which may be closed.
pub async fn add_note(
    app: &App,
    actor: &Granted<ReadConversations>,
    id: Option<ConversationId>,
    text: &str,
) -> Result<note::Model, Failure<NoteError>> {
    let text = ChatText::parse(text);
    let text = text.map_err(|fault| NoteError::Invalid(Invalid::typed("text", "The note", fault)))?;
    let mut work = begin(app, id).await?;
    let me = sessions::find_operator(&*work, actor.signed_in()).await?.ok_or(Denied::Unauthenticated)?;
    let conversation = lock(&work, actor.account_id(), id).await?.ok_or(NoteError::NotFound)?;
    let mut draft = Draft::of(app, conversation);
    let note = note::Model {
        id: NoteId::new(),
        account_id: draft.row().account_id,
        conversation_id: draft.row().id,
        operator_id: me.id,
        text: text.into(),
        created_at: app.clock.now(),
        revision: draft.touch_quietly(),
    };
    note::Entity::insert(note.clone().into_active_model().reset_all()).exec_without_returning(&*work).await?;
    draft.save(&mut work).await?;
    work.commit().await?;
    Ok(note)
}

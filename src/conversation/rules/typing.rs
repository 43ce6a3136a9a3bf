//! Who types. [`Presence`](crate::presence) keeps it in memory, and nothing is written.
//!
//! A statement is run only if this server does not know which conversation is meant: not while the
//! conversation is followed here or an operator types in it, and for a visitor not within a minute
//! of the last statement. An operator's seat is the one that was read with the session.

use entity::ConversationId;
use sea_orm::DbErr;

use super::{INACTIVE, NO_SUCH_CONVERSATION};
use crate::{
    access::identity::{Chat, Granted, Visitor},
    app::App,
    conversation::queries,
    error::{Failure, Rejection},
    presence::{ChatKey, Place, Typer},
    visitor::queries::find_at_widget,
};

/// Why an operator does not type.
#[derive(Debug, thiserror::Error)]
pub enum TypingError {
    #[error("{}", NO_SUCH_CONVERSATION)]
    NotFound,
    #[error("{}", INACTIVE)]
    Inactive,
}
impl Rejection for TypingError {}

/// Records that an operator types, or has stopped. More than one sign in 3 s is ignored.
pub async fn set_typing(
    app: &App,
    actor: &Granted<Chat>,
    id: Option<ConversationId>,
    is_typing: bool,
) -> Result<(), Failure<TypingError>> {
    let (id, account_id) = (id.ok_or(TypingError::NotFound)?, actor.account_id());
    let is_own = match app.presence.account_of(id) {
        Some(of) => of == account_id,
        None => queries::find(app.db(), account_id, id).await?.is_some(),
    };
    if !is_own {
        return Err(TypingError::NotFound.into());
    }
    // Read with the session. Typing of an operator who has just lost the seat ends by itself.
    if !actor.signed_in().is_active() {
        return Err(TypingError::Inactive.into());
    }
    let place = Place { account_id, conversation_id: id };
    app.presence.types(place, Typer::Operator(actor.operator_id()), is_typing);
    Ok(())
}

/// Records that a visitor types, or has stopped. No effect if the visitor has not written to the
/// account, or beyond the rate limit. Operators are not shown that a blocked visitor types, which
/// is not known here.
pub async fn set_own_typing(app: &App, holder: &Visitor, widget_key: &str, is_typing: bool) -> Result<(), DbErr> {
    let key = ChatKey::new(holder.key(), widget_key);
    let place = if let Some(place) = app.presence.chat_of(key) {
        place
    } else {
        let Some(found) = find_at_widget(app.db(), widget_key, holder).await? else { return Ok(()) };
        let Some(conversation_id) = found.conversation_id else { return Ok(()) };
        let place = Place { account_id: found.account_id, conversation_id };
        app.presence.remember_chat(key, place);
        place
    };
    // Counted only now, because tokens that are made up would fill the memory with buckets.
    if is_typing && app.throttle.chat_typing(holder).is_err() {
        return Ok(());
    }
    app.presence.types(place, Typer::Visitor, is_typing);
    Ok(())
}

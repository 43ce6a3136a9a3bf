//! What may happen in conversations.
//!
//! Every rule locks the conversation's row before it reads anything about the conversation, and
//! holds the lock until the commit. Locks are taken in this order: operators, the session, the
//! visitor, conversations; several rows of a kind in the order of their ids. No rule locks an
//! account. [`Draft`] is the only writer of conversations and their messages.

mod assign;
mod close;
mod draft;
mod join;
mod mark;
mod note;
mod operator_send;
mod profile;
mod queue;
mod reopen;
mod typing;
mod visitor_send;

use chrono::{DateTime, Utc};
use entity::{AccountId, ConversationId, VisitorId, conversation, operator, visitor};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType};

use self::draft::Draft;
pub use self::{
    assign::{AssignError, Assignee, assign},
    close::{CloseError, CloseOwnError, close, close_own, close_silent},
    join::{JoinError, LeaveError, join, leave},
    mark::{MarkError, MarkOwnError, mark, mark_own},
    note::{NoteError, add_note},
    operator_send::{OperatorMessage, SendError, send},
    profile::{BlockError, ProfileError, UnblockError, VisitorProfile, block, unblock, update_profile},
    queue::{repair, return_to_queue},
    reopen::{ReopenError, reopen},
    typing::{TypingError, set_own_typing, set_typing},
    visitor_send::{SendChatError, VisitorMessage, send_own},
};
use crate::{
    access::identity::Visitor,
    app::{App, Work},
    bus::Topic,
    error::Denied,
    visitor::{queries::find_at_widget, rules as visitors},
};

/// The message for an unknown conversation, or one of another account.
const NO_SUCH_CONVERSATION: &str = "There is no such conversation.";
const CLOSED: &str = "The conversation is closed. Reopen it first.";
const INACTIVE: &str = "Inactive operators cannot chat. Activate the operator first.";

/// A conversation closes at this number of messages, and the visitor's next message begins another.
pub const MAX_MESSAGES: i32 = 10_000;

/// Locks a conversation of an account.
async fn lock(
    work: &Work,
    account_id: AccountId,
    id: Option<ConversationId>,
) -> Result<Option<conversation::Model>, DbErr> {
    let Some(id) = id else { return Ok(None) };
    let found = conversation::Entity::find_by_id(id).filter(conversation::COLUMN.account_id.eq(account_id));
    found.lock(LockType::NoKeyUpdate).one(&**work).await
}

/// Locks the conversation of a visitor that began last. The caller has locked the visitor, so that
/// no other conversation begins.
async fn lock_latest(work: &Work, visitor_id: VisitorId) -> Result<Option<conversation::Model>, DbErr> {
    conversation::Entity::find()
        .filter(conversation::COLUMN.visitor_id.eq(visitor_id))
        .order_by_desc(conversation::Column::StartedAt)
        .order_by_desc(conversation::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .one(&**work)
        .await
}

/// Begins a change of one conversation. An id that is none of this server waits nowhere.
async fn begin(app: &App, id: Option<ConversationId>) -> Result<Work, DbErr> {
    match id {
        Some(id) => app.begin_at(id.0).await,
        None => app.begin().await,
    }
}

/// The time of the next message: never before that of the last one, whatever the clock says.
fn time_of_next(app: &App, conversation: &conversation::Model) -> DateTime<Utc> {
    app.clock.now().max(conversation.last_activity_at)
}

/// The visitor of a request, which a token shows.
///
/// # Errors
/// [`Denied::Unauthenticated`] without a visitor's token.
pub fn holder(visitor: Option<&Visitor>) -> Result<&Visitor, Denied> {
    visitor.ok_or(Denied::Unauthenticated)
}

/// Where a visitor's own change happens: in the latest conversation. Both rows are locked. `None`
/// if the visitor has not written to the account, or the account does not exist: the change then
/// has no effect. The caller checks whether the visitor is blocked.
async fn begin_own(
    app: &App,
    widget_key: &str,
    holder: &Visitor,
) -> Result<Option<(Work, visitor::Model, conversation::Model)>, DbErr> {
    let Some(found) = find_at_widget(app.db(), widget_key, holder).await? else { return Ok(None) };
    let (Some(visitor_id), Some(conversation_id)) = (found.visitor_id, found.conversation_id) else { return Ok(None) };
    let work = app.begin_at(conversation_id.0).await?;
    let Some(visitor) = visitors::lock(&work, visitor_id).await? else { return Ok(None) };
    let latest = lock_latest(&work, visitor_id).await?;
    Ok(latest.map(|latest| (work, visitor, latest)))
}

/// Whether an operator takes part in chats now.
fn is_active(operator: &operator::Model) -> bool {
    operator.is_active()
}

/// Announces that the conversation changed, and that lists show it differently.
fn announce(work: &mut Work, conversation: &conversation::Model) {
    work.announce(Topic::Conversation(conversation.id).at(conversation.revision));
    work.announce(Topic::ConversationList(conversation.account_id).at(0));
}

//! Sending a message to the operators of an account.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{AccountId, OperatorId, VisitorId, conversation, message, operator};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::{
    Draft, MAX_MESSAGES, VisitorProfile, lock_latest,
    profile::{ParsedProfile, touch_earlier},
};
use crate::{
    access::{identity::Visitor, throttle::TooMany},
    app::{App, Work, chat_figures::Side},
    availability,
    conversation::queries,
    error::{Failure, Faults, Rejection},
    input::{ChatText, ClientMessageId, Invalid, PageView, debug_hides},
    presence::Typer,
    visitor::{
        queries::{WidgetAccount, find_at_widget, find_by_token},
        rules::{self as visitors, Registered},
    },
};

/// A message as sent.
pub struct VisitorMessage {
    pub widget_key: String,
    pub client_message_id: String,
    pub text: String,
    /// Where the visitor writes from. `None`: what is known stays.
    pub page: Option<PageView>,
    /// Never clears a field.
    pub profile: VisitorProfile,
}
debug_hides!(VisitorMessage);

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendChatError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("This message id belongs to a message with another text.")]
    Reused,
    #[error("Messages are not accepted here at the moment.")]
    Unavailable,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for SendChatError {}

/// How often a send begins again because another one created the visitor, or deleted it.
const TRIES: u32 = 5;

/// A message that was parsed.
struct Parsed {
    client_id: ClientMessageId,
    text: ChatText,
    page: Option<PageView>,
    profile: ParsedProfile,
    /// What is wrong with the profile, which a repeat ignores.
    profile_faults: Vec<Invalid>,
}

/// Sends a visitor's message, and begins or reopens a conversation where none goes on.
///
/// A repeat, with the same id and text, returns the first message and its conversation, whatever
/// has happened since.
pub async fn send_own(
    app: &App,
    holder: &Visitor,
    client: IpAddr,
    new: VisitorMessage,
) -> Result<(message::Model, conversation::Model), Failure<SendChatError>> {
    app.throttle.chat_message(holder, client).map_err(SendChatError::from)?;
    let widget_key = new.widget_key.clone();
    let parsed = parse(new)?;
    for tried in 1..=TRIES {
        let found = find_at_widget(app.db(), &widget_key, holder).await?;
        let found = found.ok_or(SendChatError::Unavailable)?;
        if let Some(sent) = try_once(app, holder, client, &found, &parsed, tried == TRIES).await? {
            return Ok(sent);
        }
    }
    Err(anyhow::anyhow!("a visitor was created and deleted again and again").into())
}

fn parse(new: VisitorMessage) -> Result<Parsed, Failure<SendChatError>> {
    let (mut faults, mut profile_faults) = (Faults::<SendChatError>::default(), Faults::<Invalid>::default());
    let text = ChatText::parse(&new.text).map_err(|fault| Invalid::typed("text", "The message", fault));
    let text = faults.note(text);
    let client_id = ClientMessageId::parse(new.client_message_id);
    let client_id = client_id.map_err(|fault| Invalid::typed("clientMessageId", "The message id", fault));
    let client_id = faults.note(client_id);
    let profile = new.profile.parse(&["visitor"], &mut profile_faults);
    let Some((text, client_id)) = text.zip(client_id) else {
        for fault in profile_faults.into_inner() {
            faults.note::<(), _>(Err(fault));
        }
        return Err(Failure::Rejected(faults.into_inner()));
    };
    Ok(Parsed { client_id, text, page: new.page, profile, profile_faults: profile_faults.into_inner() })
}

/// One try. `None` if the visitor was created or deleted after `found` was read, or, unless it is
/// the last try, if the assignee of a conversation to reopen is another one.
async fn try_once(
    app: &App,
    holder: &Visitor,
    client: IpAddr,
    found: &WidgetAccount,
    new: &Parsed,
    is_last: bool,
) -> Result<Option<(message::Model, conversation::Model)>, Failure<SendChatError>> {
    let turn = found.conversation_id.map_or(holder.key().0, |id| id.0);
    let mut work = app.begin_at(turn).await?;
    let Some(visitor_id) = found.visitor_id else {
        // Another first message may have had the turn before, and limits count beginnings only.
        if find_by_token(&*work, found.account_id, holder).await?.is_some() {
            return Ok(None);
        }
        refuse(app, found, None, new)?;
        app.throttle.chat_start(client).map_err(SendChatError::from)?;
        app.throttle.new_visitor(found.account_id, client).map_err(SendChatError::from)?;
        let profile = (&new.profile.name, &new.profile.email);
        let registered =
            visitors::register(app, &mut work, found.account_id, holder, new.text.as_str().len(), profile).await?;
        let Registered::New(visitor_id) = registered else { return Ok(None) };
        let draft = Draft::begin(app, found.account_id, visitor_id);
        return finish(app, work, draft, new).await.map(Some);
    };
    let expected = found.assignee_id.filter(|_| found.closed_at.is_some_and(|closed_at| is_recent(app, closed_at)));
    let assignee = lock_assignee(&work, found.account_id, expected).await?;
    // Locks the visitor.
    let sent =
        visitors::note_send(app, &work, visitor_id, new.text.as_str().len(), &new.profile.name, &new.profile.email)
            .await?;
    let Some(visitor) = sent else { return Ok(None) };
    let latest = lock_latest(&work, visitor_id).await?;
    if let Some(first) = find_repeated(&work, visitor_id, &new.client_id).await? {
        if first.text.as_deref() != Some(new.text.as_str()) {
            return Err(SendChatError::Reused.into());
        }
        let in_latest = latest.filter(|latest| latest.id == first.conversation_id);
        let conversation = match in_latest {
            Some(latest) => Some(latest),
            None => queries::find(&*work, found.account_id, first.conversation_id).await?,
        };
        let conversation =
            conversation.ok_or_else(|| DbErr::RecordNotFound("a message without a conversation".to_owned()))?;
        return Ok(Some((first, conversation)));
    }
    refuse(app, found, Some(&visitor), new)?;

    let draft = match latest.filter(|latest| goes_on(app, latest)) {
        Some(latest) if latest.closed_at.is_none() => Draft::of(app, latest),
        // It was closed or assigned since it was found.
        Some(closed) if closed.assignee_id.is_some() && closed.assignee_id != expected && !is_last => {
            return Ok(None);
        }
        Some(closed) => {
            let assignee = assignee.filter(|operator| {
                closed.assignee_id == Some(operator.id) && availability::is_available(operator.into())
            });
            let mut draft = Draft::of(app, closed);
            draft.reopen(assignee.map(|operator| operator.id));
            draft
        }
        None => {
            app.throttle.chat_start(client).map_err(SendChatError::from)?;
            visitors::begin_another(&mut work, visitor_id).await?;
            Draft::begin(app, found.account_id, visitor_id)
        }
    };
    if new.profile.is_given() {
        touch_earlier(&mut work, draft.row()).await?;
    }
    finish(app, work, draft, new).await.map(Some)
}

/// The refusals that a repeat ignores.
fn refuse(
    app: &App,
    found: &WidgetAccount,
    visitor: Option<&entity::visitor::Model>,
    new: &Parsed,
) -> Result<(), Failure<SendChatError>> {
    if !new.profile_faults.is_empty() {
        return Err(Failure::Rejected(new.profile_faults.iter().cloned().map(SendChatError::from).collect()));
    }
    let is_blocked = visitor.is_some_and(|visitor| visitors::is_blocked(app, visitor));
    if !found.is_chat_enabled || is_blocked {
        return Err(SendChatError::Unavailable.into());
    }
    if let Some(wait) = visitor.and_then(|visitor| visitors::day_is_spent(app, visitor)) {
        return Err(SendChatError::TooMany(TooMany::after(wait)).into());
    }
    Ok(())
}

/// Whether the next message of the visitor belongs to this conversation.
fn goes_on(app: &App, latest: &conversation::Model) -> bool {
    let Some(closed_at) = latest.closed_at else { return true };
    latest.last_sequence < MAX_MESSAGES && is_recent(app, closed_at)
}

/// Whether a conversation that was closed then can be reopened by the visitor.
fn is_recent(app: &App, closed_at: DateTime<Utc>) -> bool {
    let within = TimeDelta::from_std(app.config.chat.reopen_within).unwrap_or(TimeDelta::MAX);
    app.clock.now() - closed_at < within
}

/// Locks the assignee of a conversation that may be reopened, so that the seat stays as it is until
/// the commit. Called before the visitor is locked, since operators come first.
async fn lock_assignee(
    work: &Work,
    account_id: AccountId,
    id: Option<OperatorId>,
) -> Result<Option<operator::Model>, DbErr> {
    let Some(id) = id else { return Ok(None) };
    let found = operator::Entity::find_by_id(id).filter(operator::COLUMN.account_id.eq(account_id));
    found.lock_shared().one(&**work).await
}

async fn find_repeated(
    work: &Work,
    visitor_id: VisitorId,
    client_id: &ClientMessageId,
) -> Result<Option<message::Model>, DbErr> {
    message::Entity::find()
        .filter(message::COLUMN.visitor_id.eq(visitor_id))
        .filter(message::COLUMN.client_message_id.eq(client_id.as_bytes().to_vec()))
        .one(&**work)
        .await
}

async fn finish(
    app: &App,
    mut work: Work,
    mut draft: Draft,
    new: &Parsed,
) -> Result<(message::Model, conversation::Model), Failure<SendChatError>> {
    if let Some(page) = &new.page {
        let row = draft.row_mut();
        row.page_url = Some(page.url.clone());
        row.page_title.clone_from(&page.title);
        row.page_referrer.clone_from(&page.referrer);
    }
    draft.visitor_text(&new.client_id, new.text.clone());
    let (conversation, messages) = draft.save(&mut work).await?;
    work.commit().await?;
    app.chat.sent(Side::Visitor);
    app.presence.wrote((&conversation).into(), Typer::Visitor);
    let sent = messages.into_iter().find(|message| message.text.is_some());
    Ok((sent.expect("a text was appended"), conversation))
}

//! What a visitor says about themselves, and whether a visitor may write.

use std::net::IpAddr;

use chrono::{DateTime, SubsecRound as _, Utc};
use entity::{VisitorId, conversation, visitor};
use sea_orm::{ColumnTrait as _, DbErr, EntityTrait, ExprTrait as _, QueryFilter, sea_query::Expr};

use super::{Draft, INACTIVE, begin_own, is_active, lock_latest};
use crate::{
    access::{
        identity::{Chat, Granted, Visitor},
        throttle::TooMany,
    },
    app::{App, Work},
    bus::Topic,
    error::{Failure, Faults, Rejection},
    input::{Change, EmailAddress, Invalid, Name, Reason, debug_hides},
    session::rules::lock_actor,
    visitor::rules as visitors,
};

/// What a visitor says about themselves, as typed.
#[derive(Default)]
pub struct VisitorProfile {
    pub name: Change<String>,
    pub email: Change<String>,
}
debug_hides!(VisitorProfile);

/// The same, parsed.
#[derive(Default)]
pub(super) struct ParsedProfile {
    pub name: Change<String>,
    pub email: Change<String>,
}
debug_hides!(ParsedProfile);

impl ParsedProfile {
    /// Whether it has a value, which may be another one.
    pub(super) fn is_given(&self) -> bool {
        matches!(self.name, Change::To(_)) || matches!(self.email, Change::To(_))
    }
}

impl VisitorProfile {
    /// Parses both fields, which are at `path` in the input.
    pub(super) fn parse<R: From<Invalid>>(self, path: &[&str], faults: &mut Faults<R>) -> ParsedProfile {
        let at = |field: &str, mut fault: Invalid| {
            fault.path = path.iter().copied().chain([field]).map(str::to_owned).collect();
            fault
        };
        let name = self.name.parse(|typed| {
            let name = Name::parse(&typed).map_err(|fault| Invalid::typed("name", "The name", fault));
            name.map(|name| name.as_str().to_owned()).map_err(|fault| at("name", fault))
        });
        let email = self.email.parse(|typed| {
            let email = EmailAddress::parse(&typed).map_err(|fault| Invalid::typed("email", "The address", fault));
            email.map(|email| email.address().to_owned()).map_err(|fault| at("email", fault))
        });
        let (name, email) = (faults.note(name), faults.note(email));
        ParsedProfile { name: name.unwrap_or_default(), email: email.unwrap_or_default() }
    }
}

/// Why a visitor's profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for ProfileError {}

/// Changes the visitor's name and address. `None`, and no effect, if the visitor has not written.
/// No effect while the visitor is blocked.
pub async fn update_profile(
    app: &App,
    holder: &Visitor,
    client: IpAddr,
    widget_key: &str,
    profile: VisitorProfile,
) -> Result<Option<conversation::Model>, Failure<ProfileError>> {
    app.throttle.chat_message(holder, client).map_err(ProfileError::from)?;
    let mut faults = Faults::<ProfileError>::default();
    let profile = profile.parse(&[], &mut faults);
    faults.check()?;
    let Some((mut work, before, conversation)) = begin_own(app, widget_key, holder).await? else { return Ok(None) };
    if visitors::is_blocked(app, &before) {
        return Ok(Some(conversation));
    }
    let after = visitors::set_profile(&work, before.clone(), profile.name, profile.email).await?;
    if before == after {
        return Ok(Some(conversation));
    }
    let conversation = touch(app, &mut work, conversation, true).await?;
    touch_earlier(&mut work, &conversation).await?;
    work.commit().await?;
    Ok(Some(conversation))
}

/// Counts a change of the visitor, who is locked, as one of each conversation before the latest.
/// Operators may follow them as well.
///
/// Who locks several conversations of a visitor locks the visitor before, or only those that are
/// not closed. So the order of these is of no importance.
pub(super) async fn touch_earlier(work: &mut Work, latest: &conversation::Model) -> Result<(), DbErr> {
    use conversation::Column;
    let touched = conversation::Entity::update_many()
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(conversation::COLUMN.account_id.eq(latest.account_id))
        .filter(conversation::COLUMN.visitor_id.eq(latest.visitor_id))
        .filter(conversation::COLUMN.id.ne(latest.id))
        .exec_with_returning(&**work)
        .await?;
    for row in touched {
        work.announce(Topic::Conversation(row.id).at(row.revision));
    }
    Ok(())
}

/// Counts a change of the visitor as one of the conversation, so that all who follow it see it.
async fn touch(
    app: &App,
    work: &mut Work,
    conversation: conversation::Model,
    is_visible: bool,
) -> anyhow::Result<conversation::Model> {
    let mut draft = Draft::of(app, conversation);
    draft.touch(is_visible);
    Ok(draft.save(work).await?.0)
}

/// Why a visitor was not blocked or unblocked.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    #[error("There is no such visitor.")]
    NotFound,
    #[error("{}", INACTIVE)]
    Inactive,
    #[error(transparent)]
    Invalid(#[from] Invalid),
}
impl Rejection for BlockError {}

/// Why a visitor was not unblocked.
#[derive(Debug, thiserror::Error)]
pub enum UnblockError {
    #[error("There is no such visitor.")]
    NotFound,
    #[error("{}", INACTIVE)]
    Inactive,
}
impl Rejection for UnblockError {}

/// Refuses the messages of a visitor until a time, or for ever. Open conversations stay open.
pub async fn block(
    app: &App,
    actor: &Granted<Chat>,
    id: Option<VisitorId>,
    until: Option<DateTime<Utc>>,
) -> Result<visitor::Model, Failure<BlockError>> {
    // The databases store whole microseconds.
    let until = until.map(|until| until.trunc_subsecs(6));
    if until.is_some_and(|until| until <= app.clock.now()) {
        let past = Invalid::at("until", Reason::Past, "The end of the block must be in the future.");
        return Err(BlockError::from(past).into());
    }
    let until = until.unwrap_or(visitors::FOR_EVER);
    set_block(app, actor, id, Some(until), BlockError::NotFound, BlockError::Inactive).await
}

/// Accepts the messages of a visitor again. No effect if the visitor is not blocked.
pub async fn unblock(
    app: &App,
    actor: &Granted<Chat>,
    id: Option<VisitorId>,
) -> Result<visitor::Model, Failure<UnblockError>> {
    set_block(app, actor, id, None, UnblockError::NotFound, UnblockError::Inactive).await
}

async fn set_block<R: Rejection>(
    app: &App,
    actor: &Granted<Chat>,
    id: Option<VisitorId>,
    until: Option<DateTime<Utc>>,
    not_found: R,
    inactive: R,
) -> Result<visitor::Model, Failure<R>> {
    let mut work = app.begin().await?;
    let (me, _) = lock_actor(&work, actor, &[]).await?;
    let found = match id {
        Some(id) => visitors::lock_row(&work, actor.account_id(), id).await?,
        None => None,
    };
    let visitor = found.ok_or(not_found)?;
    if !is_active(&me) {
        return Err(inactive.into());
    }
    if visitor.blocked_until == until {
        return Ok(visitor);
    }
    let visitor = visitors::set_block(&work, visitor, until).await?;
    if let Some(conversation) = lock_latest(&work, visitor.id).await? {
        let conversation = touch(app, &mut work, conversation, false).await?;
        touch_earlier(&mut work, &conversation).await?;
    }
    work.commit().await?;
    Ok(visitor)
}

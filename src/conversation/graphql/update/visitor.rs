//! Follows a visitor's token to the visitor, and the visitor to the latest conversation.

use std::time::Duration;

use edge::Rest;
use entity::AccountId;
use futures_util::{Stream, future::pending, stream};
use sea_orm::DbErr;
use tokio::time::{Instant, sleep_until};

use super::{Chat, ChatMessage, ChatUpdate, retry};
use crate::{
    access::identity::Visitor,
    app::App,
    bus::{Delivery, GONE, Listener, Topic},
    conversation::{
        feed::{Change, Cursor, Feed, Follower, Item, RETRY_AFTER, Rested, Side},
        queries,
    },
    presence::{ChatKey, HereGuard},
    visitor::queries as visitors,
};

/// What a subscription has asked for.
pub(super) struct Asked {
    pub account_id: AccountId,
    pub holder: Option<(Visitor, ChatKey)>,
    pub after: Option<String>,
    pub shows_presence: bool,
}

/// Follows the chat of a holder of a token, or of a caller without one.
pub(super) struct Follow {
    feed: Feed,
    account_id: AccountId,
    holder: Option<(Visitor, ChatKey)>,
    has: Has,
    stage: Stage,
    shows_presence: bool,
    /// Held while the visitor follows a conversation.
    here: Option<HereGuard>,
    /// When to rest if nothing happens until then. `None` before the first item with a
    /// conversation.
    rests_at: Option<Instant>,
}

/// What the client has received.
enum Has {
    /// What its cursor says. `None`: nothing.
    Cursor(Option<String>),
    /// That there is no conversation.
    Nothing,
    /// A part of a conversation.
    Chat,
}

enum Stage {
    /// The token, the visitor or the latest conversation may have changed. A conversation that was
    /// followed until now continues if it is still the latest.
    Look(Option<Follower>),
    /// The token belongs to no visitor.
    Token(Listener),
    /// The visitor, and the latest conversation, or the one before it until the client has all of
    /// it.
    Visitor { listener: Listener, version: i64, follower: Option<Follower>, is_ending: bool },
    /// As the one before, with a follower that rests. `rested` is present until it has continued.
    /// `is_newer`: the visitor has a later version.
    Rest { listener: Listener, version: i64, rested: Option<Rested>, is_newer: bool },
}

impl Stage {
    /// Waits until something may have happened, while the subscription rests.
    async fn woken(&mut self, feed: &Feed) {
        match self {
            Self::Token(token) => written(token).await,
            Self::Visitor { listener, version, .. } => newer(listener, *version).await,
            Self::Rest { listener, version, rested: Some(rested), is_newer } => tokio::select! {
                () = newer(listener, *version) => *is_newer = true,
                () = rested.woken(feed) => {}
            },
            Self::Rest { rested: None, .. } => {}
            Self::Look(_) => pending().await,
        }
    }
}

/// Why a stage has ended.
enum Woken {
    Due,
    Look,
    /// Nothing has happened for a while.
    Quiet,
    Over,
}

/// What comes next.
enum Next {
    Item(ChatUpdate),
    /// The subscription can rest.
    Rest,
    Over,
}

impl Follow {
    /// Boxed, because it outlives the streams: futures that take it in turn would each have room
    /// for it.
    pub(super) fn boxed(feed: Feed, asked: Asked) -> Box<Self> {
        let Asked { account_id, holder, after, shows_presence } = asked;
        Box::new(Self {
            feed,
            account_id,
            holder,
            has: Has::Cursor(after),
            stage: Stage::Look(None),
            shows_presence,
            here: None,
            rests_at: None,
        })
    }

    /// The items, until the subscription rests. It then continues from the value that is left in
    /// `rest`.
    pub(super) fn items(self: Box<Self>, app: App, rest: Rest) -> impl Stream<Item = ChatUpdate> + Send + 'static {
        stream::unfold((self, app, rest), |(mut follow, app, rest)| async move {
            match follow.next(&app).await {
                Next::Item(item) => Some((item, (follow, app, rest))),
                Next::Rest => {
                    rest.until(follow.rested());
                    None
                }
                Next::Over => None,
            }
        })
    }

    async fn next(&mut self, app: &App) -> Next {
        loop {
            let Some((holder, key)) = self.holder else {
                // A socket has one identity: no token follows.
                return self.no_chat().map_or(Next::Rest, Next::Item);
            };
            if matches!(self.stage, Stage::Rest { .. }) {
                self.wake().await;
                continue;
            }
            if let Stage::Look(follower) = &mut self.stage {
                let mut follower = follower.take();
                self.stage = match self.look(app, &holder, &mut follower).await {
                    Ok(stage) => stage,
                    Err(error) => {
                        retry(&error.into()).await;
                        Stage::Look(follower)
                    }
                };
                self.note_here(app, key);
                continue;
            }
            let is_absent = matches!(self.stage, Stage::Token(_) | Stage::Visitor { follower: None, .. });
            if is_absent {
                return self.no_chat().map_or(Next::Rest, Next::Item);
            }
            match self.woken().await {
                Woken::Look => self.stage = Stage::Look(self.take_follower()),
                Woken::Quiet => {
                    if self.may_rest(app).await {
                        return Next::Rest;
                    }
                }
                Woken::Over => return Next::Over,
                Woken::Due => {
                    let Stage::Visitor { follower: Some(follower), .. } = &mut self.stage else { continue };
                    match follower.next(app).await {
                        Ok(Some(item)) => {
                            follower.received(&item);
                            if let Some(here) = &mut self.here {
                                here.set_open(follower.is_open());
                            }
                            self.rests_at = Some(self.rests_at(app, &item));
                            self.has = Has::Chat;
                            return Next::Item(ChatUpdate::from(item));
                        }
                        Ok(None) => self.stage = Stage::Look(None),
                        Err(error) => retry(&error.into()).await,
                    }
                }
            }
        }
    }

    /// Records in which conversation the visitor is here: the one that is followed, once the rest
    /// of the one before has been received.
    fn note_here(&mut self, app: &App, key: ChatKey) {
        let follower = match &self.stage {
            Stage::Visitor { follower: Some(follower), is_ending: false, .. } => follower,
            // Not known now.
            Stage::Look(_) | Stage::Rest { .. } => return,
            Stage::Visitor { .. } | Stage::Token(_) => {
                self.here = None;
                return;
            }
        };
        if self.here.as_ref().is_none_or(|here| here.place() != follower.place()) {
            let presence = &app.presence;
            let (place, is_open) = (follower.place(), follower.is_open());
            self.here = Some(presence.visitor_is_here(place, key, is_open));
        }
    }

    /// An item without a conversation, unless the client has received one.
    fn no_chat(&mut self) -> Option<ChatUpdate> {
        let is_reset = match std::mem::replace(&mut self.has, Has::Nothing) {
            Has::Nothing => return None,
            Has::Cursor(None) => false,
            Has::Cursor(Some(after)) => Cursor::parse(&after) != Some(NO_CHAT),
            Has::Chat => true,
        };
        Some(ChatUpdate { chat: None, messages: Vec::new(), cursor: NO_CHAT.to_string(), is_reset })
    }

    fn take_follower(&mut self) -> Option<Follower> {
        match &mut self.stage {
            Stage::Visitor { follower, .. } | Stage::Look(follower) => follower.take(),
            Stage::Token(_) | Stage::Rest { .. } => None,
        }
    }

    /// When to rest after an item. A chat that was quiet before the subscription rests at once:
    /// after a restart, thousands of pages return to theirs.
    fn rests_at(&self, app: &App, item: &Item) -> Instant {
        let after = app.config.chat.rest_after;
        let quiet_for = if self.rests_at.is_some() {
            Duration::ZERO
        } else {
            let quiet_for = app.clock.now() - item.state.conversation.last_activity_at;
            quiet_for.to_std().unwrap_or_default()
        };
        Instant::now() + after.saturating_sub(quiet_for)
    }

    /// Lets the follower rest, if its client has everything.
    async fn may_rest(&mut self, app: &App) -> bool {
        self.rests_at = Some(Instant::now() + app.config.chat.rest_after.max(RETRY_AFTER));
        let Stage::Visitor { follower: Some(follower), .. } = &self.stage else { return false };
        let pause = match follower.pause(app).await {
            Ok(Some(pause)) => pause,
            Ok(None) => return false,
            Err(error) => {
                retry(&error.into()).await;
                return false;
            }
        };
        let stage = std::mem::replace(&mut self.stage, Stage::Look(None));
        if let Stage::Visitor { listener, version, follower: Some(follower), .. } = stage {
            self.stage = Stage::Rest { listener, version, rested: follower.rest(pause), is_newer: false };
        }
        true
    }

    /// Waits until something may have happened. The feed is closed when no subscriber is left, so
    /// this need not end with it.
    async fn rested(mut self: Box<Self>) -> Option<Box<Self>> {
        self.stage.woken(&self.feed).await;
        if !matches!(self.stage, Stage::Rest { .. }) {
            self.stage = Stage::Look(None);
        }
        Some(self)
    }

    /// Follows again after a rest.
    async fn wake(&mut self) {
        let Stage::Rest { rested, .. } = &mut self.stage else { return };
        let follower = match self.feed.wake(rested).await {
            Ok(follower) => follower,
            Err(error) => return retry(&error.into()).await,
        };
        self.stage = match std::mem::replace(&mut self.stage, Stage::Look(None)) {
            Stage::Rest { listener, version, is_newer: false, .. } if follower.is_some() => {
                Stage::Visitor { listener, version, follower, is_ending: false }
            }
            _ => Stage::Look(follower),
        };
    }

    /// Reads to whom the token belongs, and the latest conversation. `followed` is taken if it goes
    /// on.
    async fn look(&self, app: &App, holder: &Visitor, followed: &mut Option<Follower>) -> Result<Stage, DbErr> {
        let db = app.db();
        // Subscribe before each read, or a change between the two is lost.
        let token = app.bus.listen(Topic::VisitorToken(holder.key_at(self.account_id)));
        let Some(visitor) = visitors::find_by_token(db, self.account_id, holder).await? else {
            return Ok(Stage::Token(token));
        };
        let listener = app.bus.listen(Topic::Visitor(visitor.id));
        let version = visitor.version;
        let Some(latest) = queries::find_latest(db, self.account_id, visitor.id).await? else {
            return Ok(Stage::Visitor { listener, version, follower: None, is_ending: false });
        };
        let is_other = followed.as_ref().is_some_and(|followed| followed.id() != latest.id);
        // The rest of the conversation before comes first.
        let is_ending = match followed {
            Some(followed) if is_other => followed.has_more(app).await?,
            _ => false,
        };
        let follower = match followed.take_if(|_| is_ending || !is_other) {
            Some(followed) => Some(followed),
            None => self.begin(app, &latest, version == 1).await?,
        };
        Ok(Stage::Visitor { listener, version, follower, is_ending })
    }

    /// Begins to follow a conversation, where the client continues. `is_first`: the visitor has no
    /// other.
    async fn begin(
        &self,
        app: &App,
        latest: &entity::conversation::Model,
        is_first: bool,
    ) -> Result<Option<Follower>, DbErr> {
        let Some(mut follower) = self.feed.follow(latest, Side::Visitor).await? else { return Ok(None) };
        if self.shows_presence {
            follower.show_presence(&app.presence);
        }
        match &self.has {
            Has::Nothing => follower.begin_with_first(!is_first),
            Has::Chat => follower.begin_with_first(true),
            Has::Cursor(None) => follower.begin_with_latest(false),
            Has::Cursor(Some(after)) => match Cursor::parse(after) {
                Some(Cursor { side: Side::Visitor, of: None }) if is_first => follower.begin_with_first(false),
                Some(Cursor { side: Side::Visitor, of: Some((id, position)) }) if id == latest.id => {
                    follower.resume(app, position).await?;
                }
                _ => follower.begin_with_latest(true),
            },
        }
        Ok(Some(follower))
    }

    /// Waits for the end of a stage.
    async fn woken(&mut self) -> Woken {
        match &mut self.stage {
            Stage::Look(_) | Stage::Token(_) | Stage::Rest { .. } => Woken::Look,
            Stage::Visitor { follower: Some(follower), is_ending: true, .. } => {
                if follower.is_due() {
                    Woken::Due
                } else {
                    Woken::Look
                }
            }
            Stage::Visitor { listener, version, follower, .. } => {
                let changed = async {
                    match follower {
                        Some(follower) => follower.changed().await,
                        None => pending().await,
                    }
                };
                let quiet = async {
                    match self.rests_at {
                        Some(rests_at) => sleep_until(rests_at).await,
                        None => pending().await,
                    }
                };
                tokio::select! {
                    biased;
                    () = newer(listener, *version) => Woken::Look,
                    change = changed => match change {
                        Change::Due => Woken::Due,
                        Change::Gone => {
                            *follower = None;
                            Woken::Look
                        }
                        Change::Over => Woken::Over,
                    },
                    () = quiet => Woken::Quiet,
                }
            }
        }
    }
}

/// Waits until a token may belong to a visitor. While it does not, each comparison of its topic
/// with the database says so.
async fn written(token: &mut Listener) {
    while token.next().await == Delivery::Version(GONE) {}
}

/// Waits for a version that is greater than this one, or may be.
async fn newer(listener: &mut Listener, than: i64) {
    while matches!(listener.next().await, Delivery::Version(version) if version <= than) {}
}

/// What a client has received before the first conversation.
const NO_CHAT: Cursor = Cursor { side: Side::Visitor, of: None };

impl From<Item> for ChatUpdate {
    fn from(item: Item) -> Self {
        Self {
            messages: item.messages.into_iter().map(ChatMessage::shown).collect(),
            chat: Some(Chat::shown(item.state, item.presence.as_ref())),
            cursor: item.cursor.to_string(),
            is_reset: item.is_reset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size of the future that a function returns.
    fn size<A, F>(_: impl Fn(A) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_chat_that_rests_is_small() {
        // Each of thousands of open pages has one. A change that raises this bound needs a reason.
        let (state, future) = (size_of::<Follow>(), size(|follow: Box<Follow>| follow.rested()));
        assert!(state + future <= 900, "{state} + {future} bytes");
    }
}

//! Follows a visitor's token to the visitor, and the visitor to the latest conversation.

use entity::AccountId;
use futures_util::{Stream, future::pending, stream};
use sea_orm::DbErr;

use super::{Chat, ChatMessage, ChatUpdate, retry};
use crate::{
    access::identity::Visitor,
    app::App,
    bus::{Delivery, Listener, Topic},
    conversation::{
        feed::{Change, Cursor, Feed, Follower, Item, Side},
        queries,
    },
    presence::HereGuard,
    visitor::queries as visitors,
};

/// The items of a holder of a token, or of a caller without one.
pub(super) fn follow(
    app: App,
    feed: Feed,
    account_id: AccountId,
    holder: Option<Visitor>,
    after: Option<String>,
    widget_key: String,
    shows_presence: bool,
) -> impl Stream<Item = ChatUpdate> + Send + 'static {
    let follow = Follow {
        app,
        feed,
        account_id,
        holder,
        has: Has::Cursor(after),
        stage: Stage::Look(None),
        widget_key,
        shows_presence,
        here: None,
    };
    stream::unfold(follow, |mut follow| async move {
        let item = follow.next().await?;
        Some((item, follow))
    })
}

struct Follow {
    app: App,
    feed: Feed,
    account_id: AccountId,
    holder: Option<Visitor>,
    has: Has,
    stage: Stage,
    widget_key: String,
    shows_presence: bool,
    /// Held while the visitor follows a conversation.
    here: Option<HereGuard>,
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
}

/// Why a stage has ended.
enum Woken {
    Due,
    Look,
    Over,
}

impl Follow {
    async fn next(&mut self) -> Option<ChatUpdate> {
        loop {
            let Some(holder) = self.holder else {
                if let Some(item) = self.no_chat() {
                    return Some(item);
                }
                // A socket has one identity: no token follows.
                return pending().await;
            };
            if let Stage::Look(follower) = &mut self.stage {
                let mut follower = follower.take();
                self.stage = match self.look(&holder, &mut follower).await {
                    Ok(stage) => stage,
                    Err(error) => {
                        retry(&error.into()).await;
                        Stage::Look(follower)
                    }
                };
                self.note_here(&holder);
                continue;
            }
            let is_absent = matches!(self.stage, Stage::Token(_) | Stage::Visitor { follower: None, .. });
            if is_absent && let Some(item) = self.no_chat() {
                return Some(item);
            }
            match self.woken().await {
                Woken::Look => self.stage = Stage::Look(self.take_follower()),
                Woken::Over => return None,
                Woken::Due => {
                    let Stage::Visitor { follower: Some(follower), .. } = &mut self.stage else { continue };
                    match follower.next(&self.app).await {
                        Ok(Some(item)) => {
                            follower.received(&item);
                            if let Some(here) = &mut self.here {
                                here.set_open(follower.is_open());
                            }
                            self.has = Has::Chat;
                            return Some(ChatUpdate::from(item));
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
    fn note_here(&mut self, holder: &Visitor) {
        let follower = match &self.stage {
            Stage::Visitor { follower: Some(follower), is_ending: false, .. } => follower,
            // Not known now.
            Stage::Look(_) => return,
            Stage::Visitor { .. } | Stage::Token(_) => {
                self.here = None;
                return;
            }
        };
        if self.here.as_ref().is_none_or(|here| here.place() != follower.place()) {
            let presence = &self.app.presence;
            let (place, is_open) = (follower.place(), follower.is_open());
            self.here = Some(presence.visitor_is_here(place, holder.key(), &self.widget_key, is_open));
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
            Stage::Token(_) => None,
        }
    }

    /// Reads to whom the token belongs, and the latest conversation. `followed` is taken if it goes
    /// on.
    async fn look(&self, holder: &Visitor, followed: &mut Option<Follower>) -> Result<Stage, DbErr> {
        let db = self.app.db();
        // Subscribe before each read, or a change between the two is lost.
        let token = self.app.bus.listen(Topic::VisitorToken(holder.key()));
        let Some(visitor) = visitors::find_by_token(db, self.account_id, holder).await? else {
            return Ok(Stage::Token(token));
        };
        let listener = self.app.bus.listen(Topic::Visitor(visitor.id));
        let version = visitor.version;
        let Some(latest) = queries::find_latest(db, self.account_id, visitor.id).await? else {
            return Ok(Stage::Visitor { listener, version, follower: None, is_ending: false });
        };
        let is_other = followed.as_ref().is_some_and(|followed| followed.id() != latest.id);
        // The rest of the conversation before comes first.
        let is_ending = match followed {
            Some(followed) if is_other => followed.has_more(&self.app).await?,
            _ => false,
        };
        let follower = match followed.take_if(|_| is_ending || !is_other) {
            Some(followed) => Some(followed),
            None => self.begin(&latest, version == 1).await?,
        };
        Ok(Stage::Visitor { listener, version, follower, is_ending })
    }

    /// Begins to follow a conversation, where the client continues. `is_first`: the visitor has no
    /// other.
    async fn begin(&self, latest: &entity::conversation::Model, is_first: bool) -> Result<Option<Follower>, DbErr> {
        let Some(mut follower) = self.feed.follow(latest, Side::Visitor).await? else { return Ok(None) };
        if self.shows_presence {
            follower.show_presence(&self.app.presence);
        }
        match &self.has {
            Has::Nothing => follower.begin_with_first(!is_first),
            Has::Chat => follower.begin_with_first(true),
            Has::Cursor(None) => follower.begin_with_latest(false),
            Has::Cursor(Some(after)) => match Cursor::parse(after) {
                Some(Cursor { side: Side::Visitor, of: None }) if is_first => follower.begin_with_first(false),
                Some(Cursor { side: Side::Visitor, of: Some((id, position)) }) if id == latest.id => {
                    follower.resume(&self.app, position).await?;
                }
                _ => follower.begin_with_latest(true),
            },
        }
        Ok(Some(follower))
    }

    /// Waits for the end of a stage.
    async fn woken(&mut self) -> Woken {
        match &mut self.stage {
            Stage::Look(_) => Woken::Look,
            Stage::Token(token) => {
                token.next().await;
                Woken::Look
            }
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
                }
            }
        }
    }
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

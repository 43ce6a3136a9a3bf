//! The rest of a follower: what is kept of one while nothing happens in its conversation.

use sea_orm::DbErr;

use super::{Feed, Follower, Position, Side};
use crate::{
    app::{App, chat_figures::Follower as Counted},
    bus::{Delivery, Listener, Topic},
    conversation::queries::shared::{self, Revisions},
    presence::{Place, Seen, Watch},
};

/// A follower that rests. Its client has received everything.
#[derive(Debug)]
pub struct Rested {
    pub(super) place: Place,
    pub(super) side: Side,
    pub(super) position: Position,
    pub(super) presence: Option<Watch>,
    pub(super) shown: Seen,
    pub(super) counted: Counted,
    log: Listener,
    /// The revision of the conversation, which also counts what this side does not see.
    revision: i64,
}

/// What a follower needs to rest.
#[derive(Debug)]
pub struct Pause {
    log: Listener,
    revision: i64,
}

impl Follower {
    /// Prepares the follower to rest. `None` if its client lacks something.
    pub async fn pause(&self, app: &App) -> Result<Option<Pause>, DbErr> {
        let Some(position) = self.position() else { return Ok(None) };
        let place = self.place();
        // Subscribe before the read, or a change between the two is lost.
        let log = app.bus.listen(Topic::Conversation(place.conversation_id));
        let stored = shared::find_revisions(app.db(), place.account_id, place.conversation_id).await?;
        let stored = stored.filter(|stored| seen(self.side(), stored) == position.revision && !self.is_due());
        Ok(stored.map(|stored| Pause { log, revision: stored.revision }))
    }

    /// Rests. The channel is closed, unless others follow it.
    #[must_use]
    pub fn rest(self, pause: Pause) -> Option<Rested> {
        let (position, place, side) = (self.position()?, self.place(), self.side());
        let Pause { log, revision } = pause;
        let Self { presence, shown, counted, .. } = self;
        Some(Rested { place, side, position, presence, shown, counted, log, revision })
    }
}

impl Rested {
    /// Waits until an item may be due. Cancel safe.
    pub async fn woken(&mut self, feed: &Feed) {
        loop {
            let heard = match &mut self.presence {
                None => Some(self.log.next().await),
                Some(presence) => tokio::select! {
                    heard = self.log.next() => Some(heard),
                    // Boxed, because the future of a follower without it would have room for it.
                    () = Box::pin(presence.changed()) => None,
                },
            };
            match heard {
                Some(Delivery::Version(version)) if version <= self.revision => {}
                Some(_) => {
                    self.log.catch_up();
                    // Boxed, because the future of a follower that rests would have room for the
                    // read.
                    if !Box::pin(self.is_unchanged(feed)).await {
                        return;
                    }
                }
                None if self.side.sees_difference(&self.shown, self.presence.as_ref()) => return,
                None => {}
            }
        }
    }

    /// Whether the conversation has changed only for the other side, such as by a note. Then this
    /// one goes on resting.
    async fn is_unchanged(&mut self, feed: &Feed) -> bool {
        let Place { account_id, conversation_id } = self.place;
        // An error shows again when the follower reads.
        let app = feed.app_of(account_id);
        let Ok(Some(stored)) = shared::find_revisions(app.db(), account_id, conversation_id).await else {
            return false;
        };
        self.revision = stored.revision;
        seen(self.side, &stored) == self.position.revision
    }
}

impl Feed {
    /// Follows again where a follower has rested. Takes it, unless a read fails. `None` if the
    /// conversation was deleted.
    pub async fn wake(&self, rested: &mut Option<Rested>) -> Result<Option<Follower>, DbErr> {
        let Some(place) = rested.as_ref().map(|rested| rested.place) else { return Ok(None) };
        let channel = self.channel(place.account_id, place.conversation_id).await?;
        Ok(channel.zip(rested.take()).map(|(channel, rested)| Follower::again(channel, rested)))
    }
}

fn seen(side: Side, stored: &Revisions) -> i64 {
    side.sees(stored.revision, stored.visitor_revision)
}

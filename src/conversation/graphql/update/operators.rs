//! Follows a conversation for an operator, for as long as the operator may read it.

use std::{pin::Pin, sync::Arc};

use edge::Identity as _;
use futures_util::{FutureExt as _, Stream, future::pending, stream};

use super::{Conversation, ConversationUpdate, retry};
use crate::{
    access::identity::{Granted, Identity, ReadConversations, SignedIn},
    app::App,
    bus::{Listener, Topic},
    conversation::feed::{Change, Follower, Item},
    graphql::Scope,
    presence::{self, FollowerGuard},
    session::rules,
};

/// The items of an operator. Ends when the operator loses the permission or the conversation is
/// deleted. After the end of the session it stays silent: the transport closes the subscription
/// with the reason.
pub(super) fn follow(
    scope: Scope,
    viewer: &Granted<ReadConversations>,
    rights: Rights,
    follower: Follower,
) -> impl Stream<Item = ConversationUpdate> + Send + 'static + use<> {
    let presence = &scope.app().presence;
    let present =
        (presence.follow(viewer.account_id()), presence.operator_follows(follower.place(), viewer.operator_id()));
    let session = viewer.signed_in().clone();
    let follow = Follow { scope, session, rights, follower, is_checked: false, _present: present };
    stream::unfold(follow, |mut follow| async move {
        let item = follow.next().await?;
        Some((item, follow))
    })
}

/// Events after which the operator may have lost the permission, or may look different.
#[derive(Debug)]
pub(super) struct Rights {
    account: Listener,
    session: Listener,
}

impl Rights {
    pub fn listen(app: &App, session: &SignedIn) -> Self {
        Self {
            account: app.bus.listen(Topic::Account(session.account_id())),
            session: app.bus.listen(Topic::Session(session.session_id())),
        }
    }

    /// Waits until something has changed.
    async fn changed(&mut self) {
        tokio::select! {
            _ = self.account.next() => {}
            _ = self.session.next() => {}
        }
        self.account.catch_up();
        self.session.catch_up();
    }

    /// Whether something has changed.
    fn have_changed(&mut self) -> bool {
        self.changed().now_or_never().is_some()
    }
}

struct Follow {
    scope: Scope,
    session: SignedIn,
    rights: Rights,
    follower: Follower,
    /// The operator was read since the rights have changed, or may have.
    is_checked: bool,
    /// Held while the operator follows the conversation.
    _present: (presence::Follow, FollowerGuard),
}

impl Follow {
    async fn next(&mut self) -> Option<ConversationUpdate> {
        loop {
            if !self.is_checked {
                self.check().await?;
                self.is_checked = true;
            }
            tokio::select! {
                biased;
                () = self.rights.changed() => {
                    self.is_checked = false;
                    continue;
                }
                change = self.follower.changed() => if change != Change::Due { return None },
            }
            self.scope.share_reads(Some(self.follower.reads()));
            match self.follower.next(self.scope.app()).await {
                // An event that came before the read ended may have ended the session.
                Ok(Some(_)) if self.rights.have_changed() => self.is_checked = false,
                Ok(Some(item)) => {
                    self.follower.received(&item);
                    return Some(item.into());
                }
                Ok(None) => return None,
                Err(error) => retry(&error.into()).await,
            }
        }
    }

    /// Reads the operator again, after the account or the session has changed. `None`: the operator
    /// has lost the permission.
    ///
    /// An item is due afterwards, because the account's operators may look different.
    fn check(&mut self) -> Pin<Box<dyn Future<Output = Option<()>> + Send + '_>> {
        Box::pin(async move {
            self.follower.forget_reads();
            self.follower.touch();
            let session = loop {
                match rules::refresh(self.scope.app(), &self.session).await {
                    Ok(Some(session)) => break session,
                    Ok(None) => pending().await,
                    Err(error) => retry(&error).await,
                }
            };
            let identity = Identity::Operator(session);
            identity.may::<ReadConversations>().ok()?;
            self.session = identity.session()?.clone();
            self.scope.set_identity(identity);
            Some(())
        })
    }
}

impl From<Item> for ConversationUpdate {
    fn from(item: Item) -> Self {
        Self {
            conversation: Conversation::shown(&item.state, item.presence),
            messages: item.messages.iter().map(|entry| Arc::clone(&entry.message)).collect(),
            notes: item.notes,
            cursor: item.cursor.to_string(),
            is_reset: item.is_reset,
        }
    }
}

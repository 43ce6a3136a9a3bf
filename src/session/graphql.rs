//! State that only somebody signed in may follow: now, then after every change in their account.

use std::time::Duration;

use async_graphql::Error;
use futures_util::{Stream, future::pending, stream};

use super::queries::{ends, refresh};
use crate::{
    event::{Event, Heard, Listener},
    graphql::{Scope, settle::IntoGraphql},
    viewer::{Granted, Permission, SignedIn, Viewer},
};

struct Watch<R> {
    scope: Scope,
    session: SignedIn,
    listener: Listener,
    read: R,
    next: Next,
}

/// What the next item waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Nothing,
    Change,
    /// The last look failed, and a change may have gone by with it: looks again soon in any case.
    ChangeOrRetry,
}

/// How long a failed look waits before it is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What `read` finds now, then after every change in the account, until the permission `P` is lost or there is nothing to find any
/// more. When the session ends nothing comes any more: its transport ends it, and says why.
///
/// Before each item the session is read again, and the operation's scope with it: whoever was demoted sees no more than they may.
pub fn watch<P, T, R, F>(
    scope: Scope,
    viewer: &Granted<P>,
    read: R,
) -> impl Stream<Item = Result<T, Error>> + Send + 'static + use<P, T, R, F>
where
    P: Permission,
    T: Send + 'static,
    R: Fn(Scope, Granted<P>) -> F + Send + Sync + 'static,
    F: Future<Output = anyhow::Result<Option<T>>> + Send + 'static,
{
    // Listen before the first read, or a change between the two is lost.
    let listener = scope.app().bus.listen(viewer.account_id());
    let watch = Watch { session: viewer.signed_in().clone(), scope, listener, read, next: Next::Nothing };
    stream::unfold(watch, |mut watch| async move {
        match watch.next {
            Next::Nothing => {}
            Next::Change => watch.changed().await,
            Next::ChangeOrRetry => {
                let _ = tokio::time::timeout(RETRY_AFTER, watch.changed()).await;
            }
        }
        watch.next = Next::Change;
        match watch.look().await {
            Ok(Some(item)) => Some((Ok(item), watch)),
            Ok(None) => None,
            Err(error) => {
                watch.next = Next::ChangeOrRetry;
                Some((Err(error.into_graphql()), watch))
            }
        }
    })
}

impl<R> Watch<R> {
    /// Waits for a change that could show.
    async fn changed(&mut self) {
        loop {
            match self.listener.next().await {
                Heard::Lagged | Heard::Event(Event::OperatorChanged { .. } | Event::AccountChanged { .. }) => break,
                Heard::Event(event) if ends(&event, &self.session) => break,
                // What visitors notice is announced as a change of an operator as well.
                Heard::Event(_) => {}
            }
        }
        // The read that follows sees whatever else has happened.
        self.listener.catch_up();
    }

    async fn look<P, T, F>(&self) -> anyhow::Result<Option<T>>
    where
        P: Permission,
        R: Fn(Scope, Granted<P>) -> F,
        F: Future<Output = anyhow::Result<Option<T>>>,
    {
        // Whoever has no session is shown out by the transport, with the reason, and not told that all is complete.
        let Some(session) = refresh(self.scope.app(), &self.session).await? else { return pending().await };
        let viewer = Viewer::Operator(session);
        let granted = viewer.may::<P>();
        self.scope.set_viewer(viewer);
        match granted {
            Ok(granted) => (self.read)(self.scope.clone(), granted).await,
            Err(_) => Ok(None),
        }
    }
}

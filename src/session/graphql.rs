//! State that only an operator may follow: now, then after every change in their account.

use std::sync::Arc;

use async_graphql::Error;
use entity::operator;
use futures_util::{Stream, future::pending, stream};

use super::live::{Glance, Glances, Live, RETRY_AFTER};
use crate::{
    graphql::{Scope, payload::IntoGraphql, reads::Reads},
    operator::queries as operators,
    viewer::{Granted, Permission, SignedIn, Viewer},
};

struct Watch<R> {
    scope: Scope,
    session: SignedIn,
    glances: Glances,
    read: R,
    next: Next,
}

/// What the next item waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Nothing,
    Change,
    /// The last read failed, and a change may have gone by with it: reads again soon in any case.
    ChangeOrRetry,
}

/// An operator as they are at the moment of an item, and the reads that are shared with other items of that moment.
type Seen = (Arc<operator::Model>, Option<Arc<Reads>>);

/// What `read` finds now, then after every change in the account, until the permission `P` is lost or there is nothing to find any
/// more. When the session ends nothing comes any more: its transport ends it, and says why.
///
/// Before each item the operator is read again, once for all subscriptions and sessions of that operator, and the operation's scope
/// is refreshed with it: one who was demoted sees no more than they may.
pub fn watch<P, T, R, F>(
    scope: Scope,
    live: &Live,
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
    let glances = live.glances(scope.app(), viewer.signed_in());
    let watch = Watch { session: viewer.signed_in().clone(), scope, glances, read, next: Next::Nothing };
    stream::unfold(watch, |mut watch| async move {
        let seen = watch.seen().await;
        watch.next = Next::Change;
        let item = match seen {
            // The glance is made again until the database answers.
            Ok(None) => Err(anyhow::anyhow!("the operator could not be looked up")),
            Ok(Some(seen)) => {
                let item = watch.item(seen).await;
                if item.is_err() {
                    watch.next = Next::ChangeOrRetry;
                }
                item
            }
            Err(error) => {
                watch.next = Next::ChangeOrRetry;
                Err(error)
            }
        };
        match item {
            Ok(Some(item)) => Some((Ok(item), watch)),
            Ok(None) => None,
            Err(error) => Some((Err(error.into_graphql()), watch)),
        }
    })
}

impl<R> Watch<R> {
    /// The operator when the next item is due; `None` when they could not be read, and are read again by others.
    async fn seen(&mut self) -> anyhow::Result<Option<Seen>> {
        // The item before is finished: what was read for it is not kept.
        self.scope.share_reads(None);
        let glance = match self.next {
            Next::Nothing => return self.look().await.map(Some),
            Next::Change => self.glances.next().await,
            Next::ChangeOrRetry => match tokio::time::timeout(RETRY_AFTER, self.glances.next()).await {
                Ok(glance) => glance,
                Err(_elapsed) => return self.look().await.map(Some),
            },
        };
        match glance {
            Glance::Seen(operator, reads) => Ok(Some((operator, reads.upgrade()))),
            Glance::Gone => pending().await,
            Glance::Failed => Ok(None),
        }
    }

    /// Reads the operator for this subscription alone. An operator who is gone is shown out by the transport, with the reason, and not
    /// told that all is complete.
    async fn look(&self) -> anyhow::Result<Seen> {
        let found =
            operators::find(self.scope.app().db(), self.session.account_id(), self.session.operator_id()).await?;
        match found {
            Some(operator) => Ok((Arc::new(operator), None)),
            None => pending().await,
        }
    }

    async fn item<P, T, F>(&self, (operator, reads): Seen) -> anyhow::Result<Option<T>>
    where
        P: Permission,
        R: Fn(Scope, Granted<P>) -> F,
        F: Future<Output = anyhow::Result<Option<T>>>,
    {
        let viewer = Viewer::Operator(SignedIn::new(self.session.session_id(), &operator));
        let granted = viewer.may::<P>();
        self.scope.set_viewer(viewer);
        self.scope.share_reads(reads);
        match granted {
            Ok(granted) => (self.read)(self.scope.clone(), granted).await,
            Err(_) => Ok(None),
        }
    }
}

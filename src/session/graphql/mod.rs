//! Subscriptions of a signed-in operator: the current state, then the state after each change of
//! the account.

mod follow;

use std::sync::Arc;

use async_graphql::Error;
use entity::operator;
use futures_util::{Stream, future::pending, stream};

use super::live::{Glance, Glances, Live, RETRY_AFTER};
use crate::{
    access::identity::{Granted, Identity, Permission, SignedIn},
    app::reads::Reads,
    graphql::{Scope, payload::IntoGraphql},
    operator::queries as operators,
};

pub use self::follow::{Rights, follow};

struct Watch<R> {
    scope: Scope,
    session: SignedIn,
    glances: Glances,
    read: R,
    next: Next,
}

/// What to wait for before the next item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Nothing,
    Change,
    /// The last read failed, and may have missed a change: retry soon even without a change.
    ChangeOrRetry,
}

/// The operator when an item is due, and the reads shared with other items that are due then.
type Seen = (Arc<operator::Model>, Option<Arc<Reads>>);

/// Streams the result of `read` now and after each change of the account, until the permission `P`
/// is lost or `read` finds nothing. After the end of the session, the stream stays silent: the
/// transport closes the subscription with the reason.
///
/// Before each item, the operator is re-read, once for all subscriptions and sessions of that
/// operator. The operation's scope is updated with it, so that a demoted operator loses access.
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
    // Subscribe before the first read, or a change between the two is lost.
    let glances = live.glances(scope.app(), viewer.signed_in());
    let watch = Watch { session: viewer.signed_in().clone(), scope, glances, read, next: Next::Nothing };
    stream::unfold(watch, |mut watch| async move {
        let seen = watch.seen().await;
        watch.next = Next::Change;
        let item = match seen {
            // `live` retries the glance until the database responds.
            Ok(None) => Err(anyhow::anyhow!("the operator could not be read")),
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
    /// The operator when the next item is due. `None` if the read failed; `live` retries it.
    async fn seen(&mut self) -> anyhow::Result<Option<Seen>> {
        // The previous item is finished: drop its reads.
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

    /// Reads the operator for this subscription only. If the operator was removed, waits: the
    /// transport closes the subscription with the reason, which `complete` would hide.
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
        let identity = Identity::Operator(SignedIn::new(self.session.session_id(), &operator));
        let granted = identity.may::<P>();
        self.scope.set_identity(identity);
        self.scope.share_reads(reads);
        match granted {
            Ok(granted) => (self.read)(self.scope.clone(), granted).await,
            Err(_) => Ok(None),
        }
    }
}

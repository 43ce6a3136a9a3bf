//! Subscriptions of a signed-in operator that follow something else than the account.

use async_graphql::Error;
use futures_util::{FutureExt as _, Stream, StreamExt as _, future::pending, stream};

use crate::{
    access::identity::{Granted, Identity, Permission, SignedIn},
    app::App,
    bus::{Delivery, GONE, Listener, Topic},
    graphql::{Scope, payload::IntoGraphql},
    session::{live::RETRY_AFTER, queries},
};

/// Whether the session is valid and what its operator may do, before each item.
#[derive(Debug)]
pub struct Rights {
    app: App,
    signed_in: SignedIn,
    /// The changes of the account's operators, and the end of the session.
    account: Listener,
    session: Listener,
    /// The operator must be read, whatever the listeners say.
    is_doubted: bool,
}

impl Rights {
    /// The rights of a session. The first call of [`Rights::now`] reads them.
    #[must_use]
    pub fn of(app: &App, signed_in: &SignedIn) -> Self {
        Self {
            app: app.clone(),
            signed_in: signed_in.clone(),
            account: app.bus.listen(Topic::Account(signed_in.account_id())),
            session: app.bus.listen(Topic::Session(signed_in.session_id())),
            is_doubted: true,
        }
    }

    /// The session as it is now. Reads the operator only if the account has changed since the last
    /// call. After the end of the session, waits: the transport closes the subscription with the
    /// reason, which `complete` would hide.
    ///
    /// # Errors
    /// If the database cannot be read. The next call reads again.
    pub async fn now(&mut self) -> anyhow::Result<&SignedIn> {
        while let Some(delivery) = self.session.next().now_or_never() {
            if delivery == Delivery::Version(GONE) {
                return pending().await;
            }
            self.is_doubted |= delivery == Delivery::Lagged;
        }
        while self.account.next().now_or_never().is_some() {
            self.is_doubted = true;
        }
        if self.is_doubted {
            let (account_id, operator_id) = (self.signed_in.account_id(), self.signed_in.operator_id());
            let session_id = self.signed_in.session_id();
            let (operator, _) = queries::list_live(&self.app, account_id, operator_id, &[session_id]).await?;
            let Some(operator) = operator else { return pending().await };
            self.signed_in = SignedIn::new(session_id, &operator);
            self.is_doubted = false;
        }
        Ok(&self.signed_in)
    }
}

struct Follow<C: Stream, R> {
    scope: Scope,
    rights: Rights,
    changes: C,
    read: R,
    /// A change whose read failed.
    failed: Option<C::Item>,
}

/// What to do after a change.
enum Due<T> {
    Item(T),
    /// The follower sees no difference.
    Nothing,
    /// The permission is lost.
    End,
}

/// Streams the result of `read` for each of these changes, as long as the caller has the permission
/// `P`. Nothing is sent if `read` returns `None`. After the end of the session the stream stays
/// silent: the transport closes the subscription with the reason.
///
/// Before each item, the operation's scope is updated with what the operator may do now. A read
/// that fails is reported once, and repeated until it succeeds.
pub fn follow<P, C, T, R, F>(
    scope: Scope,
    viewer: &Granted<P>,
    changes: C,
    read: R,
) -> impl Stream<Item = Result<T, Error>> + Send + 'static + use<P, C, T, R, F>
where
    P: Permission,
    C: Stream<Item: Clone + Send> + Unpin + Send + 'static,
    T: Send + 'static,
    R: Fn(Scope, Granted<P>, C::Item) -> F + Send + Sync + 'static,
    F: Future<Output = anyhow::Result<Option<T>>> + Send + 'static,
{
    let rights = Rights::of(scope.app(), viewer.signed_in());
    let follow = Follow { scope, rights, changes, read, failed: None };
    stream::unfold(follow, |mut follow| async move {
        loop {
            let (change, is_again) = match follow.failed.take() {
                Some(change) => match tokio::time::timeout(RETRY_AFTER, follow.changes.next()).await {
                    Ok(change) => (change?, true),
                    Err(_elapsed) => (change, true),
                },
                None => (follow.changes.next().await?, false),
            };
            match follow.item(change.clone()).await {
                Ok(Due::Item(item)) => return Some((Ok(item), follow)),
                Ok(Due::Nothing) => {}
                Ok(Due::End) => return None,
                Err(error) => {
                    follow.failed = Some(change);
                    let error = error.into_graphql();
                    if !is_again {
                        return Some((Err(error), follow));
                    }
                }
            }
        }
    })
}

impl<C: Stream, R> Follow<C, R> {
    async fn item<P, T, F>(&mut self, change: C::Item) -> anyhow::Result<Due<T>>
    where
        P: Permission,
        R: Fn(Scope, Granted<P>, C::Item) -> F,
        F: Future<Output = anyhow::Result<Option<T>>>,
    {
        let identity = Identity::Operator(self.rights.now().await?.clone());
        let granted = identity.may::<P>();
        self.scope.set_identity(identity);
        match granted {
            Ok(granted) => Ok((self.read)(self.scope.clone(), granted, change).await?.map_or(Due::Nothing, Due::Item)),
            Err(_) => Ok(Due::End),
        }
    }
}

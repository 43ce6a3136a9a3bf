//! The rest of subscriptions in which nothing happens.
//!
//! A running subscription keeps its document, its context and its stream: tens of KiB. One that has
//! a single subscriber and nothing to tell may rest: its stream leaves a future that wakes it, and
//! ends. Everything else is dropped. When the future resolves, the request is executed again, and
//! the new stream continues from the value of the future. The subscriber does not notice.

use std::{
    any::Any,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{FutureExt, future::BoxFuture};

/// What a stream has left to the one that continues it.
type Left = Box<dyn Any + Send>;
/// Resolves when the subscription has to run again. `None`: it is over.
pub(crate) type Wake = BoxFuture<'static, Option<Left>>;

/// Where the stream of a subscription leaves what wakes it, and finds what the stream before it has
/// left. Among the data of each subscription with a single subscriber.
#[derive(Clone, Default)]
pub struct Rest(Arc<Mutex<Place>>);

#[derive(Default)]
struct Place {
    wake: Option<Wake>,
    left: Option<Left>,
}

impl Rest {
    pub(crate) fn from(left: Left) -> Self {
        Self(Arc::new(Mutex::new(Place { wake: None, left: Some(left) })))
    }

    /// Lets the subscription rest until `wake` resolves, once the stream that calls this has ended.
    /// If the value is `None`, the subscription ends instead of running again.
    ///
    /// The request runs again with the identity with which it began, so this is only for
    /// subscriptions whose rights cannot change.
    pub fn until<T: Send + 'static>(&self, wake: impl Future<Output = Option<T>> + Send + 'static) {
        // Not an async block, which would have room for the future twice.
        let wake = wake.map(|left| left.map(|left| Box::new(left) as Left));
        self.place().wake = Some(wake.boxed());
    }

    /// What the stream before has left. `None` for the first stream of a subscription.
    #[must_use]
    pub fn left<T: 'static>(&self) -> Option<T> {
        let left = self.place().left.take()?;
        left.downcast().ok().map(|left| *left)
    }

    pub(crate) fn wake(&self) -> Option<Wake> {
        self.place().wake.take()
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").finish_non_exhaustive()
    }
}

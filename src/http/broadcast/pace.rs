//! How often the documents about one subject are refreshed, such as those that follow one account.
//!
//! Each different document costs an execution a change. The first [`QUICK`] of a subject are refreshed with every change, one at a
//! time; further ones are never refused, since strangers must not keep a subject's own visitors out, but refreshed at most once in
//! [`SLOW_EVERY`], one at a time as well, and in another line. So one subject takes two cores at most, and no subject waits for
//! another. Our own pages' documents are neither counted nor slowed.

use std::{
    collections::HashMap,
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, Weak},
    task::Poll,
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};

use crate::http::backend::Subject;

/// How many different documents about one subject are refreshed with every change.
pub(super) const QUICK: usize = 50;
/// The least time between two refreshes of any other.
pub(super) const SLOW_EVERY: Duration = Duration::from_secs(1);

/// The subjects that documents are followed about.
#[derive(Clone, Debug, Default)]
pub(super) struct Paces(Arc<Mutex<HashMap<Subject, Weak<Pace>>>>);

/// One subject's lines.
#[derive(Debug)]
pub(super) struct Pace {
    places: Arc<Semaphore>,
    quick: tokio::sync::Mutex<()>,
    slow: tokio::sync::Mutex<()>,
    subject: Subject,
    paces: Paces,
}

impl Paces {
    pub(super) fn of(&self, subject: Subject) -> Arc<Pace> {
        let mut paces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // An upgraded pace is never dropped under the lock, which its own end takes: it is returned.
        if let Some(pace) = paces.get(&subject).and_then(Weak::upgrade) {
            return pace;
        }
        let pace = Arc::new(Pace {
            places: Arc::new(Semaphore::new(QUICK)),
            quick: tokio::sync::Mutex::default(),
            slow: tokio::sync::Mutex::default(),
            subject,
            paces: self.clone(),
        });
        paces.insert(subject, Arc::downgrade(&pace));
        pace
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        let mut paces = self.paces.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Another may have taken its place in the meantime.
        if paces.get(&self.subject).is_some_and(|pace| pace.strong_count() == 0) {
            paces.remove(&self.subject);
        }
    }
}

impl Pace {
    /// The items of one document, at the subject's pace. What happens while it waits shows in the next item.
    pub(super) fn items<S>(self: Arc<Self>, items: S) -> impl Stream<Item = S::Item> + Send + 'static
    where
        S: Stream<Item: Send> + Send + 'static,
    {
        let state = Paced { pace: self, place: None, items: Box::pin(items), refreshed_at: None };
        stream::unfold(state, |mut state| async move { state.next().await.map(|item| (item, state)) })
    }
}

struct Paced<S> {
    pace: Arc<Pace>,
    /// A place among the quick, kept for as long as the document is followed.
    place: Option<OwnedSemaphorePermit>,
    items: std::pin::Pin<Box<S>>,
    refreshed_at: Option<Instant>,
}

impl<S: Stream> Paced<S> {
    async fn next(&mut self) -> Option<S::Item> {
        if self.place.is_none() {
            self.place = Arc::clone(&self.pace.places).try_acquire_owned().ok();
        }
        let line = match (&self.place, self.refreshed_at) {
            (Some(_), _) => &self.pace.quick,
            (None, refreshed_at) => {
                if let Some(at) = refreshed_at {
                    sleep_until(at + SLOW_EVERY).await;
                }
                &self.pace.slow
            }
        };
        loop {
            let polled = {
                // Held while something is executed, and not while nothing has changed.
                let _turn = line.lock().await;
                poll_fn(|context| Poll::Ready(self.items.poll_next_unpin(context))).await
            };
            if let Poll::Ready(item) = polled {
                self.refreshed_at = Some(Instant::now());
                return item;
            }
            woken().await;
        }
    }
}

/// Waits until the task is woken, by whatever was polled last.
async fn woken() {
    let mut is_waiting = false;
    let mut waited =
        pin!(poll_fn(|_| if std::mem::replace(&mut is_waiting, true) { Poll::Ready(()) } else { Poll::Pending }));
    waited.as_mut().await;
}

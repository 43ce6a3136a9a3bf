//! How often the documents about one subject are refreshed, such as those that follow one account.
//!
//! Each different document costs an execution a change. The first [`QUICK`] documents of a subject
//! are refreshed with each change, one at a time. Further ones are not refused, because anonymous
//! clients must not lock out a subject's own visitors. They are refreshed at most once in
//! [`SLOW_EVERY`], also one at a time, in a separate queue. So one subject uses at most two cores,
//! and no subject waits for another. The documents of our own pages are neither counted nor slowed
//! down.

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

use crate::backend::Subject;

/// How many different documents about one subject are refreshed with each change.
pub(super) const QUICK: usize = 50;
/// The minimum time between two refreshes of any other document.
pub(super) const SLOW_EVERY: Duration = Duration::from_secs(1);

/// The paces of the subjects that are followed.
#[derive(Clone, Debug, Default)]
pub(super) struct Paces(Arc<Mutex<HashMap<Subject, Weak<Pace>>>>);

/// The queues of one subject.
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
        // An upgraded pace is never dropped under this lock, because its `drop` takes the lock. It
        // is returned.
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
        // Another one may have replaced it.
        if paces.get(&self.subject).is_some_and(|pace| pace.strong_count() == 0) {
            paces.remove(&self.subject);
        }
    }
}

impl Pace {
    /// The items of one document, at the subject's pace. Changes during a wait appear in the next
    /// item.
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
    /// A slot among the quick documents, kept for as long as the document is followed.
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
                // Held while an item is computed, but not while the stream waits for a change.
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

/// Waits until what was polled last wakes the task.
async fn woken() {
    let mut is_waiting = false;
    let mut waited =
        pin!(poll_fn(|_| if std::mem::replace(&mut is_waiting, true) { Poll::Ready(()) } else { Poll::Pending }));
    waited.as_mut().await;
}

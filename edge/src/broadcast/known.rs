//! Messages that have joined a broadcast. Widgets send the same text, so most of them join by it,
//! and nothing is parsed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use super::{Broadcast, Counting};

/// A document of our own widget with its variables is shorter.
const MAX_BYTES: usize = 1 << 10;
/// How many texts of one broadcast are kept. Those of a widget differ in the id of the operation.
const MAX_PER_BROADCAST: usize = 8;

/// The broadcast that a message joins, and the id of its operation.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub broadcast: Arc<Broadcast>,
    pub id: Arc<str>,
}

/// Broadcasts by the text of a message.
#[derive(Debug, Default)]
pub(super) struct Texts(Mutex<HashMap<Arc<str>, Joined>>);

#[derive(Debug)]
struct Joined {
    broadcast: Weak<Broadcast>,
    id: Arc<str>,
}

/// The texts of one broadcast.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Vec<Arc<str>>>);

impl Texts {
    pub(super) fn find(&self, text: &str) -> Option<Known> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let (broadcast, id) = {
            let texts = lock(&self.0);
            let joined = texts.get(text)?;
            (joined.broadcast.upgrade()?, Arc::clone(&joined.id))
        };
        (!broadcast.is_over()).then_some(Known { broadcast, id })
    }

    /// Keeps the text of a message that has joined a broadcast of our own widget, which all callers
    /// share. Others could vary their texts without limit.
    pub(super) fn keep(&self, text: &str, id: &Arc<str>, broadcast: &Arc<Broadcast>) {
        let Some(home) = &broadcast.home else { return };
        if text.len() > MAX_BYTES || home.counting != Counting::Uncounted || !broadcast.is_for_all() {
            return;
        }
        let mut kept = lock(&home.texts.0);
        if kept.iter().any(|known| **known == *text) {
            return;
        }
        if kept.len() == MAX_PER_BROADCAST {
            // The oldest gives way, so that texts that others invent cannot keep out a widget's.
            let oldest = kept.remove(0);
            lock(&self.0).remove(&oldest);
        }
        let text: Arc<str> = text.into();
        kept.push(Arc::clone(&text));
        let joined = Joined { broadcast: Arc::downgrade(broadcast), id: Arc::clone(id) };
        lock(&self.0).insert(text, joined);
    }

    /// Forgets the texts of a broadcast that has ended. Another one may have taken them over.
    pub(super) fn forget(&self, kept: &Kept) {
        let mut texts = lock(&self.0);
        for text in lock(&kept.0).drain(..) {
            if texts.get(&text).is_some_and(|joined| joined.broadcast.strong_count() == 0) {
                texts.remove(&text);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

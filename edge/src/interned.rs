//! Texts that many keep, once each: thousands of pages follow their own chat with the same
//! document.

use std::{
    collections::HashSet,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The texts that are kept now. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts(Arc<Mutex<HashSet<Arc<str>>>>);

/// A text, which is the same in memory as equal ones.
#[derive(Debug)]
pub(crate) struct Interned {
    text: Arc<str>,
    texts: Texts,
}

impl Texts {
    pub(crate) fn keep(&self, text: &str) -> Interned {
        let mut texts = self.lock();
        let found = texts.get(text).cloned();
        let text = found.unwrap_or_else(|| {
            let text = Arc::<str>::from(text);
            texts.insert(Arc::clone(&text));
            text
        });
        drop(texts);
        Interned { text, texts: self.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<Arc<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Interned {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Drop for Interned {
    fn drop(&mut self) {
        let mut texts = self.texts.lock();
        // Taken under the lock, so that of two holders that go at once, the second one sees it.
        let text = std::mem::take(&mut self.text);
        // Its own, and the one in the set. A clone is made under the lock only.
        if Arc::strong_count(&text) == 2 {
            texts.remove(&*text);
        }
        drop(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_kept_once_and_no_longer_than_needed() {
        let texts = Texts::default();
        let (one, two, other) = (texts.keep("a"), texts.keep("a"), texts.keep("b"));
        assert!(Arc::ptr_eq(&one.text, &two.text) && &*other == "b");
        assert_eq!(texts.lock().len(), 2);
        drop(one);
        assert_eq!(&*two, "a");
        assert_eq!(texts.lock().len(), 2);
        drop((two, other));
        assert!(texts.lock().is_empty());
    }

    #[test]
    fn holders_that_go_at_once_leave_nothing() {
        let texts = Texts::default();
        for _ in 0..2_000 {
            let holders = [texts.keep("a"), texts.keep("a")];
            std::thread::scope(|scope| {
                for holder in holders {
                    scope.spawn(move || drop(holder));
                }
            });
            assert!(texts.lock().is_empty());
        }
    }
}

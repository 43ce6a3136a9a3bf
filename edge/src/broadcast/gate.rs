//! Keeps items from a subscriber whose session has ended.

use std::{fmt, sync::Arc};

/// Shut when the subscriber's session has ended. A subscriber with a shut gate receives nothing
/// more.
#[derive(Clone, Default)]
pub(crate) struct Gate(Option<Arc<IsOver>>);

/// Boxed, so that a gate is one pointer: each widget has one, and leaves it open.
type IsOver = Box<dyn Fn() -> bool + Send + Sync>;

impl Gate {
    /// A gate that is shut when `is_over` returns true.
    pub(crate) fn new(is_over: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(Box::new(is_over))))
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.0.as_ref().is_some_and(|is_over| is_over())
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

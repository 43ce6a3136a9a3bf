//! Reads that several operations share: after a change, each read runs once, however many
//! operations need its result.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::DbErr;
use tokio::sync::OnceCell;

use super::App;

/// A database read. Its value contains everything that the result depends on.
pub trait Read: Clone + Eq + Hash + Send + Sync + 'static {
    type Value: Clone + Send + Sync + 'static;

    /// Runs the read.
    fn run(self, app: &App) -> impl Future<Output = Result<Self::Value, DbErr>> + Send;
}

/// The results of the reads since one change. Fields, not this type, check what a caller can see.
#[derive(Default)]
pub struct Reads(Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>);

/// The results of one kind of read. A read in flight is awaited, a failed one is retried.
type Results<R> = HashMap<R, Arc<OnceCell<<R as Read>::Value>>>;

impl Reads {
    /// Returns the result of a read, and runs it unless it ran before.
    pub async fn get<R: Read>(&self, app: &App, read: R) -> Result<R::Value, DbErr> {
        let cell = self.cell(&read);
        cell.get_or_try_init(|| read.run(app)).await.cloned()
    }

    fn cell<R: Read>(&self, read: &R) -> Arc<OnceCell<R::Value>> {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let results = kinds.entry(TypeId::of::<R>()).or_insert_with(|| Box::<Results<R>>::default());
        let results = results.downcast_mut::<Results<R>>().expect("stored under its own type");
        Arc::clone(results.entry(read.clone()).or_default())
    }
}

impl fmt::Debug for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reads").finish_non_exhaustive()
    }
}

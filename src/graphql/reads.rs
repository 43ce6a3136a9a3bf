//! Reads that several operations share: after a change each is made once, however many documents ask for it.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::DbErr;
use tokio::sync::OnceCell;

use crate::app::App;

/// One read of the database, named by all that its result depends on.
pub trait Read: Clone + Eq + Hash + Send + Sync + 'static {
    type Value: Clone + Send + Sync + 'static;

    /// Makes it.
    fn run(self, app: &App) -> impl Future<Output = Result<Self::Value, DbErr>> + Send;
}

/// The results of the reads that were made since one change. What a caller may see of them is decided by the fields, not here.
#[derive(Default)]
pub struct Reads(Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>);

/// The results of one kind of read. A read that is under way is waited for, and one that failed is made again.
type Results<R> = HashMap<R, Arc<OnceCell<<R as Read>::Value>>>;

impl Reads {
    /// The result of a read, made now unless it was made before.
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

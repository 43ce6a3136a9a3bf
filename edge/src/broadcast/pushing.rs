//! Subscribers that a broadcast writes to directly, one after the other, in portions.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use slab::Slab;
use tokio::task::JoinSet;

use super::{Broadcast, Latest};

/// How many subscribers are written to before other tasks run. A portion takes an eighth of a
/// millisecond. A query takes several turns.
const PORTION: usize = 16;
/// After how many portions a walk yields its core to the threads that read the database for
/// requests. Not after each portion: while others compute, such as hashes of passwords, each yield
/// may cost milliseconds, and visitors should receive a change within a second.
const PORTIONS_IN_A_ROW: usize = 8;
/// With at least this many subscribers, several threads write in parallel.
const WORTH_SHARING: usize = 256;

/// A subscriber that is written to.
pub(crate) trait Push: Send + Sync + std::fmt::Debug {
    /// Writes the latest item, unless it was already written or the peer cannot receive it now.
    /// Never blocks.
    fn offer(&self, latest: &Latest, scratch: &mut Scratch) -> Offered;
}

/// The result of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    /// The kernel has accepted all of it.
    Written,
    /// The kernel has accepted part of it. The rest follows.
    Begun,
    /// It was already written.
    Before,
    /// Not written. The owner of the subscriber asks for the latest item when the peer can receive
    /// it.
    Later,
}

/// The last message. Most clients of a broadcast use the same id, so they receive the same bytes.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub id: Arc<str>,
    pub frame: Vec<u8>,
}

/// The subscribers of a broadcast.
#[derive(Debug)]
pub(super) enum Subscribers {
    /// The subscriber of a broadcast that has a single one, as thousands of pages with a chat do.
    One(Mutex<Option<Arc<dyn Push>>>),
    /// By the thread that writes to them. Slabs, because thousands of visitors may leave at once.
    Many { shards: Box<[Shard]>, next: AtomicUsize },
}

type Shard = Arc<Mutex<Slab<Arc<dyn Push>>>>;

/// The position of a subscriber, if there may be others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SubscriberIndex {
    shard: u32,
    index: u32,
}

/// The result of offering an item to all subscribers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Delivered {
    pub count: u64,
    /// At least one subscriber has all of it.
    pub any: bool,
}

impl Delivered {
    fn count(&mut self, offered: Offered) {
        self.count += u64::from(matches!(offered, Offered::Written | Offered::Begun));
        self.any |= matches!(offered, Offered::Written | Offered::Before);
    }
}

impl Subscribers {
    pub(super) fn one() -> Self {
        Self::One(Mutex::default())
    }

    /// `parallel`: as many as the cores can write to.
    pub(super) fn many(parallel: bool) -> Self {
        let shards = if parallel { std::thread::available_parallelism().map_or(1, usize::from) } else { 1 };
        Self::Many { shards: (0..shards).map(|_| Shard::default()).collect(), next: AtomicUsize::new(0) }
    }

    pub(super) fn insert(&self, subscriber: Arc<dyn Push>) -> SubscriberIndex {
        let (shards, next) = match self {
            Self::One(one) => {
                *lock(one) = Some(subscriber);
                return SubscriberIndex::default();
            }
            Self::Many { shards, next } => (shards, next),
        };
        let shard = next.fetch_add(1, Ordering::Relaxed) % shards.len();
        let index = lock(&shards[shard]).insert(subscriber);
        let small = |number: usize| u32::try_from(number).expect("fewer sockets than that");
        SubscriberIndex { shard: small(shard), index: small(index) }
    }

    fn remove(&self, place: SubscriberIndex) {
        let shards = match self {
            Self::One(one) => {
                let gone = lock(one).take();
                drop(gone);
                return;
            }
            Self::Many { shards, .. } => shards,
        };
        let mut shard = lock(&shards[place.shard as usize]);
        let gone = shard.remove(place.index as usize);
        // Frees the memory of a crowd that has left.
        if shard.is_empty() {
            shard.shrink_to_fit();
        }
        drop(shard);
        drop(gone);
    }

    /// Offers an item to all subscribers.
    pub(super) async fn offer(&self, latest: Latest) -> Delivered {
        let mut written = Delivered::default();
        let shards = match self {
            Self::One(one) => {
                let subscriber = lock(one).clone();
                if let Some(subscriber) = subscriber {
                    written.count(subscriber.offer(&latest, &mut Scratch::default()));
                }
                return written;
            }
            Self::Many { shards, .. } => shards,
        };
        let counts: Vec<usize> = shards.iter().map(|shard| lock(shard).len()).collect();
        let mut add = |part: Delivered| {
            written.count += part.count;
            written.any |= part.any;
        };
        if shards.len() == 1 || counts.iter().sum::<usize>() < WORTH_SHARING {
            for shard in shards {
                add(walk(Arc::clone(shard), latest.clone()).await);
            }
            return written;
        }
        let mut parts = JoinSet::new();
        for shard in &shards[1..] {
            parts.spawn(walk(Arc::clone(shard), latest.clone()));
        }
        add(walk(Arc::clone(&shards[0]), latest).await);
        while let Some(part) = parts.join_next().await {
            // Joining fails only while the process ends.
            if let Ok(part) = part {
                add(part);
            }
        }
        written
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Offers an item to a shard, a portion at a time. A subscriber that is added during the walk reads
/// the latest item itself.
async fn walk(shard: Shard, latest: Latest) -> Delivered {
    let mut written = Delivered::default();
    let mut scratch = Scratch::default();
    let mut portion: Vec<Arc<dyn Push>> = Vec::new();
    let mut from = 0;
    let mut portions = 0_usize;
    loop {
        {
            // Items are offered without the lock, because subscribers that are added or removed
            // need it.
            let shard = lock(&shard);
            let end = shard.capacity().min(from + PORTION);
            portion.extend((from..end).filter_map(|index| shard.get(index).cloned()));
            if from >= end {
                return written;
            }
            from = end;
        }
        for subscriber in portion.drain(..) {
            written.count(subscriber.offer(&latest, &mut scratch));
        }
        portions += 1;
        if portions.is_multiple_of(PORTIONS_IN_A_ROW) {
            std::thread::yield_now();
        }
        tokio::task::yield_now().await;
    }
}

/// A subscriber's registration at its broadcast.
#[derive(Debug)]
pub(crate) struct Pushed {
    pub(super) broadcast: Arc<Broadcast>,
    pub(super) place: SubscriberIndex,
}

impl Pushed {
    pub(crate) fn broadcast(&self) -> &Broadcast {
        &self.broadcast
    }
}

impl Drop for Pushed {
    fn drop(&mut self) {
        self.broadcast.inner.subscribers.remove(self.place);
    }
}

//! Subscribers that a broadcast writes to itself, one after the other, in portions.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use slab::Slab;
use tokio::task::JoinSet;

use super::{Broadcast, Latest};

/// How many are written to before others get their turn: an eighth of a millisecond's worth. A query takes several turns.
const PORTION: usize = 16;
/// After how many portions a walk gives its core up, to the threads that read the database for requests. Not after each: where others
/// compute, as hashes of passwords do, each time may cost milliseconds, and visitors are to know within the second.
const PORTIONS_IN_A_ROW: usize = 8;
/// From so many subscribers on, several threads write side by side.
const WORTH_SHARING: usize = 256;

/// A subscriber that is written to.
pub(in crate::http) trait Push: Send + Sync + std::fmt::Debug {
    /// Writes the latest item, unless it was written before or the peer cannot take it now. Never waits.
    fn offer(&self, latest: &Latest, scratch: &mut Scratch) -> Offered;
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Offered {
    /// The kernel has taken all of it.
    Written,
    /// The kernel has taken some of it, and the rest follows.
    Begun,
    /// It had it already.
    Before,
    /// Not now: whoever owns the subscriber asks for the latest when it can be taken.
    Later,
}

/// The message written last. Most clients of a broadcast give it the same id, and so are sent the same bytes.
#[derive(Debug, Default)]
pub(in crate::http) struct Scratch {
    pub id: Arc<str>,
    pub frame: Vec<u8>,
}

/// Subscribers by the thread that will write to them. Slabs, since thousands of visitors may leave at once.
#[derive(Debug)]
pub(super) struct Subscribers {
    shards: Box<[Shard]>,
    next: AtomicUsize,
}

type Shard = Arc<Mutex<Slab<Arc<dyn Push>>>>;

/// Where a subscriber is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct SubscriberIndex {
    shard: u32,
    index: u32,
}

/// How an item was received.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivered {
    pub count: u64,
    /// Some subscriber has all of it.
    pub any: bool,
}

impl Subscribers {
    pub(super) fn new(many: bool) -> Self {
        let shards = if many { std::thread::available_parallelism().map_or(1, usize::from) } else { 1 };
        Self { shards: (0..shards).map(|_| Shard::default()).collect(), next: AtomicUsize::new(0) }
    }

    pub(super) fn insert(&self, subscriber: Arc<dyn Push>) -> SubscriberIndex {
        let shard = self.next.fetch_add(1, Ordering::Relaxed) % self.shards.len();
        let index = lock(&self.shards[shard]).insert(subscriber);
        let small = |number: usize| u32::try_from(number).expect("fewer sockets than that");
        SubscriberIndex { shard: small(shard), index: small(index) }
    }

    fn remove(&self, place: SubscriberIndex) {
        let mut shard = lock(&self.shards[place.shard as usize]);
        let gone = shard.remove(place.index as usize);
        // A crowd that has left gives its room back.
        if shard.is_empty() {
            shard.shrink_to_fit();
        }
        drop(shard);
        drop(gone);
    }

    /// Offers an item to everybody.
    pub(super) async fn offer(&self, latest: Latest) -> Delivered {
        let counts: Vec<usize> = self.shards.iter().map(|shard| lock(shard).len()).collect();
        let mut written = Delivered { count: 0, any: false };
        let mut add = |part: Delivered| {
            written.count += part.count;
            written.any |= part.any;
        };
        if self.shards.len() == 1 || counts.iter().sum::<usize>() < WORTH_SHARING {
            for shard in &self.shards {
                add(walk(Arc::clone(shard), latest.clone()).await);
            }
            return written;
        }
        let mut parts = JoinSet::new();
        for shard in &self.shards[1..] {
            parts.spawn(walk(Arc::clone(shard), latest.clone()));
        }
        add(walk(Arc::clone(&self.shards[0]), latest).await);
        while let Some(part) = parts.join_next().await {
            // It fails only where the process ends.
            if let Ok(part) = part {
                add(part);
            }
        }
        written
    }
}

fn lock(shard: &Mutex<Slab<Arc<dyn Push>>>) -> MutexGuard<'_, Slab<Arc<dyn Push>>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Offers an item to a shard, a portion at a time. Who comes meanwhile looks at the latest item by themselves.
async fn walk(shard: Shard, latest: Latest) -> Delivered {
    let mut written = Delivered { count: 0, any: false };
    let mut scratch = Scratch::default();
    let mut portion: Vec<Arc<dyn Push>> = Vec::new();
    let mut from = 0;
    let mut portions = 0_usize;
    loop {
        {
            // Delivered to without the lock, which those who come and go need.
            let shard = lock(&shard);
            let end = shard.capacity().min(from + PORTION);
            portion.extend((from..end).filter_map(|index| shard.get(index).cloned()));
            if from >= end {
                return written;
            }
            from = end;
        }
        for subscriber in portion.drain(..) {
            match subscriber.offer(&latest, &mut scratch) {
                Offered::Written => {
                    written.count += 1;
                    written.any = true;
                }
                Offered::Begun => written.count += 1,
                Offered::Before => written.any = true,
                Offered::Later => {}
            }
        }
        portions += 1;
        if portions.is_multiple_of(PORTIONS_IN_A_ROW) {
            std::thread::yield_now();
        }
        tokio::task::yield_now().await;
    }
}

/// A subscriber's hold on its broadcast.
#[derive(Debug)]
pub(in crate::http) struct Pushed {
    pub(super) broadcast: Arc<Broadcast>,
    pub(super) place: SubscriberIndex,
}

impl Pushed {
    pub(in crate::http) fn broadcast(&self) -> &Broadcast {
        &self.broadcast
    }
}

impl Drop for Pushed {
    fn drop(&mut self) {
        self.broadcast.inner.subscribers.remove(self.place);
    }
}

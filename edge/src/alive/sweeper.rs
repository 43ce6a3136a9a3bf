//! Looks at sockets, a portion at a time, and tells the owners of those that were silent for too
//! long.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Pulse, Watched,
    wheel::{Key, Ticks, Wheel},
};
use crate::supervisor::Supervisor;

/// A socket is looked at within a sixteenth of the keep-alive time after it is due.
const TICKS_PER_KEEPALIVE: u32 = 16;
/// A socket that does not initialise is closed within an eighth of the time after it is due.
const TICKS_PER_INIT: u32 = 8;
const LONGEST_TICK: Duration = Duration::from_secs(1);
/// How many sockets are looked at before other tasks run.
const PORTION: usize = 64;

/// Sockets in shards, each with its own task.
#[derive(Debug)]
pub(crate) struct Sweeper {
    shards: Box<[Arc<Shard>]>,
    next: AtomicUsize,
    tick: Duration,
}

impl Sweeper {
    pub(super) fn new(keepalive: Duration, init: Duration) -> Self {
        let tick = (keepalive / TICKS_PER_KEEPALIVE).min(init / TICKS_PER_INIT).min(LONGEST_TICK);
        let in_ticks = |time: Duration| {
            u32::try_from(time.as_nanos().div_ceil(tick.as_nanos())).expect("the settings are at most an hour")
        };
        let ticks = Ticks { keepalive: in_ticks(keepalive), init: in_ticks(init) };
        let shards = std::thread::available_parallelism().map_or(1, usize::from);
        Self { shards: (0..shards).map(|_| Arc::new(Shard::new(ticks))).collect(), next: AtomicUsize::new(0), tick }
    }

    /// The pulse of a new socket, which will own it.
    pub(crate) fn pulse(&self, socket: Weak<dyn Watched>) -> Pulse {
        let shard = self.next.fetch_add(1, Ordering::Relaxed) % self.shards.len();
        Pulse::new(&self.shards[shard], socket)
    }

    /// The pulse of a new socket that does not own it alone.
    pub(crate) fn own_pulse(&self) -> Arc<Pulse> {
        Arc::new_cyclic(|pulse: &Weak<Pulse>| self.pulse(pulse.clone()))
    }

    /// Tells the owners of all sockets that the server stops, so that no socket has to wait for it.
    pub(crate) async fn tell_all(&self) {
        for shard in &self.shards {
            shard.tell_all().await;
        }
    }

    pub(super) fn start(&self, supervisor: &Supervisor, tasks: &TaskTracker, stop: &CancellationToken) {
        for shard in &self.shards {
            let (shard, tick, until) = (Arc::clone(shard), self.tick, stop.clone());
            supervisor.spawn("sweeper of sockets", tasks, stop, move || {
                let (shard, until) = (Arc::clone(&shard), until.clone());
                async move {
                    until.run_until_cancelled(shard.run(tick)).await;
                }
            });
        }
    }
}

/// The sockets of one task.
pub(super) struct Shard {
    wheel: Mutex<Wheel>,
    ticks: Ticks,
    now: AtomicU32,
}

impl Shard {
    fn new(ticks: Ticks) -> Self {
        Self { wheel: Mutex::new(Wheel::new(ticks)), ticks, now: AtomicU32::new(0) }
    }

    /// The present tick. It wraps around.
    pub(super) fn now(&self) -> u32 {
        self.now.load(Ordering::Relaxed)
    }

    /// Adds a socket, and returns the present tick.
    pub(super) fn enter(&self, socket: Weak<dyn Watched>) -> (Key, u32) {
        let mut wheel = self.lock();
        (wheel.enter(socket, self.ticks.init.min(self.ticks.keepalive) + 1), self.now())
    }

    pub(super) fn leave(&self, key: Key) {
        self.lock().leave(key);
    }

    async fn run(&self, tick: Duration) {
        let mut ticks = super::every(tick);
        loop {
            ticks.tick().await;
            self.sweep().await;
        }
    }

    /// Begins the next tick, and looks at the sockets that may be due.
    async fn sweep(&self) {
        let keys = {
            let mut wheel = self.lock();
            self.now.fetch_add(1, Ordering::Relaxed);
            wheel.tick()
        };
        let now = self.now();
        for keys in keys.chunks(PORTION) {
            let looks: Vec<_> = {
                let wheel = self.lock();
                keys.iter().filter_map(|&key| Some((key, wheel.get(key)?.upgrade()))).collect()
            };
            // Without the lock, because a socket that is dropped here takes it.
            let plans: Vec<_> = looks
                .into_iter()
                // A socket that cannot be reached is still being made, or is leaving.
                .map(|(key, socket)| (key, socket.map_or(1, |socket| socket.pulse().look(now, self.ticks))))
                .collect();
            {
                let mut wheel = self.lock();
                for (key, after) in plans {
                    wheel.plan(key, after);
                }
            }
            tokio::task::yield_now().await;
        }
    }

    async fn tell_all(&self) {
        let all = self.lock().all();
        for sockets in all.chunks(PORTION) {
            for socket in sockets.iter().filter_map(Weak::upgrade) {
                socket.pulse().tell();
            }
            tokio::task::yield_now().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Wheel> {
        self.wheel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shard").field("now", &self.now).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKS: Ticks = Ticks { keepalive: 16, init: 4 };

    fn shard() -> Arc<Shard> {
        Arc::new(Shard::new(TICKS))
    }

    fn socket(shard: &Arc<Shard>) -> Arc<Pulse> {
        Arc::new_cyclic(|socket: &Weak<Pulse>| Pulse::new(shard, socket.clone()))
    }

    fn is_due(pulse: &Pulse) -> bool {
        pulse.poll_due(&std::task::Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    /// The ticks from now on in which a socket was due, of which its owner hears.
    async fn due(shard: &Shard, socket: &Pulse, ticks: u32) -> Vec<u32> {
        let mut all = Vec::new();
        for tick in 1..=ticks {
            shard.sweep().await;
            if is_due(socket) {
                all.push(tick);
            }
        }
        all
    }

    #[tokio::test]
    async fn a_silent_socket_is_due_after_the_time_and_then_after_each_half_of_it() {
        let shard = shard();
        let silent = socket(&shard);
        silent.opened();
        silent.heard();
        assert_eq!(due(&shard, &silent, 40).await, [17, 25, 33]);
    }

    #[tokio::test]
    async fn a_frame_postpones_the_next_look_whenever_it_arrives() {
        for at in 1..=16 {
            let shard = shard();
            let pinging = socket(&shard);
            pinging.opened();
            assert!(due(&shard, &pinging, at).await.is_empty());
            pinging.heard();
            assert_eq!(due(&shard, &pinging, 20).await, [17], "heard in tick {at}");
        }
    }

    #[tokio::test]
    async fn a_socket_that_is_heard_in_time_is_never_due() {
        let shard = shard();
        let alive = socket(&shard);
        alive.opened();
        for _ in 0..20 {
            assert!(due(&shard, &alive, 15).await.is_empty());
            alive.heard();
        }
    }

    #[tokio::test]
    async fn what_arrives_does_not_extend_the_time_to_initialise() {
        let shard = shard();
        let talking = socket(&shard);
        for tick in 1..=5 {
            talking.heard();
            shard.sweep().await;
            assert_eq!(is_due(&talking), tick == 5, "tick {tick}");
        }
    }

    #[tokio::test]
    async fn a_short_keepalive_holds_from_the_beginning() {
        let shard = Arc::new(Shard::new(Ticks { keepalive: 2, init: 8 }));
        let (silent, opened) = (socket(&shard), socket(&shard));
        opened.opened();
        for tick in 1..=9 {
            shard.sweep().await;
            assert_eq!((is_due(&silent), is_due(&opened)), (tick == 9, tick >= 3), "tick {tick}");
        }
    }

    #[tokio::test]
    async fn a_socket_that_takes_the_place_of_another_has_its_own_time() {
        let shard = shard();
        for _ in 0..3 {
            let first = socket(&shard);
            first.opened();
            assert!(due(&shard, &first, 2).await.is_empty());
            drop(first);
            let second = socket(&shard);
            assert_eq!(due(&shard, &second, 6).await, [5]);
        }
        let wheel = shard.lock();
        assert!((0..100).all(|index| wheel.get(Key { index, serial: 6 }).is_none()), "nothing is left");
    }
}

//! The signs of life of one socket.

use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering},
    },
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;

use super::{
    sweeper::Shard,
    wheel::{Key, Ticks},
};

/// A socket that the sweeper looks at.
pub(crate) trait Watched: Send + Sync {
    fn pulse(&self) -> &Pulse;
}

impl Watched for Pulse {
    fn pulse(&self) -> &Pulse {
        self
    }
}

/// When the peer of a socket was last heard, and how the owner of the socket, its task, is
/// notified.
pub(crate) struct Pulse {
    shard: Arc<Shard>,
    key: Key,
    /// The tick in which the last frame arrived. Before the client has initialised, that in which
    /// the socket was opened.
    heard: AtomicU32,
    /// The pings since then.
    unanswered: AtomicU8,
    /// The client has initialised.
    is_open: AtomicBool,
    /// The owner must act.
    is_due: AtomicBool,
    owner: AtomicWaker,
}

impl Pulse {
    /// The pulse of a new socket, which has the time to initialise.
    pub(super) fn new(shard: &Arc<Shard>, socket: Weak<dyn Watched>) -> Self {
        let (key, now) = shard.enter(socket);
        Self {
            shard: Arc::clone(shard),
            key,
            heard: AtomicU32::new(now),
            unanswered: AtomicU8::new(0),
            is_open: AtomicBool::new(false),
            is_due: AtomicBool::new(false),
            owner: AtomicWaker::new(),
        }
    }

    /// The peer has sent a frame.
    pub(crate) fn heard(&self) {
        if self.is_open.load(Ordering::Relaxed) {
            self.heard.store(self.shard.now(), Ordering::Relaxed);
            self.unanswered.store(0, Ordering::Relaxed);
        }
    }

    /// Whether the client has initialised, and has sent no frame in the present tick.
    pub(crate) fn is_quiet(&self) -> bool {
        self.is_open.load(Ordering::Relaxed) && self.heard.load(Ordering::Relaxed) != self.shard.now()
    }

    /// The client has initialised in time.
    pub(crate) fn opened(&self) {
        self.is_open.store(true, Ordering::Relaxed);
        self.heard();
    }

    /// The peer was pinged.
    pub(crate) fn pinged(&self) {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
    }

    /// The pings that the peer has not answered.
    pub(crate) fn unanswered(&self) -> u8 {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// Wakes the owner.
    pub(crate) fn wake(&self) {
        self.owner.wake();
    }

    /// For the owner: registers its task for [`Pulse::wake`].
    pub(crate) fn register(&self, context: &Context<'_>) {
        self.owner.register(context.waker());
    }

    /// For the owner: ready when the server stops, or when the client has not initialised in time
    /// or was silent for the keep-alive time. Registers the task.
    pub(crate) fn poll_due(&self, context: &Context<'_>) -> Poll<()> {
        self.register(context);
        if self.is_due.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Tells the owner to act if it must. Returns the ticks until the next look.
    pub(super) fn look(&self, now: u32, ticks: Ticks) -> u32 {
        let silent = now.wrapping_sub(self.heard.load(Ordering::Relaxed));
        let limit = if self.is_open.load(Ordering::Relaxed) { ticks.keepalive } else { ticks.init };
        // The first tick has partly passed, so it does not count.
        if silent <= limit {
            // The client may initialise before the next look, and the shorter time holds then.
            return (limit + 1 - silent).min(ticks.keepalive + 1);
        }
        self.tell();
        ticks.keepalive.div_ceil(2)
    }

    /// Tells the owner to act.
    pub(super) fn tell(&self) {
        self.is_due.store(true, Ordering::Release);
        self.owner.wake();
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.shard.leave(self.key);
    }
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pulse").field("heard", &self.heard).finish_non_exhaustive()
    }
}

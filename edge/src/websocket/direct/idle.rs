//! Reads for a socket whose task sleeps. Waking the task costs more than the ping that is answered:
//! its memory and code are no longer in the processor's caches. So the runtime's driver calls this
//! waker, which reads, answers the usual ping, and wakes the task for anything else.
//!
//! At most one ping is answered like this in each tick of the sweeper. A client that sends more
//! wakes its own task, which takes turns with others.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Wake, Waker},
};

use super::{Outbox, frame, read_once};
use crate::alive::Watched as _;

/// Room for a ping. What is longer is left to the task.
const READ_BYTES: usize = 128;

/// Who reads from the socket: its task, or while that sleeps, the waker.
#[derive(Debug, Default)]
pub(super) struct Reading(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The task sleeps, and has no part of a message.
    is_idle: bool,
    /// What the waker has read for the task. Empty at the end of the stream.
    early: Option<Box<[u8]>>,
}

impl Reading {
    /// For the task: from now on the waker reads.
    pub(super) fn sleep(&self) {
        self.lock().is_idle = true;
    }

    /// For the task: from now on the task reads, and first what the waker has read.
    pub(super) fn resume(&self) -> Option<Box<[u8]>> {
        let mut state = self.lock();
        state.is_idle = false;
        state.early.take()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Called when the socket can be read. Weak, because the socket owns its registration at the
/// driver, which owns this.
struct Reader(Weak<Outbox>);

/// The waker for reads of this socket.
pub(super) fn waker(outbox: &Arc<Outbox>) -> Waker {
    Arc::new(Reader(Arc::downgrade(outbox))).into()
}

impl Wake for Reader {
    fn wake(self: Arc<Self>) {
        let Some(outbox) = self.0.upgrade() else { return };
        if !outbox.read_idle(&self.into()) {
            outbox.pulse().wake();
        }
    }
}

impl Outbox {
    /// Reads while the task sleeps. Returns whether it can go on sleeping.
    fn read_idle(self: &Arc<Self>, waker: &Waker) -> bool {
        let mut state = self.reading().lock();
        let sleeps = state.is_idle && self.pulse().is_quiet() && self.answer_ping(&mut state, waker);
        state.is_idle = sleeps;
        sleeps
    }

    fn answer_ping(self: &Arc<Self>, state: &mut State, waker: &Waker) -> bool {
        let mut bytes = [0; READ_BYTES];
        if let Ok(count) = read_once(self.stream(), &mut bytes) {
            let read = &bytes[..count];
            if !frame::is_ping_message(read) || !self.answer(&frame::PONG_MESSAGE) {
                state.early = Some(read.into());
                return false;
            }
            self.pulse().heard();
        }
        // An error is found again by the task.
        self.stream().poll_read_ready(&mut Context::from_waker(waker)).is_pending()
    }
}

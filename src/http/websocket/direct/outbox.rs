//! What goes out of a socket. Broadcasts write to it from their own tasks, and its owner from its: frames never mix, and at most the rest
//! of one is kept.

use std::{
    io,
    net::Shutdown,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;
use tokio::net::TcpStream;

use super::frame;
use crate::{
    http::{
        broadcast::{Gate, Latest, Offered, Push, Scratch},
        websocket::protocol,
    },
    ledger::{Budget, Cut, Full, Lease, Who},
};

/// The writing side of a socket, shared by whoever has something to say on it.
#[derive(Debug)]
pub(in crate::http::websocket) struct Outbox {
    stream: TcpStream,
    out: Mutex<Out>,
    client: Who,
    in_flight: Budget,
    /// Wakes the owner.
    owner: AtomicWaker,
}

#[derive(Debug, Default)]
struct Out {
    /// The part of a frame that the kernel has not taken yet. A socket that is idle keeps no room for one.
    rest: Option<Box<Rest>>,
    /// Something was not written that the owner is to ask for again.
    news: bool,
    closed: bool,
}

#[derive(Debug)]
struct Rest {
    bytes: Vec<u8>,
    lease: Lease,
}

impl Outbox {
    /// The writing side of a connection of that client.
    pub(in crate::http::websocket) fn new(stream: TcpStream, client: Who, in_flight: Budget) -> Self {
        Self { stream, out: Mutex::default(), client, in_flight, owner: AtomicWaker::new() }
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Counts bytes that came or go over this socket.
    ///
    /// # Errors
    /// The client, or all together, hold too much.
    pub(super) fn take(self: &Arc<Self>, bytes: usize) -> Result<Lease, Full> {
        self.in_flight.take(self.client, bytes).map(|lease| self.bind(lease))
    }

    /// Ends the socket when these bytes are needed for others.
    pub(in crate::http::websocket) fn bind(self: &Arc<Self>, lease: Lease) -> Lease {
        lease.cuts(Socket(Arc::downgrade(self)));
        lease
    }

    /// The owner's: after what is waiting, if anything is.
    pub(super) fn put(self: &Arc<Self>, frame: &[u8]) {
        let mut out = self.lock();
        if out.rest.is_none() {
            self.write(&mut out, frame);
        } else {
            self.keep(&mut out, frame);
        }
    }

    /// The owner's: writes what is left. Ready when nothing is; `moved` grows by what was taken.
    pub(super) fn poll_flush(&self, context: &mut Context<'_>, moved: &mut usize) -> Poll<io::Result<()>> {
        loop {
            {
                let mut out = self.lock();
                let Some(rest) = &mut out.rest else { return Poll::Ready(Ok(())) };
                match self.stream.try_write(&rest.bytes) {
                    Ok(taken) => {
                        *moved += taken;
                        rest.bytes.drain(..taken);
                        if rest.bytes.is_empty() {
                            out.rest = None;
                        }
                        continue;
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
            match self.stream.poll_write_ready(context) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
        }
    }

    /// The owner's: to be woken from now on when there is something to see to.
    pub(super) fn register(&self, context: &Context<'_>) {
        self.owner.register(context.waker());
    }

    /// The owner's: whether broadcasts have more to say than they could write.
    pub(super) fn take_news(&self) -> bool {
        let mut out = self.lock();
        out.rest.is_none() && std::mem::take(&mut out.news)
    }

    /// The owner's: whether a frame is only half written.
    pub(super) fn is_waiting(&self) -> bool {
        self.lock().rest.is_some()
    }

    /// Nothing more is written, whoever still holds this.
    pub(super) fn shut(&self) {
        self.close(&mut self.lock());
    }

    fn close(&self, out: &mut Out) {
        out.closed = true;
        out.rest = None;
        self.shut_down();
    }

    /// The owner reads the end of the connection.
    fn shut_down(&self) {
        // It may be gone already.
        let _ = socket2::SockRef::from(&self.stream).shutdown(Shutdown::Both);
    }

    /// Whoever fails to write is not told: the owner reads the end of the connection.
    fn write(self: &Arc<Self>, out: &mut Out, frame: &[u8]) {
        let taken = self.stream.try_write(frame).unwrap_or(0);
        if taken < frame.len() {
            self.keep(out, &frame[taken..]);
        }
    }

    /// Keeps what the kernel did not take, if the client may have that much kept; else the connection ends.
    fn keep(self: &Arc<Self>, out: &mut Out, frame: &[u8]) {
        if out.closed {
            return;
        }
        let counted = match &mut out.rest {
            Some(rest) => {
                rest.lease.resize(rest.bytes.len() + frame.len()).map(|()| rest.bytes.extend_from_slice(frame))
            }
            None => {
                self.take(frame.len()).map(|lease| out.rest = Some(Box::new(Rest { bytes: frame.to_vec(), lease })))
            }
        };
        if let Err(full) = counted {
            tracing::debug!(%full, "a socket was closed");
            self.close(out);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket as the holder of bytes that may be needed for others.
#[derive(Debug)]
struct Socket(Weak<Outbox>);

impl Cut for Socket {
    fn cut(&self) {
        if let Some(outbox) = self.0.upgrade() {
            tracing::debug!("a socket was closed to make room for others");
            outbox.shut_down();
        }
    }
}

/// An operation on a socket, as its broadcast sees it.
#[derive(Debug)]
pub(in crate::http::websocket) struct Subscription {
    outbox: Arc<Outbox>,
    id: Arc<str>,
    /// The last item written; changes only under the outbox's lock.
    written: AtomicU64,
    gate: Gate,
}

impl Subscription {
    pub(in crate::http::websocket) fn new(outbox: Arc<Outbox>, id: Arc<str>, gate: Gate) -> Self {
        Self { outbox, id, written: AtomicU64::new(0), gate }
    }

    /// Nothing more is written for it, though its broadcast may be about to.
    pub(in crate::http::websocket) fn end(&self) {
        let _out = self.outbox.lock();
        self.written.store(u64::MAX, Ordering::Release);
    }

    /// Whether everything that a broadcast shows was written, to the last byte.
    pub(in crate::http::websocket) fn has_shown(&self, latest: &Latest) -> bool {
        let refused = latest.item.as_ref().is_none_or(|item| item.refused.is_some());
        let out = self.outbox.lock();
        out.rest.is_none() && (refused || self.has(latest.serial))
    }

    fn has(&self, serial: u64) -> bool {
        self.written.load(Ordering::Acquire) >= serial
    }
}

impl Push for Subscription {
    fn offer(&self, latest: &Latest, scratch: &mut Scratch) -> Offered {
        // Its socket is about to close: nothing more is written, and nothing is asked for again.
        if self.gate.is_shut() {
            return Offered::Before;
        }
        let item = latest.item.as_ref().filter(|item| item.refused.is_none());
        let mut out = self.outbox.lock();
        if out.closed || self.has(u64::MAX) {
            return Offered::Before;
        }
        let was_waiting = out.rest.is_some();
        let offered = match item {
            Some(item) if !self.has(latest.serial) && !was_waiting => {
                if scratch.frame.is_empty() || *scratch.id != *self.id {
                    scratch.id = Arc::clone(&self.id);
                    frame::text(&protocol::next(&self.id, &item.body), &mut scratch.frame);
                }
                self.outbox.write(&mut out, &scratch.frame);
                self.written.store(latest.serial, Ordering::Release);
                if out.rest.is_none() { Offered::Written } else { Offered::Begun }
            }
            Some(_) if was_waiting => Offered::Later,
            Some(_) | None => Offered::Before,
        };
        // What could not be written now, and how it ends, is for the owner to say.
        out.news |= matches!(offered, Offered::Begun | Offered::Later) || latest.over;
        // Once the rest of a frame is written, the owner looks for news by itself.
        let wake = out.news && !was_waiting;
        drop(out);
        if wake {
            self.outbox.owner.wake();
        }
        offered
    }
}

//! The writing half of a socket. Broadcasts write to it from their tasks, and its owner, the
//! socket's task, from its own. Frames are never interleaved, and at most the rest of one is kept.

use std::{
    io,
    net::Shutdown,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use tokio::net::TcpStream;

use super::{frame, idle::Reading};
use crate::{
    alive::{Pulse, Sweeper, Watched},
    broadcast::{Gate, Latest, Offered, Push, Scratch},
    ledger::{Budget, Cut, Full, Lease, Who},
    websocket::protocol,
};

/// The writing half of a socket, shared by its owner and by broadcasts.
#[derive(Debug)]
pub(in crate::websocket) struct Outbox {
    stream: TcpStream,
    out: Mutex<Out>,
    client: Who,
    in_flight: Budget,
    reading: Reading,
    /// Wakes the owner.
    pulse: Pulse,
}

impl Watched for Outbox {
    fn pulse(&self) -> &Pulse {
        &self.pulse
    }
}

#[derive(Debug, Default)]
struct Out {
    /// The part of a frame that the kernel has not accepted. An idle socket keeps no room for one.
    rest: Option<Box<Rest>>,
    /// A broadcast could not write something, so the owner must ask for it.
    news: bool,
    /// The last frame was written.
    ending: bool,
    closed: bool,
}

#[derive(Debug)]
struct Rest {
    bytes: Vec<u8>,
    lease: Lease,
}

impl Outbox {
    /// The writing half of a connection of this client.
    pub(in crate::websocket) fn new(stream: TcpStream, client: Who, in_flight: Budget, alive: &Sweeper) -> Arc<Self> {
        Arc::new_cyclic(|outbox: &Weak<Self>| Self {
            stream,
            out: Mutex::default(),
            client,
            in_flight,
            reading: Reading::default(),
            pulse: alive.pulse(outbox.clone()),
        })
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    pub(super) fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Counts bytes that are received or sent over this socket.
    ///
    /// # Errors
    /// The client, or all clients together, hold too many bytes.
    pub(super) fn take(self: &Arc<Self>, bytes: usize) -> Result<Lease, Full> {
        self.in_flight.take(self.client, bytes).map(|lease| self.bind(lease))
    }

    /// Closes the socket when other clients need these bytes.
    pub(in crate::websocket) fn bind(self: &Arc<Self>, lease: Lease) -> Lease {
        lease.cuts(Socket(Arc::downgrade(self)));
        lease
    }

    /// For the owner: writes a frame, after the one that is waiting.
    pub(in crate::websocket) fn put(self: &Arc<Self>, frame: &[u8]) {
        let mut out = self.lock();
        if out.rest.is_none() {
            self.write(&mut out, frame);
        } else {
            self.keep(&mut out, frame);
        }
    }

    /// For the owner: writes the close frame. Nothing may follow it (RFC 6455, section 5.5.1).
    pub(super) fn put_last(self: &Arc<Self>, frame: &[u8]) {
        self.lock().ending = true;
        self.put(frame);
    }

    /// Writes a frame, unless another one is waiting or was the last. Returns whether it did.
    pub(super) fn answer(self: &Arc<Self>, frame: &[u8]) -> bool {
        let mut out = self.lock();
        if out.rest.is_some() || out.ending {
            return false;
        }
        self.write(&mut out, frame);
        let is_waiting = out.rest.is_some();
        drop(out);
        if is_waiting {
            // Only the owner can wait until the kernel takes the rest.
            self.pulse.wake();
        }
        true
    }

    /// For the owner: writes the rest. Ready when there is none. `moved` grows by the bytes that
    /// were written.
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

    /// For the owner: whether broadcasts have items that they could not write.
    pub(super) fn take_news(&self) -> bool {
        let mut out = self.lock();
        out.rest.is_none() && std::mem::take(&mut out.news)
    }

    /// For the owner: whether a frame is half written.
    pub(super) fn is_waiting(&self) -> bool {
        self.lock().rest.is_some()
    }

    /// Stops all writes, also by other holders of this outbox.
    pub(super) fn shut(&self) {
        self.close(&mut self.lock());
    }

    fn close(&self, out: &mut Out) {
        out.closed = true;
        out.rest = None;
        self.shut_down();
    }

    /// Shuts the connection down. The owner notices when it reads the end of the stream.
    fn shut_down(&self) {
        // Fails if the connection is already closed.
        let _ = socket2::SockRef::from(&self.stream).shutdown(Shutdown::Both);
    }

    /// Ignores errors: the owner notices them when it reads the end of the stream.
    fn write(self: &Arc<Self>, out: &mut Out, frame: &[u8]) {
        let taken = self.stream.try_write(frame).unwrap_or(0);
        if taken < frame.len() {
            self.keep(out, &frame[taken..]);
        }
    }

    /// Keeps what the kernel did not accept, within the client's quota. Above it, the connection is
    /// closed.
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
            tracing::debug!(%full, "closed a socket that exceeds the quota");
            self.close(out);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket that holds bytes which other clients may need.
#[derive(Debug)]
struct Socket(Weak<Outbox>);

impl Cut for Socket {
    fn cut(&self) {
        if let Some(outbox) = self.0.upgrade() {
            tracing::debug!("closed a socket to free memory for other clients");
            outbox.shut_down();
        }
    }
}

/// An operation on a socket, as its broadcast sees it.
#[derive(Debug)]
pub(in crate::websocket) struct Subscription {
    outbox: Arc<Outbox>,
    id: Arc<str>,
    /// The serial of the last item written. Changes only under the outbox's lock.
    written: AtomicU64,
    gate: Gate,
}

impl Subscription {
    pub(in crate::websocket) fn new(outbox: Arc<Outbox>, id: Arc<str>, gate: Gate) -> Self {
        Self { outbox, id, written: AtomicU64::new(0), gate }
    }

    /// Stops all writes for this operation, also those that its broadcast is about to make.
    pub(in crate::websocket) fn end(&self) {
        let _out = self.outbox.lock();
        self.written.store(u64::MAX, Ordering::Release);
    }

    /// Whether all that a broadcast shows was written, to the last byte.
    pub(in crate::websocket) fn has_shown(&self, latest: &Latest) -> bool {
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
        // The socket is about to close, so nothing is written or retried.
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
        // The owner writes what could not be written now, and the end.
        out.news |= matches!(offered, Offered::Begun | Offered::Later) || latest.over;
        // After it has written the rest of a frame, the owner checks for news without being woken.
        let wake = out.news && !was_waiting;
        drop(out);
        if wake {
            self.outbox.pulse.wake();
        }
        offered
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, sync::atomic::AtomicUsize, task::Wake};

    use tokio::net::TcpListener;

    use super::*;
    use crate::{config::HttpConfig, shared::Edge, tests::toy::Toy};

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn an_answer_that_the_kernel_does_not_take_wakes_the_owner() {
        let edge = Edge::new(Toy::new(HttpConfig::default()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let _client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("connected");
        let (stream, address) = listener.accept().await.expect("a connection");
        let in_flight = edge.fair.in_flight.clone();
        let outbox = Outbox::new(stream, Who::client(address.ip()), in_flight, &edge.alive.sockets);
        outbox.stream().writable().await.expect("writable");
        while outbox.stream().try_write(&[0; 1 << 12]).is_ok() {}

        let wakes = Arc::new(Wakes::default());
        outbox.pulse().register(&Context::from_waker(&Arc::clone(&wakes).into()));
        assert!(outbox.answer(b"pong") && outbox.is_waiting());
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
        assert!(!outbox.answer(b"pong"), "another frame is waiting");
        outbox.put_last(b"close");
        assert!(!outbox.answer(b"pong"), "nothing follows the last frame");
    }
}

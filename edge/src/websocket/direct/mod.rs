//! The bare connection: our own frames on the TCP stream. It serves thousands of widgets.
//!
//! An idle socket holds no buffer and no timer, and broadcasts write to it without waking its task.
//! The usual `ping` of a widget is recognised by its bytes and answered without waking it either.

mod frame;
mod idle;
mod outbox;

use std::{
    io::{self, Read as _},
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use futures_util::future::poll_fn;
use socket2::SockRef;
use tokio::{io::Interest, net::TcpStream, time::timeout};

use super::{
    protocol::Close,
    wire::{CLOSE_WITHIN, Gone, Incoming, Ping, Wire},
};
use crate::{
    alive::{Pulse, Watched},
    ledger::Lease,
    pace::Pace,
};
use frame::{Decoder, PONG_MESSAGE, Received};

pub(super) use outbox::{Outbox, Subscription};

/// Bytes read at once, into a buffer on the stack.
const READ_BYTES: usize = 4 << 10;

/// A socket that writes its own frames.
#[derive(Debug)]
pub(super) struct Direct {
    outbox: Arc<Outbox>,
    /// Called when the socket can be read.
    reader: Waker,
    decoder: Decoder,
    /// The code that the peer closed with.
    closed_with: Option<u16>,
    /// The answer to a ping that arrived while a frame was half written.
    pong: Option<Box<[u8]>>,
    /// The pace at which the peer receives a half-written frame.
    writing: Pace,
    /// Set only while a message is incomplete.
    reading: Option<Box<Reading>>,
}

/// An incomplete message. It must not arrive too slowly, and its bytes are counted.
#[derive(Debug)]
struct Reading {
    pace: Pace,
    lease: Lease,
}

impl Direct {
    /// A socket whose upgrade has been answered. `read` are the bytes that arrived right after it.
    /// `patience` is the timeout for a peer that neither reads nor sends.
    pub(super) fn new(outbox: Arc<Outbox>, read: &[u8], max_message_bytes: usize, patience: Duration) -> Self {
        let mut decoder = Decoder::new(max_message_bytes);
        decoder.put(read);
        let reader = idle::waker(&outbox);
        Self { outbox, reader, decoder, closed_with: None, pong: None, writing: Pace::new(patience), reading: None }
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        // Registers the task before the state is read, so that no later wake-up is missed.
        if self.pulse().poll_due(context).is_ready() {
            return Poll::Ready(Incoming::Due);
        }
        match self.poll_flush(context) {
            Poll::Ready(Err(_)) => return Poll::Ready(Incoming::Gone),
            Poll::Ready(Ok(())) => {
                if let Some(pong) = self.pong.take() {
                    self.outbox.put(&pong);
                }
            }
            Poll::Pending => {}
        }
        if self.outbox.take_news() {
            return Poll::Ready(Incoming::News);
        }
        loop {
            match self.decoder.next() {
                Ok(Some(received)) => {
                    // Pings may arrive between the fragments of a message. They do not count as
                    // progress.
                    if matches!(received, Received::Text(_)) {
                        self.reading = None;
                    }
                    return Poll::Ready(self.received(received));
                }
                Ok(None) => {}
                Err(close) => return Poll::Ready(Incoming::Broken(close)),
            }
            match self.poll_read(context) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Incoming::Gone),
                Poll::Ready(Ok(bytes)) => {
                    if let Some(reading) = &mut self.reading {
                        reading.pace.moved(bytes);
                    }
                }
                Poll::Pending => return self.poll_late(context).map(|()| Incoming::Gone),
            }
        }
    }

    /// Ready when an incomplete message arrives too slowly, or exceeds the quota of its client.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let held = self.decoder.held();
        if held == 0 {
            self.reading = None;
            if self.decoder.is_between() {
                self.outbox.reading().sleep();
            }
            return Poll::Pending;
        }
        let reading = match &mut self.reading {
            Some(reading) => reading,
            None => match self.outbox.take(0) {
                Ok(lease) => self.reading.insert(Box::new(Reading { pace: self.writing.alike(), lease })),
                Err(_) => return Poll::Ready(()),
            },
        };
        if reading.lease.resize(held).is_err() {
            return Poll::Ready(());
        }
        reading.pace.poll_late(context)
    }

    fn received(&mut self, received: Received) -> Incoming {
        match received {
            Received::Text(text) => Incoming::Text(text.into()),
            Received::Ping(payload) => {
                // Of several pings without an answer, the last is answered (section 5.5.3).
                let pong = frame::pong(&payload);
                if !self.outbox.answer(&pong) {
                    self.pong = Some(pong.into());
                }
                Incoming::Alive
            }
            Received::Pong => Incoming::Alive,
            Received::Close(code) => {
                self.closed_with = code;
                Incoming::Closing
            }
        }
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        // The reader wakes the task through its pulse.
        self.pulse().register(context);
        if let Some(early) = self.outbox.reading().resume() {
            self.take(&early);
            return Poll::Ready(Ok(early.len()));
        }
        let mut bytes = [0; READ_BYTES];
        loop {
            // Uses the task's budget, so that a peer that never stops sending cannot keep the
            // thread.
            ready!(self.outbox.stream().poll_read_ready(&mut Context::from_waker(&self.reader)))?;
            match read_once(self.outbox.stream(), &mut bytes) {
                Ok(count) => {
                    self.take(&bytes[..count]);
                    return Poll::Ready(Ok(count));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Answers the usual ping, and leaves all other bytes to the decoder.
    fn take(&mut self, read: &[u8]) {
        if self.decoder.is_between() && frame::is_ping_message(read) && self.outbox.answer(&PONG_MESSAGE) {
            self.pulse().heard();
        } else {
            self.decoder.put(read);
        }
    }

    /// Writes the rest of a frame. Fails when the peer receives it too slowly.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        let mut moved = 0;
        match self.outbox.poll_flush(context, &mut moved) {
            Poll::Ready(flushed) => {
                self.writing.rest();
                Poll::Ready(flushed.map_err(|_| Gone))
            }
            Poll::Pending => {
                self.writing.moved(moved);
                self.writing.poll_late(context).map(|()| Err(Gone))
            }
        }
    }

    /// Reads more bytes.
    async fn read(&mut self) -> Result<(), Gone> {
        match poll_fn(|context| self.poll_read(context)).await {
            Ok(0) | Err(_) => Err(Gone),
            Ok(_) => Ok(()),
        }
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        poll_fn(|context| self.poll_flush(context)).await
    }

    /// Writes the last frame, and reads until the peer has closed. Closing with unread bytes would
    /// reset the connection, and the peer might not receive the frame.
    async fn end(mut self, last: Vec<u8>) {
        let _ = timeout(CLOSE_WITHIN, async {
            self.outbox.put_last(&last);
            self.flush().await?;
            let mut is_frames = true;
            while self.closed_with.is_none() {
                // Other messages come too late. After an error the bytes may not be frames at all.
                match self.decoder.next() {
                    Ok(Some(Received::Close(code))) if is_frames => self.closed_with = Some(code.unwrap_or_default()),
                    Ok(Some(_)) if is_frames => tokio::task::consume_budget().await,
                    Ok(None) if is_frames => self.read().await?,
                    _ => {
                        is_frames = false;
                        self.decoder.forget();
                        self.read().await?;
                    }
                }
            }
            Ok::<_, Gone>(())
        })
        .await;
    }
}

/// Reads what is there. After a read that does not fill the buffer, nothing is left, so the stream
/// counts as empty without another attempt. More bytes make it readable again.
pub(super) fn read_once(stream: &TcpStream, bytes: &mut [u8]) -> io::Result<usize> {
    let mut read = None;
    let tried = stream.try_io(Interest::READABLE, || {
        let count = (&*SockRef::from(stream)).read(bytes)?;
        read = Some(count);
        if (1..bytes.len()).contains(&count) { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
    });
    match (read, tried) {
        (Some(count), _) => Ok(count),
        (None, tried) => tried.map(|()| 0),
    }
}

impl Wire for Direct {
    async fn receive(&mut self) -> Incoming {
        poll_fn(|context| self.poll_receive(context)).await
    }

    async fn send(&mut self, text: String) -> Result<(), Gone> {
        let mut bytes = Vec::new();
        frame::text(&text, &mut bytes);
        self.outbox.put(&bytes);
        drop((text, bytes));
        self.flush().await
    }

    async fn ping(&mut self) -> Result<Ping, Gone> {
        // A peer that does not receive the current frame would not receive a ping either, and it
        // already has a deadline.
        if self.outbox.is_waiting() {
            return Ok(Ping::Skipped);
        }
        self.outbox.put(&frame::ping());
        Ok(Ping::Sent)
    }

    async fn close(self, close: Close) {
        self.end(frame::close(&close)).await;
    }

    async fn answer_close(self) {
        let answer = frame::close_answer(self.closed_with);
        self.end(answer).await;
    }

    fn pulse(&self) -> &Pulse {
        self.outbox.pulse()
    }

    fn outbox(&self) -> Option<&Arc<Outbox>> {
        Some(&self.outbox)
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        self.outbox.shut();
    }
}

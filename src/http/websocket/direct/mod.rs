//! The bare connection: our own frames on the socket itself, which is what thousands of widgets are carried by.
//!
//! A socket that is idle holds no buffer and no timer, and broadcasts write to it without waking its task.

mod frame;
mod outbox;

use std::{
    io,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::poll_fn;
use tokio::time::timeout;

use super::{
    protocol::Close,
    wire::{CLOSE_WITHIN, Gone, Incoming, Ping, Wire},
};
use crate::{http::pace::Pace, ledger::Lease};
use frame::{Decoder, Received};

pub(super) use outbox::{Outbox, Subscription};

/// Read at once, on the stack.
const READ_BYTES: usize = 4 << 10;

/// A socket without a library between it and us.
#[derive(Debug)]
pub(super) struct Direct {
    outbox: Arc<Outbox>,
    decoder: Decoder,
    /// The code that the peer closed with.
    closed_with: Option<u16>,
    /// The answer to a ping that came while a frame was half written.
    pong: Option<Box<[u8]>>,
    /// Of a frame that is half written.
    writing: Pace,
    /// Of a message that has come in part, and only then.
    reading: Option<Box<Reading>>,
}

/// A message that has come in part: it must not come too slowly, and what there is of it is counted.
#[derive(Debug)]
struct Reading {
    pace: Pace,
    lease: Lease,
}

impl Direct {
    /// A socket whose upgrade has been answered; `read` is what came right behind it.
    pub(super) fn new(outbox: Outbox, read: &Bytes, max_message_bytes: usize, patience: Duration) -> Self {
        let mut decoder = Decoder::new(max_message_bytes);
        decoder.put(read);
        Self {
            outbox: Arc::new(outbox),
            decoder,
            closed_with: None,
            pong: None,
            writing: Pace::new(patience),
            reading: None,
        }
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        // Before anything is looked at: whoever wakes us from here on is not missed.
        self.outbox.register(context);
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
                    // Pings may come between the parts of a message, and do not make it come any faster.
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

    /// Ready when what has come of a message is too slow in coming, or more than its client may have under way.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let held = self.decoder.held();
        if held == 0 {
            self.reading = None;
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
                // Of several that could not be answered yet, the last is (section 5.5.3).
                let pong = frame::pong(&payload);
                if self.outbox.is_waiting() {
                    self.pong = Some(pong.into());
                } else {
                    self.outbox.put(&pong);
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
        let mut bytes = [0; READ_BYTES];
        loop {
            // It takes its turn from the task's budget: a peer that never stops sending would have the thread for itself.
            ready!(self.outbox.stream().poll_read_ready(context))?;
            match self.outbox.stream().try_read(&mut bytes) {
                Ok(count) => {
                    self.decoder.put(&bytes[..count]);
                    return Poll::Ready(Ok(count));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Writes what is left, for as long as the peer takes it fast enough.
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

    /// Reads some more.
    async fn read(&mut self) -> Result<(), Gone> {
        match poll_fn(|context| self.poll_read(context)).await {
            Ok(0) | Err(_) => Err(Gone),
            Ok(_) => Ok(()),
        }
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        poll_fn(|context| self.poll_flush(context)).await
    }

    /// Writes the last frame, and reads until the peer has closed: to close with bytes unread would reset the connection, and the
    /// peer might never see the frame.
    async fn end(mut self, last: Vec<u8>) {
        let _ = timeout(CLOSE_WITHIN, async {
            self.outbox.put(&last);
            self.flush().await?;
            let mut is_frames = true;
            while self.closed_with.is_none() {
                // Whatever else the peer says is too late, and after a fault it may be no frames at all.
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
        // Who does not take what is being written would not take a ping, and has a deadline already.
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

    fn outbox(&self) -> Option<&Arc<Outbox>> {
        Some(&self.outbox)
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        self.outbox.shut();
    }
}

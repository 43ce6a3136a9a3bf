//! A socket as the protocol sees it: it receives and sends texts, and closes with a code.
//!
//! There are two implementations: [`direct`](super::direct) is our own, and the library's, in this
//! file, serves where the bare connection is not available.

use std::{
    future::{Future, poll_fn},
    sync::Arc,
    time::Duration,
};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};

use super::{direct::Outbox, protocol::Close};
use crate::alive::Pulse;

/// How long a peer may take to answer a close.
pub(super) const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// What a socket receives.
#[derive(Debug)]
pub(super) enum Incoming {
    Text(Utf8Bytes),
    /// A pong, or a ping that this layer has answered.
    Alive,
    /// Not from the peer: broadcasts have items that they could not write.
    News,
    /// Not from the peer: the server stops, or the peer has not initialised in time or was silent
    /// for the keep-alive time.
    Due,
    /// An error below the protocol.
    Broken(Close),
    /// The peer closes.
    Closing,
    /// The connection is lost.
    Gone,
}

/// The connection is lost.
#[derive(Debug)]
pub(super) struct Gone;

/// Whether a ping was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ping {
    Sent,
    /// Not sent, because a frame is still being written.
    Skipped,
}

/// A socket.
pub(super) trait Wire: Send {
    /// Waits for the next input. Cancel safe.
    fn receive(&mut self) -> impl Future<Output = Incoming> + Send;

    /// Sends a text. Resolves when the kernel has accepted all of it.
    fn send(&mut self, text: String) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Sends a ping, unless a frame is still being written.
    fn ping(&mut self) -> impl Future<Output = Result<Ping, Gone>> + Send;

    /// Sends the close frame, and waits for a short time for the peer's answer.
    fn close(self, close: Close) -> impl Future<Output = ()> + Send;

    /// Answers the peer's close.
    fn answer_close(self) -> impl Future<Output = ()> + Send;

    /// The signs of life of the peer.
    fn pulse(&self) -> &Pulse;

    /// The outbox to which broadcasts write directly, if this wire has one.
    fn outbox(&self) -> Option<&Arc<Outbox>> {
        None
    }
}

/// A socket that the library writes.
pub(super) struct Library {
    socket: WebSocket,
    pulse: Arc<Pulse>,
}

impl Library {
    pub(super) fn new(socket: WebSocket, pulse: Arc<Pulse>) -> Self {
        Self { socket, pulse }
    }
}

impl Wire for Library {
    async fn receive(&mut self) -> Incoming {
        let received = tokio::select! {
            biased;
            () = poll_fn(|context| self.pulse.poll_due(context)) => return Incoming::Due,
            received = self.socket.recv() => received,
        };
        match received {
            Some(Ok(Message::Text(text))) => Incoming::Text(text),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Incoming::Alive,
            Some(Ok(Message::Binary(_))) => Incoming::Broken(Close::invalid("Invalid message: text frames only")),
            Some(Err(error)) => broken(error),
            Some(Ok(Message::Close(_))) => Incoming::Closing,
            None => Incoming::Gone,
        }
    }

    async fn send(&mut self, text: String) -> Result<(), Gone> {
        self.socket.send(Message::Text(text.into())).await.map_err(|_| Gone)
    }

    async fn ping(&mut self) -> Result<Ping, Gone> {
        self.socket.send(Message::Ping(axum::body::Bytes::new())).await.map_err(|_| Gone)?;
        Ok(Ping::Sent)
    }

    async fn close(mut self, Close { code, reason }: Close) {
        let frame = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        if self.socket.send(frame).await.is_err() {
            return;
        }
        // Closing at once with unread bytes would reset the connection, and the peer might not
        // receive the code.
        self.answer_close().await;
    }

    async fn answer_close(mut self) {
        // The library writes its half of the handshake when it is read to the end.
        let _ = tokio::time::timeout(CLOSE_WITHIN, async { while let Some(Ok(_)) = self.socket.recv().await {} }).await;
    }

    fn pulse(&self) -> &Pulse {
        &self.pulse
    }
}

fn broken(error: axum::Error) -> Incoming {
    let error = error.into_inner();
    match error.downcast_ref::<tungstenite::Error>() {
        Some(tungstenite::Error::Capacity(_)) => Incoming::Broken(Close::broken(1009, "The message is too large")),
        Some(tungstenite::Error::Utf8(_)) => Incoming::Broken(Close::broken(1007, "A text frame is not UTF-8")),
        Some(tungstenite::Error::Protocol(error)) => match error {
            tungstenite::error::ProtocolError::ResetWithoutClosingHandshake => Incoming::Gone,
            _ => Incoming::Broken(Close::broken(1002, "Invalid WebSocket frame")),
        },
        _ => Incoming::Gone,
    }
}

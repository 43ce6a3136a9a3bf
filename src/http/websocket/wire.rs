//! A socket as the protocol sees it: texts come, texts go, and it closes with a code.
//!
//! The protocol above knows nothing of frames. There are two ways of writing them: [`direct`](super::direct) is ours, and the library's,
//! here, serves wherever the bare connection cannot be had.

use std::{future::Future, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};

use super::{direct::Outbox, protocol::Close};

/// How long a peer may take to answer a close.
pub(super) const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// What a socket brings.
#[derive(Debug)]
pub(super) enum Incoming {
    Text(Utf8Bytes),
    /// A ping, which is answered below, or a pong.
    Alive,
    /// Nothing of the peer's: broadcasts have more to say than they could write.
    News,
    /// Wrong below the protocol.
    Broken(Close),
    /// The peer closes.
    Closing,
    /// The peer is no longer there.
    Gone,
}

/// The peer is no longer there.
#[derive(Debug)]
pub(super) struct Gone;

/// Whether a ping was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ping {
    Sent,
    /// A frame is still being written.
    Skipped,
}

/// A socket.
pub(super) trait Wire: Send {
    /// The next thing it brings. May be dropped half-way without loss.
    fn receive(&mut self) -> impl Future<Output = Incoming> + Send;

    /// Sends a text; resolves when the kernel has taken all of it.
    fn send(&mut self, text: String) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Asks for a sign of life, if the peer can be asked.
    fn ping(&mut self) -> impl Future<Output = Result<Ping, Gone>> + Send;

    /// Says why it ends, and waits a moment for the peer to have read it.
    fn close(self, close: Close) -> impl Future<Output = ()> + Send;

    /// Answers the peer's close.
    fn answer_close(self) -> impl Future<Output = ()> + Send;

    /// Where broadcasts may write by themselves, if they may.
    fn outbox(&self) -> Option<&Arc<Outbox>> {
        None
    }
}

impl Wire for WebSocket {
    async fn receive(&mut self) -> Incoming {
        match self.recv().await {
            Some(Ok(Message::Text(text))) => Incoming::Text(text),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Incoming::Alive,
            Some(Ok(Message::Binary(_))) => Incoming::Broken(Close::invalid("Invalid message: text frames only")),
            Some(Err(error)) => broken(error),
            Some(Ok(Message::Close(_))) => Incoming::Closing,
            None => Incoming::Gone,
        }
    }

    async fn send(&mut self, text: String) -> Result<(), Gone> {
        Self::send(self, Message::Text(text.into())).await.map_err(|_| Gone)
    }

    async fn ping(&mut self) -> Result<Ping, Gone> {
        Self::send(self, Message::Ping(axum::body::Bytes::new())).await.map_err(|_| Gone)?;
        Ok(Ping::Sent)
    }

    async fn close(mut self, Close { code, reason }: Close) {
        let frame = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        if Self::send(&mut self, frame).await.is_err() {
            return;
        }
        // Closing at once with bytes unread would reset the connection, and the peer might never see the code.
        self.answer_close().await;
    }

    async fn answer_close(mut self) {
        // The library writes its half of the handshake while it is read to the end.
        let _ = tokio::time::timeout(CLOSE_WITHIN, async { while let Some(Ok(_)) = self.recv().await {} }).await;
    }
}

fn broken(error: axum::Error) -> Incoming {
    let error = error.into_inner();
    match error.downcast_ref::<tungstenite::Error>() {
        Some(tungstenite::Error::Capacity(_)) => Incoming::Broken(Close::broken(1009, "The message is too large")),
        Some(tungstenite::Error::Utf8(_)) => Incoming::Broken(Close::broken(1007, "A text frame is not UTF-8")),
        Some(tungstenite::Error::Protocol(error)) => match error {
            tungstenite::error::ProtocolError::ResetWithoutClosingHandshake => Incoming::Gone,
            _ => Incoming::Broken(Close::broken(1002, "The frames are not those of a WebSocket")),
        },
        _ => Incoming::Gone,
    }
}

//! One widget: a WebSocket that follows one account's availability, and reconnects to another
//! server when its own ends.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use anyhow::Context as _;
use futures_util::{SinkExt, StreamExt};
use rand::RngExt;
use serde_json::json;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

use super::crowd::Shared;

/// A widget that gets no first state within this time tries the next server.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest pause before the first attempt to reconnect. It doubles with each failure, up to
/// [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(600);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// The widgets connect from this many addresses, so that none exceeds the limits of a client.
const SOURCES: usize = 60;

type Socket = WebSocketStream<TcpStream>;

/// A widget and what it shows.
#[derive(Debug, Default)]
pub struct Widget {
    number: usize,
    /// The index of the account that it follows.
    pub account: usize,
    shown: Mutex<Shown>,
}

#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Whether it has a socket on which a state arrived.
    pub is_live: bool,
    pub version: i64,
    /// The last message, unparsed.
    pub message: Arc<str>,
}

impl Widget {
    pub fn new(number: usize, account: usize) -> Self {
        Self { number, account, shown: Mutex::default() }
    }

    pub fn shown(&self) -> Shown {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows the account until it is cancelled.
    pub async fn follow(&self, shared: &Shared) {
        let mut attempt = self.number;
        let mut failures = 0_u32;
        let mut lost: Option<Lost> = None;
        loop {
            // The widget's own pause is measured apart from the time that the servers take.
            let paused = Instant::now();
            if lost.is_some() || failures > 0 {
                let most = FIRST_PAUSE.saturating_mul(1 << failures.min(6)).min(LONGEST_PAUSE);
                let pause = rand::rng().random_range(Duration::ZERO..most);
                sleep(pause).await;
            }
            let permit = shared.connecting.acquire().await.expect("never closed");
            if let Some(lost) = &mut lost {
                lost.paused += paused.elapsed();
            }
            let server = shared.server(attempt);
            attempt += 1;
            let entered = timeout(PATIENCE, self.enter(shared, server)).await;
            drop(permit);
            let (socket, first) = match entered.unwrap_or_else(|elapsed| Err(elapsed.into())) {
                Ok(entered) => entered,
                Err(error) => {
                    failures += 1;
                    shared.connect_failed(format!("{server}: {error:#}"));
                    continue;
                }
            };
            failures = 0;
            self.shows(shared, &first, true);
            if let Some(lost) = lost.take() {
                shared.reconnected(lost.at.elapsed(), lost.paused);
            }
            self.watch(shared, socket).await;
            self.lock().is_live = false;
            lost = Some(Lost { at: Instant::now(), paused: Duration::ZERO });
        }
    }

    /// Opens a socket and waits for its first state.
    async fn enter(&self, shared: &Shared, server: SocketAddr) -> anyhow::Result<(Socket, Arc<str>)> {
        let socket = TcpSocket::new_v4()?;
        let source = u8::try_from(1 + self.number % SOURCES).expect("few sources");
        socket.bind(SocketAddr::from(([127, 0, 1, source], 0)))?;
        let stream = socket.connect(server).await?;
        let mut request = format!("ws://{server}/graphql").into_client_request().expect("an address");
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
        // The default buffer is 128 KiB for each of thousands of widgets.
        let config = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0);
        let (mut socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await?;
        let query = "subscription($key: String!) { availability(widgetKey: $key) { version operators(first: 100) { publicName } } }";
        let payload = json!({ "query": query, "variables": { "key": shared.keys[self.account] } });
        for message in
            [json!({ "type": "connection_init" }), json!({ "type": "subscribe", "id": "1", "payload": payload })]
        {
            socket.send(Message::text(message.to_string())).await?;
        }
        loop {
            match socket.next().await.context("no first state")?? {
                Message::Text(text) if version(&text).is_some() => return Ok((socket, text.as_str().into())),
                Message::Text(text) if text.contains("connection_ack") => {}
                Message::Ping(_) | Message::Pong(_) => {}
                // For instance an error, while the database is down.
                other => anyhow::bail!("{other:?}"),
            }
        }
    }

    /// Reads until the socket ends.
    async fn watch(&self, shared: &Shared, mut socket: Socket) {
        while let Some(Ok(message)) = socket.next().await {
            match message {
                Message::Text(text) if version(&text).is_some() => self.shows(shared, text.as_str(), false),
                Message::Text(_) | Message::Close(_) => return,
                _ => {}
            }
        }
    }

    fn shows(&self, shared: &Shared, message: &str, is_first: bool) {
        let version = version(message).expect("checked by the caller");
        shared.states.fetch_add(1, Ordering::Relaxed);
        let mut shown = self.lock();
        if !is_first && version <= shown.version {
            shared.regressed(format!("widget {}: {} came after version {}", self.number, message, shown.version));
        }
        *shown = Shown { is_live: true, version, message: message.into() };
    }
}

/// When the socket was lost, and how long the widget has paused since.
struct Lost {
    at: Instant,
    paused: Duration,
}

/// Extracts the version without parsing the message: there are many messages.
fn version(message: &str) -> Option<i64> {
    let digits = message.split_once("\"version\":")?.1;
    digits[..digits.find(|character: char| !character.is_ascii_digit())?].parse().ok()
}

//! Subscriptions: over a WebSocket (`graphql-transport-ws`), or over server-sent events.

use futures_util::{SinkExt, StreamExt, stream::BoxStream};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{Answer, Person, in_time};

/// One subscription on its own WebSocket.
#[derive(Debug)]
pub struct Stream {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Stream {
    pub async fn open(person: &Person, query: &str, variables: Value) -> Self {
        let mut stream = Self::connect(person, &json!({ "type": "connection_init" })).await;
        stream.acknowledged().await;
        stream.subscribes("1", query, variables).await;
        stream
    }

    /// Waits until the server has accepted the first message.
    pub async fn acknowledged(&mut self) {
        assert_eq!(self.message().await, json!({ "type": "connection_ack" }));
    }

    /// Begins an operation on a socket that was acknowledged.
    pub async fn subscribes(&mut self, id: &str, query: &str, variables: Value) {
        self.say(&json!({ "type": "subscribe", "id": id, "payload": { "query": query, "variables": variables } }))
            .await;
    }

    /// Opens a socket and sends its first message.
    pub async fn connect(person: &Person, init: &Value) -> Self {
        let mut request =
            format!("ws://{}/graphql", person.server().address()).into_client_request().expect("an address");
        request.headers_mut().extend(person.headers());
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
        let (socket, _) = in_time("a socket", tokio_tungstenite::connect_async(request))
            .await
            .expect("the server accepts the socket");
        let mut stream = Self { socket };
        stream.say(init).await;
        stream
    }

    async fn say(&mut self, message: &Value) {
        in_time("the socket", self.socket.send(Message::text(message.to_string()))).await.expect("sent");
    }

    async fn frame(&mut self) -> Message {
        // The server sends pings while the socket is open. They are no messages of the protocol.
        let message = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(message)) => return message,
                    other => panic!("the socket broke: {other:?}"),
                }
            }
        };
        in_time("a message", message).await
    }

    async fn message(&mut self) -> Value {
        match self.frame().await {
            Message::Text(text) => serde_json::from_str(&text).expect("messages are JSON"),
            other => panic!("not a message: {other:?}"),
        }
    }

    /// The next item.
    pub async fn next(&mut self) -> Answer {
        let mut message = self.message().await;
        assert_eq!(message["type"], "next", "{message:#}");
        Answer::item(message["payload"].take())
    }

    /// Skips items until one matches.
    pub async fn until(&mut self, is_it: impl Fn(&Answer) -> bool) -> Answer {
        loop {
            let item = self.next().await;
            if is_it(&item) {
                return item;
            }
        }
    }

    /// The errors of an operation that is refused before its first item.
    pub async fn refused(&mut self) -> Answer {
        let mut message = self.message().await;
        assert_eq!(message["type"], "error", "{message:#}");
        Answer::item(json!({ "errors": message["payload"].take() }))
    }

    /// The next item, with no time limit, or the code of the close frame. 1006 if the connection
    /// broke (RFC 6455, section 7.4.1).
    pub async fn item_or_end(&mut self) -> Result<Answer, u16> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let mut message: Value = serde_json::from_str(&text).expect("messages are JSON");
                    if message["type"] == "next" {
                        return Ok(Answer::item(message["payload"].take()));
                    }
                }
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// Waits until the server closes the socket, and fails if an item comes first. Returns the code
    /// and the reason.
    pub async fn closes(&mut self) -> (u16, String) {
        loop {
            match self.frame().await {
                Message::Close(Some(frame)) => return (frame.code.into(), frame.reason.to_string()),
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).expect("messages are JSON");
                    assert_eq!(message["type"], "complete", "{message:#}");
                }
                other => panic!("neither message nor close: {other:?}"),
            }
        }
    }
}

/// One subscription over server-sent events, in the distinct connections mode of GraphQL over SSE.
pub struct EventStream {
    chunks: BoxStream<'static, reqwest::Result<Vec<u8>>>,
    unread: Vec<u8>,
}

impl EventStream {
    pub async fn open(person: &Person, query: &str, variables: Value) -> Self {
        let body = json!({ "query": query, "variables": variables });
        let request =
            person.request(reqwest::Method::POST, "/graphql").header("accept", "text/event-stream").json(&body);
        let response = in_time("an event stream", request.send()).await.expect("the server answers");
        assert_eq!(response.headers()["content-type"], "text/event-stream", "{response:?}");
        let chunks = response.bytes_stream().map(|chunk| chunk.map(|bytes| bytes.to_vec())).boxed();
        Self { chunks, unread: Vec::new() }
    }

    /// The name and data of the next event. Comments are skipped, since they only keep the
    /// connection alive.
    async fn event(&mut self) -> (String, String) {
        loop {
            while let Some(end) = self.unread.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = self.unread.drain(..end + 2).collect();
                let event = String::from_utf8(event).expect("events are text");
                let field = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim_start().to_owned())
                };
                if let Some(name) = field("event:") {
                    return (name, field("data:").unwrap_or_default());
                }
            }
            let chunk = in_time("an event", self.chunks.next())
                .await
                .expect("the stream is open")
                .expect("the stream has no error");
            self.unread.extend(chunk);
        }
    }

    /// The next item.
    pub async fn next(&mut self) -> Answer {
        let (name, data) = self.event().await;
        assert_eq!(name, "next", "{data}");
        Answer::item(serde_json::from_str(&data).expect("an item is JSON"))
    }

    /// Waits until the operation completes, and fails if an item comes first.
    pub async fn ends(&mut self) {
        let (name, data) = self.event().await;
        assert_eq!(name, "complete", "{data}");
    }
}

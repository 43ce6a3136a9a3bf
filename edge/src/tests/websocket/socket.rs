//! A client that sends exactly what a test asks for.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::super::toy::{ADA, TestServer};

pub(in crate::tests) const SOON: Duration = Duration::from_secs(10);

pub(in crate::tests) struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

pub(in crate::tests) async fn connect(
    server: &TestServer,
    headers: &[(&'static str, String)],
) -> Result<Socket, Error> {
    let mut request = format!("ws://{}/graphql", server.address).into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a header"));
    }
    connect_async(request).await.map(|(socket, _)| Socket(socket))
}

pub(in crate::tests) async fn open(server: &TestServer) -> Socket {
    connect(server, &[]).await.expect("a socket")
}

pub(in crate::tests) async fn ready(server: &TestServer, init: Json) -> Socket {
    let mut socket = open(server).await;
    socket.say(&init).await;
    assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
    socket
}

pub(in crate::tests) async fn stranger(server: &TestServer) -> Socket {
    ready(server, json!({"type": "connection_init"})).await
}

pub(in crate::tests) async fn ada(server: &TestServer) -> Socket {
    ready(server, json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {ADA}")}})).await
}

/// The `ping` message as widgets send it, masked with zeros, and the answer.
pub(in crate::tests) const PING: &[u8] = b"\x81\x8f\0\0\0\0{\"type\":\"ping\"}";
pub(in crate::tests) const PONG: &[u8] = b"\x81\x0f{\"type\":\"pong\"}";

impl Socket {
    /// The connection below the socket, from which nothing is answered by itself.
    pub(in crate::tests) fn bare(self) -> TcpStream {
        match self.0.into_inner() {
            MaybeTlsStream::Plain(stream) => stream,
            _ => panic!("no TLS here"),
        }
    }

    pub(in crate::tests) async fn say(&mut self, message: &Json) {
        self.0.send(Message::text(message.to_string())).await.expect("sent");
    }

    pub(in crate::tests) async fn ask(&mut self, id: &str, query: &str) {
        self.say(&json!({"type": "subscribe", "id": id, "payload": {"query": query}})).await;
    }

    pub(in crate::tests) async fn frame(&mut self) -> Message {
        timeout(SOON, self.0.next()).await.expect("in time").expect("a frame").expect("no error")
    }

    /// The next message. Skips pings and pongs.
    pub(in crate::tests) async fn next(&mut self) -> Json {
        loop {
            match self.frame().await {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?} instead of a message"),
            }
        }
    }

    /// The code and the reason of the close, which must be the next message.
    pub(in crate::tests) async fn closed_without_message(&mut self) -> (u16, String) {
        loop {
            match self.frame().await {
                Message::Close(Some(close)) => return (close.code.into(), close.reason.to_string()),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?} instead of a close"),
            }
        }
    }

    /// Reads until the socket is closed. Returns the code and the reason.
    pub(in crate::tests) async fn closed(&mut self) -> (u16, String) {
        loop {
            match timeout(SOON, self.0.next()).await.expect("in time") {
                Some(Ok(Message::Close(Some(close)))) => {
                    return (close.code.into(), close.reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("{other:?} instead of a close"),
            }
        }
    }
}

pub(in crate::tests) fn next(id: &str, data: &Json) -> Json {
    json!({"type": "next", "id": id, "payload": {"data": data}})
}

//! `graphql-transport-ws` over WebSocket: queries, mutations and subscriptions on one socket.
//!
//! Three layers that do not depend on each other: [`wire`] is frames, [`protocol`] is messages, and
//! [`connection`] is the state between them. [`operation`] runs in tasks of its socket. The legacy
//! `graphql-ws` subprotocol is not supported.
//!
//! Frames are written by [`direct`], to the bare connection, or by the library where the bare
//! connection is not available. The layers above do not depend on which. With [`direct`],
//! broadcasts write to the socket without its task.
//!
//! Invariants: a socket that does not initialise in time is closed, whatever else it sends. An
//! operation runs with the access that the session has when the operation starts. When the session
//! ends, the socket is closed. A peer that does not read costs one message and the kernel's buffer
//! until it is disconnected, and this memory counts for its client.

mod connection;
mod direct;
pub(super) mod door;
mod operation;
mod protocol;
mod wire;

use axum::{
    extract::{WebSocketUpgrade, ws::WebSocket},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tungstenite::handshake::derive_accept_key;

use super::{
    authenticate::Credential,
    backend::Backend,
    peer::Connection as Tcp,
    refusal::Refusal,
    request_info::RequestInfo,
    rewound::Rewound,
    shared::{ConnectionSlot, Edge},
    write_timeout::WriteTimeout,
};
use crate::{config::SocketWriter, metrics::Open};
use connection::Connection;
use direct::{Direct, Outbox};
use wire::Library;

/// Messages from clients are small. The library's default of 128 KiB a socket would be the server's
/// largest use of memory.
const READ_BUFFER_BYTES: usize = 4 << 10;
/// Messages are written one at a time, so this bounds the largest answer and not a queue.
const MAX_WRITE_BUFFER_BYTES: usize = 16 << 20;

/// A handshake that the library has validated.
pub(super) struct Handshake<'a> {
    pub upgrade: WebSocketUpgrade,
    pub headers: &'a HeaderMap,
    /// Resolves to the connection after the upgrade.
    pub taken_over: Option<OnUpgrade>,
    /// What our listener knows about the connection. `None` when another listener accepted it.
    pub tcp: Option<Tcp>,
}

/// Accepts an upgrade.
///
/// # Errors
/// The client does not ask for the subprotocol, the server is stopping, or the client has the
/// maximum number of sockets.
pub(super) fn accept<H: Backend>(
    edge: &Edge<H>,
    info: RequestInfo,
    credential: Credential,
    handshake: Handshake<'_>,
) -> Result<Response, Refusal> {
    let Handshake { upgrade, headers, taken_over, tcp } = handshake;
    let upgrade = upgrade.protocols([protocol::SUBPROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return Err(Refusal::bad(
            StatusCode::BAD_REQUEST,
            format!("Set Sec-WebSocket-Protocol to {}.", protocol::SUBPROTOCOL),
        ));
    }
    let held = Held { _socket: Some(admit(edge, &info)?), _tcp: tcp.clone() };
    let config = edge.backend.config();
    let edge = edge.clone();
    // Only connections of our listener are known to be bare.
    match (config.websocket_writer, taken_over, tcp) {
        (SocketWriter::Direct, Some(taken_over), Some(_)) => {
            let response = switching_protocols(headers);
            tokio::spawn(async move {
                let Some((stream, read)) = bare(taken_over).await else { return };
                let info = RequestInfo { ends: None, ..info };
                let connection = on_bare(edge, stream, &[], &read, info, credential, held);
                // A separate task, because this one would keep the memory that the upgrade needed.
                tokio::spawn(connection.serve());
            });
            Ok(response)
        }
        _ => Ok(upgrade
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
            .max_message_size(config.max_message_bytes)
            .max_frame_size(config.max_message_bytes)
            .on_upgrade(move |socket: WebSocket| {
                let wire = Library::new(socket, edge.alive.sockets.own_pulse());
                Connection::boxed(edge, wire, info, credential, held).serve()
            })),
    }
}

/// What a socket holds while it is open.
#[derive(Default)]
struct Held {
    _socket: Option<Admission>,
    _tcp: Option<Tcp>,
}

/// A socket that is counted.
type Admission = (Open, ConnectionSlot, TaskTrackerToken);

/// Admits one more socket of a client.
///
/// # Errors
/// The server is stopping, or the client has the maximum number of sockets.
fn admit<H: Backend>(edge: &Edge<H>, info: &RequestInfo) -> Result<Admission, Refusal> {
    if edge.draining.is_cancelled() {
        return Err(Refusal::bad(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping."));
    }
    let most = edge.backend.config().max_sockets_per_client;
    let Some(place) = edge.sockets.enter(info.address, most) else {
        return Err(Refusal::too_many(format!(
            "At most {most} sockets and event streams may be open at once from one address."
        )));
    };
    Ok((Open::count(&edge.backend.metrics().sockets), place, edge.tasks.token()))
}

/// A socket on the bare connection. `answer` is written to it first. `read` are the bytes that
/// arrived right after the upgrade.
fn on_bare<H: Backend>(
    edge: Edge<H>,
    stream: TcpStream,
    answer: &[u8],
    read: &[u8],
    info: RequestInfo,
    credential: Credential,
    held: Held,
) -> Box<Connection<H, Direct>> {
    let config = edge.backend.config();
    let outbox = Outbox::new(stream, info.client(), edge.fair.in_flight.clone(), &edge.alive.sockets);
    outbox.put(answer);
    let wire = Direct::new(outbox, read, config.max_message_bytes, config.send_timeout);
    Connection::boxed(edge, wire, info, credential, held)
}

/// The answer that accepts the upgrade (RFC 6455, section 4.2.2).
fn switching_protocols(headers: &HeaderMap) -> Response {
    let key = headers.get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes).unwrap_or_default();
    let accept = HeaderValue::try_from(derive_accept_key(key)).expect("base64 is a header");
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
        (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol::SUBPROTOCOL)),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// The connection below HTTP, and the bytes that were already read from it. `None` when the client
/// disconnected before the answer was written.
async fn bare(taken_over: OnUpgrade) -> Option<(TcpStream, Bytes)> {
    let upgraded: Upgraded = taken_over.await.ok()?;
    let Ok(parts) = upgraded.downcast::<TokioIo<WriteTimeout<Rewound>>>() else {
        tracing::error!("an upgraded connection of our listener has an unexpected type");
        return None;
    };
    Some((parts.io.into_inner().into_inner().into_inner(), parts.read_buf))
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        sync::Arc,
    };

    use serde_json::{Value, json};
    use tokio::sync::mpsc;

    use super::{
        protocol::Close,
        wire::{Gone, Incoming, Ping, Wire},
        *,
    };
    use crate::{
        Identity as _,
        alive::Pulse,
        caller::{OriginTrust, RequestId},
        config::HttpConfig,
        ledger::Who,
        origin::Page,
        tests::toy::{ADA, Toy, eventually},
    };

    const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

    /// A socket without a network: what the client sends, and what it receives.
    struct Channel(mpsc::UnboundedReceiver<String>, mpsc::UnboundedSender<Value>, Arc<Pulse>);

    impl Wire for Channel {
        async fn receive(&mut self) -> Incoming {
            self.0.recv().await.map_or(Incoming::Gone, |text| Incoming::Text(text.into()))
        }

        async fn send(&mut self, text: String) -> Result<(), Gone> {
            self.1.send(serde_json::from_str(&text).expect("JSON")).map_err(|_| Gone)
        }

        async fn ping(&mut self) -> Result<Ping, Gone> {
            Ok(Ping::Skipped)
        }

        async fn close(self, close: Close) {
            panic!("closed with {close:?}");
        }

        async fn answer_close(self) {}

        fn pulse(&self) -> &Pulse {
            &self.2
        }
    }

    /// A socket that is served: what to send to the server, and what it sends.
    #[expect(clippy::disallowed_methods, reason = "a test sends few messages")]
    fn served(edge: &Edge<Toy>) -> (mpsc::UnboundedSender<String>, mpsc::UnboundedReceiver<Value>) {
        let (client, from_client) = mpsc::unbounded_channel();
        let (to_client, received) = mpsc::unbounded_channel();
        let page = Page { trust: OriginTrust::None, cookie_counts: true };
        let info = RequestInfo { page, address: CLIENT, id: RequestId::new(), brought: None, ends: None };
        let wire = Channel(from_client, to_client, edge.alive.sockets.own_pulse());
        tokio::spawn(Connection::boxed(edge.clone(), wire, info, Credential::Nothing, Held::default()).serve());
        (client, received)
    }

    fn subscribe(query: &str) -> String {
        json!({"type": "subscribe", "id": "1", "payload": {"query": query}}).to_string()
    }

    #[tokio::test]
    async fn a_document_is_validated_in_the_clients_turn_and_a_running_broadcast_is_joined_without_one() {
        const SHARED: &str = "subscription { shared { number } }";
        let toy = Toy::new(HttpConfig { max_client_executing: 1, ..HttpConfig::default() });
        let session = toy.authenticate(ADA, CLIENT).await.expect("an answer").expect("a session");
        let account = session.who(CLIENT);
        let edge = Edge::new(toy);
        let init = json!({"type": "connection_init"}).to_string();
        let signed_in =
            json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {ADA}")}}).to_string();
        let long = format!("{{ hello }}{}", " ".repeat(5_000));

        let (first, mut shown) = served(&edge);
        for message in [init.clone(), subscribe(SHARED)] {
            first.send(message).expect("served");
            shown.recv().await.expect("an answer");
        }
        for (who, init) in [(Who::client(CLIENT), init), (account, signed_in)] {
            let held = edge.reading.enter(who).await.expect("a turn");
            let (client, mut received) = served(&edge);
            for (message, answer) in [
                (init.clone(), "connection_ack"),
                (json!({"type": "ping"}).to_string(), "pong"),
                (subscribe(SHARED), "next"),
            ] {
                client.send(message).expect("served");
                assert_eq!(received.recv().await.expect("an answer")["type"], answer);
            }
            let mut held = Some(held);
            for query in ["{ hello }", &long] {
                let (client, mut received) = served(&edge);
                client.send(init.clone()).expect("served");
                assert_eq!(received.recv().await.expect("an answer")["type"], "connection_ack");
                let turn = match held.take() {
                    Some(turn) => turn,
                    None => edge.reading.enter(who).await.expect("a turn"),
                };
                client.send(subscribe(query)).expect("served");
                eventually("the message waits", || edge.reading.waiting(who) == 1).await;
                assert!(received.try_recv().is_err());
                drop(turn);
                assert_eq!(received.recv().await.expect("an answer")["payload"]["data"], json!({"hello": "world"}));
                assert_eq!((edge.reading.running(who), edge.reading.waiting(who)), (0, 0));
            }
        }
    }

    /// The size of the future that a function returns.
    fn size<A, F>(_: impl Fn(A) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_socket_is_small() {
        // Each of thousands of widgets keeps one. A change that raises this bound needs a reason.
        let state = size_of::<Connection<Toy, Direct>>();
        let future = size(|connection: Box<Connection<Toy, Direct>>| connection.serve());
        assert!(state + future <= 640, "{state} + {future} bytes");
    }
}

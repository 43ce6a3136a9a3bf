//! `graphql-transport-ws` over WebSocket: queries, mutations and subscriptions on one socket.
//!
//! In three layers that do not reach into each other: [`wire`] is frames, [`protocol`] is messages, and [`connection`] is
//! the state between them; [`operation`] runs beside. The legacy `graphql-ws` subprotocol is neither offered nor spoken.
//!
//! Frames are written in one of two ways, and nothing above can tell which: [`direct`] on the bare connection, to which broadcasts
//! write by themselves, and the library's wherever that cannot be had.
//!
//! Always true: a socket that does not initialise in time is closed, whatever else it sends; an operation runs with the
//! access that the session has when it starts; when the session ends, so does the socket; and a peer that reads nothing
//! costs one message and the kernel's buffer until it is disconnected, and what it costs is counted for its client.

mod connection;
mod direct;
mod operation;
mod protocol;
mod wire;

use axum::{
    extract::{WebSocketUpgrade, ws::WebSocket},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tungstenite::handshake::derive_accept_key;

use super::{
    authenticate::Credential, backend::Backend, edge::Edge, graphql::RequestInfo, refusal::Refusal,
    server::Connection as Tcp, write_timeout::WriteTimeout,
};
use crate::{config::http::SocketWriter, metrics::Open};
use connection::Connection;
use direct::{Direct, Outbox};
use wire::Wire;

/// A client's messages are small: the library's 128 KiB for each socket would be the server's largest expense.
const READ_BUFFER_BYTES: usize = 4 << 10;
/// Messages are written one at a time, so this bounds the largest answer and not a queue.
const MAX_WRITE_BUFFER_BYTES: usize = 16 << 20;

/// A handshake that the library has found well formed.
pub(super) struct Handshake<'a> {
    pub upgrade: WebSocketUpgrade,
    pub headers: &'a HeaderMap,
    /// The connection once it is ours.
    pub taken_over: Option<OnUpgrade>,
    /// What our own listener knows of the connection; none behind somebody else's.
    pub tcp: Option<Tcp>,
}

/// Accepts an upgrade.
///
/// # Errors
/// The client does not speak the protocol, or holds as many sockets as it may.
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
            format!("Ask for the subprotocol {} (Sec-WebSocket-Protocol).", protocol::SUBPROTOCOL),
        ));
    }
    if edge.draining.is_cancelled() {
        return Err(Refusal::bad(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping."));
    }
    let config = edge.backend.config();
    let most = config.max_sockets_per_client;
    let Some(place) = edge.sockets.enter(info.address, most) else {
        return Err(Refusal::too_many(format!(
            "At most {most} sockets and event streams may be open at once from one address."
        )));
    };
    let held = (Open::count(&edge.backend.metrics().sockets), place, edge.tasks.token());
    let edge = edge.clone();
    // Only our own listener's connections are known to be bare.
    match (config.websocket_writer, taken_over, tcp) {
        (SocketWriter::Direct, Some(taken_over), Some(tcp)) => {
            let response = switching_protocols(headers);
            tokio::spawn(async move {
                let Some((stream, read)) = bare(taken_over).await else { return };
                let config = edge.backend.config();
                let outbox = Outbox::new(stream, info.client(), edge.fair.in_flight.clone());
                let wire = Direct::new(outbox, &read, config.max_message_bytes, config.send_timeout);
                let info = RequestInfo { ends: None, ..info };
                // A task of its own again, or the room that the upgrade took would be kept.
                tokio::spawn(serve(Connection::boxed(edge, wire, info, credential), (held, tcp)));
            });
            Ok(response)
        }
        (_, _, tcp) => Ok(upgrade
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
            .max_message_size(config.max_message_bytes)
            .max_frame_size(config.max_message_bytes)
            .on_upgrade(move |socket: WebSocket| {
                serve(Connection::boxed(edge, socket, info, credential), (held, tcp))
            })),
    }
}

/// Serves a socket to its end; `held` is what it holds for so long.
async fn serve<H: Backend>(connection: Box<Connection<H, impl Wire>>, held: impl Send) {
    connection.serve().await;
    drop(held);
}

/// The answer that accepts (RFC 6455, section 4.2.2).
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

/// The connection below HTTP, and what was read of it already. None when the client has gone before the answer was written.
async fn bare(taken_over: OnUpgrade) -> Option<(TcpStream, bytes::Bytes)> {
    let upgraded: Upgraded = taken_over.await.ok()?;
    let Ok(parts) = upgraded.downcast::<TokioIo<WriteTimeout<TcpStream>>>() else {
        tracing::error!("a connection of our own listener is not what it makes them of");
        return None;
    };
    Some((parts.io.into_inner().into_inner(), parts.read_buf))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::tests::toy::Toy;

    /// How large the future is that a function makes.
    fn size<A, F>(_: impl Fn(A) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_socket_that_waits_is_small() {
        // Kept for each of thousands of widgets: whoever lets it grow says why.
        let state = size_of::<Connection<Toy, Direct>>();
        let future = size(|connection: Box<Connection<Toy, Direct>>| serve(connection, ()));
        assert!(state + future <= 768, "{state} + {future} bytes");
    }
}

//! `graphql-transport-ws` over WebSocket: queries, mutations and subscriptions on one socket.
//!
//! In three layers that do not reach into each other: [`wire`] is frames, [`protocol`] is messages, and [`connection`] is
//! the state between them; [`operation`] runs beside. The legacy `graphql-ws` subprotocol is neither offered nor spoken.
//!
//! Always true: a socket that does not initialise in time is closed, whatever else it sends; an operation runs with the
//! access that the session has when it starts; when the session ends, so does the socket; and a peer that reads nothing
//! costs one message and the kernel's buffer until it is disconnected.

mod connection;
mod operation;
mod protocol;
mod wire;

use axum::{
    extract::{WebSocketUpgrade, ws::WebSocket},
    http::StatusCode,
    response::Response,
};

use tracing::Instrument;

use super::{authenticate::Credential, edge::Edge, graphql::Visit, house::House, refusal::Refusal, server::Connection as Tcp};
use crate::metrics::Open;

/// A client's messages are small: the library's 128 KiB for each socket would be the server's largest expense.
const READ_BUFFER_BYTES: usize = 4 << 10;
/// Messages are written one at a time, so this bounds the largest answer and not a queue.
const MAX_WRITE_BUFFER_BYTES: usize = 16 << 20;

/// Accepts an upgrade.
///
/// # Errors
/// The client does not speak the protocol, or holds as many sockets as it may.
pub(super) fn accept<H: House>(
    edge: &Edge<H>,
    visit: Visit,
    credential: Credential,
    tcp: Option<Tcp>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    let config = edge.house.config();
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
        .max_message_size(config.max_message_bytes)
        .max_frame_size(config.max_message_bytes)
        .protocols([protocol::SUBPROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return Err(Refusal::bad(
            StatusCode::BAD_REQUEST,
            format!("Ask for the subprotocol {} (Sec-WebSocket-Protocol).", protocol::SUBPROTOCOL),
        ));
    }
    if edge.draining.is_cancelled() {
        return Err(Refusal::bad(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping."));
    }
    let most = config.max_sockets_per_client;
    let Some(place) = edge.sockets.enter(visit.address, most) else {
        return Err(Refusal::bad(
            StatusCode::TOO_MANY_REQUESTS,
            format!("At most {most} sockets and event streams may be open at once from one address."),
        ));
    };
    let edge = edge.clone();
    let waited_for = edge.tasks.token();
    let span = tracing::Span::current();
    Ok(upgrade.on_upgrade(move |socket: WebSocket| {
        let serve = async move {
            let _open = (Open::count(&edge.house.metrics().sockets), place, tcp, waited_for);
            let stopped = edge.stopped.clone();
            let connection = connection::Connection::new(edge, socket, visit, credential);
            stopped.run_until_cancelled_owned(Box::pin(connection.serve())).await;
        };
        serve.instrument(span)
    }))
}

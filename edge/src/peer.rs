//! What a request knows about its connection, as extensions: the peer, how to end it, and its
//! slots.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use crate::{metrics::Open, shared::ConnectionSlot};

/// The peer of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// The address of the peer, which may be a proxy.
    pub address: IpAddr,
}

/// Cancelled to end a connection: because other clients need its bytes, or, for all connections,
/// because the server stops.
#[derive(Clone, Debug)]
pub(crate) struct Ends(pub CancellationToken);

/// The slots of a connection: one of all connections, and one of its client.
pub(crate) type Places = (OwnedSemaphorePermit, Option<ConnectionSlot>);

/// Holds the slots of a connection. Cloned by the owner of an upgraded connection.
#[derive(Clone, Debug)]
pub(crate) struct Connection(#[expect(dead_code, reason = "held, never read")] pub Arc<(Places, Open)>);

//! The origin of a request, found in its headers and its connection before the request is read. All
//! transports pass it on.

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, header, request::Parts};
use tokio_util::sync::CancellationToken;

use super::{
    backend::Backend,
    client, cookies,
    origin::{self, Page},
    peer::{Ends, Peer},
    shared::Edge,
};
use crate::{
    caller::{Brought, Caller, RequestId, Transport},
    ledger::{Budget, Full, Lease, Who},
};

/// Where a request comes from.
#[derive(Clone, Debug)]
pub(crate) struct RequestInfo {
    pub page: Page,
    pub address: IpAddr,
    pub id: RequestId,
    /// See [`Brought`].
    pub brought: Option<Arc<Brought>>,
    /// Closes its connection. `None` for a socket that can end by itself, to save memory in
    /// thousands of them.
    pub ends: Option<CancellationToken>,
}

impl RequestInfo {
    pub(crate) fn of<H: Backend>(edge: &Edge<H>, parts: &Parts) -> Self {
        // The server and the router set all of these. Without them the client of the request is
        // unknown.
        let peer = parts.extensions.get::<Peer>().expect("the server adds the peer");
        let id = parts.extensions.get::<RequestId>().expect("the router gives each request an id");
        let ends = parts.extensions.get::<Ends>().expect("the server gives each connection an end");
        Self { ends: Some(ends.0.clone()), ..Self::new(edge, &parts.headers, *peer, *id) }
    }

    /// Of a socket that can end by itself.
    pub(crate) fn new<H: Backend>(edge: &Edge<H>, headers: &HeaderMap, peer: Peer, id: RequestId) -> Self {
        let config = edge.backend.config();
        let address = client::address(peer.address, headers, &config.trusted_proxies);
        let page = origin::page(headers, config);
        Self { page, address, id, brought: brought(edge, headers, page).map(Arc::new), ends: None }
    }

    /// The client for which an operation without a session is counted.
    pub(crate) fn client(&self) -> Who {
        Who::client(self.address)
    }

    /// Counts bytes that will be written to the connection.
    ///
    /// # Errors
    /// The client, or all clients together, hold too many bytes.
    pub(crate) fn take(&self, in_flight: &Budget, bytes: usize) -> Result<Lease, Full> {
        in_flight.take(self.client(), bytes).map(|lease| self.bind(lease))
    }

    /// Closes the connection when other clients need these bytes, which are written to it.
    pub(crate) fn bind(&self, lease: Lease) -> Lease {
        if let Some(ends) = &self.ends {
            lease.cuts(ends.clone());
        }
        lease
    }

    /// The caller of one operation.
    pub(crate) fn caller(&self, transport: Transport, request_id: RequestId) -> Caller {
        Caller { address: self.address, transport, origin: self.page.trust, request_id, brought: self.brought.clone() }
    }

    /// The origin of a page that is not allowed.
    pub(crate) fn foreign_origin(&self) -> Option<&str> {
        self.brought.as_ref()?.foreign_origin.as_deref()
    }
}

/// What the headers contain in addition to the credential. `None` if that is nothing.
fn brought<H: Backend>(edge: &Edge<H>, headers: &HeaderMap, page: Page) -> Option<Brought> {
    let named = |name: &str| cookies::named(headers, name).map(Into::into).collect::<Vec<Box<str>>>();
    let (mut devices, mut sessions) = (Vec::new(), Vec::new());
    if page.cookie_counts && headers.contains_key(header::COOKIE) {
        devices = edge.backend.device_cookie().map(named).unwrap_or_default();
        sessions = edge.backend.session_cookies().iter().flat_map(|name| named(name)).collect();
        if sessions.len() < 2 {
            sessions = Vec::new();
        }
    }
    let found = Brought { foreign_origin: origin::foreign(headers, page.trust).map(Into::into), devices, sessions };
    (found != Brought::default()).then_some(found)
}

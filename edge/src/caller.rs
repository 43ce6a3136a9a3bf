//! The caller of one operation: address, transport, page, and the id of the request.

use std::{fmt, net::IpAddr, sync::Arc};

/// The request of an operation.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client's address, as reported by trusted proxies.
    pub address: IpAddr,
    pub transport: Transport,
    pub origin: OriginTrust,
    pub request_id: RequestId,
    /// `None` for most requests, so that a visitor's socket needs little memory.
    pub brought: Option<Arc<Brought>>,
}

/// Parts of a request that few operations need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// The origin of the page, if it is foreign.
    pub foreign_origin: Option<Box<str>>,
    /// The values of the device cookie, if the page's origin is allowed to use it.
    pub devices: Vec<Box<str>>,
    /// The session cookies, if there is more than one.
    pub sessions: Vec<Box<str>>,
}

impl Caller {
    /// The origin of the page, if it is foreign, as sent by the browser.
    #[must_use]
    pub fn foreign_origin(&self) -> Option<&str> {
        self.brought.as_ref()?.foreign_origin.as_deref()
    }

    /// The values of the device cookie.
    pub fn devices(&self) -> impl Iterator<Item = &str> {
        self.brought.iter().flat_map(|brought| &brought.devices).map(AsRef::as_ref)
    }

    /// The session cookies, if there is more than one.
    pub fn sessions(&self) -> impl Iterator<Item = &str> {
        self.brought.iter().flat_map(|brought| &brought.sessions).map(AsRef::as_ref)
    }
}

/// The transport of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Http,
    WebSocket,
    ServerSentEvents,
}

/// Whether the `Origin` header is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginTrust {
    /// No header: not a browser, or one of this server's pages.
    None,
    /// On the allow list, or this server's own origin.
    Allowed,
    /// Another site, such as one with a chat widget.
    Foreign,
}

/// Identifies a request in the log and in its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(u64);

impl RequestId {
    #[must_use]
    pub fn new() -> Self {
        Self(rand::random())
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

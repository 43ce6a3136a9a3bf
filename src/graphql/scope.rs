//! What one operation knows: who asks, from where, and the house behind it.
//!
//! Each operation has a scope of its own, made when it starts; a subscription refreshes its scope before each item, so that an
//! operator who was demoted or removed while connected sees no more than they may.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

use async_graphql::Context;
use sea_orm::DbErr;

use crate::{
    app::App,
    error::Denied,
    graphql::reads::{Read, Reads},
    viewer::{Granted, Permission, Viewer},
};

/// Where an operation comes from.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client's address, behind any proxy that is trusted.
    pub address: IpAddr,
    pub transport: Transport,
    pub origin: OriginTrust,
    pub request_id: RequestId,
    /// None for nearly all: a visitor's socket keeps no more than it must.
    pub brought: Option<Arc<Brought>>,
}

/// What a request brought in addition to its credential, for the few operations that look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// The origin of a page that is not ours.
    pub foreign_origin: Option<Box<str>>,
    /// The values of the cookie that names devices, from a page that may use it.
    pub devices: Vec<Box<str>>,
    /// The session's cookies, where there is more than one.
    pub sessions: Vec<Box<str>>,
}

impl Caller {
    /// The origin of a page that is not ours, as its browser named it.
    #[must_use]
    pub fn foreign_origin(&self) -> Option<&str> {
        self.brought.as_ref()?.foreign_origin.as_deref()
    }

    /// The values of the cookie that names devices.
    pub fn devices(&self) -> impl Iterator<Item = &str> {
        self.brought.iter().flat_map(|brought| &brought.devices).map(AsRef::as_ref)
    }

    /// The session's cookies, where there is more than one.
    pub fn sessions(&self) -> impl Iterator<Item = &str> {
        self.brought.iter().flat_map(|brought| &brought.sessions).map(AsRef::as_ref)
    }
}

/// How an operation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Http,
    WebSocket,
    ServerSentEvents,
}

/// What the `Origin` header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginTrust {
    /// There is none: not a browser, or a page of ours.
    None,
    /// On the list, or our own.
    Allowed,
    /// Some other site, such as one that carries a chat widget.
    Foreign,
}

/// Names one request in the log and in every error that answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    #[must_use]
    pub fn new() -> Self {
        Self(format!("{:016x}", rand::random::<u64>()).into())
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The data of one operation; never shared between operations.
#[derive(Clone, Debug)]
pub struct Scope(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: App,
    caller: Caller,
    viewer: RwLock<Viewer>,
    /// Reads that are shared with other operations; none where each is made for this one.
    reads: RwLock<Option<Arc<Reads>>>,
}

impl Scope {
    #[must_use]
    pub fn new(app: App, viewer: Viewer, caller: Caller) -> Self {
        Self(Arc::new(Inner { app, caller, viewer: RwLock::new(viewer), reads: RwLock::default() }))
    }

    #[must_use]
    pub fn app(&self) -> &App {
        &self.0.app
    }

    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// Who asks, as they were when the operation started or when a subscription last looked.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        self.0.viewer.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Who asks, read again.
    pub fn set_viewer(&self, viewer: Viewer) {
        *self.0.viewer.write().unwrap_or_else(PoisonError::into_inner) = viewer;
    }

    /// Shares the reads of this moment with other operations, or no longer.
    pub fn share_reads(&self, reads: Option<Arc<Reads>>) {
        *self.0.reads.write().unwrap_or_else(PoisonError::into_inner) = reads;
    }

    /// Reads for this operation, once for all operations that it shares its reads with.
    pub async fn read<R: Read>(&self, read: R) -> Result<R::Value, DbErr> {
        let shared = self.0.reads.read().unwrap_or_else(PoisonError::into_inner).clone();
        match shared {
            Some(reads) => reads.get(self.app(), read).await,
            None => read.run(self.app()).await,
        }
    }
}

/// What a resolver asks of its context.
pub trait ContextExt<'a> {
    fn scope(&self) -> &'a Scope;

    fn app(&self) -> &'a App {
        self.scope().app()
    }

    fn viewer(&self) -> Viewer {
        self.scope().viewer()
    }

    /// The proof that a rule demands.
    fn granted<P: Permission>(&self) -> Result<Granted<P>, Denied> {
        self.viewer().may()
    }
}

impl<'a> ContextExt<'a> for Context<'a> {
    fn scope(&self) -> &'a Scope {
        self.data_unchecked::<Scope>()
    }
}

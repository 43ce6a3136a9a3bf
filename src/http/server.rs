//! The listener: takes connections, bounds them, and lets them end in peace when the server stops.
//!
//! An accept loop of our own, because the one that comes with axum has no time-out for headers, does not tell upgraded
//! sockets that the server stops, and knows no most connections. It survives running out of file descriptors: what cannot be
//! accepted now waits in the listen queue.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    backend::Backend,
    edge::{ConnectionSlot, Edge},
    write_timeout::WriteTimeout,
};
use crate::{config::http::HttpConfig, metrics::Open};

/// Thousands of widgets connect at once when a popular page goes up; a short queue makes them wait a second and more.
const BACKLOG: i32 = 4096;
/// The longest request head.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// What the kernel takes ahead for a peer that is slow to read: more would only be stale.
const UNSENT_BYTES: u32 = 8 << 10;
/// After an accept that failed for want of something, such as file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The address of the connection itself, which may be a proxy's.
    pub address: IpAddr,
}

/// Cancelled to end a connection: because its bytes are needed for others, or, as for all connections, because the server stops.
#[derive(Clone, Debug)]
pub(super) struct Ends(pub CancellationToken);

/// A server that listens and does not serve yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
}

impl Server {
    /// Takes the address, so that everything wrong with it is known before anything is started.
    ///
    /// # Errors
    /// The address is taken, or not ours to take; the message names the setting.
    #[expect(clippy::unused_async, reason = "a listener belongs to a runtime, and this says so")]
    pub async fn bind(config: &HttpConfig) -> io::Result<Self> {
        let named = |setting: &str, address| {
            listen(address).map_err(|error| io::Error::new(error.kind(), format!("{setting}: {address}: {error}")))
        };
        Ok(Self {
            listener: named("DESKBELL_LISTEN", config.listen)?,
            metrics_listener: config
                .metrics_listen
                .map(|address| named("DESKBELL_METRICS_LISTEN", address))
                .transpose()?,
        })
    }

    /// Where it listens; with port 0 in the settings, the port that was free.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where it listens for `/metrics`, if it does.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_listener.as_ref()?.local_addr().ok()
    }

    /// Serves until `shutdown`, then lets what is under way end, for at most the drain time-out. `pages` are routes beside
    /// the edge's own.
    pub async fn run<H: Backend>(self, backend: H, pages: Router, shutdown: CancellationToken) {
        let edge = Edge::new(backend);
        let router = super::router(&edge, pages);
        let main = accept(self.listener, router, edge.clone(), shutdown.clone());
        match self.metrics_listener {
            Some(listener) => {
                let router = super::metrics_router(&edge);
                tokio::join!(main, accept(listener, router, edge.clone(), shutdown));
            }
            None => main.await,
        }
        // Sockets are told, readiness says no, and every connection ends after the answer it is giving.
        edge.draining.cancel();
        edge.tasks.close();
        let limit = edge.backend.config().drain_timeout;
        if tokio::time::timeout(limit, edge.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = edge.tasks.len(), "stopped before everything had ended");
        }
        edge.stopped.cancel();
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Or a restart would wait for the last connections of the one before.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    // What is accepted inherits it. Not every system has it, and nothing depends on it.
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_notsent_lowat(UNSENT_BYTES);
    TcpListener::from_std(socket.into())
}

async fn accept<H: Backend>(listener: TcpListener, router: Router, edge: Edge<H>, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(edge.backend.config().max_connections));
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.expect("never closed");
            (place, listener.accept().await)
        };
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            accepted = next => accepted,
        };
        match accepted {
            (place, Ok((stream, address))) => {
                if let Ok(of_client) = client_place(&edge, address.ip()) {
                    let places = (place, of_client);
                    edge.tasks.spawn(connection(stream, address, router.clone(), edge.clone(), places));
                } else {
                    // Dropped, it is closed: to wait for this client's turn would make all others wait.
                    tracing::debug!("a client had as many connections as it may, and one more was closed");
                }
            }
            (_, Err(error)) if is_the_peers(&error) => {}
            (_, Err(error)) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// A client holds as many connections as it may.
struct Full;

/// A place among the connections of one client; none is needed by a trusted proxy, which speaks for many.
fn client_place<H: Backend>(edge: &Edge<H>, peer: IpAddr) -> Result<Option<ConnectionSlot>, Full> {
    let config = edge.backend.config();
    if config.trusted_proxies.iter().any(|net| net.contains(&peer.to_canonical())) {
        return Ok(None);
    }
    edge.connections.enter(peer, config.max_connections_per_client).map(Some).ok_or(Full)
}

/// The connection was gone before it was accepted: the next one may be fine.
fn is_the_peers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

async fn connection<H: Backend>(stream: TcpStream, address: SocketAddr, router: Router, edge: Edge<H>, places: Places) {
    let config = edge.backend.config();
    let open = Arc::new((places, Open::count(&edge.backend.metrics().connections)));
    // Small frames must not wait for each other. A peer that is already gone shows at the first read.
    let _ = stream.set_nodelay(true);
    let peer = Peer { address: address.ip() };
    let held = Arc::clone(&open);
    let ends = Ends(edge.draining.child_token());
    let ended = ends.0.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(ends.clone());
        // An upgraded connection outlives this one, and keeps its place.
        request.extensions_mut().insert(Connection(Arc::clone(&held)));
        router.clone().oneshot(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(config.read_timeout).max_buf_size(MAX_HEAD_BYTES);
    let io = TokioIo::new(WriteTimeout::new(stream, config.send_timeout));
    let serving = builder.serve_connection(io, service).with_upgrades();
    tokio::pin!(serving);
    tokio::select! {
        // Nearly all are the peer's doing: gone, too slow, or not HTTP.
        end = serving.as_mut() => trace_end(end),
        () = ended.cancelled() => {
            if !edge.draining.is_cancelled() {
                tracing::debug!("a connection was ended to make room for others");
                return;
            }
            serving.as_mut().graceful_shutdown();
            tokio::select! {
                end = serving => trace_end(end),
                () = edge.stopped.cancelled() => {}
            }
        }
    }
}

fn trace_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended");
    }
}

/// The places of a connection, among all and among its client's.
type Places = (OwnedSemaphorePermit, Option<ConnectionSlot>);

/// The place of a connection among the most that may be open; whoever takes the connection over keeps it.
#[derive(Clone, Debug)]
pub(super) struct Connection(#[expect(dead_code, reason = "held, never read")] Arc<(Places, Open)>);

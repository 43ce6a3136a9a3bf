//! The listener: accepts connections, limits them, and drains them when the server stops.
//!
//! It has its own accept loop, because that of axum has no timeout for headers, does not notify
//! upgraded sockets when the server stops, and does not limit connections. It survives running out
//! of file descriptors: connections that cannot be accepted wait in the listen queue.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body};
use bytes::Bytes;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    backend::Backend,
    peer::{Connection, Ends, Peer, Places},
    rewound::Rewound,
    shared::{ConnectionSlot, Edge},
    websocket::door::{self, Admitted, First},
    write_timeout::WriteTimeout,
};
use crate::{
    config::HttpConfig,
    metrics::Open,
    router::{self, Routes},
};

/// Thousands of widgets connect at once when a popular page goes online. A short queue would delay
/// them by a second or more.
const BACKLOG: i32 = 4096;
/// The maximum size of a request head.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// How many unsent bytes the kernel buffers for a slow peer. More would only become stale.
const UNSENT_BYTES: u32 = 8 << 10;
/// How many of the kernel's probes a peer may leave unanswered.
const PROBES: u32 = 3;
const MIN_KEEPALIVE: Duration = Duration::from_secs(1);
/// The delay after an accept that failed for lack of resources, such as file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that listens but does not serve yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
}

impl Server {
    /// Binds the address, so that an invalid one is reported before anything starts.
    ///
    /// # Errors
    /// The address is in use, or may not be bound. The message names the setting.
    #[expect(clippy::unused_async, reason = "a listener needs a runtime")]
    pub async fn bind(config: &HttpConfig) -> io::Result<Self> {
        let named = |setting: &str, address| {
            let setting = config.setting(setting);
            listen(address, config.ws_keepalive)
                .map_err(|error| io::Error::new(error.kind(), format!("{setting}: {address}: {error}")))
        };
        Ok(Self {
            listener: named("LISTEN", config.listen)?,
            metrics_listener: config.metrics_listen.map(|address| named("METRICS_LISTEN", address)).transpose()?,
        })
    }

    /// The bound address. If the settings have port 0, it has the assigned port.
    ///
    /// # Errors
    /// The operating system reports an error.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The bound address of the listener for `/metrics`, if there is one.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_listener.as_ref()?.local_addr().ok()
    }

    /// Serves until `shutdown`, then drains for at most the drain timeout. `routes` are those of
    /// the product.
    pub async fn run<H: Backend>(self, backend: H, routes: Routes, shutdown: CancellationToken) {
        let edge = Edge::new(backend);
        edge.alive.start(edge.backend.supervisor(), &edge.tasks, &edge.draining);
        let router = router::router(&edge, routes);
        let main = accept(self.listener, router, Door::Open, edge.clone(), shutdown.clone());
        match self.metrics_listener {
            Some(listener) => {
                let router = router::metrics_router(&edge);
                tokio::join!(main, accept(listener, router, Door::Closed, edge.clone(), shutdown));
            }
            None => main.await,
        }
        // Sockets are notified, `/readyz` reports that the server is stopping, and each connection
        // ends after its current answer.
        edge.draining.cancel();
        edge.alive.sockets.tell_all().await;
        edge.tasks.close();
        let limit = edge.backend.config().drain_timeout;
        if tokio::time::timeout(limit, edge.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = edge.tasks.len(), "the drain timeout passed before all tasks had ended");
        }
        edge.stopped.cancel();
    }
}

/// Accepted connections inherit the options. Small frames do not wait for each other. The kernel
/// notices a peer that has disappeared within twice the keep-alive time: by its own probes if the
/// connection is quiet, and by the missing acknowledgements if it is not.
fn listen(address: SocketAddr, keepalive: Duration) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Without this, a restart would wait for the last connections of the previous process.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    socket.bind(&address.into())?;
    // The kernel counts in seconds.
    let quiet = keepalive.max(MIN_KEEPALIVE);
    let probes = TcpKeepalive::new().with_time(quiet).with_interval((quiet / PROBES).max(MIN_KEEPALIVE));
    socket.set_tcp_keepalive(&probes.with_retries(PROBES))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(2 * quiet))?;
    socket.listen(BACKLOG)?;
    // Accepted connections inherit it. Not every system supports it, and it is only an
    // optimisation.
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_notsent_lowat(UNSENT_BYTES);
    TcpListener::from_std(socket.into())
}

/// Whether a listener has the door for widgets.
#[derive(Clone, Copy, Debug)]
enum Door {
    Open,
    Closed,
}

async fn accept<H: Backend>(
    listener: TcpListener,
    router: Router,
    door: Door,
    edge: Edge<H>,
    shutdown: CancellationToken,
) {
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
                    let peer = Peer { address: address.ip() };
                    let beginning = begin(stream, peer, router.clone(), door, edge.clone(), places);
                    edge.tasks.spawn(connection(Box::pin(beginning)));
                } else {
                    // Dropping the stream closes it. Waiting for a slot of this client would delay
                    // all others.
                    tracing::debug!("closed a connection of a client that has the maximum");
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

/// The client has the maximum number of connections.
struct Full;

/// A slot among the connections of one client. `None` for a trusted proxy, which connects for many
/// clients.
fn client_place<H: Backend>(edge: &Edge<H>, peer: IpAddr) -> Result<Option<ConnectionSlot>, Full> {
    let config = edge.backend.config();
    if config.trusted_proxies.iter().any(|net| net.contains(&peer.to_canonical())) {
        return Ok(None);
    }
    edge.connections.enter(peer, config.max_connections_per_client).map(Some).ok_or(Full)
}

/// Whether the connection failed before it was accepted, which does not affect the next one.
fn is_the_peers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// Serves a connection. Its beginning is boxed, because otherwise the task would reserve room for
/// it as long as a socket lives.
async fn connection<H: Backend>(beginning: Pin<Box<impl Future<Output = Option<Admitted<H>>>>>) {
    if let Some(socket) = beginning.await {
        socket.serve().await;
    }
}

/// Serves a connection up to the upgrade of a widget, or to its end.
async fn begin<H: Backend>(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    door: Door,
    edge: Edge<H>,
    places: Places,
) -> Option<Admitted<H>> {
    let held = Connection(Arc::new((places, Open::count(&edge.backend.metrics().connections))));
    let stream = match door {
        Door::Closed => Rewound::new(Bytes::new(), stream),
        Door::Open => match door::first(&edge, stream, peer, &held).await {
            First::Socket(socket) => return Some(socket),
            First::Other(stream) => stream,
            First::Nothing => return None,
        },
    };
    Box::pin(http(stream, peer, router, edge, held)).await;
    None
}

/// Serves a connection with the HTTP library.
async fn http<H: Backend>(stream: Rewound, peer: Peer, router: Router, edge: Edge<H>, held: Connection) {
    let config = edge.backend.config();
    let ends = Ends(edge.draining.child_token());
    let ended = ends.0.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(ends.clone());
        // An upgraded connection outlives this one, and keeps its slot.
        request.extensions_mut().insert(held.clone());
        router.clone().oneshot(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(config.read_timeout).max_buf_size(MAX_HEAD_BYTES);
    let io = TokioIo::new(WriteTimeout::new(stream, config.send_timeout));
    let serving = builder.serve_connection(io, service).with_upgrades();
    tokio::pin!(serving);
    tokio::select! {
        // Nearly all errors are caused by the peer: it has disconnected, is too slow, or does not
        // send HTTP.
        end = serving.as_mut() => trace_end(end),
        () = ended.cancelled() => {
            if !edge.draining.is_cancelled() {
                tracing::debug!("closed a connection to free memory for other clients");
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

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use socket2::SockRef;

    use super::*;

    #[tokio::test]
    async fn an_accepted_connection_has_no_delay_and_the_kernels_keepalive() {
        for (keepalive, time, interval) in [(45, 45, 15), (0, 1, 1)] {
            let listener = listen((Ipv4Addr::LOCALHOST, 0).into(), Duration::from_secs(keepalive)).expect("a port");
            let _client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("connected");
            let (accepted, _) = listener.accept().await.expect("a connection");
            let accepted = SockRef::from(&accepted);
            assert!(accepted.keepalive().expect("an option") && accepted.tcp_nodelay().expect("an option"));
            let seconds = Duration::from_secs;
            assert_eq!(accepted.tcp_keepalive_time().expect("an option"), seconds(time));
            assert_eq!(accepted.tcp_keepalive_interval().expect("an option"), seconds(interval));
            assert_eq!(accepted.tcp_keepalive_retries().expect("an option"), PROBES);
            assert_eq!(accepted.tcp_user_timeout().expect("an option"), Some(2 * seconds(time)));
        }
    }
}

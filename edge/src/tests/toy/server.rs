//! The toy behind the edge, on a real port.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{Router, routing::get};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    Routes, Server,
    config::{HttpConfig, SocketWriter},
};

use super::{Toy, World, schema::broken};

/// Keeps spans from now on, in all tests of the process. With a subscriber for one thread only, a
/// span would sometimes be lost when another thread reaches the same callsite at the same moment.
#[expect(clippy::disallowed_types, reason = "the default subscriber of the library belongs to the process")]
pub(in crate::tests) fn keep_spans() {
    static KEPT: std::sync::Once = std::sync::Once::new();
    KEPT.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).expect("no other test sets one");
        tracing::callsite::rebuild_interest_cache();
    });
}

/// A separate server on a separate port, stopped on drop.
pub(crate) struct TestServer {
    pub address: SocketAddr,
    pub metrics_address: Option<SocketAddr>,
    pub world: Arc<World>,
    pub shutdown: CancellationToken,
    pub running: JoinHandle<()>,
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.shutdown.cancel();
        self.running.abort();
    }
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// One server for each way to write WebSockets.
    pub(crate) async fn each_writer(set: impl Fn(&mut HttpConfig)) -> [Self; 2] {
        let set = &set;
        let start = |writer| {
            Self::with(move |config| {
                set(config);
                config.websocket_writer = writer;
            })
        };
        [start(SocketWriter::Direct).await, start(SocketWriter::Library).await]
    }

    pub(crate) async fn with(set: impl FnOnce(&mut HttpConfig)) -> Self {
        let mut config = HttpConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: "https://chat.example.org".parse().expect("a URL"),
            // All connections of a test are one client.
            max_client_executing: 1_000,
            max_state_bytes: 4 << 20,
            setting_prefix: "TOY_",
            ..HttpConfig::default()
        };
        set(&mut config);
        let server = Server::bind(&config).await.expect("a free port");
        let address = server.local_addr().expect("an address");
        let metrics_address = server.metrics_addr();
        let toy = Toy::new(config);
        let world = Arc::clone(&toy.world);
        let pages = Router::new()
            .route("/page", get(|| async { "a page" }))
            .route("/picture", get(|| async { "x".repeat(1_000_000) }))
            .route("/broken", get(|| async { broken().to_string() }));
        let files = Router::new().route("/", get(|| async { "a file" }));
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(server.run(toy, Routes { pages, files }, shutdown.clone()));
        Self { address, metrics_address, world, shutdown, running }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn begun(&self) -> usize {
        self.world.begun.load(Ordering::SeqCst)
    }

    pub(crate) fn done(&self) -> usize {
        self.world.done.load(Ordering::SeqCst)
    }

    pub(crate) fn metrics(&self) -> String {
        self.world.metrics.render()
    }
}

/// Waits with a deadline until a condition holds.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

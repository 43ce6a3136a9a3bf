//! Assembles a server: the backend, its routes, and the background tasks.

mod sweep;

use std::{net::SocketAddr, sync::atomic::Ordering, time::Duration};

use anyhow::Context as _;
use axum::Router;
use entity::ServerId;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

pub use sweep::Sweeper;

use crate::{
    account::queries as accounts,
    app::{App, db::ServerLock},
    assets,
    availability::{self, feed::Feed},
    backend::ServerBackend,
    bus::{self, BucketId, PeerNews, PresenceFact, TopicKind},
    config::Config,
    conversation::{self, lists::Lists},
    log,
    login::letters::Letters,
    mail::{smtp::Relay, transport::Transport, worker},
    photo, schema,
    session::{self, live::Live, poll},
    visitor,
};
use edge::{Routes, Server};

/// Answers the bus from the database: each kind of topic has one query for its versions.
impl bus::Server for App {
    async fn versions(&self, kind: TopicKind, keys: &[Uuid]) -> anyhow::Result<Vec<(Uuid, i64)>> {
        let db = self.db();
        Ok(match kind {
            TopicKind::Account => accounts::list_versions_any_account(db, keys).await,
            TopicKind::Availability => availability::queries::list_versions_any_account(db, keys).await,
            TopicKind::Session => session::queries::list_versions_any_account(db, keys).await,
            TopicKind::Conversation => conversation::queries::list_versions_any_account(db, keys).await,
            TopicKind::Visitor => visitor::queries::list_versions_any_account(db, keys).await,
            TopicKind::VisitorToken => visitor::queries::list_token_versions_any_account(db, keys).await,
            // Has no version to compare.
            TopicKind::ConversationList => Ok(Vec::new()),
        }?)
    }

    async fn marks(&self, accounts: &[Uuid]) -> anyhow::Result<Vec<(Uuid, i64)>> {
        Ok(accounts::list_marks_any_account(self.db(), accounts).await?)
    }

    fn taken_elsewhere(&self, token: BucketId, count: u16) {
        self.throttle.taken_elsewhere(token, count);
    }

    fn present_elsewhere(&self, from: Uuid, fact: PresenceFact) {
        self.presence.hear(from, fact);
    }

    fn peer_news(&self, news: PeerNews) {
        self.presence.peer_news(news);
    }
}

impl bus::Register for App {
    async fn beat(&self, me: ServerId) -> anyhow::Result<u64> {
        Ok(self.beat(me).await?)
    }

    async fn leave(&self, me: ServerId) -> anyhow::Result<()> {
        Ok(self.leave(me).await?)
    }
}

/// How much longer than the drain timeout a second server on a SQLite database waits. The server
/// that it replaces ends within that time.
const TAKE_OVER: Duration = Duration::from_secs(5);

/// A server that listens and does not yet answer.
#[derive(Debug)]
pub struct Listening {
    lock: Option<ServerLock>,
    app: App,
    server: Server,
    address: SocketAddr,
    transport: Transport,
    pages: Router,
}

impl Listening {
    /// Opens the database, runs the pending migrations, and listens.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let lock = Self::lock(&config).await?;
        Self::start_locked(config, lock).await
    }

    /// Takes the lock of a SQLite database; waits for another server to end. This comes before all
    /// resources that a server being replaced still holds, such as its address.
    pub async fn lock(config: &Config) -> anyhow::Result<Option<ServerLock>> {
        ServerLock::take(&config.database, config.http.drain_timeout + TAKE_OVER).await
    }

    /// [`Listening::start`], with the lock already taken.
    pub async fn start_locked(mut config: Config, lock: Option<ServerLock>) -> anyhow::Result<Self> {
        // Set explicitly before the first TLS connection: if a dependency brings a second crypto
        // provider, rustls has no default.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let transport = transport(&config).context("DESKBELL_SMTP_URL")?;
        let server = Server::bind(&config.http).await?;
        let address = server.local_addr().context("DESKBELL_LISTEN")?;
        // With port 0, the port is known only now.
        if config.http.public_url.port() == Some(0) {
            let _ = config.http.public_url.set_port(Some(address.port()));
        }
        config.http.allow_loopback_spellings();
        for warning in config.warnings() {
            tracing::warn!("{warning}");
        }
        let app = App::start(config).await?;
        Ok(Self { lock, app, server, address, transport, pages: Router::new() })
    }

    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The address on which it listens, with the actual port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the listener for `/metrics`, if there is one.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.server.metrics_addr()
    }

    /// Adds these routes.
    #[must_use]
    pub fn with(self, pages: Router) -> Self {
        Self { pages, ..self }
    }

    /// Serves until `stop` completes, then drains and closes the database.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        // Released last: the next server opens the database once this one has closed it.
        let Self { lock: _lock, app, server, transport, pages, .. } = self;
        count(&app);
        let stopping = CancellationToken::new();
        let beside = TaskTracker::new();
        let poll = app.config.mail.poll;
        beside.spawn(worker::run(app.clone(), transport, Letters, poll, stopping.clone()));
        let (swept, stop_sweeping) = (app.clone(), stopping.clone());
        app.supervisor.spawn("sweeper", &beside, &stopping, move || sweep::run(swept.clone(), stop_sweeping.clone()));
        let (watched, stop_watching) = (app.clone(), stopping.clone());
        app.supervisor
            .spawn("storage", &beside, &stopping, move || watched.clone().watch_storage(stop_watching.clone()));
        let (present, stop_presence) = (app.presence.clone(), stopping.clone());
        app.supervisor.spawn("presence", &beside, &stopping, move || present.clone().run(stop_presence.clone()));
        beside.close();

        // Cancelled after the last request, so that the bus still sends what that request changed.
        let (leaving, joined) = (CancellationToken::new(), TaskTracker::new());
        if let Some(config) = &app.config.bus {
            bus::join(config, &app.bus, app.clone(), &app.supervisor, &joined, &leaving);
        } else {
            bus::detect_neighbours(&app.bus, app.clone(), &app.supervisor, &joined, &leaving);
        }
        joined.close();

        let feed = Feed::new(app.clone());
        let lists = Lists::new(app.clone());
        let conversations = conversation::feed::Feed::new(app.clone());
        let pages =
            pages.merge(photo::http::routes(app.clone())).merge(availability::http::routes(app.clone(), feed.clone()));
        let routes = Routes { pages, files: assets::routes(app.config.graphiql) };
        let live = Live::default();
        let (polled, connected, stop_polling) = (app.clone(), live.clone(), stopping.clone());
        app.supervisor.spawn("sessions", &beside, &stopping, move || {
            poll::run(polled.clone(), connected.clone(), stop_polling.clone())
        });
        let schema = schema::build(&app, feed.clone(), conversations.clone(), lists.clone(), live.clone());
        let backend = ServerBackend::new(app.clone(), schema, live);
        let serving = server.run(backend, routes, stopping.clone());
        let told = async {
            stop.await;
            stopping.cancel();
        };
        let ((), ()) = tokio::join!(serving, told);

        leaving.cancel();
        // No subscriber is left, but the feeds still cache states and refresh them.
        feed.close().await;
        lists.close().await;
        conversations.close().await;
        // A delivery may take longer than this wait; its lease then expires, and the mail is sent
        // again.
        if tokio::time::timeout(Duration::from_secs(3), beside.wait()).await.is_err() {
            tracing::warn!("a mail was still being delivered; it may be sent again");
        }
        if tokio::time::timeout(Duration::from_secs(1), joined.wait()).await.is_err() {
            tracing::warn!("the bus did not accept the last facts; other servers will find the changes when they poll");
        }
        app.close().await.context("closing the database")
    }
}

/// The mail transport according to the settings.
pub(crate) fn transport(config: &Config) -> Result<Transport, lettre::transport::smtp::Error> {
    let Some(address) = &config.mail.smtp else { return Ok(Transport::Log) };
    let relay = Relay { helo: config.mail.helo(&config.http.public_url), authorities: config.mail.smtp_ca.clone() };
    Transport::smtp(address.clone(), &relay)
}

/// Registers the metrics that are read on request.
fn count(app: &App) {
    let hasher = app.hasher.clone();
    app.metrics.gauge("hashes_running", "Password hashes being computed now", move || figure(hasher.running()));
    let hasher = app.hasher.clone();
    app.metrics.gauge("hashes_waiting", "Callers waiting for a password hash", move || figure(hasher.waiting()));
    let waiting = app.mails_waiting.clone();
    app.metrics.gauge("mails_waiting", "Mails in the queue that are waiting to be sent", move || {
        waiting.load(Ordering::Relaxed)
    });
    app.metrics.total("log_lines_lost", "Log lines that could not be written", log::lost);
}

fn figure<N: TryInto<i64>>(count: N) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

//! Puts a server together: the backend, its routes, and what runs beside the requests.

mod sweep;

use std::{net::SocketAddr, sync::atomic::Ordering, time::Duration};

use anyhow::Context as _;
use axum::Router;
use entity::{AccountId, ServerId};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use sweep::Sweeper;

use crate::{
    account::queries as accounts,
    app::App,
    availability::{self, feed::Feed},
    bus,
    config::Config,
    db::ServerLock,
    http::{Server, ServerBackend},
    log,
    login::letters::Letters,
    mail::{
        smtp::{Relay, SmtpUrlFault},
        transport::Transport,
        worker,
    },
    photo, schema,
    session::live::Live,
    throttle::BucketId,
};

/// What the bus asks of a server.
impl bus::Server for App {
    async fn versions(&self, accounts: &[AccountId]) -> anyhow::Result<Vec<(AccountId, i32)>> {
        Ok(accounts::list_versions_any_account(self.db(), accounts).await?)
    }

    async fn marks(&self, accounts: &[AccountId]) -> anyhow::Result<Vec<(AccountId, String)>> {
        Ok(accounts::list_marks_any_account(self.db(), accounts).await?)
    }

    fn taken_elsewhere(&self, token: BucketId, count: u16) {
        self.throttle.taken_elsewhere(token, count);
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

/// A second server on a SQLite database waits so much longer than the first may take to drain: one that is replaced ends in time.
const TAKE_OVER: Duration = Duration::from_secs(5);

/// A server that listens and has not begun to answer.
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
    /// Opens the database, brings it up to date, and listens.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let lock = Self::lock(&config).await?;
        Self::start_locked(config, lock).await
    }

    /// Takes the lock of a SQLite database, and waits for another server to end. Comes before anything else that a server which is
    /// replaced still holds, such as its address.
    pub async fn lock(config: &Config) -> anyhow::Result<Option<ServerLock>> {
        ServerLock::take(&config.database, config.http.drain_timeout + TAKE_OVER).await
    }

    /// [`Listening::start`] with the lock in hand.
    pub async fn start_locked(mut config: Config, lock: Option<ServerLock>) -> anyhow::Result<Self> {
        // Two TLS libraries in one tree would leave rustls without a default; ours is named before anything speaks TLS.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let transport = transport(&config).context("DESKBELL_SMTP_URL")?;
        let server = Server::bind(&config.http).await?;
        let address = server.local_addr().context("DESKBELL_LISTEN")?;
        // Any free port was asked for, and only now is it known.
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

    /// Where it listens: the port that was taken, if any was to be.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for `/metrics`, if it does.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.server.metrics_addr()
    }

    /// Serves these pages as well.
    #[must_use]
    pub fn with(self, pages: Router) -> Self {
        Self { pages, ..self }
    }

    /// Answers until told to stop, then finishes what is under way and closes the database.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        // Released last: the next server opens the database when this one has closed it.
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
        beside.close();

        // Told to stop after the last request: others are to hear of what it changed.
        let (leaving, joined) = (CancellationToken::new(), TaskTracker::new());
        if let Some(config) = &app.config.bus {
            bus::join(config, &app.bus, app.clone(), &app.supervisor, &joined, &leaving);
        } else {
            bus::detect_neighbours(&app.bus, app.clone(), &app.supervisor, &joined, &leaving);
        }
        joined.close();

        let feed = Feed::new(app.clone());
        let pages =
            pages.merge(photo::http::routes(app.clone())).merge(availability::http::routes(app.clone(), feed.clone()));
        let live = Live::default();
        let backend = ServerBackend::new(app.clone(), schema::build(&app, feed.clone(), live.clone()), live);
        let serving = server.run(backend, pages, stopping.clone());
        let told = async {
            stop.await;
            stopping.cancel();
        };
        let ((), ()) = tokio::join!(serving, told);

        leaving.cancel();
        // Nobody is left who is told, but some states are kept for whoever would look next.
        feed.close().await;
        // A mail that is being delivered may take its time; its lease runs out if we do not wait long enough.
        if tokio::time::timeout(Duration::from_secs(3), beside.wait()).await.is_err() {
            tracing::warn!("a mail was still being delivered; it may be sent again");
        }
        if tokio::time::timeout(Duration::from_secs(1), joined.wait()).await.is_err() {
            tracing::warn!("the bus did not take the last facts; other servers look again by themselves");
        }
        app.close().await.context("closing the database")
    }
}

/// How mail goes out, by the settings.
fn transport(config: &Config) -> Result<Transport, SmtpUrlFault> {
    let Some(url) = &config.mail.smtp_url else { return Ok(Transport::Log) };
    let relay = Relay { helo: config.mail.helo(&config.http.public_url), authorities: config.mail.smtp_ca.clone() };
    Transport::smtp(url.reveal(), &relay)
}

/// Figures that are read when somebody asks for the metrics.
fn count(app: &App) {
    let hasher = app.hasher.clone();
    app.metrics.gauge("hashes_running", "Password hashes being made now", move || figure(hasher.running()));
    let hasher = app.hasher.clone();
    app.metrics.gauge("hashes_waiting", "Callers that wait for a password hash", move || figure(hasher.waiting()));
    let waiting = app.mails_waiting.clone();
    app.metrics
        .gauge("mails_waiting", "Mails in the queue that are to be sent", move || waiting.load(Ordering::Relaxed));
    app.metrics.total("log_lines_lost", "Log lines that could not be written", log::lost);
}

fn figure<N: TryInto<i64>>(count: N) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

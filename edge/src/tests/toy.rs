//! A small backend behind the real edge, on a real port.

#![expect(clippy::unused_async, reason = "resolvers are async whether they wait or not")]

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{Context, Name, Object, Request, Schema, SimpleObject, Subscription, Upload, Value};
use axum::{
    Router,
    http::{Method, Uri},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use futures_util::{
    FutureExt, Stream, StreamExt,
    future::{BoxFuture, ready},
    stream,
};
use tokio::{sync::watch, task::JoinHandle};
use tokio_stream::wrappers::WatchStream;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::registry::LookupSpan;
use uuid::Uuid;

use crate::{
    Audience, Backend, Routes, Server, Subject,
    caller::{Caller, OriginTrust},
    code::Code,
    config::{HttpConfig, SocketWriter},
    ledger,
    metrics::Metrics,
    refusal,
    supervisor::Supervisor,
};

/// A resolver that panics.
fn broken() -> bool {
    panic!("as asked")
}

/// The token of Ada, who is signed in.
pub(crate) const ADA: &str = "ada-token";
/// Another session of Ada's.
pub(crate) const ADA_TOO: &str = "ada-other-token";
/// A token whose session takes a while to read.
pub(crate) const SLOW: &str = "slow-token";
/// A token whose lookup never ends.
pub(crate) const STUCK: &str = "stuck-token";
const SLOWLY: Duration = Duration::from_millis(300);

#[derive(Debug)]
pub(crate) struct World {
    config: HttpConfig,
    metrics: Metrics,
    cookies: [String; 1],
    pub supervisor: Supervisor,
    sessions: Mutex<HashMap<String, watch::Sender<bool>>>,
    slow: watch::Sender<bool>,
    /// Slow resolvers that have begun.
    pub begun: AtomicUsize,
    /// Mutations that ran to their end.
    pub done: AtomicUsize,
    /// Items that streams were asked for.
    pub pulled: AtomicUsize,
    /// Executions of `shared`.
    pub shared_runs: AtomicUsize,
    /// Executions of `mine`, and their items.
    pub mine_runs: AtomicUsize,
    pub mine_items: AtomicUsize,
    /// The value that `shared` shows.
    pub shown: watch::Sender<usize>,
}

#[derive(Clone)]
pub(crate) struct Toy {
    pub world: Arc<World>,
    schema: Schema<Query, Mutation, Subscriptions>,
}

#[derive(Clone)]
pub(crate) struct Session {
    token: String,
    ended: watch::Receiver<bool>,
}

impl Session {
    /// The part after a dash names another session of the same party.
    fn party(&self) -> u128 {
        let party = self.token.split('-').next().expect("the first part");
        party.bytes().fold(0, |number, byte| number << 8 | u128::from(byte))
    }
}

/// What resolvers know about the caller.
struct Seen {
    world: Arc<World>,
    token: Option<String>,
    caller: Caller,
}

impl World {
    pub(crate) fn config(&self) -> &HttpConfig {
        &self.config
    }

    pub(crate) fn end_session(&self, token: &str) {
        if let Some(session) = self.sessions.lock().expect("sessions").remove(token) {
            session.send_replace(true);
        }
    }
}

impl Toy {
    pub(crate) fn new(config: HttpConfig) -> Self {
        let metrics = Metrics::new("toy");
        let world = Arc::new(World {
            config,
            supervisor: Supervisor::new(&metrics),
            metrics,
            cookies: ["toy_session".to_owned()],
            sessions: Mutex::new(HashMap::from(
                [ADA, ADA_TOO].map(|token| (token.to_owned(), watch::Sender::new(false))),
            )),
            slow: watch::Sender::new(false),
            begun: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            pulled: AtomicUsize::new(0),
            shared_runs: AtomicUsize::new(0),
            mine_runs: AtomicUsize::new(0),
            mine_items: AtomicUsize::new(0),
            shown: watch::Sender::new(0),
        });
        Self { world, schema: Schema::new(Query, Mutation, Subscriptions) }
    }
}

impl Backend for Toy {
    type Session = Session;
    type Schema = Schema<Query, Mutation, Subscriptions>;

    fn schema(&self) -> &Self::Schema {
        &self.schema
    }
    fn config(&self) -> &HttpConfig {
        &self.world.config
    }
    fn audience(&self, field: &str, arguments: &[(Name, Value)], session: Option<&Session>) -> Audience {
        let about: Vec<_> = arguments.iter().filter(|(name, _)| name == "about").cloned().collect();
        match (field, session) {
            ("shared", _) => Audience::Everyone(Subject::of(&about)),
            ("mine", Some(_)) => Audience::Party(Subject::of(&about)),
            _ => Audience::One,
        }
    }
    fn party(&self, session: &Session) -> u128 {
        session.party()
    }
    fn follower(&self, session: Option<&Session>, client: IpAddr) -> ledger::Who {
        session.map_or_else(
            || ledger::Who::client(client),
            |session| ledger::Who::account(Uuid::from_u128(session.party())),
        )
    }
    fn is_own_document(&self, text: &str) -> bool {
        text.contains("ourOwn")
    }
    fn who(&self, session: &Session) -> ledger::Who {
        // Each token is an account.
        ledger::Who::account(Uuid::from_u128(session.token.bytes().fold(0, |id, byte| (id << 7) ^ u128::from(byte))))
    }
    fn metrics(&self) -> &Metrics {
        &self.world.metrics
    }
    fn session_cookies(&self) -> &[String] {
        &self.world.cookies
    }
    fn foreign_origin(&self) -> String {
        format!("Open {}, or change {}.", self.world.config.public_base(), self.world.config.setting("ALLOWED_ORIGINS"))
    }
    async fn authenticate(&self, token: &str, _: IpAddr) -> anyhow::Result<Option<Session>> {
        anyhow::ensure!(token != "broken", "the database does not answer");
        if token == STUCK {
            std::future::pending::<()>().await;
        }
        if token == SLOW {
            tokio::time::sleep(SLOWLY).await;
            return Ok(Some(Session { token: token.to_owned(), ended: self.world.slow.subscribe() }));
        }
        let sessions = self.world.sessions.lock().expect("sessions");
        Ok(sessions.get(token).map(|ended| Session { token: token.to_owned(), ended: ended.subscribe() }))
    }
    async fn refresh(&self, session: &Session) -> anyhow::Result<Option<Session>> {
        if session.token == SLOW {
            tokio::time::sleep(SLOWLY).await;
        }
        Ok((!*session.ended.borrow()).then(|| session.clone()))
    }
    fn is_over(&self, session: &Session) -> bool {
        *session.ended.borrow()
    }
    fn ended(&self, session: &Session) -> BoxFuture<'static, &'static str> {
        let mut ended = session.ended.clone();
        async move {
            let _ = ended.wait_for(|ended| *ended).await;
            "You signed out"
        }
        .boxed()
    }
    fn with_context(&self, request: Request, session: Option<&Session>, caller: Caller) -> Request {
        let token = session.map(|session| session.token.clone());
        request.data(Seen { world: Arc::clone(&self.world), token, caller })
    }
    fn remarks(&self) -> Vec<String> {
        self.world.supervisor.remarks()
    }
    fn supervisor(&self) -> &Supervisor {
        &self.world.supervisor
    }
    fn redirect(&self, _: &Method, uri: &Uri) -> Option<Response> {
        (uri.path() == "/moved").then(|| Redirect::permanent("/page").into_response())
    }
    async fn ready(&self) -> Result<(), String> {
        if self.world.sessions.lock().expect("sessions").contains_key(ADA) {
            Ok(())
        } else {
            Err("the backend is down".to_owned())
        }
    }
}

/// Keeps spans from now on, in all tests of the process. With a subscriber for one thread only, a
/// span would sometimes be lost when another thread reaches the same callsite at the same moment.
#[expect(clippy::disallowed_types, reason = "the default subscriber of the library belongs to the process")]
pub(super) fn keep_spans() {
    static KEPT: std::sync::Once = std::sync::Once::new();
    KEPT.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).expect("no other test sets one");
        tracing::callsite::rebuild_interest_cache();
    });
}

fn spans() -> String {
    let names = tracing::Span::current().with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<tracing_subscriber::Registry>()?;
        let names: Vec<_> = registry.span(id)?.scope().from_root().map(|span| span.name()).collect();
        Some(names.join(" "))
    });
    names.flatten().unwrap_or_default()
}

#[derive(SimpleObject)]
struct Shown {
    number: usize,
    padding: String,
}

#[derive(SimpleObject)]
struct Who {
    token: Option<String>,
    address: String,
    origin: &'static str,
    transport: String,
}

pub(crate) struct Query;
#[Object]
impl Query {
    async fn hello(&self) -> &'static str {
        "world"
    }
    #[graphql(cache_control(max_age = 60))]
    async fn cached(&self) -> bool {
        true
    }
    async fn echo(&self, text: String) -> String {
        text
    }
    async fn again(&self) -> Self {
        Self
    }
    async fn who(&self, ctx: &Context<'_>) -> Who {
        let seen = ctx.data_unchecked::<Seen>();
        ctx.append_http_header("set-cookie", "a=1");
        ctx.append_http_header("set-cookie", "b=2");
        Who {
            token: seen.token.clone(),
            address: seen.caller.address.to_string(),
            origin: match seen.caller.origin {
                OriginTrust::None => "none",
                OriginTrust::Allowed => "allowed",
                OriginTrust::Foreign => "foreign",
            },
            transport: format!("{:?}", seen.caller.transport),
        }
    }
    async fn slow(&self, ctx: &Context<'_>, ms: u64) -> bool {
        ctx.data_unchecked::<Seen>().world.begun.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(ms)).await;
        true
    }
    async fn panics(&self) -> bool {
        broken()
    }
    async fn leaks(&self) -> async_graphql::Result<bool> {
        Err(std::io::Error::other("secret.db is locked").into())
    }
    async fn forbidden(&self) -> Option<async_graphql::Result<bool>> {
        let mut error = async_graphql::Error::new("not for you");
        error.extensions = refusal::error(Code::Forbidden, "").extensions;
        Some(Err(error))
    }
    /// The names of the spans around the resolver.
    async fn spans(&self) -> String {
        spans()
    }
    async fn big(&self, bytes: usize) -> String {
        "x".repeat(bytes)
    }
}

pub(crate) struct Mutation;
#[Object]
impl Mutation {
    async fn bump(&self, ctx: &Context<'_>, ms: Option<u64>) -> usize {
        ctx.data_unchecked::<Seen>().world.begun.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(ms.unwrap_or_default())).await;
        ctx.data_unchecked::<Seen>().world.done.fetch_add(1, Ordering::SeqCst) + 1
    }
    async fn upload(&self, ctx: &Context<'_>, file: Upload) -> async_graphql::Result<String> {
        let file = file.value(ctx)?;
        Ok(format!("{} {:?} {}", file.filename, file.content_type, file.size()?))
    }
    async fn sign_out(&self, ctx: &Context<'_>) -> bool {
        let seen = ctx.data_unchecked::<Seen>();
        if let Some(token) = &seen.token {
            seen.world.end_session(token);
        }
        true
    }
}

pub(crate) struct Subscriptions;
#[Subscription]
impl Subscriptions {
    /// Counts up, and ends.
    async fn count(&self, to: usize) -> impl Stream<Item = usize> {
        stream::iter(1..=to)
    }
    /// The names of the spans around its only item.
    async fn spanned(&self) -> impl Stream<Item = String> {
        stream::once(async { spans() })
    }
    /// Emits one item and then nothing more.
    async fn quiet(&self) -> impl Stream<Item = bool> {
        stream::once(async { true }).chain(stream::pending())
    }
    /// Always has another item of this size.
    async fn flood(&self, ctx: &Context<'_>, bytes: usize) -> impl Stream<Item = String> {
        let world = Arc::clone(&ctx.data_unchecked::<Seen>().world);
        stream::repeat_with(move || {
            world.pulled.fetch_add(1, Ordering::SeqCst);
            "x".repeat(bytes)
        })
    }
    /// Shows the value of the world to all callers until it is 100. Refuses while it is 99.
    async fn shared(
        &self,
        ctx: &Context<'_>,
        half: Option<bool>,
        bytes: Option<usize>,
        about: Option<String>,
    ) -> async_graphql::Result<impl Stream<Item = Shown>> {
        let _ = about;
        let seen = ctx.data_unchecked::<Seen>();
        seen.world.shared_runs.fetch_add(1, Ordering::SeqCst);
        assert!(
            seen.token.is_none() && seen.caller.origin == OriginTrust::Foreign,
            "it runs as for an anonymous caller"
        );
        if *seen.world.shown.borrow() == 99 {
            let mut error = async_graphql::Error::new("not at this moment");
            error.extensions = refusal::error(Code::Forbidden, "").extensions;
            return Err(error);
        }
        let shown = WatchStream::new(seen.world.shown.subscribe());
        let padding = "x".repeat(bytes.unwrap_or_default());
        Ok(shown.take_while(|number| ready(*number < 100)).map(move |number| Shown {
            number: if half == Some(true) { number / 2 } else { number },
            padding: padding.clone(),
        }))
    }
    /// Shows the value of the world to one party.
    async fn mine(&self, ctx: &Context<'_>, about: Option<String>) -> async_graphql::Result<impl Stream<Item = usize>> {
        let _ = about;
        let seen = ctx.data_unchecked::<Seen>();
        assert!(seen.token.is_some(), "it runs for its party");
        seen.world.mine_runs.fetch_add(1, Ordering::SeqCst);
        let (world, shown) = (Arc::clone(&seen.world), WatchStream::new(seen.world.shown.subscribe()));
        Ok(shown.inspect(move |_| {
            world.mine_items.fetch_add(1, Ordering::SeqCst);
        }))
    }
    async fn refused(&self) -> async_graphql::Result<impl Stream<Item = bool>> {
        if true {
            let mut error = async_graphql::Error::new("not for you");
            error.extensions = refusal::error(Code::Forbidden, "").extensions;
            return Err(error);
        }
        Ok(stream::pending())
    }
    async fn panicking(&self) -> impl Stream<Item = usize> {
        stream::iter(1..).map(|n| if n < 3 { n } else { panic!("as asked") })
    }
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

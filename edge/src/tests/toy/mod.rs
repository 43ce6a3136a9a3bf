//! A small backend behind the real edge, on a real port.

mod schema;
mod server;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{Name, Request, Schema, Value};
use axum::{
    http::{HeaderMap, Method, Uri},
    response::{IntoResponse, Redirect, Response},
};
use futures_util::{FutureExt, future::BoxFuture};
use prometheus_client::metrics::gauge::Gauge;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    Audience, Backend, Reach, Subject, caller::Caller, config::HttpConfig, ledger, metrics::Metrics,
    supervisor::Supervisor,
};

use self::schema::{Mutation, Query, Subscriptions};
pub(super) use self::server::keep_spans;
pub(crate) use self::server::{TestServer, eventually};

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
    /// How often a session was read again.
    pub refreshed: AtomicUsize,
    /// The visitors who have ended.
    pub gone: watch::Sender<Vec<String>>,
    /// Executions of `visit`.
    pub visit_runs: AtomicUsize,
    /// Executions of `shared`.
    pub shared_runs: AtomicUsize,
    /// Executions of `mine`, and their items.
    pub mine_runs: AtomicUsize,
    pub mine_items: AtomicUsize,
    /// Executions of `resting`, and how many subscriptions rest now.
    pub resting_runs: AtomicUsize,
    pub at_rest: Gauge,
    /// The value that `shared` shows.
    pub shown: watch::Sender<usize>,
}

#[derive(Clone)]
pub(crate) struct Toy {
    pub world: Arc<World>,
    schema: Schema<Query, Mutation, Subscriptions>,
}

/// The token of a visitor, who made it.
pub(crate) const VISITOR: &str = "vt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0";

#[derive(Clone, Default)]
pub(crate) enum Identity {
    #[default]
    Anonymous,
    /// A visitor of a foreign page, known by a token only.
    Visitor(Arc<str>),
    Operator(Session),
}

impl crate::Identity for Identity {
    type Session = Session;

    fn session(&self) -> Option<&Session> {
        match self {
            Self::Operator(session) => Some(session),
            Self::Anonymous | Self::Visitor(_) => None,
        }
    }
    fn reach(token: &str) -> Reach {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        match token.strip_prefix("vt_") {
            Some(letters) if letters.len() == 43 && letters.bytes().all(is_letter) => Reach::EveryPage,
            _ => Reach::AllowedOrigins,
        }
    }
    fn who(&self, client: IpAddr) -> ledger::Who {
        // Each session is an account. A visitor's token costs nothing, so the address counts.
        self.session().map_or_else(|| ledger::Who::client(client), Session::who)
    }
    fn follower(&self, client: IpAddr) -> ledger::Who {
        self.session().map_or_else(
            || ledger::Who::client(client),
            |session| ledger::Who::account(Uuid::from_u128(session.party())),
        )
    }
    fn party(&self) -> Option<u128> {
        match self {
            Self::Anonymous => None,
            // Visitors with the same number would share what is private.
            Self::Visitor(token) => {
                let digest = Sha256::digest(token.as_bytes());
                Some(u128::from_be_bytes(*digest.first_chunk().expect("32 bytes")))
            }
            Self::Operator(session) => Some(session.party()),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Session {
    token: String,
    ended: watch::Receiver<bool>,
}

impl Session {
    pub(crate) fn who(&self) -> ledger::Who {
        ledger::Who::account(Uuid::from_u128(self.token.bytes().fold(0, |id, byte| (id << 7) ^ u128::from(byte))))
    }

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
            refreshed: AtomicUsize::new(0),
            gone: watch::Sender::default(),
            visit_runs: AtomicUsize::new(0),
            resting_runs: AtomicUsize::new(0),
            at_rest: Gauge::default(),
            shared_runs: AtomicUsize::new(0),
            mine_runs: AtomicUsize::new(0),
            mine_items: AtomicUsize::new(0),
            shown: watch::Sender::new(0),
        });
        Self { world, schema: Schema::new(Query, Mutation, Subscriptions) }
    }
}

impl Backend for Toy {
    type Identity = Identity;
    type Schema = Schema<Query, Mutation, Subscriptions>;

    fn schema(&self) -> &Self::Schema {
        &self.schema
    }
    fn config(&self) -> &HttpConfig {
        &self.world.config
    }
    fn audience(&self, field: &str, arguments: &[(Name, Value)], identity: &Identity) -> Audience {
        let about: Vec<_> = arguments.iter().filter(|(name, _)| name == "about").cloned().collect();
        match (field, identity) {
            ("shared", _) => Audience::Everyone(Subject::of(&about)),
            ("mine", Identity::Operator(_)) | ("visit", Identity::Visitor(_)) => Audience::Party(Subject::of(&about)),
            ("resting", Identity::Visitor(_)) => Audience::One(Some(Subject(2))),
            _ => Audience::One(None),
        }
    }
    fn is_own_document(&self, text: &str) -> bool {
        text.contains("ourOwn")
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
    async fn authenticate(&self, token: &str, _: IpAddr) -> anyhow::Result<Option<Identity>> {
        anyhow::ensure!(token != "broken", "the database does not answer");
        if token == STUCK {
            std::future::pending::<()>().await;
        }
        if token == SLOW {
            tokio::time::sleep(SLOWLY).await;
            return Ok(Some(Identity::Operator(Session {
                token: token.to_owned(),
                ended: self.world.slow.subscribe(),
            })));
        }
        if <Identity as crate::Identity>::reach(token) == Reach::EveryPage {
            return Ok(Some(Identity::Visitor(token.into())));
        }
        let sessions = self.world.sessions.lock().expect("sessions");
        let session = |ended: &watch::Sender<bool>| Session { token: token.to_owned(), ended: ended.subscribe() };
        Ok(sessions.get(token).map(session).map(Identity::Operator))
    }
    async fn refresh(&self, session: &Session) -> anyhow::Result<Option<Identity>> {
        self.world.refreshed.fetch_add(1, Ordering::SeqCst);
        if session.token == SLOW {
            tokio::time::sleep(SLOWLY).await;
        }
        Ok((!*session.ended.borrow()).then(|| Identity::Operator(session.clone())))
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
    fn with_context(&self, request: Request, identity: &Identity, caller: Caller) -> Request {
        let token = match identity {
            Identity::Anonymous => None,
            Identity::Visitor(token) => Some(token.to_string()),
            Identity::Operator(session) => Some(session.token.clone()),
        };
        request.data(Seen { world: Arc::clone(&self.world), token, caller })
    }
    fn remarks(&self) -> Vec<String> {
        self.world.supervisor.remarks()
    }
    fn supervisor(&self) -> &Supervisor {
        &self.world.supervisor
    }
    fn unrouted(&self, _: &Method, uri: &Uri, _: &HeaderMap) -> Option<Response> {
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

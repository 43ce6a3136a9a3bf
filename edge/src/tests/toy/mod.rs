//! A small backend behind the real edge, on a real port.

mod schema;
mod server;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, atomic::AtomicUsize},
    time::Duration,
};

use async_graphql::{Name, Request, Schema, Value};
use axum::{
    http::{HeaderMap, Method, Uri},
    response::{IntoResponse, Redirect, Response},
};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    Audience, Backend, Subject, caller::Caller, config::HttpConfig, ledger, metrics::Metrics, supervisor::Supervisor,
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

//! What the edge needs from the backend.
//!
//! The transports work with requests, answers, sessions and timeouts, not with the domain. Because
//! they use this trait, tests run them over real sockets with a schema of a dozen lines and without
//! a database.

use std::{future::Future, net::IpAddr, sync::Arc};

use async_graphql::{Executor, Name, Request, Value};
use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};

use super::own_documents;
use crate::{
    access::viewer::{SignedIn, Viewer},
    app::{App, db::Trouble, metrics::Metrics},
    config::http::HttpConfig,
    graphql::scope::{Brought, Caller, Scope},
    ledger::Who,
    schema::{self, Schema},
    session::{
        cookie,
        device::{self, Devices},
        live::Live,
        queries,
    },
    supervisor::Supervisor,
};

/// The backend of the edge.
pub trait Backend: Clone + Send + Sync + 'static {
    /// A signed-in session.
    type Session: Clone + Send + Sync + 'static;
    /// The executor of documents.
    type Schema: Executor;

    /// The schema to execute with.
    fn schema(&self) -> &Self::Schema;

    /// The settings of the edge.
    fn config(&self) -> &HttpConfig;

    /// Which callers may share one execution of a subscription to this field.
    fn audience(&self, field: &str, arguments: &[(Name, Value)], session: Option<&Self::Session>) -> Audience;

    /// The number of the party that a session belongs to. The result of a subscription may depend
    /// on the party.
    fn party(&self, session: &Self::Session) -> u128;

    /// The client for which the documents of a follower are counted.
    fn follower(&self, session: Option<&Self::Session>, client: IpAddr) -> Who;

    /// Whether a document is, byte by byte, one that our own pages send. Such documents are not
    /// counted.
    fn is_own_document(&self, text: &str) -> bool;

    /// The client for which the operations of a session are counted.
    fn who(&self, session: &Self::Session) -> Who;

    /// The metrics of the server.
    fn metrics(&self) -> &Metrics;

    /// The names of the cookies that may carry a session's token, the preferred one first.
    fn session_cookies(&self) -> &[String];

    /// The name of the cookie that identifies a browser's devices.
    fn device_cookie(&self) -> Option<&str> {
        None
    }

    /// Returns `Set-Cookie` for a browser whose session cookie was accepted, if it should store
    /// another cookie.
    fn remember(
        &self,
        session: &Self::Session,
        brought: Option<&Brought>,
    ) -> impl Future<Output = Option<String>> + Send {
        let _ = (session, brought);
        std::future::ready(None)
    }

    /// Records that a page of a foreign origin tried to act for an operator.
    fn refused_page(&self, origin: Option<&str>) {
        let _ = origin;
    }

    /// The session with this token, which `client` sent. `None` if there is none or it has ended.
    fn authenticate(
        &self,
        token: &str,
        client: IpAddr,
    ) -> impl Future<Output = anyhow::Result<Option<Self::Session>>> + Send;

    /// The current state of the session. `None` if it has ended.
    fn refresh(&self, session: &Self::Session) -> impl Future<Output = anyhow::Result<Option<Self::Session>>> + Send;

    /// Whether a session that [`ended`](Self::ended) watches is known to have ended. Nothing more
    /// is sent to it.
    fn is_over(&self, session: &Self::Session) -> bool;

    /// Resolves when the session ends, with a reason for the client.
    fn ended(&self, session: &Self::Session) -> BoxFuture<'static, &'static str>;

    /// Adds to a request what its resolvers need. Called once for each operation, because
    /// operations share nothing.
    fn with_context(&self, request: Request, session: Option<&Self::Session>, caller: Caller) -> Request;

    /// Whether requests can be served. If not, the reason in one line.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// What monitoring should know while the server serves, one line each: the state of the bus and
    /// of the database, and tasks that were restarted.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }

    /// Counts restarted tasks.
    fn supervisor(&self) -> &Supervisor;
}

/// The callers that may share one execution of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// All callers: the results depend only on arguments and selection. It runs as for an anonymous
    /// caller.
    Everyone(Subject),
    /// All sessions of one [party](Backend::party): the results depend on the party as well.
    Party(Subject),
    /// Only one caller.
    One,
}

/// What a subscription follows, such as an account. Different documents about one subject are
/// counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject(pub u128);

impl Subject {
    /// The subject that the values of these arguments identify.
    #[must_use]
    pub fn of(arguments: &[(Name, Value)]) -> Self {
        let mut digest = Sha256::new();
        for (name, value) in arguments {
            // Encoded as JSON, so that two different lists never have the same bytes.
            digest.update(serde_json::to_vec(&(name, value)).expect("arguments are JSON"));
        }
        let digest = digest.finalize();
        let (first, _) = digest.split_first_chunk().expect("32 bytes");
        Self(u128::from_be_bytes(*first))
    }
}

/// The backend of the product.
#[derive(Clone)]
pub struct ServerBackend {
    app: App,
    schema: Schema,
    cookies: Arc<cookie::Names>,
    live: Live,
}

impl ServerBackend {
    /// A backend that answers from `app` through `schema`. `live` is what the schema's private
    /// subscriptions follow.
    #[must_use]
    pub fn new(app: App, schema: Schema, live: Live) -> Self {
        let cookies = Arc::new(cookie::Names::of(&app.config.http));
        Self { app, schema, cookies, live }
    }

    /// The app on behalf of the account that a session belongs to.
    fn of(&self, session: &SignedIn) -> App {
        self.app.for_who(Who::account(session.account_id().0))
    }
}

impl std::fmt::Debug for ServerBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deskbell").finish_non_exhaustive()
    }
}

impl Backend for ServerBackend {
    type Session = SignedIn;
    type Schema = Schema;

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn config(&self) -> &HttpConfig {
        &self.app.config.http
    }

    fn audience(&self, field: &str, arguments: &[(Name, Value)], session: Option<&SignedIn>) -> Audience {
        match session {
            // An account is public under its widget key.
            _ if schema::SHARED_SUBSCRIPTIONS.contains(&field) => Audience::Everyone(Subject::of(arguments)),
            Some(session) if schema::OPERATOR_SUBSCRIPTIONS.contains(&field) => {
                Audience::Party(Subject(session.account_id().0.as_u128()))
            }
            _ => Audience::One,
        }
    }

    fn party(&self, session: &SignedIn) -> u128 {
        session.operator_id().0.as_u128()
    }

    fn follower(&self, session: Option<&SignedIn>, client: IpAddr) -> Who {
        session.map_or_else(|| Who::client(client), |session| Who::account(session.operator_id().0))
    }

    fn is_own_document(&self, text: &str) -> bool {
        own_documents::is_own(text)
    }

    fn who(&self, session: &SignedIn) -> Who {
        Who::account(session.account_id().0)
    }

    fn metrics(&self) -> &Metrics {
        &self.app.metrics
    }

    fn session_cookies(&self) -> &[String] {
        &self.cookies.session
    }

    fn device_cookie(&self) -> Option<&str> {
        Some(&self.cookies.device)
    }

    async fn remember(&self, session: &SignedIn, brought: Option<&Brought>) -> Option<String> {
        if session.has_device() {
            return None;
        }
        let devices = Devices::read(brought.into_iter().flat_map(|brought| &brought.devices).map(AsRef::as_ref));
        let (account_id, operator_id) = (session.account_id(), session.operator_id());
        device::remember_or_log(&self.app, account_id, operator_id, Some(session.session_id()), &devices).await
    }

    fn refused_page(&self, origin: Option<&str>) {
        self.app.refused_page(origin);
    }

    async fn authenticate(&self, token: &str, client: IpAddr) -> anyhow::Result<Option<SignedIn>> {
        queries::authenticate(&self.app.for_who(Who::client(client)), token).await
    }

    async fn refresh(&self, session: &SignedIn) -> anyhow::Result<Option<SignedIn>> {
        queries::refresh(&self.of(session), session).await
    }

    fn is_over(&self, session: &SignedIn) -> bool {
        self.live.is_over(session)
    }

    fn ended(&self, session: &SignedIn) -> BoxFuture<'static, &'static str> {
        Box::pin(self.live.ended(&self.of(session), session))
    }

    fn with_context(&self, request: Request, session: Option<&SignedIn>, caller: Caller) -> Request {
        let app = match session {
            Some(session) => self.of(session),
            None => self.app.for_who(Who::client(caller.address)),
        };
        let viewer = session.cloned().map_or(Viewer::Stranger, Viewer::Operator);
        request.data(Scope::new(app, viewer, caller))
    }

    async fn ready(&self) -> Result<(), String> {
        self.app.ready().await.map_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "not ready");
            // Anonymous clients can read this, so it contains no internal detail.
            "the database does not answer".to_owned()
        })
    }

    fn remarks(&self) -> Vec<String> {
        let has_bus = self.app.bus.unsent().is_some();
        let bus = self.app.bus.status().and_then(|status| match (has_bus, status.connected()) {
            (true, true) => Some("bus: connected"),
            (true, false) => Some("bus: away, polling"),
            (false, false) => Some("bus: none, but other servers use this database: polling"),
            (false, true) => None,
        });
        let database = self.app.storage().trouble().map(Trouble::remark);
        let known = bus.into_iter().chain(database).map(str::to_owned);
        known.chain(self.app.supervisor.remarks()).collect()
    }

    fn supervisor(&self) -> &Supervisor {
        &self.app.supervisor
    }
}

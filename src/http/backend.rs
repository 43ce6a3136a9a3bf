//! What the edge needs from the backend behind it, and nothing more.
//!
//! The transports know requests, answers, sessions and time-outs, and no word of the domain. Being written against this
//! trait they are tested over real sockets with a schema of a dozen lines and without a database.

use std::{future::Future, net::IpAddr, sync::Arc};

use async_graphql::{Executor, Name, Request, Value};
use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};

use super::own_documents;
use crate::{
    app::App,
    config::http::HttpConfig,
    db::Trouble,
    graphql::scope::{Brought, Caller, Scope},
    ledger::Who,
    metrics::Metrics,
    schema::{self, Schema},
    session::{
        cookie,
        device::{self, Devices},
        live::Live,
        queries,
    },
    supervisor::Supervisor,
    viewer::{SignedIn, Viewer},
};

/// The backend behind the edge.
pub trait Backend: Clone + Send + Sync + 'static {
    /// Who is signed in.
    type Session: Clone + Send + Sync + 'static;
    /// What executes documents.
    type Schema: Executor;

    /// The schema to execute with.
    fn schema(&self) -> &Self::Schema;

    /// The settings of the edge.
    fn config(&self) -> &HttpConfig;

    /// Who may share one execution of a subscription to this field.
    fn audience(&self, field: &str, arguments: &[(Name, Value)], session: Option<&Self::Session>) -> Audience;

    /// The number of the party that a session belongs to: what a subscription shows may depend on it.
    fn party(&self, session: &Self::Session) -> u128;

    /// For whom the documents of a follower are counted.
    fn follower(&self, session: Option<&Self::Session>, client: IpAddr) -> Who;

    /// Whether a document is that of a page of our own, to the letter. Such are not counted.
    fn is_own_document(&self, text: &str) -> bool;

    /// Who is counted for what a session does.
    fn who(&self, session: &Self::Session) -> Who;

    /// Where to count.
    fn metrics(&self) -> &Metrics;

    /// The cookies that may carry a session's token, the preferred one first.
    fn session_cookies(&self) -> &[String];

    /// The cookie that says which devices a browser is.
    fn device_cookie(&self) -> Option<&str> {
        None
    }

    /// `Set-Cookie` for a browser whose session's cookie was accepted, if it is to remember something more.
    fn remember(
        &self,
        session: &Self::Session,
        brought: Option<&Brought>,
    ) -> impl Future<Output = Option<String>> + Send {
        let _ = (session, brought);
        std::future::ready(None)
    }

    /// Notes that a page of a foreign origin tried to act for an operator.
    fn refused_page(&self, origin: Option<&str>) {
        let _ = origin;
    }

    /// The session with this token, which `client` sent; `None` when there is none, or no longer.
    fn authenticate(
        &self,
        token: &str,
        client: IpAddr,
    ) -> impl Future<Output = anyhow::Result<Option<Self::Session>>> + Send;

    /// The session as it is now; `None` when it has ended.
    fn refresh(&self, session: &Self::Session) -> impl Future<Output = anyhow::Result<Option<Self::Session>>> + Send;

    /// Whether a session, for whose end something waits, is known to have ended: nothing more is sent to it.
    fn is_over(&self, session: &Self::Session) -> bool;

    /// Resolves when the session ends, with the reason to tell the client.
    fn ended(&self, session: &Self::Session) -> BoxFuture<'static, &'static str>;

    /// Puts into a request what its resolvers need. Called once for each operation: nothing is shared between two.
    fn with_context(&self, request: Request, session: Option<&Self::Session>, caller: Caller) -> Request;

    /// Whether requests can be served; if not, why, in one line.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// What monitoring should know although the server serves, a line each: the state of the bus and of the database, tasks that were restarted.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }

    /// Counts what was restarted.
    fn supervisor(&self) -> &Supervisor;
}

/// Who may share one execution of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// All callers: the results depend on arguments and selection alone. It runs as an anonymous caller's.
    Everyone(Subject),
    /// All sessions of one [party](Backend::party): the results depend on it as well.
    Party(Subject),
    /// No other.
    One,
}

/// What a subscription follows, such as an account: different documents about one subject are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject(pub u128);

impl Subject {
    /// The subject that the values of these arguments name.
    #[must_use]
    pub fn of(arguments: &[(Name, Value)]) -> Self {
        let mut digest = Sha256::new();
        for (name, value) in arguments {
            // As JSON texts, no two lists run into each other.
            digest.update(serde_json::to_vec(&(name, value)).expect("arguments are JSON"));
        }
        let digest = digest.finalize();
        let (first, _) = digest.split_first_chunk().expect("32 bytes");
        Self(u128::from_be_bytes(*first))
    }
}

/// The server itself.
#[derive(Clone)]
pub struct ServerBackend {
    app: App,
    schema: Schema,
    cookies: Arc<cookie::Names>,
    live: Live,
}

impl ServerBackend {
    /// The backend that answers from `app` through `schema`; `live` is what the schema's private subscriptions follow.
    #[must_use]
    pub fn new(app: App, schema: Schema, live: Live) -> Self {
        let cookies = Arc::new(cookie::Names::of(&app.config.http));
        Self { app, schema, cookies, live }
    }

    /// The server on behalf of the account that a session belongs to.
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
            // Anybody may ask, so no word of what is behind.
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

//! What the edge needs from the backend.
//!
//! The transports work with requests, answers, sessions and timeouts, not with the domain. Because
//! they use this trait, tests run them over real sockets with a schema of a dozen lines and without
//! a database.

use std::{future::Future, net::IpAddr};

use async_graphql::{Executor, Name, Request, Value};
use axum::{
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};

use crate::{
    caller::{Brought, Caller},
    config::HttpConfig,
    identity::Identity,
    metrics::Metrics,
    supervisor::Supervisor,
};

/// The backend of the edge.
pub trait Backend: Clone + Send + Sync + 'static {
    /// Who a caller is.
    type Identity: Identity;
    /// The executor of documents.
    type Schema: Executor;

    /// The schema to execute with.
    fn schema(&self) -> &Self::Schema;

    /// The settings of the edge.
    fn config(&self) -> &HttpConfig;

    /// Which callers may share one execution of a subscription to this field.
    fn audience(&self, field: &str, arguments: &[(Name, Value)], identity: &Self::Identity) -> Audience;

    /// Whether a document is, byte by byte, one that our own pages send. Such documents are not
    /// counted.
    fn is_own_document(&self, text: &str) -> bool;

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
        session: &SessionOf<Self>,
        brought: Option<&Brought>,
    ) -> impl Future<Output = Option<String>> + Send {
        let _ = (session, brought);
        std::future::ready(None)
    }

    /// The message for a page of a foreign origin that sends a token which does not count there.
    fn foreign_origin(&self) -> String;

    /// Records that a page of a foreign origin sent such a token.
    fn refused_page(&self, origin: Option<&str>) {
        let _ = origin;
    }

    /// The identity with this token, which `client` sent. `None` if the token opens nothing.
    fn authenticate(
        &self,
        token: &str,
        client: IpAddr,
    ) -> impl Future<Output = anyhow::Result<Option<Self::Identity>>> + Send;

    /// The identity with the current state of the session. `None` if the session has ended.
    fn refresh(&self, session: &SessionOf<Self>)
    -> impl Future<Output = anyhow::Result<Option<Self::Identity>>> + Send;

    /// Whether a session that [`ended`](Self::ended) watches is known to have ended. Nothing more
    /// is sent to it.
    fn is_over(&self, session: &SessionOf<Self>) -> bool;

    /// Resolves when the session ends, with a reason for the client.
    fn ended(&self, session: &SessionOf<Self>) -> BoxFuture<'static, &'static str>;

    /// Adds to a request what its resolvers need. Called once for each operation, because
    /// operations share nothing.
    fn with_context(&self, request: Request, identity: &Self::Identity, caller: Caller) -> Request;

    /// The response for an address without a route, such as a redirect. `None` answers with 404 as
    /// plain text.
    fn unrouted(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
        let _ = (method, uri, headers);
        None
    }

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

/// The session of a backend's identities.
pub type SessionOf<B> = <<B as Backend>::Identity as Identity>::Session;

/// The callers that may share one execution of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// All callers: the results depend only on arguments and selection. It runs as for an anonymous
    /// caller.
    Everyone(Subject),
    /// All callers of one [party](Identity::party): the results depend on the party as well.
    Party(Subject),
    /// Only one caller. If it has a subject, a client has a limited number of such subscriptions
    /// about it at once, because each change executes all of them.
    One(Option<Subject>),
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

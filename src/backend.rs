//! The backend of the edge: sessions, permissions and the schema of this product.

use std::{net::IpAddr, sync::Arc};

use async_graphql::{Name, Request, Value};
use axum::{
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use edge::{
    Audience, Backend, Identity as _, Subject,
    caller::{Brought, Caller},
    config::HttpConfig,
    ledger::Who,
    metrics::Metrics,
    supervisor::Supervisor,
};
use futures_util::future::BoxFuture;

use crate::{
    access::identity::{Identity, SignedIn, Visitor},
    app::{App, db::Trouble},
    assets::{self, NotFound},
    graphql::Scope,
    own_documents::OwnDocuments,
    schema::{self, Schema},
    session::{
        cookie,
        device::{self, Devices},
        live::Live,
        rules,
    },
};

/// The product behind the edge.
#[derive(Clone)]
pub struct ServerBackend {
    app: App,
    schema: Schema,
    cookies: Arc<cookie::Names>,
    live: Live,
    own_documents: Arc<OwnDocuments>,
    not_found: Arc<NotFound>,
}

impl ServerBackend {
    /// A backend that answers from `app` through `schema`. `live` is what the schema's private
    /// subscriptions follow.
    #[must_use]
    pub fn new(app: App, schema: Schema, live: Live) -> Self {
        let cookies = Arc::new(cookie::Names::of(&app.config.http));
        let own_documents = Arc::new(OwnDocuments::embedded());
        Self { app, schema, cookies, live, own_documents, not_found: Arc::new(NotFound::embedded()) }
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
    type Identity = Identity;
    type Schema = Schema;

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn config(&self) -> &HttpConfig {
        &self.app.config.http
    }

    fn audience(&self, field: &str, arguments: &[(Name, Value)], identity: &Identity) -> Audience {
        let account = |session: &SignedIn| Subject(session.account_id().0.as_u128());
        match identity {
            // An account is public under its widget key.
            _ if schema::SHARED_SUBSCRIPTIONS.contains(&field) => Audience::Everyone(Subject::of(arguments)),
            Identity::Operator(session) if schema::OPERATOR_SUBSCRIPTIONS.contains(&field) => {
                Audience::Party(account(session))
            }
            Identity::Operator(session) => Audience::One(Some(account(session))),
            Identity::Visitor(holder) => Audience::One(Some(Subject(holder.key().0.as_u128()))),
            // Without a token there is nothing that could change.
            Identity::Anonymous => Audience::One(None),
        }
    }

    fn is_own_document(&self, text: &str) -> bool {
        self.own_documents.contain(text)
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

    fn foreign_origin(&self) -> String {
        self.app.config.foreign_origin()
    }

    fn refused_page(&self, origin: Option<&str>) {
        self.app.refused_page(origin);
    }

    async fn authenticate(&self, token: &str, client: IpAddr) -> anyhow::Result<Option<Identity>> {
        // Each field that depends on the visitor finds the visitor itself: others need no read.
        if let Some(visitor) = Visitor::of(token) {
            return Ok(Some(Identity::Visitor(visitor)));
        }
        let signed_in = rules::authenticate(&self.app.for_who(Who::client(client)), token).await?;
        Ok(signed_in.map(Identity::Operator))
    }

    async fn refresh(&self, session: &SignedIn) -> anyhow::Result<Option<Identity>> {
        Ok(rules::refresh(&self.of(session), session).await?.map(Identity::Operator))
    }

    fn is_over(&self, session: &SignedIn) -> bool {
        self.live.is_over(session)
    }

    fn ended(&self, session: &SignedIn) -> BoxFuture<'static, &'static str> {
        Box::pin(self.live.ended(&self.of(session), session))
    }

    fn with_context(&self, request: Request, identity: &Identity, caller: Caller) -> Request {
        let app = self.app.for_who(identity.who(caller.address));
        request.data(Scope::new(app, identity.clone(), caller))
    }

    fn unrouted(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
        assets::redirect(method, uri).or_else(|| self.not_found.answer(method, headers))
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

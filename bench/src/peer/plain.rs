//! A typical implementation: async-graphql and axum as their documentation shows them, and one
//! broadcast channel.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{ComplexObject, Context, EmptyMutation, ID, Object, Schema, SimpleObject, Subscription};
use async_graphql_axum::{GraphQL, GraphQLSubscription};
use axum::{
    Json, Router,
    extract::{RawQuery, State as Shared},
    routing::{get_service, post},
};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::broadcast};
use tokio_stream::wrappers::BroadcastStream;

#[derive(Clone, Debug, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
struct OperatorCard {
    id: ID,
    public_name: String,
    description: Option<String>,
    #[graphql(skip)]
    photo_url: Option<String>,
}

#[derive(Clone, Debug, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
#[graphql(complex)]
struct Availability {
    version: i32,
    is_available: bool,
    #[graphql(skip)]
    operators: Vec<OperatorCard>,
}

#[ComplexObject]
impl Availability {
    async fn operators(&self, first: Option<usize>) -> Vec<Card> {
        self.operators.iter().take(first.unwrap_or(5)).cloned().map(Card).collect()
    }
}

/// A card with a photo in a requested size.
struct Card(OperatorCard);

#[Object]
impl Card {
    async fn id(&self) -> &ID {
        &self.0.id
    }
    async fn public_name(&self) -> &str {
        &self.0.public_name
    }
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }
    async fn photo_url(&self, size: Option<i32>) -> Option<String> {
        self.0.photo_url.as_ref().map(|url| format!("{url}-{}", size.unwrap_or(512)))
    }
}

#[derive(Clone)]
struct App {
    states: Arc<Mutex<HashMap<String, Availability>>>,
    changes: broadcast::Sender<(String, Availability)>,
}

impl App {
    fn state(&self, key: &str) -> Option<Availability> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

struct Query;

#[Object]
impl Query {
    async fn availability(&self, ctx: &Context<'_>, widget_key: String) -> Option<Availability> {
        ctx.data_unchecked::<App>().state(&widget_key)
    }
}

struct Subscriptions;

#[Subscription]
impl Subscriptions {
    async fn availability(&self, ctx: &Context<'_>, widget_key: String) -> impl Stream<Item = Availability> + use<> {
        let app = ctx.data_unchecked::<App>();
        let changes = BroadcastStream::new(app.changes.subscribe());
        let now = stream::iter(app.state(&widget_key));
        now.chain(changes.filter_map(move |change| {
            let mine = change.ok().filter(|(key, _)| *key == widget_key).map(|(_, state)| state);
            std::future::ready(mine)
        }))
    }
}

async fn change(Shared(app): Shared<App>, RawQuery(key): RawQuery, Json(state): Json<Availability>) {
    let key = key.unwrap_or_default();
    app.states.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), state.clone());
    // An error means that there are no subscribers yet.
    let _ = app.changes.send((key, state));
}

/// Serves until its parent ends.
pub async fn serve() -> anyhow::Result<()> {
    let app = App { states: Arc::default(), changes: broadcast::channel(1024).0 };
    let schema = Schema::build(Query, EmptyMutation, Subscriptions).data(app.clone()).finish();
    let graphql = get_service(GraphQLSubscription::new(schema.clone())).post_service(GraphQL::new(schema));
    let router = Router::new().route("/graphql", graphql).route("/change", post(change)).with_state(app);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    super::announce(listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

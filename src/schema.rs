//! The complete schema: merges the root types of all rooms, and defines what spans them: `Node`,
//! `UserError` and the data of every operation.

pub mod user_errors;

use std::{any::TypeId, sync::Arc};

use async_graphql::{
    Context, Error, ID, Interface, MergedObject, MergedSubscription, Object, SDLExportOptions, ServerResult,
    dataloader::DataLoader,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest},
    runtime::{TokioSpawner, TokioTimer},
};

use crate::{
    access::viewer::SeeColleagues,
    account::graphql::{Account, AccountMutation, AccountQuery, AccountSubscription},
    app::App,
    availability::{
        feed::Feed,
        graphql::{AvailabilityQuery, AvailabilitySubscription},
    },
    graphql::{ContextExt, Kind, Scope, payload::IntoGraphql},
    link::graphql::{LinkMutation, LinkQuery},
    login::graphql::LoginMutation,
    mail::queries::Undelivered,
    operator::{
        graphql::{Operator, OperatorMutation, OperatorQuery, OperatorSubscription},
        queries::Operators,
    },
    photo::graphql::PhotoMutation,
    seat::graphql::{SeatMutation, SeatQuery},
    server::graphql::ServerQuery,
    session::live::Live,
};

pub use self::user_errors::{IntoUserError, UserError, UserErrors};

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Queries. Anonymous callers can use `server`, `plans`, `availability` and `mailedLink`. All other
/// fields return null or an error for them.
#[derive(Debug, Default, MergedObject)]
pub struct Query(NodeQuery, OperatorQuery, AccountQuery, ServerQuery, SeatQuery, AvailabilityQuery, LinkQuery);

/// Mutations. Each takes one `input` and returns the changed object. Errors that a person can
/// correct are in `userErrors`.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(LoginMutation, LinkMutation, OperatorMutation, PhotoMutation, SeatMutation, AccountMutation);

/// Subscriptions. Each sends the current state, then the state after each change. A client that
/// lags catches up with the next item.
#[derive(Debug, Default, MergedSubscription)]
pub struct Subscription(AvailabilitySubscription, OperatorSubscription, AccountSubscription);

/// Subscriptions whose results do not depend on the caller: one execution serves all callers with
/// the same arguments and selection.
pub const SHARED_SUBSCRIPTIONS: &[&str] = &["availability"];

/// Subscriptions whose results also depend on the operator, but not on the session: one execution
/// serves all sessions of an operator.
pub const OPERATOR_SUBSCRIPTIONS: &[&str] = &["account", "viewer"];

/// An object with a global id.
#[derive(Debug, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id. Typed and opaque."))]
#[expect(clippy::large_enum_variant, reason = "one value at a time, while a field is resolved")]
pub enum Node {
    Account(Account),
    Operator(Operator),
}

#[derive(Debug, Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with this id: the caller's account or one of its operators. Null for any other
    /// id. For signed-in operators.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "A global id.")] id: ID) -> Option<Result<Node, Error>> {
        let viewer = match ctx.granted::<SeeColleagues>() {
            Ok(viewer) => viewer,
            Err(denied) => return Some(Err(denied)),
        };
        let found = match Kind::parse(&id)? {
            Kind::Operator(id) => {
                let row = ctx.data_unchecked::<DataLoader<Operators>>().load_one((viewer.account_id(), id)).await;
                row.map_err(anyhow::Error::new).map(|row| row.map(|row| Node::Operator(Operator(row))))
            }
            Kind::Account(id) if id == viewer.account_id() => {
                let row = crate::account::queries::find(ctx.app().db(), id).await;
                row.map_err(anyhow::Error::new).map(|row| row.map(|row| Node::Account(Account(row))))
            }
            Kind::Account(_) => return None,
        };
        found.map_err(IntoGraphql::into_graphql).transpose()
    }
}

/// Gives every operation its own data loaders, so that nothing is shared between accounts.
#[derive(Debug)]
struct Loaders(App);

impl ExtensionFactory for Loaders {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self(self.0.clone()))
    }
}

#[async_trait::async_trait]
impl Extension for Loaders {
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: async_graphql::Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<async_graphql::Request> {
        // With the operation's own `App`: reads wait in the queue of its caller.
        let scope = request.data.get(&TypeId::of::<Scope>()).and_then(|scope| scope.downcast_ref::<Scope>());
        let app = scope.map_or(&self.0, Scope::app).clone();
        let operators = DataLoader::new(Operators(app.clone()), TokioSpawner::current(), TokioTimer::default());
        let undelivered = DataLoader::new(Undelivered(app), TokioSpawner::current(), TokioTimer::default());
        next.run(ctx, request.data(operators).data(undelivered)).await
    }
}

/// The schema of a running server. `feed` is shared with the other readers of availability, `live`
/// with the sockets.
#[must_use]
pub fn build(app: &App, feed: Feed, live: Live) -> Schema {
    builder()
        .data(feed)
        .data(live)
        .extension(Loaders(app.clone()))
        .limit_complexity(app.config.max_complexity)
        // Suggestions would reveal names of the schema.
        .disable_suggestions()
        .finish()
}

/// The schema in SDL, as committed in `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .prefer_single_line_descriptions()
        .include_specified_by();
    builder().finish().sdl_with_options(options)
}

fn builder() -> async_graphql::SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default()).register_output_type::<UserError>()
}

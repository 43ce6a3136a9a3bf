//! The whole schema: merges the rooms' roots, and holds what spans them: `Node`, `UserError`, what every operation is given.

use std::{any::TypeId, sync::Arc};

use async_graphql::{
    Context, Error, ID, Interface, MergedObject, MergedSubscription, Object, SDLExportOptions, ServerResult,
    dataloader::DataLoader,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest},
    runtime::{TokioSpawner, TokioTimer},
};

use crate::{
    account::graphql::{Account, AccountMutation, AccountQuery, AccountSubscription},
    app::App,
    availability::{
        feed::Feed,
        graphql::{AvailabilityQuery, AvailabilitySubscription},
    },
    graphql::{
        ContextExt, Kind, Scope,
        payload::IntoGraphql,
        server::ServerQuery,
        user_error::{
            EmailTaken, IncompleteLink, InvalidCredentials, InvalidInput, InvalidLink, OperatorNotFound, OwnerRequired,
            TooManyAttempts, WeakPassword,
        },
    },
    link::graphql::{AddressConfirmed, LinkMutation, LinkQuery},
    login::graphql::{LoginMutation, SignUpClosed},
    operator::{
        graphql::{
            InvitationAccepted, Operator, OperatorMutation, OperatorQuery, OperatorSubscription, OwnAccessLevel,
        },
        queries::{Operators, Undelivered},
    },
    photo::graphql::{PhotoMutation, PhotoRejected},
    seat::graphql::{SeatLimitReached, SeatMutation, SeatQuery, TooManyActiveOperators},
    session::live::Live,
    viewer::SeeColleagues,
};

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Reads. A caller who is not signed in sees `server`, `plans`, `availability` and `mailedLink`; everything else is null or refused.
#[derive(Debug, Default, MergedObject)]
pub struct Query(NodeQuery, OperatorQuery, AccountQuery, ServerQuery, SeatQuery, AvailabilityQuery, LinkQuery);

/// Changes. Each takes one `input`, returns what it changed, and lists in `userErrors` what a person can mend.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(LoginMutation, LinkMutation, OperatorMutation, PhotoMutation, SeatMutation, AccountMutation);

/// State to follow: now, then after every change. A client that fell behind is right again with the next item.
#[derive(Debug, Default, MergedSubscription)]
pub struct Subscription(AvailabilitySubscription, OperatorSubscription, AccountSubscription);

/// The subscriptions whose results depend on their arguments and selection alone, and not on who asks: one execution serves all.
pub const SHARED_SUBSCRIPTIONS: &[&str] = &["availability"];

/// The subscriptions whose results depend on the operator who asks as well, and not on the session: one execution serves all sessions
/// of an operator.
pub const OPERATOR_SUBSCRIPTIONS: &[&str] = &["account", "viewer"];

/// Something with an id that can be looked up again.
#[derive(Debug, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Names it over the whole server. Typed and opaque."))]
#[expect(clippy::large_enum_variant, reason = "one at a time, for the length of a field")]
pub enum Node {
    Account(Account),
    Operator(Operator),
}

/// Something that a person can mend. New kinds may come: a client shows the message of those it does not know.
#[derive(Debug, Interface)]
#[graphql(
    field(name = "message", ty = "&String", desc = "A sentence for the person who asked, in English."),
    field(
        name = "path",
        ty = "&Vec<String>",
        desc = "Where in `input` the fault lies, from its root; empty when nowhere in particular."
    )
)]
pub enum UserError {
    InvalidInput(InvalidInput),
    EmailTaken(EmailTaken),
    OperatorNotFound(OperatorNotFound),
    OwnerRequired(OwnerRequired),
    OwnAccessLevel(OwnAccessLevel),
    InvitationAccepted(InvitationAccepted),
    TooManyAttempts(TooManyAttempts),
    WeakPassword(WeakPassword),
    InvalidCredentials(InvalidCredentials),
    InvalidLink(InvalidLink),
    AddressConfirmed(AddressConfirmed),
    IncompleteLink(IncompleteLink),
    SignUpClosed(SignUpClosed),
    SeatLimitReached(SeatLimitReached),
    TooManyActiveOperators(TooManyActiveOperators),
    PhotoRejected(PhotoRejected),
}

#[derive(Debug, Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Whatever an id names, if it is the viewer's account or one of its operators; null for anything else. Anyone signed in.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that this server gave.")] id: ID,
    ) -> Option<Result<Node, Error>> {
        let viewer = match ctx.granted::<SeeColleagues>() {
            Ok(viewer) => viewer,
            Err(denied) => return Some(Err(denied.into_graphql())),
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

/// Gives every operation its own data loaders: nothing is shared between operations, and so nothing between accounts.
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
        // On behalf of the caller that the operation is for: its reads wait in that caller's line.
        let scope = request.data.get(&TypeId::of::<Scope>()).and_then(|scope| scope.downcast_ref::<Scope>());
        let app = scope.map_or(&self.0, Scope::app).clone();
        let operators = DataLoader::new(Operators(app.clone()), TokioSpawner::current(), TokioTimer::default());
        let undelivered = DataLoader::new(Undelivered(app), TokioSpawner::current(), TokioTimer::default());
        next.run(ctx, request.data(operators).data(undelivered)).await
    }
}

/// The schema over a running house; `feed` is what others who show availability read, too, and `live` what sockets wait on.
#[must_use]
pub fn build(app: &App, feed: Feed, live: Live) -> Schema {
    builder()
        .data(feed)
        .data(live)
        .extension(Loaders(app.clone()))
        .limit_complexity(app.config.max_complexity)
        // A hint of what else there is would tell a stranger about names that they did not ask for.
        .disable_suggestions()
        .finish()
}

/// The schema as text, as committed in `schema.graphql`.
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

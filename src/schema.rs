//! The complete schema: merges the root types of all rooms, and defines what spans them: `Node`,
//! `UserError` and the data of every operation.

mod suggestions;
pub mod user_errors;

use std::{any::TypeId, sync::Arc};

use async_graphql::{
    Context, Error, ID, Interface, MergedObject, MergedSubscription, Object, SDLExportOptions, ServerError,
    ServerResult, ValidationResult,
    dataloader::DataLoader,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest, NextValidation},
    runtime::{TokioSpawner, TokioTimer},
};

use crate::{
    access::identity::{ReadConversations, SeeColleagues},
    account::graphql::{Account, AccountMutation, AccountQuery, AccountSubscription},
    app::App,
    availability::{
        feed::Feed,
        graphql::{AvailabilityQuery, AvailabilitySubscription},
    },
    conversation::{
        feed::Feed as Conversations,
        graphql::{
            Conversation, ConversationListSubscription, chat::ChatQuery, mutation::ConversationMutation,
            update::ChatSubscription,
        },
        lists::Lists,
        queries::{LastMessages, Marks, Participants},
    },
    graphql::{ContextExt, Kind, Scope, payload::IntoGraphql},
    link::graphql::{LinkMutation, LinkQuery},
    login::graphql::LoginMutation,
    mail::queries::Undelivered,
    operator::{
        graphql::{Operator, OperatorMutation, OperatorQuery, OperatorSubscription},
        queries::{Operators, OperatorsOfRecord},
    },
    photo::graphql::PhotoMutation,
    seat::graphql::{SeatMutation, SeatQuery},
    server::graphql::ServerQuery,
    session::live::Live,
    visitor::{
        graphql::Visitor,
        queries::{self as visitors, Visitors},
    },
};

pub use self::user_errors::{IntoUserError, UserError, UserErrors};

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Queries. Anonymous callers can use `server`, `plans`, `availability`, `mailedLink` and
/// `invitationLink`, and visitors also `chat`. All other fields return null or an error for them.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    NodeQuery,
    OperatorQuery,
    AccountQuery,
    ServerQuery,
    SeatQuery,
    AvailabilityQuery,
    LinkQuery,
    ChatQuery,
);

/// Mutations. Each takes one `input` and returns the changed object. Errors that a person can
/// correct are in `userErrors`.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    LoginMutation,
    LinkMutation,
    OperatorMutation,
    PhotoMutation,
    SeatMutation,
    AccountMutation,
    ConversationMutation,
);

/// Subscriptions. Each sends the current state, then the state after each change. A client that
/// lags catches up with the next item. `chat` and `conversation` also send the messages since the
/// last item, and skip none.
#[derive(Debug, Default, MergedSubscription)]
pub struct Subscription(
    AvailabilitySubscription,
    OperatorSubscription,
    AccountSubscription,
    ConversationListSubscription,
    ChatSubscription,
);

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
    Conversation(Conversation),
    Visitor(Visitor),
}

#[derive(Debug, Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with this id: the caller's account, or one of its operators, conversations or
    /// visitors. Null for any other id. For signed-in operators.
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
            Kind::Conversation(id) => {
                let reader = match ctx.granted::<ReadConversations>() {
                    Ok(reader) => reader,
                    Err(denied) => return Some(Err(denied)),
                };
                let row = crate::conversation::queries::find(ctx.app().db(), reader.account_id(), id).await;
                row.map_err(anyhow::Error::new).map(|row| row.map(|row| Node::Conversation(Conversation::of(row))))
            }
            Kind::Visitor(id) => {
                let reader = match ctx.granted::<ReadConversations>() {
                    Ok(reader) => reader,
                    Err(denied) => return Some(Err(denied)),
                };
                let row = visitors::find(ctx.app().db(), reader.account_id(), id).await;
                row.map_err(anyhow::Error::new).map(|row| row.map(|row| Node::Visitor(Visitor::of(row))))
            }
            Kind::Account(_) | Kind::Note(_) => return None,
        };
        found.map_err(IntoGraphql::into_graphql).transpose()
    }
}

/// Gives every operation its own data loaders, so that nothing is shared between accounts, and
/// appends suggestions to errors about unknown fields.
#[derive(Debug)]
struct EveryOperation(App);

impl ExtensionFactory for EveryOperation {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self(self.0.clone()))
    }
}

#[async_trait::async_trait]
impl Extension for EveryOperation {
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: async_graphql::Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<async_graphql::Request> {
        // With the operation's own `App`: reads wait in the queue of its caller.
        let scope = request.data.get(&TypeId::of::<Scope>()).and_then(|scope| scope.downcast_ref::<Scope>());
        let app = scope.map_or(&self.0, Scope::app).clone();
        let request = with_loader(request, Operators(app.clone()));
        let request = with_loader(request, OperatorsOfRecord(app.clone()));
        let request = with_loader(request, Undelivered(app.clone()));
        let request = with_loader(request, Visitors(app.clone()));
        let request = with_loader(request, Participants(app.clone()));
        let request = with_loader(request, LastMessages(app.clone()));
        next.run(ctx, with_loader(request, Marks(app))).await
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(ctx).await.map_err(|mut errors| {
            // They reveal names of the schema, as introspection does.
            if self.0.config.http.introspection {
                suggestions::add(&ctx.schema_env.registry, &mut errors);
            }
            errors
        })
    }
}

fn with_loader<T: Send + Sync + 'static>(request: async_graphql::Request, loader: T) -> async_graphql::Request {
    request.data(DataLoader::new(loader, TokioSpawner::current(), TokioTimer::default()))
}

/// The schema of a running server. `feed` is shared with the other readers of availability, `live`
/// with the sockets, and `conversations` is closed with the server.
#[must_use]
pub fn build(app: &App, feed: Feed, conversations: Conversations, lists: Lists, live: Live) -> Schema {
    builder()
        .data(feed)
        .data(conversations)
        .data(lists)
        .data(live)
        .extension(EveryOperation(app.clone()))
        .limit_complexity(app.config.max_complexity)
        // Ours have limits.
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

#[cfg(test)]
mod tests {
    use std::{
        borrow::Cow,
        collections::{BTreeMap, BTreeSet},
    };

    use async_graphql::{
        OutputType,
        parser::{
            parse_schema,
            types::{FieldDefinition, TypeKind, TypeSystemDefinition},
        },
    };

    use super::*;
    use crate::{account, conversation::graphql::mutation, link, login, operator, photo, seat};

    type Kinds = BTreeSet<Cow<'static, str>>;

    /// The name of a payload, and the kinds of its rule. `field` only ties the two types together.
    fn kinds_of<P: OutputType, R: IntoUserError>(_field: fn(&P) -> &UserErrors<R>) -> (String, Kinds) {
        (P::type_name().into_owned(), R::kinds())
    }

    macro_rules! payloads {
        ($($payload:path),+ $(,)?) => {
            [$(kinds_of(|payload: &$payload| &payload.user_errors)),+].into_iter().collect::<BTreeMap<_, _>>()
        };
    }

    /// The mutations with user errors, as the schema has them: payload, and the kinds in the
    /// description.
    fn described() -> BTreeMap<String, Kinds> {
        let sdl = sdl();
        let document = parse_schema(&sdl).expect("SDL");
        let objects: BTreeMap<_, _> = document
            .definitions
            .into_iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(ty) => match ty.node.kind {
                    TypeKind::Object(object) => Some((ty.node.name.node.to_string(), object.fields)),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        let fields = objects["Mutation"].iter().map(|field| &field.node);
        let can_reject = |field: &&FieldDefinition| {
            objects[&field.ty.node.to_string()].iter().any(|field| field.node.name.node == "userErrors")
        };
        fields.filter(can_reject).map(|field| (field.ty.node.to_string(), listed(field))).collect()
    }

    /// The names behind `User errors:`.
    fn listed(field: &FieldDefinition) -> Kinds {
        let description = field.description.as_ref().map(|text| text.node.as_str()).unwrap_or_default();
        let list = description.rsplit_once("User errors: ").map(|(_, list)| list).unwrap_or_default();
        let names: Vec<_> = list.split('`').skip(1).step_by(2).map(|name| Cow::Owned(name.to_owned())).collect();
        assert!(names.is_sorted(), "{}: {names:?} is sorted", field.name.node);
        names.into_iter().collect()
    }

    #[test]
    fn the_description_of_a_mutation_lists_what_its_rule_can_reject() {
        let rejected = payloads![
            account::graphql::UpdateAccountPayload,
            mutation::AddNotePayload,
            mutation::AssignConversationPayload,
            mutation::BlockVisitorPayload,
            mutation::CloseChatPayload,
            mutation::CloseConversationPayload,
            mutation::JoinConversationPayload,
            mutation::LeaveConversationPayload,
            mutation::MarkChatReadPayload,
            mutation::MarkConversationReadPayload,
            mutation::ReopenConversationPayload,
            mutation::SendChatMessagePayload,
            mutation::SendMessagePayload,
            mutation::SetChatTypingPayload,
            mutation::SetTypingPayload,
            mutation::UnblockVisitorPayload,
            mutation::UpdateChatVisitorPayload,
            link::graphql::ConfirmAddressPayload,
            link::graphql::ReleaseAddressPayload,
            link::graphql::RenewInvitationPayload,
            link::graphql::RequestAddressConfirmationPayload,
            link::graphql::RestoreAddressPayload,
            login::graphql::ChangePasswordPayload,
            login::graphql::RecoverPasswordPayload,
            login::graphql::RequestPasswordRecoveryPayload,
            login::graphql::SignInPayload,
            login::graphql::SignUpPayload,
            operator::graphql::ActivateOperatorPayload,
            operator::graphql::AddOperatorPayload,
            operator::graphql::ChangeAccessLevelPayload,
            operator::graphql::DeactivateOperatorPayload,
            operator::graphql::InviteOperatorPayload,
            operator::graphql::RemoveOperatorPayload,
            operator::graphql::TransferOwnershipPayload,
            operator::graphql::UpdateOperatorPayload,
            photo::graphql::RemoveOperatorPhotoPayload,
            photo::graphql::SetOperatorPhotoPayload,
            seat::graphql::ChangePlanPayload,
            seat::graphql::SwapSeatPayload,
        ];
        assert_eq!(described(), rejected);
    }

    #[test]
    fn every_user_error_is_one_of_some_mutation() {
        let sdl = sdl();
        let declared: Kinds = sdl
            .lines()
            .filter_map(|line| line.strip_prefix("type ")?.strip_suffix(" implements UserError {"))
            .map(|name| Cow::Owned(name.to_owned()))
            .collect();
        assert_eq!(described().into_values().flatten().collect::<Kinds>(), declared);
        assert!(declared.len() >= 16, "{declared:?}");
    }
}

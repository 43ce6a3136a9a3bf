//! Pages of conversations, and the list that a subscription follows.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Lookahead, Object, SimpleObject, Subscription};
use entity::{AccountId, OperatorId};
use futures_util::{Stream, StreamExt as _, future::ready};

use super::{Conversation, ConversationStatus, Loaded, object::selects_presence, page_complexity, part, part_size};
use crate::{
    access::identity::{Granted, ReadConversations, SignedIn},
    conversation::{
        lists::{self, Head, Lists},
        queries::{Count, Details, Filter, FindDetails, List, Listed, Place, Readers, Wanted},
    },
    graphql::{ContextExt, id, page::PageInfo, payload::IntoGraphql},
    page::{Key as _, MAX, Window},
    presence::Presence,
    session::graphql::follow,
};

/// The default number of conversations of a followed list.
const FIRST: i32 = 50;

/// The arguments that select conversations. An unknown operator has no conversations.
pub(crate) fn filter(statuses: Option<Vec<ConversationStatus>>, assignee_id: Option<&ID>) -> Filter {
    let statuses: Option<Vec<_>> =
        statuses.map(|statuses| statuses.into_iter().map(entity::conversation::Status::from).collect());
    let unknown = OperatorId(uuid::Uuid::nil());
    Filter::of(statuses.as_deref(), assignee_id.map(|id| id::operator_key(id).unwrap_or(unknown)))
}

impl Loaded {
    /// What details say of a conversation.
    pub(crate) fn from_details(listed: &Listed, details: &Details, wanted: Wanted) -> Self {
        let id = listed.conversation.id;
        Self {
            visitor: Some(Arc::clone(&listed.visitor)),
            participants: wanted.participants.then(|| details.participants.get(&id).cloned().unwrap_or_default()),
            last_message: details.last_messages.get(&id).cloned(),
            marks: (wanted.marks != Readers::None).then(|| details.marks.get(&id).cloned().unwrap_or_default()),
            presence: None,
            operators: Arc::clone(&details.operators),
        }
    }
}

/// The details that a selection of conversations needs.
fn wanted(nodes: &[Lookahead<'_>], reader: Option<OperatorId>) -> Wanted {
    let selects = |field: &str| nodes.iter().any(|node| node.field(field).exists());
    let needs_marks = selects("readUpTo") || selects("unreadCount");
    Wanted {
        assignee: selects("assignee"),
        participants: selects("participants"),
        last_message: selects("lastMessage"),
        marks: reader.filter(|_| needs_marks).map_or(Readers::None, Readers::One),
    }
}

/// A page of conversations.
#[derive(Debug)]
pub struct ConversationConnection {
    edges: Vec<ConversationEdge>,
    page_info: PageInfo,
    account_id: AccountId,
    filter: Filter,
}

impl ConversationConnection {
    /// Reads the page with the details that are selected. The total is counted only if selected.
    pub(crate) async fn load(
        ctx: &Context<'_>,
        account_id: AccountId,
        filter: Filter,
        window: &Window<Place>,
    ) -> Result<Self, Error> {
        let scope = ctx.scope();
        let listed = scope.read(List(account_id, filter.clone(), *window)).await.map_err(IntoGraphql::into_graphql)?;
        let (listed, bounds) = window.cut(listed.to_vec(), Listed::place);
        let selected = ctx.look_ahead();
        let reader = ctx.identity().signed_in().map(SignedIn::operator_id);
        let wanted = wanted(&[selected.field("nodes"), selected.field("edges").field("node")], reader);
        let find = FindDetails::new(account_id, wanted, listed.iter().map(|listed| &*listed.conversation));
        let details = scope.read(find).await.map_err(IntoGraphql::into_graphql)?;
        let edges = listed.iter().map(|listed| ConversationEdge {
            cursor: listed.place().cursor(),
            node: conversation(listed, &details, wanted),
        });
        Ok(Self { edges: edges.collect(), page_info: bounds.into(), account_id, filter })
    }
}

fn conversation(listed: &Listed, details: &Details, wanted: Wanted) -> Conversation {
    Conversation::with(Arc::clone(&listed.conversation), Loaded::from_details(listed, details, wanted))
}

/// A page of conversations: waiting ones first, then the others.
#[Object]
impl ConversationConnection {
    /// The conversations of this page, each with its cursor.
    async fn edges(&self) -> &[ConversationEdge] {
        &self.edges
    }

    /// The conversations of this page.
    async fn nodes(&self) -> Vec<Conversation> {
        self.edges.iter().map(|edge| edge.node.clone()).collect()
    }

    /// The position of this page in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// The number of conversations on all pages, counted up to 10,000.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        ctx.scope().read(Count(self.account_id, self.filter.clone())).await.map_err(IntoGraphql::into_graphql)
    }
}

/// A conversation in a list, and its cursor.
#[derive(Debug, SimpleObject)]
pub struct ConversationEdge {
    /// The conversation.
    node: Conversation,
    /// Cursor for `after` or `before`. Opaque.
    cursor: String,
}

/// The first conversations of a list.
#[derive(Clone, Debug)]
pub struct ConversationList {
    nodes: Vec<Conversation>,
    /// `None` if it was not selected.
    total: Option<i32>,
}

/// The first conversations of a list: waiting ones first, then the others.
#[Object]
impl ConversationList {
    /// The conversations, at most `first`.
    async fn nodes(&self) -> &[Conversation] {
        &self.nodes
    }

    /// The number of conversations in the list, counted up to 10,000.
    async fn total_count(&self) -> Result<i32, Error> {
        self.total.ok_or_else(|| anyhow::anyhow!("a total that was not counted").into_graphql())
    }
}

#[derive(Debug, Default)]
pub struct ConversationListSubscription;

#[Subscription]
impl ConversationListSubscription {
    /// The first conversations of a list: as they are now, then after each change, at most every
    /// 250 ms. For operators.
    ///
    /// Waiting conversations come first, the longest wait first, then the others, the latest
    /// activity first. Each item contains the complete selection. A client that lags skips to the
    /// latest state. Ends with the session.
    #[graphql(complexity = "page_complexity(part(first, FIRST), child_complexity)")]
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only conversations with one of these statuses.")] status: Option<Vec<ConversationStatus>>,
        #[graphql(desc = "Only conversations of this assignee. An unknown operator has none.")] assignee_id: Option<ID>,
        #[graphql(default_with = "Some(FIRST)", desc = "Maximum number, from 0 to 100. Null: 50.")] first: Option<i32>,
    ) -> Result<impl Stream<Item = Result<ConversationList, Error>> + 'static, Error> {
        let viewer = ctx.granted::<ReadConversations>()?;
        let first = u32::try_from(part_size("first", first, FIRST)?).unwrap_or(MAX);
        let filter = filter(status, assignee_id.as_ref());
        let with_total = ctx.look_ahead().field("totalCount").exists();
        let shows_presence = selects_presence(&ctx.look_ahead().field("nodes"));
        let changes = ctx.data_unchecked::<Lists>().follow(viewer.account_id());
        let reader = viewer.operator_id();
        let lists =
            follow(ctx.scope().clone(), &viewer, changes, move |scope, viewer: Granted<ReadConversations>, reads| {
                let filter = filter.clone();
                async move {
                    let head =
                        lists::head(scope.app(), &reads, viewer.account_id(), &filter, first, with_total).await?;
                    Ok(Some(ConversationList::of(&head, shows_presence.then_some(&scope.app().presence))))
                }
            });
        // A change of the account often changes nothing in this list.
        let mut shown: Option<ConversationList> = None;
        Ok(lists.filter(move |list| {
            let is_new = match list {
                Ok(list) => !shown.as_ref().is_some_and(|shown| list.shows_same(shown, reader)),
                Err(_) => true,
            };
            if let (true, Ok(list)) = (is_new, list) {
                shown = Some(list.clone());
            }
            ready(is_new)
        }))
    }
}

impl ConversationList {
    fn of(head: &Head, presence: Option<&Presence>) -> Self {
        let node = |listed: &Listed| {
            let loaded = Loaded {
                presence: presence.map(|presence| presence.of(listed.conversation.id)),
                ..Loaded::from_details(listed, &head.details, Wanted::ALL)
            };
            Conversation::with(Arc::clone(&listed.conversation), loaded)
        };
        let nodes = head.listed.iter().map(node).collect();
        Self { nodes, total: head.total }
    }

    /// Whether a reader sees the same in another list.
    fn shows_same(&self, other: &Self, reader: OperatorId) -> bool {
        self.total == other.total
            && self.nodes.len() == other.nodes.len()
            && self.nodes.iter().zip(&other.nodes).all(|(one, other)| one.shows_same(other, reader))
    }
}

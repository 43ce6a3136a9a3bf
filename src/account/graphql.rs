//! GraphQL types of accounts.

use async_graphql::{Context, Error, ID, InputObject, MaybeUndefined, Object, SimpleObject, Subscription};
use entity::account;
use futures_util::Stream;

use super::{
    queries,
    rules::{self, Changes, UpdateError},
};
use crate::{
    access::identity::{ReadConversations, SeeColleagues},
    conversation::graphql::{ConversationConnection, ConversationStatus, filter as conversations, page_complexity},
    graphql::{
        ContextExt, Moment, Nullable, Scope, id, nullable,
        page::window,
        payload::{IntoGraphql, bad_user_input, into_payload},
        user_error::InvalidInput,
    },
    input::SearchText,
    operator::{
        graphql::{Operator, OperatorConnection},
        queries::Filter,
    },
    page::MAX,
    schema::UserErrors,
    seat::{
        self,
        graphql::{Plan, SeatUsage},
    },
    session::{graphql::watch, live::Live},
};

/// A company with a plan, seats and operators.
#[derive(Clone, Debug)]
pub struct Account(pub account::Model);

/// A company with a plan, seats and operators. Visible to its own operators.
#[Object]
impl Account {
    /// Global id. Opaque.
    pub async fn id(&self) -> ID {
        id::account(self.0.id)
    }

    /// The company's name, 1 to 100 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The key for the website's widget snippet. Public.
    async fn widget_key(&self) -> &str {
        &self.0.widget_key
    }

    /// Whether visitors can write. If not, the widget shows availability only.
    async fn is_chat_enabled(&self) -> bool {
        self.0.is_chat_enabled
    }

    /// The account's plan.
    async fn plan(&self, ctx: &Context<'_>) -> Plan {
        ctx.app().config.plans.plan(self.0.plan).into()
    }

    /// The account's seats: the limit, and how many are in use.
    async fn seats(&self, ctx: &Context<'_>) -> Result<SeatUsage, Error> {
        let usage = ctx.scope().read(seat::queries::FindUsage(self.0.id)).await.map_err(IntoGraphql::into_graphql)?;
        Ok(usage.into())
    }

    /// The operator who owns the account. Only the owner can transfer it.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Operator, Error> {
        let owner = ctx.scope().read(queries::FindOwner(self.0.id)).await.map_err(IntoGraphql::into_graphql)?;
        owner.map(Operator).ok_or_else(|| anyhow::anyhow!("an account without an owner").into_graphql())
    }

    /// A page of the account's operators, in the order in which they were added.
    #[graphql(complexity = "page_size(first, last) * child_complexity + 1")]
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, as clients know them")]
    async fn operators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of operators from the start, at most 100. Default: 50, unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only operators after this cursor.")] after: Option<String>,
        #[graphql(desc = "Number of operators from the end, at most 100. Cannot be combined with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only operators before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only active operators, or only inactive ones.")] is_active: Option<bool>,
        #[graphql(
            desc = "Part of a name or public name. With full access, also part of an email address. Ignores case; in names, also diacritics, apostrophe variants and repeated white space."
        )]
        search: Option<String>,
    ) -> Result<OperatorConnection, Error> {
        let window = window(first, after.as_deref(), last, before.as_deref())?;
        let search = search
            .map(|typed| SearchText::parse(&typed))
            .transpose()
            .map_err(|fault| bad_user_input(format!("`search` {fault}.")))?;
        let search_emails = ctx.identity().may::<crate::access::identity::SeeAnyEmail>().is_ok();
        OperatorConnection::load(
            ctx.scope(),
            self.0.id,
            Filter { is_active, search: search.flatten(), search_emails },
            &window,
        )
        .await
    }

    /// A page of the account's conversations. Waiting ones come first, the longest wait first. Then
    /// the others, the latest activity first. Conversations may move between two pages.
    #[graphql(complexity = "page_complexity(page_size(first, last), child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, as clients know them")]
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only conversations with one of these statuses.")] status: Option<Vec<ConversationStatus>>,
        #[graphql(desc = "Only conversations of this assignee. An unknown operator has none.")] assignee_id: Option<ID>,
        #[graphql(desc = "Number of conversations from the start, at most 100. Default: 50, unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only conversations after this cursor.")] after: Option<String>,
        #[graphql(desc = "Number of conversations from the end, at most 100. Cannot be combined with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only conversations before this cursor.")] before: Option<String>,
    ) -> Result<ConversationConnection, Error> {
        ctx.granted::<ReadConversations>()?;
        let window = window(first, after.as_deref(), last, before.as_deref())?;
        ConversationConnection::load(ctx, self.0.id, conversations(status, assignee_id.as_ref()), &window).await
    }

    /// When the account was created.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }
}

/// The complexity of a page, before its size is validated.
fn page_size(first: Option<i32>, last: Option<i32>) -> usize {
    let asked = first.or(last).unwrap_or(50);
    usize::try_from(asked).unwrap_or(0).clamp(1, MAX as usize)
}

/// Changes of the account. Omitted fields stay unchanged.
#[derive(Debug, InputObject)]
pub struct UpdateAccountInput {
    /// The company's name, 1 to 100 characters. Not null.
    pub name: MaybeUndefined<String>,
    /// Whether visitors can write. Not null.
    pub is_chat_enabled: MaybeUndefined<bool>,
}

impl From<UpdateAccountInput> for Changes {
    fn from(input: UpdateAccountInput) -> Self {
        Self { name: input.name.into(), is_chat_enabled: input.is_chat_enabled.into() }
    }
}

/// Result of `updateAccount`.
#[derive(Debug, SimpleObject)]
pub struct UpdateAccountPayload {
    /// The changed account. Null if refused.
    pub account: Option<Account>,
    /// Why the account was not changed. Empty on success.
    pub user_errors: UserErrors<UpdateError>,
}

crate::rejections! { error: UpdateError {
    UpdateError::Invalid(fault) => InvalidInput::from(fault),
} }

#[derive(Debug, Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// The account of the signed-in operator. Null for anonymous callers.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account, Error>> {
        let viewer = ctx.granted::<SeeColleagues>().ok()?;
        let found = queries::find(ctx.app().db(), viewer.account_id()).await.map_err(IntoGraphql::into_graphql);
        found.map(|row| row.map(Account)).transpose()
    }
}

#[derive(Debug, Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Changes the account's name, and whether visitors can write. Full access only. No effect if
    /// both are as requested.
    ///
    /// User errors: `InvalidInput`.
    async fn update_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateAccountInput,
    ) -> Nullable<UpdateAccountPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let (account, user_errors) = into_payload(rules::update(ctx.app(), &actor, input.into()).await)?;
            Ok(UpdateAccountPayload { account: account.map(Account), user_errors })
        })
        .await
    }
}

#[derive(Debug, Default)]
pub struct AccountSubscription;

#[Subscription]
impl AccountSubscription {
    /// The account of the signed-in operator: the current state, then the state after each change
    /// of the account or one of its operators.
    ///
    /// Each item contains the complete selection, with the operator's current permissions applied.
    /// A client that lags skips to the latest state. Ends with the session.
    async fn account(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Result<Account, Error>> + 'static, Error> {
        let viewer = ctx.granted::<SeeColleagues>()?;
        let scope: Scope = ctx.scope().clone();
        Ok(watch(scope, ctx.data_unchecked::<Live>(), &viewer, |scope, viewer| async move {
            let row = scope.read(queries::Find(viewer.account_id())).await?;
            Ok(row.map(Account))
        }))
    }
}

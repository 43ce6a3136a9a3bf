//! The face of accounts.

use async_graphql::{Context, Error, ID, InputObject, MaybeUndefined, Object, SimpleObject, Subscription, Union};
use entity::account;
use futures_util::Stream;

use super::{
    queries,
    rules::{self, UpdateError},
};
use crate::{
    graphql::{
        ContextExt, Moment, Nullable, Scope, id, nullable,
        page::{MAX, Window},
        payload::{IntoGraphql, bad_user_input, into_payload},
        user_error::InvalidInput,
    },
    operator::{
        graphql::{Operator, OperatorConnection},
        queries::Filter,
    },
    seat::{
        self,
        graphql::{Plan, SeatUsage},
    },
    session::{graphql::watch, live::Live},
    text::SearchText,
    viewer::SeeColleagues,
};

/// A company: its plan, its seats and its operators.
#[derive(Clone, Debug)]
pub struct Account(pub account::Model);

/// A company: its plan, its seats and its operators. Only its own operators see it.
#[Object]
impl Account {
    /// Names the account. Opaque.
    pub async fn id(&self) -> ID {
        id::account(self.0.id)
    }

    /// What the company is called, 1 to 100 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Goes into the website's widget snippet. Public.
    async fn widget_key(&self) -> &str {
        &self.0.widget_key
    }

    /// The plan that the account is on.
    async fn plan(&self, ctx: &Context<'_>) -> Plan {
        ctx.app().config.plans.plan(self.0.plan).into()
    }

    /// How many operators may be active at once, and how many are.
    async fn seats(&self, ctx: &Context<'_>) -> Result<SeatUsage, Error> {
        let usage = ctx.scope().read(seat::queries::FindUsage(self.0.id)).await.map_err(IntoGraphql::into_graphql)?;
        Ok(usage.into())
    }

    /// The operator who owns the account, and alone can hand it over.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Operator, Error> {
        let owner = ctx.scope().read(queries::FindOwner(self.0.id)).await.map_err(IntoGraphql::into_graphql)?;
        owner.map(Operator).ok_or_else(|| anyhow::anyhow!("an account without an owner").into_graphql())
    }

    /// The account's operators in the order they were added, a page at a time.
    #[graphql(complexity = "page_size(first, last) * child_complexity + 1")]
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, as clients know them")]
    async fn operators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, at most 100. 50 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100. Not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only active ones, or only inactive ones.")] is_active: Option<bool>,
        #[graphql(
            desc = "Part of a name or public name, without regard to case, marks, kinds of apostrophe and amount of white space; with full access, of an e-mail address as well, without regard to case."
        )]
        search: Option<String>,
    ) -> Result<OperatorConnection, Error> {
        let window = Window::parse(first, after.as_deref(), last, before.as_deref())?;
        let search = search
            .map(|typed| SearchText::parse(&typed))
            .transpose()
            .map_err(|fault| bad_user_input(format!("`search` {fault}.")))?;
        let search_emails = ctx.viewer().may::<crate::viewer::SeeAnyEmail>().is_ok();
        OperatorConnection::load(
            ctx.scope(),
            self.0.id,
            Filter { is_active, search: search.flatten(), search_emails },
            &window,
        )
        .await
    }

    /// When the company signed up.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }
}

/// What a page weighs when its size is not yet checked.
fn page_size(first: Option<i32>, last: Option<i32>) -> usize {
    let asked = first.or(last).unwrap_or(50);
    usize::try_from(asked).unwrap_or(0).clamp(1, MAX as usize)
}

/// What changes in the account. A field that is left out stays as it is.
#[derive(Debug, InputObject)]
pub struct UpdateAccountInput {
    /// What the company is called, 1 to 100 characters; never null.
    pub name: MaybeUndefined<String>,
}

/// What came of changing the account.
#[derive(Debug, SimpleObject)]
pub struct UpdateAccountPayload {
    /// The account as changed; null when it was refused.
    pub account: Option<Account>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<UpdateAccountError>,
}

/// Why the account was not changed.
#[derive(Clone, Debug, Union)]
pub enum UpdateAccountError {
    InvalidInput(InvalidInput),
}

impl From<UpdateError> for UpdateAccountError {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::Invalid(fault) => Self::InvalidInput(fault.into()),
        }
    }
}

#[derive(Debug, Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// The account of the operator who asks; null for a stranger.
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
    /// Changes what the account is called. Full access only.
    async fn update_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes in the account.")] input: UpdateAccountInput,
    ) -> Nullable<UpdateAccountPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
            let (account, user_errors) = into_payload(rules::update(ctx.app(), &actor, input.name.into()).await)?;
            Ok(UpdateAccountPayload { account: account.map(Account), user_errors })
        })
        .await
    }
}

#[derive(Debug, Default)]
pub struct AccountSubscription;

#[Subscription]
impl AccountSubscription {
    /// The account of the operator who asks: now, then after every change of it or of one of its operators.
    ///
    /// Each item is the whole selection, read anew, and shows what the operator may see at that moment; one who fell behind skips
    /// to the latest. Ends when the session does.
    async fn account(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Result<Account, Error>> + 'static, Error> {
        let viewer = ctx.granted::<SeeColleagues>().map_err(IntoGraphql::into_graphql)?;
        let scope: Scope = ctx.scope().clone();
        Ok(watch(scope, ctx.data_unchecked::<Live>(), &viewer, |scope, viewer| async move {
            let row = scope.read(queries::Find(viewer.account_id())).await?;
            Ok(row.map(Account))
        }))
    }
}

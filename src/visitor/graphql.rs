//! GraphQL types of visitors, as operators see them.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object};
use entity::visitor;

use super::{
    queries::Visitors,
    rules::{FOR_EVER, is_blocked},
};
use crate::{
    app::App,
    conversation::{
        graphql::{Conversation, part, part_size},
        queries as conversations,
    },
    graphql::{
        ContextExt, Moment, id,
        payload::{IntoGraphql, not_found},
    },
};

/// The default number of a visitor's conversations.
const CONVERSATIONS: i32 = 20;

/// A person on a website who has written to the account.
#[derive(Clone, Debug)]
pub struct Visitor(Arc<visitor::Model>);

impl Visitor {
    #[must_use]
    pub fn of(row: visitor::Model) -> Self {
        Self(Arc::new(row))
    }

    /// The visitor of a row that others read as well.
    #[must_use]
    pub fn shared(row: Arc<visitor::Model>) -> Self {
        Self(row)
    }

    /// The visitor of a conversation.
    pub(crate) async fn load(
        ctx: &Context<'_>,
        account_id: entity::AccountId,
        id: entity::VisitorId,
    ) -> Result<Self, Error> {
        let found = ctx.data_unchecked::<async_graphql::dataloader::DataLoader<Visitors>>();
        let found = found.load_one((account_id, id)).await.map_err(|error| anyhow::Error::new(error).into_graphql())?;
        // Deleted since the conversation was read.
        found.map(Self::of).ok_or_else(|| not_found("The visitor was deleted."))
    }
}

impl Visitor {
    /// Whether operators see what the visitor does.
    pub(crate) fn is_heard(&self, app: &App) -> bool {
        !is_blocked(app, &self.0)
    }
}

/// A person on a website who has written to the account. Visible to the account's operators.
#[Object]
impl Visitor {
    /// Global id. Opaque.
    pub async fn id(&self) -> ID {
        id::visitor(self.0.id)
    }

    /// The name that the visitor typed, at most 100 characters. Null if there is none.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// The email address that the visitor typed. Not verified. Null if there is none.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// When the visitor wrote first.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }

    /// When the visitor last wrote. Null if unknown.
    async fn last_seen_at(&self) -> Option<Moment> {
        self.0.last_seen_at.map(Moment)
    }

    /// Whether the visitor is blocked now. A blocked visitor cannot write.
    async fn is_blocked(&self, ctx: &Context<'_>) -> bool {
        is_blocked(ctx.app(), &self.0)
    }

    /// When the visitor can write again. Null if not blocked, and if the block has no end.
    async fn blocked_until(&self, ctx: &Context<'_>) -> Option<Moment> {
        let now = ctx.app().clock.now();
        self.0.blocked_until.filter(|until| *until > now && *until < FOR_EVER).map(Moment)
    }

    /// The visitor's conversations that began last, oldest first.
    #[graphql(complexity = "part(last, CONVERSATIONS) * child_complexity + 1")]
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(CONVERSATIONS)", desc = "Maximum number, from 0 to 100. Null: 20.")]
        last: Option<i32>,
    ) -> Result<Vec<Conversation>, Error> {
        let last = part_size("last", last, CONVERSATIONS)?;
        let rows = conversations::list_of_visitor(ctx.app().db(), self.0.account_id, self.0.id, last).await;
        Ok(rows.map_err(IntoGraphql::into_graphql)?.into_iter().map(Conversation::of).collect())
    }
}

//! GraphQL types of availability: what visitors see. Public.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, Subscription};
use entity::participation;
use futures_util::{Stream, StreamExt};

use super::{State, feed::Feed, queries};
use crate::{
    account::queries as accounts,
    graphql::{
        ContextExt,
        payload::{IntoGraphql, bad_user_input, not_found},
    },
    page::MAX,
    photo,
};

/// The default number of cards: what a widget shows.
const DEFAULT_CARDS: i32 = 5;

/// Whether operators are available to visitors, and which. Public.
#[derive(Clone, Debug)]
pub struct Availability(Arc<State>);

/// Whether operators are available to visitors, and which. Public: visitors see nothing else of an
/// account.
#[Object]
impl Availability {
    /// Whether at least one operator is available.
    async fn is_available(&self) -> bool {
        !self.0.cards.is_empty()
    }

    /// Whether visitors can write. If not, show availability only. If so, visitors can also write
    /// while no operator is available.
    async fn is_chat_enabled(&self) -> bool {
        self.0.is_chat_enabled
    }

    /// The available operators, in the order in which they were added to the account. Active
    /// operators who have not set a password yet are not available.
    #[graphql(complexity = "cards(first) * child_complexity + 1")]
    async fn operators(
        &self,
        #[graphql(default_with = "Some(DEFAULT_CARDS)", desc = "Maximum number of operators, from 0 to 100. Null: 5.")]
        first: Option<i32>,
    ) -> Result<Vec<OperatorCard>, Error> {
        let first = usize::try_from(first.unwrap_or(DEFAULT_CARDS))
            .ok()
            .filter(|first| *first <= MAX as usize)
            .ok_or_else(|| bad_user_input(format!("`first` must be a number from 0 to {MAX}.")))?;
        Ok((0..self.0.cards.len().min(first))
            .map(|index| OperatorCard(Source::Available { state: Arc::clone(&self.0), index }))
            .collect())
    }

    /// Increases with each change of the account's availability. Of two states, the one with the
    /// greater version is newer.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// The number of cards for the complexity, before it is validated.
fn cards(first: Option<i32>) -> usize {
    usize::try_from(first.unwrap_or(DEFAULT_CARDS)).unwrap_or(0).clamp(1, MAX as usize)
}

/// What visitors see of an operator.
#[derive(Clone, Debug)]
pub struct OperatorCard(Source);

#[derive(Clone, Debug)]
enum Source {
    /// One card of a shared state.
    Available { state: Arc<State>, index: usize },
    /// As the operator was when joining a conversation.
    Joined(Arc<participation::Model>),
}

impl OperatorCard {
    /// The card of an operator who has joined a conversation.
    #[must_use]
    pub fn joined(row: Arc<participation::Model>) -> Self {
        Self(Source::Joined(row))
    }
}

impl Source {
    fn key(&self) -> &str {
        match self {
            Self::Available { state, index } => &state.cards[*index].key,
            Self::Joined(row) => &row.card_key,
        }
    }

    fn public_name(&self) -> &str {
        match self {
            Self::Available { state, index } => &state.cards[*index].public_name,
            Self::Joined(row) => &row.public_name,
        }
    }

    fn description(&self) -> Option<&str> {
        match self {
            Self::Available { state, index } => state.cards[*index].description.as_deref(),
            Self::Joined(row) => row.description.as_deref(),
        }
    }

    /// The public name of the photo's renditions, and the side of the largest.
    fn photo(&self) -> Option<(&str, i32)> {
        match self {
            Self::Available { state, index } => {
                state.cards[*index].photo.as_ref().map(|photo| (photo.hash.as_str(), photo.side))
            }
            Self::Joined(row) => row.photo_hash.as_deref().zip(row.photo_side),
        }
    }
}

/// The public part of an operator's profile, for visitors.
#[Object]
impl OperatorCard {
    /// Identifies the card across states. Public and opaque. Not an operator's id.
    async fn id(&self) -> ID {
        ID::from(self.0.key())
    }

    /// The name shown to visitors.
    async fn public_name(&self) -> &str {
        self.0.public_name()
    }

    /// Job title or motto. Null if there is none.
    async fn description(&self) -> Option<&str> {
        self.0.description()
    }

    /// The photo's URL, a square JPEG. Null if there is none.
    async fn photo_url(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Side length in pixels. The URL is of the smallest size that is at least this large. Default: the largest size."
        )]
        size: Option<i32>,
    ) -> Option<String> {
        let (hash, side) = self.0.photo()?;
        Some(photo::url(&ctx.app().config, hash, side, size))
    }
}

#[derive(Debug, Default)]
pub struct AvailabilityQuery;

#[Object]
impl AvailabilityQuery {
    /// Whether operators of an account are available to visitors, and which. Null if no account has
    /// this key. Public.
    async fn availability(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's public widget key, from the website's snippet.")] widget_key: String,
    ) -> Option<Result<Availability, Error>> {
        let db = ctx.app().db();
        let state = async {
            let Some(account) = accounts::find_by_widget_key_any_account(db, &widget_key).await? else {
                return Ok(None);
            };
            queries::current(db, account.id).await
        };
        state
            .await
            .map_err(IntoGraphql::into_graphql)
            .map(|state| state.map(|state| Availability(Arc::new(state))))
            .transpose()
    }
}

#[derive(Debug, Default)]
pub struct AvailabilitySubscription;

#[Subscription]
impl AvailabilitySubscription {
    /// The account's availability: the current state, then the state after each change that is
    /// visible to visitors, at most every 100 ms. Public.
    ///
    /// Each item contains the complete state. A client that lags skips to the latest state. An
    /// unknown key is an error with the code `NOT_FOUND`.
    async fn availability(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's public widget key, from the website's snippet.")] widget_key: String,
    ) -> Result<impl Stream<Item = Availability> + 'static, Error> {
        let feed = ctx.data_unchecked::<Feed>();
        let states = feed.watch(&widget_key, ctx.app().db().who()).await.map_err(IntoGraphql::into_graphql)?;
        let states = states.ok_or_else(|| not_found("No account has this widget key."))?;
        Ok(states.map(Availability))
    }
}

//! What visitors see: the public face.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, Subscription};
use futures_util::{Stream, StreamExt};

use super::{Card, State, feed::Feed, queries};
use crate::{
    account::queries as accounts,
    graphql::{
        ContextExt,
        page::MAX,
        payload::{IntoGraphql, bad_user_input, not_found},
    },
    photo,
};

/// How many cards are given when nobody says: what a widget shows.
const DEFAULT_CARDS: i32 = 5;

/// Whether anyone can chat with a visitor at this moment, and who. Public.
#[derive(Clone, Debug)]
pub struct Availability(Arc<State>);

/// Whether anyone can chat with a visitor at this moment, and who. Public: this is all that a visitor may know.
#[Object]
impl Availability {
    /// At least one operator is available.
    async fn is_available(&self) -> bool {
        !self.0.cards.is_empty()
    }

    /// Those who are available, in the order they were added to the account.
    #[graphql(complexity = "cards(first) * child_complexity + 1")]
    async fn operators(
        &self,
        #[graphql(default_with = "Some(DEFAULT_CARDS)", desc = "How many at most, from 0 to 100; null: 5.")]
        first: Option<i32>,
    ) -> Result<Vec<OperatorCard>, Error> {
        let first = usize::try_from(first.unwrap_or(DEFAULT_CARDS))
            .ok()
            .filter(|first| *first <= MAX as usize)
            .ok_or_else(|| bad_user_input(format!("`first` is a number from 0 to {MAX}.")))?;
        Ok((0..self.0.cards.len().min(first)).map(|index| OperatorCard { state: Arc::clone(&self.0), index }).collect())
    }

    /// Grows with every change of this account's availability. Of two states, the one with the greater version is newer.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// How many cards count, when their number is not yet checked.
fn cards(first: Option<i32>) -> usize {
    usize::try_from(first.unwrap_or(DEFAULT_CARDS)).unwrap_or(0).clamp(1, MAX as usize)
}

/// One card of a state that many share.
#[derive(Clone, Debug)]
pub struct OperatorCard {
    state: Arc<State>,
    index: usize,
}

impl OperatorCard {
    fn card(&self) -> &Card {
        &self.state.cards[self.index]
    }
}

/// What a visitor may know of an operator. Public.
#[Object]
impl OperatorCard {
    /// Names this card from one state to the next. Public and opaque, of no use elsewhere.
    async fn id(&self) -> ID {
        ID::from(self.card().key.as_str())
    }

    /// The name that visitors see.
    async fn public_name(&self) -> &str {
        &self.card().public_name
    }

    /// Job title or motto; null when there is none.
    async fn description(&self) -> Option<&str> {
        self.card().description.as_deref()
    }

    /// Where the photo is, a square JPEG; null when there is none.
    async fn photo_url(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The side wished for, in pixels. The smallest size that is not smaller is given; without it, the largest."
        )]
        size: Option<i32>,
    ) -> Option<String> {
        let photo = self.card().photo.as_ref()?;
        Some(photo::url(&ctx.app().config, &photo.hash, photo.side, size))
    }
}

#[derive(Debug, Default)]
pub struct AvailabilityQuery;

#[Object]
impl AvailabilityQuery {
    /// Whether anyone can chat with a visitor at this moment, and who. Public; null when no account has this key.
    async fn availability(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's public widget key, as in the website's snippet.")] widget_key: String,
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
    /// The account's availability as it is now, then after every change that a visitor could notice, at most every 100 ms. Public.
    ///
    /// Each item is the whole state: a client that fell behind skips to the latest. An unknown key ends it with `NOT_FOUND`.
    async fn availability(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's public widget key, as in the website's snippet.")] widget_key: String,
    ) -> Result<impl Stream<Item = Availability> + 'static, Error> {
        let feed = ctx.data_unchecked::<Feed>();
        let states = feed.watch(&widget_key, ctx.app().db().who()).await.map_err(IntoGraphql::into_graphql)?;
        let states = states.ok_or_else(|| not_found("No account has this widget key."))?;
        Ok(states.map(Availability))
    }
}

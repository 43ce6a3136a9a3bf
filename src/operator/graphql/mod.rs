//! The face of operators: the object and its list here, the mutations beside it.

mod mutation;

use async_graphql::{Context, Enum, Error, ID, Object, SimpleObject, Subscription, dataloader::DataLoader};
use entity::{AccountId, mail, operator};
use futures_util::{Stream, StreamExt, future::ready};
pub use mutation::*;

use super::{
    queries::{self, Filter, Operators, Undelivered},
    rules,
};
use crate::{
    graphql::{
        ContextExt, Moment, Scope, id,
        page::{self, PageInfo, Window},
        payload::IntoGraphql,
    },
    photo::graphql::Photo,
    session::{graphql::watch, live::Live},
    viewer::SeeColleagues,
};

/// What an operator may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "operator::AccessLevel")]
pub enum AccessLevel {
    /// All personal and company settings, operators, plan and seats.
    Full,
    /// History, recordings and personal settings only: own profile and photo, own password.
    Limited,
}

/// Why an operator lost an address. New values may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "operator::LostReason")]
pub enum LostEmailReason {
    /// The person who reads mail there confirmed it for another profile.
    Claimed,
    /// The person who reads mail there released it.
    Released,
}

/// An address that an operator lost, because they had not confirmed it and the person who reads mail there did otherwise.
#[derive(Clone, Debug, SimpleObject)]
pub struct LostEmail {
    /// The address.
    pub email: String,
    /// Why.
    pub reason: LostEmailReason,
    /// When.
    pub lost_at: Moment,
}

impl LostEmail {
    fn of(operator: &operator::Model) -> Option<Self> {
        let (email, reason, at) = (operator.lost_email.clone()?, operator.lost_reason?, operator.lost_at?);
        Some(Self { email, reason: reason.into(), lost_at: at.into() })
    }
}

/// Why an invitation has not arrived. New values may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum InvitationProblemReason {
    /// The relay could not take the mail yet. It is tried again.
    Delayed,
    /// The mail server of the address rejected it: no such mailbox, or one that takes no mail.
    RecipientRefused,
    /// The address has letters that the server's mail relay cannot send to.
    #[graphql(name = "NO_SMTPUTF8")]
    NoSmtputf8,
    /// The mail server of the address rejected the text.
    TextRefused,
    /// The mail could not be delivered, and is not tried any more.
    GivenUp,
}

/// What keeps an invitation from arriving.
#[derive(Clone, Debug, SimpleObject)]
pub struct InvitationProblem {
    /// What is wrong.
    pub reason: InvitationProblemReason,
    /// When the invitation was given up; null while it is tried again.
    pub failed_at: Option<Moment>,
    /// When it is tried again; null once it was given up.
    pub next_attempt_at: Option<Moment>,
}

impl InvitationProblem {
    fn of(mail: &mail::Model) -> Self {
        let reason = match (mail.failed_at, mail.failure) {
            (None, _) => InvitationProblemReason::Delayed,
            (Some(_), Some(mail::Failure::RecipientRefused)) => InvitationProblemReason::RecipientRefused,
            (Some(_), Some(mail::Failure::NoSmtputf8)) => InvitationProblemReason::NoSmtputf8,
            (Some(_), Some(mail::Failure::TextRefused)) => InvitationProblemReason::TextRefused,
            (Some(_), Some(mail::Failure::GivenUp) | None) => InvitationProblemReason::GivenUp,
        };
        let next_attempt_at = mail.failed_at.is_none().then(|| mail.due_at.into());
        Self { reason, failed_at: mail.failed_at.map(Moment), next_attempt_at }
    }
}

/// Somebody who chats with a site's visitors. Seen by colleagues of the same account only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator(pub operator::Model);

/// Somebody who chats with a site's visitors. Seen by colleagues of the same account only; visitors see an `OperatorCard`.
#[Object]
impl Operator {
    /// Names the operator. Opaque.
    pub async fn id(&self) -> ID {
        id::operator(self.0.id)
    }

    /// The name seen in the dashboard, 1 to 100 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The name seen by visitors, 1 to 100 characters; the same as `name` until it is set.
    async fn public_name(&self) -> &str {
        self.0.visible_name()
    }

    /// The address to sign in with and for recovery; null once lost, or unless it is you or you have full access.
    async fn email(&self, ctx: &Context<'_>) -> Option<&str> {
        if ctx.viewer().may_see_email(self.0.account_id, self.0.id) { self.0.email.as_deref() } else { None }
    }

    /// The address that the operator asked for, which counts once the link mailed to it is confirmed; null when none waits, or unless it is
    /// you or you have full access.
    async fn pending_email(&self, ctx: &Context<'_>) -> Option<&str> {
        if ctx.viewer().may_see_email(self.0.account_id, self.0.id) { self.0.pending_email.as_deref() } else { None }
    }

    /// Whether the operator has confirmed `email` by a mailed link; null while there is none to confirm, or unless it is you or you have
    /// full access. An unconfirmed address goes to another account's operator who confirms it first.
    async fn is_email_confirmed(&self, ctx: &Context<'_>) -> Option<bool> {
        let is_shown =
            ctx.viewer().may_see_email(self.0.account_id, self.0.id) && self.0.email.is_some() && !self.0.is_invited();
        is_shown.then(|| self.0.email_proven_at.is_some())
    }

    /// Whether the operator should confirm `email` now: it has been theirs, unconfirmed, for 7 days. False on a server without a mail
    /// relay; null unless it is you or you have full access.
    async fn is_email_confirmation_due(&self, ctx: &Context<'_>) -> Option<bool> {
        let app = ctx.app();
        let due = || rules::is_proof_due(app, &self.0);
        ctx.viewer().may_see_email(self.0.account_id, self.0.id).then(due)
    }

    /// The address that the operator lost to the person who reads mail there, and why; null when none was lost, once they have another, or
    /// unless it is you or you have full access. Without an address the operator cannot sign in.
    async fn lost_email(&self, ctx: &Context<'_>) -> Option<LostEmail> {
        if ctx.viewer().may_see_email(self.0.account_id, self.0.id) { LostEmail::of(&self.0) } else { None }
    }

    /// Job title or motto, at most 200 characters, shown to visitors when the operator is available; null when there is none.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The photo, shown to visitors when the operator is available; null when there is none.
    async fn photo(&self) -> Option<Photo> {
        Photo::of(&self.0)
    }

    /// What the operator may do.
    async fn access_level(&self) -> AccessLevel {
        self.0.access_level.into()
    }

    /// Whether they own the account. The owner always has full access and cannot be removed.
    async fn is_owner(&self) -> bool {
        self.0.is_owner
    }

    /// Whether they may chat with visitors, and so hold one of the account's seats.
    async fn is_active(&self) -> bool {
        self.0.is_active()
    }

    /// Since when they have been active; null while inactive.
    async fn activated_at(&self) -> Option<Moment> {
        self.0.activated_at.map(Moment)
    }

    /// Whether they were invited and have not set a password yet; null unless it is you or you have full access.
    async fn is_invited(&self, ctx: &Context<'_>) -> Option<bool> {
        ctx.viewer().may_see_email(self.0.account_id, self.0.id).then(|| self.0.password_hash.is_none())
    }

    /// Why the operator's invitation has not arrived; null when nothing is known to be wrong, once it was accepted, or unless it is you or
    /// you have full access. `inviteOperator` sends another.
    async fn invitation_problem(&self, ctx: &Context<'_>) -> Option<Result<InvitationProblem, Error>> {
        if !self.0.is_invited() || !ctx.viewer().may_see_email(self.0.account_id, self.0.id) {
            return None;
        }
        let found = ctx.data_unchecked::<DataLoader<Undelivered>>().load_one(self.0.id).await;
        found
            .map_err(|error| anyhow::Error::new(error).into_graphql())
            .map(|mail| mail.as_ref().map(InvitationProblem::of))
            .transpose()
    }

    /// When the operator was added.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }

    /// When the profile was last changed.
    async fn updated_at(&self) -> Moment {
        self.0.updated_at.into()
    }

    /// When they last used the dashboard, to the minute; null when never, or unless it is you or you have full access.
    async fn last_seen_at(&self, ctx: &Context<'_>) -> Option<Moment> {
        if ctx.viewer().may_see_email(self.0.account_id, self.0.id) { self.0.last_seen_at.map(Moment) } else { None }
    }
}

/// A page of operators.
#[derive(Debug)]
pub struct OperatorConnection {
    rows: Vec<operator::Model>,
    page_info: PageInfo,
    account_id: AccountId,
    filter: Filter,
}

impl OperatorConnection {
    /// Reads the page; the total is counted only when it is asked for.
    pub async fn load(scope: &Scope, account_id: AccountId, filter: Filter, window: &Window) -> Result<Self, Error> {
        let rows =
            scope.read(queries::List(account_id, filter.clone(), *window)).await.map_err(IntoGraphql::into_graphql)?;
        let (rows, page_info) = window.cut(rows, |row| row.id.0);
        Ok(Self { rows, page_info, account_id, filter })
    }
}

/// A page of operators, in the order they were added.
#[Object]
impl OperatorConnection {
    /// The page's operators, each with its cursor.
    async fn edges(&self) -> Vec<OperatorEdge> {
        self.rows.iter().cloned().map(OperatorEdge).collect()
    }

    /// The page's operators.
    async fn nodes(&self) -> Vec<Operator> {
        self.rows.iter().cloned().map(Operator).collect()
    }

    /// Where the page lies in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many operators the list has on all its pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        ctx.scope().read(queries::Count(self.account_id, self.filter.clone())).await.map_err(IntoGraphql::into_graphql)
    }
}

/// An operator in a list.
#[derive(Debug)]
pub struct OperatorEdge(operator::Model);

/// An operator in a list, with the cursor to go on from.
#[Object]
impl OperatorEdge {
    /// The operator.
    async fn node(&self) -> Operator {
        Operator(self.0.clone())
    }

    /// Goes into `after` or `before`. Opaque.
    async fn cursor(&self) -> String {
        page::cursor(self.0.id.0)
    }
}

#[derive(Debug, Default)]
pub struct OperatorQuery;

#[Object]
impl OperatorQuery {
    /// The operator who asks; null for a stranger.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Result<Operator, Error>> {
        let viewer = ctx.granted::<SeeColleagues>().ok()?;
        let key = (viewer.account_id(), viewer.operator_id());
        let found = ctx.data_unchecked::<DataLoader<Operators>>().load_one(key).await;
        found.map_err(|error| anyhow::Error::new(error).into_graphql()).map(|row| row.map(Operator)).transpose()
    }
}

#[derive(Debug, Default)]
pub struct OperatorSubscription;

#[Subscription]
impl OperatorSubscription {
    /// The operator who asks: now, then after every change of their profile, access or activity. Drives the notice "you are inactive".
    ///
    /// Each item is the whole selection, read anew; one who fell behind skips to the latest. Ends when the session does.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Result<Operator, Error>> + 'static, Error> {
        let viewer = ctx.granted::<SeeColleagues>().map_err(IntoGraphql::into_graphql)?;
        let scope: Scope = ctx.scope().clone();
        let states = watch(scope, ctx.data_unchecked::<Live>(), &viewer, |scope, viewer| async move {
            let row = scope.read(queries::Find(viewer.account_id(), viewer.operator_id())).await?;
            Ok(row.map(Operator))
        });
        // Changes of colleagues are none of one's own.
        let mut shown: Option<Operator> = None;
        Ok(states.filter(move |state| {
            let changed = match state {
                Ok(operator) => shown.as_ref() != Some(operator),
                Err(_) => true,
            };
            if let (true, Ok(operator)) = (changed, state) {
                shown = Some(operator.clone());
            }
            ready(changed)
        }))
    }
}

//! The operator, with the permissions of the caller applied to each field.

use async_graphql::{Context, Enum, Error, ID, Object, SimpleObject};
use entity::operator;

use super::invitation::{self, Invitation, InvitationProblem};
use crate::{
    graphql::{ContextExt, Moment, id},
    operator::rules,
    photo::graphql::Photo,
};

/// An operator's permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "operator::AccessLevel")]
pub enum AccessLevel {
    /// Full access: personal and company settings, operators, plan and seats.
    Full,
    /// Limited access: personal settings (own profile, photo and password), and reads the account.
    Limited,
}

/// Why an operator lost an address. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "operator::LostReason")]
pub enum LostEmailReason {
    /// The person who receives mail at this address confirmed it for another profile.
    Claimed,
    /// The person who receives mail at this address released it.
    Released,
}

/// An unconfirmed address that an operator lost: the person who receives mail at it released it, or
/// confirmed it for another profile.
#[derive(Clone, Debug, SimpleObject)]
pub struct LostEmail {
    /// The address.
    pub email: String,
    /// Why it was lost.
    pub reason: LostEmailReason,
    /// When it was lost.
    pub lost_at: Moment,
}

impl LostEmail {
    fn of(operator: &operator::Model) -> Option<Self> {
        let (email, reason, at) = (operator.lost_email.clone()?, operator.lost_reason?, operator.lost_at?);
        Some(Self { email, reason: reason.into(), lost_at: at.into() })
    }
}

/// An operator, with the permissions of the caller applied to each field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator(pub operator::Model);

/// A person who chats with the website's visitors. Visible to operators of the same account.
/// Visitors see an `OperatorCard`.
#[Object]
impl Operator {
    /// Global id. Opaque.
    pub async fn id(&self) -> ID {
        id::operator(self.0.id)
    }

    /// The name shown in the dashboard, 1 to 100 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The name shown to visitors, 1 to 100 characters. The same as `name` unless set.
    async fn public_name(&self) -> &str {
        self.0.visible_name()
    }

    /// The address for signing in and password recovery. Null if lost. Visible to the operator and
    /// with full access, otherwise null.
    async fn email(&self, ctx: &Context<'_>) -> Option<&str> {
        if ctx.identity().may_see_email(self.0.account_id, self.0.id) { self.0.email.as_deref() } else { None }
    }

    /// A new address of the operator, which takes effect when the link mailed to it is confirmed.
    /// Null if there is none. Visible to the operator and with full access, otherwise null.
    async fn pending_email(&self, ctx: &Context<'_>) -> Option<&str> {
        if ctx.identity().may_see_email(self.0.account_id, self.0.id) { self.0.pending_email.as_deref() } else { None }
    }

    /// Whether the operator has confirmed `email` with a mailed link. Null if there is no address
    /// to confirm. An unconfirmed address is lost when an operator of another account confirms it.
    /// Visible to the operator and with full access, otherwise null.
    async fn is_email_confirmed(&self, ctx: &Context<'_>) -> Option<bool> {
        let is_shown = ctx.identity().may_see_email(self.0.account_id, self.0.id)
            && self.0.email.is_some()
            && !self.0.is_invited();
        is_shown.then(|| self.0.email_proven_at.is_some())
    }

    /// Whether `email` has been unconfirmed for 7 days, so that the operator should confirm it now.
    /// False on a server without a mail relay. Visible to the operator and with full access,
    /// otherwise null.
    async fn is_email_confirmation_due(&self, ctx: &Context<'_>) -> Option<bool> {
        let app = ctx.app();
        let due = || rules::is_proof_due(app, &self.0);
        ctx.identity().may_see_email(self.0.account_id, self.0.id).then(due)
    }

    /// The address that the operator lost, and why. Without an address, the operator cannot sign
    /// in. Null if none was lost or the operator has another one. Visible to the operator and with
    /// full access, otherwise null.
    async fn lost_email(&self, ctx: &Context<'_>) -> Option<LostEmail> {
        if ctx.identity().may_see_email(self.0.account_id, self.0.id) { LostEmail::of(&self.0) } else { None }
    }

    /// Job title or motto, at most 200 characters. Shown to visitors while the operator is
    /// available. Null if there is none.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The photo. Shown to visitors while the operator is available. Null if there is none.
    async fn photo(&self) -> Option<Photo> {
        Photo::of(&self.0)
    }

    /// The operator's permissions.
    async fn access_level(&self) -> AccessLevel {
        self.0.access_level.into()
    }

    /// Whether the operator owns the account. The owner has full access and cannot be removed.
    async fn is_owner(&self) -> bool {
        self.0.is_owner
    }

    /// Whether the operator can chat with visitors. Active operators use a seat. Visitors are shown
    /// active operators who have set a password.
    async fn is_active(&self) -> bool {
        self.0.is_active()
    }

    /// When the operator was activated. Null while inactive.
    async fn activated_at(&self) -> Option<Moment> {
        self.0.activated_at.map(Moment)
    }

    /// Whether the operator was invited and has not set a password yet. Visible to the operator and
    /// with full access, otherwise null.
    async fn is_invited(&self, ctx: &Context<'_>) -> Option<bool> {
        ctx.identity().may_see_email(self.0.account_id, self.0.id).then(|| self.0.is_invited())
    }

    /// The operator's last invitation. Null if the operator was not invited or has set a password.
    /// Full access only, otherwise null.
    async fn invitation(&self, ctx: &Context<'_>) -> Option<Result<Invitation, Error>> {
        if !self.0.is_invited() || !ctx.identity().may_see_email(self.0.account_id, self.0.id) {
            return None;
        }
        let found = invitation::undelivered(ctx, self.0.id).await;
        Some(found.map(|mail| Invitation::of(&self.0, mail.as_ref())))
    }

    /// Why the operator's invitation was not delivered. Null if no problem is known or the
    /// invitation was accepted. `inviteOperator` sends a new one. Visible to the operator and with
    /// full access, otherwise null.
    #[graphql(deprecation = "Use `invitation`. Removed after 2027-06-01.")]
    async fn invitation_problem(&self, ctx: &Context<'_>) -> Option<Result<InvitationProblem, Error>> {
        if !self.0.is_invited() || !ctx.identity().may_see_email(self.0.account_id, self.0.id) {
            return None;
        }
        let found = invitation::undelivered(ctx, self.0.id).await;
        found.map(|mail| mail.as_ref().map(InvitationProblem::of)).transpose()
    }

    /// When the operator was added.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }

    /// When the profile was last changed.
    async fn updated_at(&self) -> Moment {
        self.0.updated_at.into()
    }

    /// When the operator last used the dashboard, to the minute. Null if never. Visible to the
    /// operator and with full access, otherwise null.
    async fn last_seen_at(&self, ctx: &Context<'_>) -> Option<Moment> {
        if ctx.identity().may_see_email(self.0.account_id, self.0.id) { self.0.last_seen_at.map(Moment) } else { None }
    }
}

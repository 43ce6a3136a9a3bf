//! `mailedLink`.

use async_graphql::{Context, Enum, Error, Object};

use crate::{
    error::Failure,
    graphql::{
        ContextExt, Moment,
        payload::{IntoGraphql, too_many},
    },
    link::rules::{self, Effect, Elsewhere, Look, LookError},
};

/// The effect of using a mailed link. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Effect")]
pub enum MailedLinkEffect {
    /// `recoverPassword` sets the operator's first password and assigns the address.
    AcceptInvitation,
    /// `recoverPassword` sets a new password and confirms the address.
    RecoverPassword,
    /// `confirmAddress` confirms the operator's current address.
    ConfirmAddress,
    /// `confirmAddress` replaces the operator's address with the new one.
    ChangeAddress,
    /// `restoreAddress` restores the operator's former address.
    RestoreAddress,
}

/// What a mailed link refers to.
#[derive(Debug)]
pub struct MailedLink(pub(super) Look);

/// What a mailed link refers to. Reading it has no effect.
#[Object]
impl MailedLink {
    /// The effect of using the link.
    async fn effect(&self) -> MailedLinkEffect {
        self.0.effect.into()
    }

    /// The name of the operator's company.
    async fn account_name(&self) -> &str {
        &self.0.account.name
    }

    /// The operator's name.
    async fn operator_name(&self) -> &str {
        &self.0.operator.name
    }

    /// The name of the operator who added or invited this one. Null for an operator who signed up.
    async fn inviter_name(&self) -> Option<&str> {
        self.0.inviter.as_deref()
    }

    /// The address that the link was mailed to.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Whether a new password is required to use the link.
    async fn is_new_password_needed(&self) -> bool {
        self.0.needs_password
    }

    /// Whether `releaseAddress` can remove the address from the profile.
    async fn is_releasable(&self) -> bool {
        self.0.is_releasable
    }

    /// Whether the address is confirmed for another profile. If so, the link cannot be used.
    async fn is_email_taken(&self) -> bool {
        self.0.elsewhere == Elsewhere::Stays
    }

    /// Whether another profile has the address unconfirmed. If so, using the link removes it there.
    async fn is_email_moved(&self) -> bool {
        self.0.elsewhere == Elsewhere::Moves
    }

    /// When the link expires.
    async fn expires_at(&self) -> Moment {
        self.0.expires_at.into()
    }
}

#[derive(Debug, Default)]
pub struct LookQuery;

#[Object]
impl LookQuery {
    /// What a mailed link refers to. Null if the link does not work. Reading it has no effect, so a
    /// page can show it before a button uses the link.
    ///
    /// Send the token in the variables of a POST request, not in a URL. Rate limited per client.
    /// Public.
    async fn mailed_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The part of the link after `#token=`.")] token: String,
    ) -> Option<Result<MailedLink, Error>> {
        let identity = ctx.identity();
        let looked = rules::look(ctx.app(), ctx.scope().caller().address, identity.signed_in(), &token).await;
        into_field(looked.map(|look| look.map(MailedLink)))
    }
}

/// What a query about a link returns. A limit is an error: a query has no user errors.
pub(super) fn into_field<T>(looked: Result<Option<T>, Failure<LookError>>) -> Option<Result<T, Error>> {
    match looked {
        Ok(found) => found.map(Ok),
        Err(Failure::Rejected(refused)) => {
            Some(Err(too_many(refused.first().map(ToString::to_string).unwrap_or_default())))
        }
        Err(Failure::Denied(denied)) => Some(Err(denied.into())),
        Err(Failure::Internal(error)) => Some(Err(error.into_graphql())),
    }
}

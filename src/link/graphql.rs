//! GraphQL types of mailed links.

use async_graphql::{Context, Enum, Error, ID, InputObject, Object, SimpleObject};

use super::rules::{self, ConfirmError, Effect, Elsewhere, Look, ReleaseError, RequestConfirmationError, RestoreError};
use crate::{
    error::Failure,
    graphql::{
        ContextExt, Moment, Nullable, id, nullable,
        payload::{IntoGraphql, into_payload, too_many},
        user_error::{
            EmailTaken, IncompleteLink, InvalidInput, InvalidLink, OperatorNotFound, PasswordRejected, TooManyAttempts,
        },
    },
    operator::graphql::Operator,
    schema::UserErrors,
};

crate::user_error! {
    /// The address is confirmed, so it cannot be released.
    AddressConfirmed {}
}

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
pub struct MailedLink(Look);

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

/// A link's token, and a new password if required.
#[derive(Debug, InputObject)]
pub struct ConfirmAddressInput {
    /// The part of the link after `#token=`.
    pub token: String,
    /// At least 12 characters, unless the server is configured otherwise. At most 256. Required if
    /// another person chose the password, and in a browser that is not signed in to the profile.
    /// All other sessions of the operator end. Null: the password stays unchanged.
    pub new_password: Option<String>,
}

/// Result of `confirmAddress`.
#[derive(Debug, SimpleObject)]
pub struct ConfirmAddressPayload {
    /// The operator, who can now sign in with the address. Null if refused. Creates no session.
    pub operator: Option<Operator>,
    /// Why the address was not confirmed. Empty on success.
    pub user_errors: UserErrors<ConfirmError>,
}

crate::rejections! { error: ConfirmError {
    ConfirmError::Incomplete(_) => IncompleteLink::at(&["token"], &error),
    ConfirmError::InvalidLink => InvalidLink::at(&["token"], &error),
    ConfirmError::EmailTaken => EmailTaken::at(&["token"], &error),
    ConfirmError::Invalid(fault) => InvalidInput::from(fault),
    ConfirmError::Password(fault) => PasswordRejected::at("newPassword", fault),
    ConfirmError::TooMany(refused) => TooManyAttempts::from(refused),
} }

/// A link's token.
#[derive(Debug, InputObject)]
pub struct RestoreAddressInput {
    /// The part of the link after `#token=`.
    pub token: String,
}

/// Result of `restoreAddress`.
#[derive(Debug, SimpleObject)]
pub struct RestoreAddressPayload {
    /// The operator, who can now sign in with the restored address. All sessions have ended. Null
    /// if refused.
    pub operator: Option<Operator>,
    /// Why the address was not restored. Empty on success.
    pub user_errors: UserErrors<RestoreError>,
}

crate::rejections! { error: RestoreError {
    RestoreError::Incomplete(_) => IncompleteLink::at(&["token"], &error),
    RestoreError::InvalidLink => InvalidLink::at(&["token"], &error),
    RestoreError::EmailTaken => EmailTaken::at(&["token"], &error),
} }

/// A link's token.
#[derive(Debug, InputObject)]
pub struct ReleaseAddressInput {
    /// The part of the link after `#token=`, from a recovery or confirmation mail.
    pub token: String,
}

/// Result of `releaseAddress`.
#[derive(Debug, SimpleObject)]
pub struct ReleaseAddressPayload {
    /// The released address. Null if refused.
    pub released_email: Option<String>,
    /// Why the address was not released. Empty on success.
    pub user_errors: UserErrors<ReleaseError>,
}

crate::rejections! { error: ReleaseError {
    ReleaseError::Incomplete(_) => IncompleteLink::at(&["token"], &error),
    ReleaseError::InvalidLink => InvalidLink::at(&["token"], &error),
    ReleaseError::Confirmed => AddressConfirmed::at(&["token"], &error),
} }

/// The operator whose address needs to be confirmed.
#[derive(Debug, InputObject)]
pub struct RequestAddressConfirmationInput {
    /// Yourself, or any operator with full access.
    pub operator_id: ID,
}

/// Result of `requestAddressConfirmation`.
#[derive(Debug, SimpleObject)]
pub struct RequestAddressConfirmationPayload {
    /// The operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why no link was mailed. Empty on success.
    pub user_errors: UserErrors<RequestConfirmationError>,
}

crate::rejections! { error: RequestConfirmationError {
    RequestConfirmationError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    RequestConfirmationError::TooMany(refused) => TooManyAttempts::from(refused),
} }

#[derive(Debug, Default)]
pub struct LinkQuery;

#[Object]
impl LinkQuery {
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
        let viewer = ctx.viewer();
        match rules::look(ctx.app(), ctx.scope().caller().address, viewer.signed_in(), &token).await {
            Ok(look) => look.map(|look| Ok(MailedLink(look))),
            Err(Failure::Rejected(refused)) => {
                Some(Err(too_many(refused.first().map(ToString::to_string).unwrap_or_default())))
            }
            Err(Failure::Denied(denied)) => Some(Err(denied.into())),
            Err(Failure::Internal(error)) => Some(Err(error.into_graphql())),
        }
    }
}

#[derive(Debug, Default)]
pub struct LinkMutation;

#[Object]
impl LinkMutation {
    /// Confirms the address that the link was mailed to: the operator's current address, or a new
    /// one, which then replaces it. A link to restore the former address is mailed to it and works
    /// for 7 days. Public.
    ///
    /// User errors: `EmailTaken`, `IncompleteLink`, `InvalidInput`, `InvalidLink`,
    /// `TooManyAttempts`, `WeakPassword`.
    async fn confirm_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token, and a new password if required.")] input: ConfirmAddressInput,
    ) -> Nullable<ConfirmAddressPayload> {
        nullable(async {
            let viewer = ctx.viewer();
            let confirmed =
                rules::confirm(ctx.app(), viewer.signed_in(), &input.token, input.new_password.as_deref()).await;
            let (operator, user_errors) = into_payload(confirmed)?;
            Ok(ConfirmAddressPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Restores the address that the link was mailed to, even after further changes. Ends all
    /// sessions of the operator, invalidates the other links, and mails a link to set a new
    /// password to the restored address. No effect for a removed operator. Public.
    ///
    /// User errors: `EmailTaken`, `IncompleteLink`, `InvalidLink`.
    async fn restore_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token.")] input: RestoreAddressInput,
    ) -> Nullable<RestoreAddressPayload> {
        nullable(async {
            let (operator, user_errors) = into_payload(rules::restore(ctx.app(), &input.token).await)?;
            Ok(RestoreAddressPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Removes an unconfirmed address from a profile and ends its sessions, or cancels a change to
    /// the address. For recipients who do not know the profile. Public.
    ///
    /// User errors: `AddressConfirmed`, `IncompleteLink`, `InvalidLink`.
    async fn release_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token.")] input: ReleaseAddressInput,
    ) -> Nullable<ReleaseAddressPayload> {
        nullable(async {
            let (released_email, user_errors) = into_payload(rules::release(ctx.app(), &input.token).await)?;
            Ok(ReleaseAddressPayload { released_email, user_errors })
        })
        .await
    }

    /// Mails a new link to confirm the operator's pending address, or the current one. No effect if
    /// there is none to confirm. For yourself, or any operator with full access.
    ///
    /// User errors: `OperatorNotFound`, `TooManyAttempts`.
    async fn request_address_confirmation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator.")] input: RequestAddressConfirmationInput,
    ) -> Nullable<RequestAddressConfirmationPayload> {
        nullable(async {
            let id = id::operator_key(&input.operator_id);
            let actor = ctx.may_edit(id)?;
            let (operator, user_errors) =
                into_payload(rules::request_confirmation(ctx.app(), &actor, ctx.scope().caller().address, id).await)?;
            Ok(RequestAddressConfirmationPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}

//! The face of mailed links.

use async_graphql::{Context, Enum, Error, ID, InputObject, Object, SimpleObject, Union};

use super::rules::{
    self, ConfirmError, Effect, Elsewhere, Look, ReleaseError, RequestConfirmationError as RequestRefusal, RestoreError,
};
use crate::{
    error::Failure,
    graphql::{
        ContextExt, Moment, Nullable, id, nullable,
        payload::{IntoGraphql, into_payload, too_many},
        user_error::{
            EmailTaken, IncompleteLink, InvalidInput, InvalidLink, OperatorNotFound, TooManyAttempts, WeakPassword,
        },
    },
    operator::graphql::Operator,
};

crate::user_error! {
    /// The address is confirmed, and stays with its profile.
    AddressConfirmed;
}

/// What a mailed link does when it is used. New values may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Effect")]
pub enum MailedLinkEffect {
    /// `recoverPassword` sets the operator's first password, and gives them the address.
    AcceptInvitation,
    /// `recoverPassword` sets another password, and confirms the address if it was not.
    RecoverPassword,
    /// `confirmAddress` confirms the address that the operator has.
    ConfirmAddress,
    /// `confirmAddress` has the address that the operator asked for take the place of the one before.
    ChangeAddress,
    /// `restoreAddress` gives the operator the address back.
    RestoreAddress,
}

/// What a mailed link is about, for the person who holds it.
#[derive(Debug)]
pub struct MailedLink(Look);

/// What a mailed link is about, for the person who holds it. Looking at it changes nothing.
#[Object]
impl MailedLink {
    /// What the link does when it is used.
    async fn effect(&self) -> MailedLinkEffect {
        self.0.effect.into()
    }

    /// What the company is called, whose operator the link is about.
    async fn account_name(&self) -> &str {
        &self.0.account.name
    }

    /// The operator's name.
    async fn operator_name(&self) -> &str {
        &self.0.operator.name
    }

    /// The name of the operator who added or invited this one; null where they signed up.
    async fn inviter_name(&self) -> Option<&str> {
        self.0.inviter.as_deref()
    }

    /// The address that the link was mailed to.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Whether a new password has to be sent along.
    async fn is_new_password_needed(&self) -> bool {
        self.0.needs_password
    }

    /// Whether `releaseAddress` takes the address from the profile.
    async fn is_releasable(&self) -> bool {
        self.0.is_releasable
    }

    /// Whether the address is confirmed for another profile, so that the link cannot be used.
    async fn is_email_taken(&self) -> bool {
        self.0.elsewhere == Elsewhere::Stays
    }

    /// Whether another profile has the address unconfirmed, and loses it when the link is used.
    async fn is_email_moved(&self) -> bool {
        self.0.elsewhere == Elsewhere::Moves
    }

    /// Until when the link works.
    async fn expires_at(&self) -> Moment {
        self.0.expires_at.into()
    }
}

/// A link's token, and the password to set where one is needed.
#[derive(Debug, InputObject)]
pub struct ConfirmAddressInput {
    /// What follows `#token=` in the link.
    pub token: String,
    /// At least 12 characters, unless the server is set otherwise; at most 256. Needed where another person chose the password, and in a
    /// browser that is not signed in to the profile; every other session of the operator ends. Null: the password stays.
    pub new_password: Option<String>,
}

/// Result of confirming an address.
#[derive(Debug, SimpleObject)]
pub struct ConfirmAddressPayload {
    /// The operator, who signs in with the address; null when it was refused. It signs no one in.
    pub operator: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<ConfirmAddressError>,
}

/// Why an address was not confirmed.
#[derive(Clone, Debug, Union)]
pub enum ConfirmAddressError {
    IncompleteLink(IncompleteLink),
    InvalidLink(InvalidLink),
    EmailTaken(EmailTaken),
    InvalidInput(InvalidInput),
    WeakPassword(WeakPassword),
    TooManyAttempts(TooManyAttempts),
}

impl From<ConfirmError> for ConfirmAddressError {
    fn from(error: ConfirmError) -> Self {
        let message = error.to_string();
        match error {
            ConfirmError::Incomplete(_) => Self::IncompleteLink(IncompleteLink::at("token", message)),
            ConfirmError::InvalidLink => Self::InvalidLink(InvalidLink::at("token", message)),
            ConfirmError::EmailTaken => Self::EmailTaken(EmailTaken::at("token", message)),
            ConfirmError::Invalid(fault) => Self::InvalidInput(fault.into()),
            ConfirmError::Password(fault) => {
                WeakPassword::or_invalid("newPassword", fault, Self::WeakPassword, Self::InvalidInput)
            }
            ConfirmError::TooMany(refused) => Self::TooManyAttempts(refused.into()),
        }
    }
}

/// A link's token.
#[derive(Debug, InputObject)]
pub struct RestoreAddressInput {
    /// What follows `#token=` in the link.
    pub token: String,
}

/// Result of restoring an address.
#[derive(Debug, SimpleObject)]
pub struct RestoreAddressPayload {
    /// The operator, who signs in with the restored address; null when it was refused. Every session of theirs has ended.
    pub operator: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<RestoreAddressError>,
}

/// Why an address was not restored.
#[derive(Clone, Debug, Union)]
pub enum RestoreAddressError {
    IncompleteLink(IncompleteLink),
    InvalidLink(InvalidLink),
    EmailTaken(EmailTaken),
}

impl From<RestoreError> for RestoreAddressError {
    fn from(error: RestoreError) -> Self {
        let message = error.to_string();
        match error {
            RestoreError::Incomplete(_) => Self::IncompleteLink(IncompleteLink::at("token", message)),
            RestoreError::InvalidLink => Self::InvalidLink(InvalidLink::at("token", message)),
            RestoreError::EmailTaken => Self::EmailTaken(EmailTaken::at("token", message)),
        }
    }
}

/// A link's token.
#[derive(Debug, InputObject)]
pub struct ReleaseAddressInput {
    /// What follows `#token=` in the link of a recovery or a confirmation.
    pub token: String,
}

/// Result of releasing an address.
#[derive(Debug, SimpleObject)]
pub struct ReleaseAddressPayload {
    /// The address, which the profile no longer has; null when it was refused.
    pub released_email: Option<String>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<ReleaseAddressError>,
}

/// Why an address was not released.
#[derive(Clone, Debug, Union)]
pub enum ReleaseAddressError {
    IncompleteLink(IncompleteLink),
    InvalidLink(InvalidLink),
    AddressConfirmed(AddressConfirmed),
}

impl From<ReleaseError> for ReleaseAddressError {
    fn from(error: ReleaseError) -> Self {
        let message = error.to_string();
        match error {
            ReleaseError::Incomplete(_) => Self::IncompleteLink(IncompleteLink::at("token", message)),
            ReleaseError::InvalidLink => Self::InvalidLink(InvalidLink::at("token", message)),
            ReleaseError::Confirmed => Self::AddressConfirmed(AddressConfirmed::at("token", message)),
        }
    }
}

/// The operator whose address should be confirmed.
#[derive(Debug, InputObject)]
pub struct RequestAddressConfirmationInput {
    /// Yourself, or anyone with full access.
    pub operator_id: ID,
}

/// Result of asking for another link.
#[derive(Debug, SimpleObject)]
pub struct RequestAddressConfirmationPayload {
    /// The operator; null when it was refused.
    pub operator: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<RequestAddressConfirmationError>,
}

/// Why no link was mailed.
#[derive(Clone, Debug, Union)]
pub enum RequestAddressConfirmationError {
    OperatorNotFound(OperatorNotFound),
    TooManyAttempts(TooManyAttempts),
}

impl From<RequestRefusal> for RequestAddressConfirmationError {
    fn from(error: RequestRefusal) -> Self {
        match error {
            RequestRefusal::NotFound => Self::OperatorNotFound(OperatorNotFound::at("operatorId", error.to_string())),
            RequestRefusal::TooMany(refused) => Self::TooManyAttempts(refused.into()),
        }
    }
}

#[derive(Debug, Default)]
pub struct LinkQuery;

#[Object]
impl LinkQuery {
    /// What a mailed link is about; null for one that does not work. Looking changes nothing: a page shows it, and a button uses the link.
    /// Limited per client. Send the token in the variables of a POST, never in an address. Open to strangers.
    async fn mailed_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What follows `#token=` in the link.")] token: String,
    ) -> Option<Result<MailedLink, Error>> {
        let viewer = ctx.viewer();
        match rules::look(ctx.app(), ctx.scope().caller().address, viewer.signed_in(), &token).await {
            Ok(look) => look.map(|look| Ok(MailedLink(look))),
            Err(Failure::Rejected(refused)) => {
                Some(Err(too_many(refused.first().map(ToString::to_string).unwrap_or_default())))
            }
            Err(Failure::Denied(denied)) => Some(Err(denied.into_graphql())),
            Err(Failure::Internal(error)) => Some(Err(error.into_graphql())),
        }
    }
}

#[derive(Debug, Default)]
pub struct LinkMutation;

#[Object]
impl LinkMutation {
    /// Confirms the address that a link was mailed to: the one that an operator has, or the one that they asked for, which then takes the
    /// place of the former one. The former address is mailed a link that restores it, for 7 days. Open to strangers.
    async fn confirm_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token, and a password where one is needed.")] input: ConfirmAddressInput,
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

    /// Gives an operator the address back that a link was mailed to, even after further changes. Ends every session of theirs and their
    /// other links, and mails a link to set a new password to the restored address. No effect for a removed operator. Open to strangers.
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

    /// Takes an unconfirmed address from a profile, whose sessions end, or withdraws an address that an operator asked for. For the person
    /// who reads mail there and does not know the profile. Open to strangers.
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

    /// Mails another link to confirm an address: the one that the operator asked for, or the one that they have. No effect if there is none
    /// to confirm. Your own, or anyone's with full access.
    async fn request_address_confirmation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose address.")] input: RequestAddressConfirmationInput,
    ) -> Nullable<RequestAddressConfirmationPayload> {
        nullable(async {
            let id = id::operator_key(&input.operator_id);
            let actor = ctx.viewer().may_edit(id).map_err(IntoGraphql::into_graphql)?;
            let (operator, user_errors) =
                into_payload(rules::request_confirmation(ctx.app(), &actor, ctx.scope().caller().address, id).await)?;
            Ok(RequestAddressConfirmationPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}

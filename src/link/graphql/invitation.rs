//! `invitationLink` and `renewInvitation`.

use async_graphql::{Context, Enum, Error, InputObject, Object, SimpleObject};

use super::look::{MailedLink, into_field};
use crate::{
    graphql::{
        ContextExt, Language, Nullable, check_origin, nullable,
        payload::into_payload,
        user_error::{IncompleteLink, InvalidLink, TooManyAttempts},
    },
    input::debug_hides,
    link::rules::{self, Invitation, RenewError},
    schema::UserErrors,
};

/// What can be done with the link of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum InvitationLinkState {
    /// `recoverPassword` accepts the invitation.
    Valid,
    /// The link has expired less than 30 days ago. `renewInvitation` mails a new one.
    Expired,
}

/// The link of an invitation that was neither used nor replaced by a newer one.
#[derive(Debug, SimpleObject)]
pub struct InvitationLink {
    /// What can be done with the link.
    pub state: InvitationLinkState,
    /// What the link refers to. Null if it has expired.
    pub link: Option<MailedLink>,
}

impl From<Invitation> for InvitationLink {
    fn from(invitation: Invitation) -> Self {
        match invitation {
            Invitation::Valid(look) => Self { state: InvitationLinkState::Valid, link: Some(MailedLink(*look)) },
            Invitation::Expired => Self { state: InvitationLinkState::Expired, link: None },
        }
    }
}

#[derive(Debug, Default)]
pub struct InvitationQuery;

#[Object]
impl InvitationQuery {
    /// Whether an invitation can be accepted, for its page. Null if the link was used or replaced
    /// by a newer one, if it expired more than 30 days ago, and for every other token. Reading it
    /// has no effect.
    ///
    /// Send the token in the variables of a POST request, not in a URL. Rate limited per client.
    /// Public. Refused for pages of foreign origins.
    async fn invitation_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The part of the link after `#token=`.")] token: String,
    ) -> Option<Result<InvitationLink, Error>> {
        if let Err(refused) = check_origin(ctx) {
            return Some(Err(refused));
        }
        let (identity, client) = (ctx.identity(), ctx.scope().caller().address);
        let looked = rules::look_at_invitation(ctx.app(), client, identity.signed_in(), &token).await;
        into_field(looked.map(|found| found.map(InvitationLink::from)))
    }
}

/// The token of an invitation that has expired.
#[derive(InputObject)]
pub struct RenewInvitationInput {
    /// The part of the link after `#token=`.
    pub token: String,
    /// The language of the invitation.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
}
debug_hides!(RenewInvitationInput);

/// Result of `renewInvitation`.
#[derive(Debug, SimpleObject)]
pub struct RenewInvitationPayload {
    /// Why no invitation was mailed. Empty on success.
    pub user_errors: UserErrors<RenewError>,
}

crate::rejections! { error: RenewError {
    RenewError::Incomplete(_) => IncompleteLink::at(&["token"], &error),
    RenewError::InvalidLink => InvalidLink::at(&["token"], &error),
    RenewError::TooMany(refused) => TooManyAttempts::from(refused),
} }

#[derive(Debug, Default)]
pub struct RenewInvitationMutation;

#[Object]
impl RenewInvitationMutation {
    /// Mails a new invitation to the address that received this one, which has expired. Works for
    /// 30 days after its end. No effect while a mail is waiting to be sent. Counts among the
    /// invitations of the address and the account. Public. Refused for pages of foreign origins.
    ///
    /// User errors: `IncompleteLink`, `InvalidLink`, `TooManyAttempts`.
    async fn renew_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of the expired link.")] input: RenewInvitationInput,
    ) -> Nullable<RenewInvitationPayload> {
        nullable(async {
            check_origin(ctx)?;
            let client = ctx.scope().caller().address;
            let (_, user_errors) =
                into_payload(rules::renew_invitation(ctx.app(), client, &input.token, input.language.into()).await)?;
            Ok(RenewInvitationPayload { user_errors })
        })
        .await
    }
}

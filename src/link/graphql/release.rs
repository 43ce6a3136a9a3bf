//! `releaseAddress`.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    graphql::{
        ContextExt, Nullable, nullable,
        payload::into_payload,
        user_error::{IncompleteLink, InvalidLink},
    },
    input::debug_hides,
    link::rules::{self, ReleaseError},
    schema::UserErrors,
};

crate::user_error! {
    /// The address is confirmed, so it cannot be released.
    AddressConfirmed {}
}

/// A link's token.
#[derive(InputObject)]
pub struct ReleaseAddressInput {
    /// The part of the link after `#token=`, from a recovery or confirmation mail.
    pub token: String,
}
debug_hides!(ReleaseAddressInput);

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

#[derive(Debug, Default)]
pub struct ReleaseMutation;

#[Object]
impl ReleaseMutation {
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
}

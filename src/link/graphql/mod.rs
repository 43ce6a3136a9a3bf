//! GraphQL types of mailed links.

mod confirm;
mod invitation;
mod look;
mod release;
mod request_confirmation;
mod restore;

use async_graphql::MergedObject;

pub use self::{
    confirm::ConfirmAddressPayload,
    invitation::RenewInvitationPayload,
    release::{AddressConfirmed, ReleaseAddressPayload},
    request_confirmation::RequestAddressConfirmationPayload,
    restore::RestoreAddressPayload,
};
use self::{
    confirm::ConfirmMutation,
    invitation::{InvitationQuery, RenewInvitationMutation},
    look::LookQuery,
    release::ReleaseMutation,
    request_confirmation::RequestConfirmationMutation,
    restore::RestoreMutation,
};

/// The queries of mailed links.
#[derive(Debug, Default, MergedObject)]
pub struct LinkQuery(LookQuery, InvitationQuery);

/// The mutations of mailed links.
#[derive(Debug, Default, MergedObject)]
pub struct LinkMutation(
    ConfirmMutation,
    RestoreMutation,
    ReleaseMutation,
    RequestConfirmationMutation,
    RenewInvitationMutation,
);

//! GraphQL types of mailed links.

mod confirm;
mod look;
mod release;
mod request_confirmation;
mod restore;

use async_graphql::MergedObject;

pub use self::{
    confirm::ConfirmAddressPayload,
    look::LinkQuery,
    release::{AddressConfirmed, ReleaseAddressPayload},
    request_confirmation::RequestAddressConfirmationPayload,
    restore::RestoreAddressPayload,
};
use self::{
    confirm::ConfirmMutation, release::ReleaseMutation, request_confirmation::RequestConfirmationMutation,
    restore::RestoreMutation,
};

/// The mutations of mailed links.
#[derive(Debug, Default, MergedObject)]
pub struct LinkMutation(ConfirmMutation, RestoreMutation, ReleaseMutation, RequestConfirmationMutation);

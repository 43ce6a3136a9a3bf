//! GraphQL types of sign-up, sign-in, sign-out and passwords.

mod change_password;
mod recover;
mod request;
mod sign_in;
mod sign_up;

use async_graphql::MergedObject;

use self::{
    change_password::ChangePasswordMutation, recover::RecoverMutation, sign_in::SignInMutation, sign_up::SignUpMutation,
};
pub use self::{
    change_password::ChangePasswordPayload,
    recover::{RecoverPasswordPayload, RequestPasswordRecoveryPayload},
    sign_in::SignInPayload,
    sign_up::{SignUpClosed, SignUpPayload},
};

/// The mutations of signing in.
#[derive(Debug, Default, MergedObject)]
pub struct LoginMutation(SignUpMutation, SignInMutation, RecoverMutation, ChangePasswordMutation);

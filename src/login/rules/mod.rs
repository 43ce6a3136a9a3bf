//! The rules of signing up, signing in and setting passwords.

mod change_password;
mod recover;
mod reset_password;
mod set_password;
mod sign_in;
mod sign_up;

use entity::{account, operator};

use crate::{
    access::{identity::SignedIn, token::Token},
    input::EmailAddress,
};

pub(crate) use self::set_password::{Chosen, hash, parse_for, set_password};
pub use self::{
    change_password::{ChangePasswordError, change_password},
    recover::{RecoverError, Recovered, RequestRecoveryError, recover_password, request_recovery},
    reset_password::{ResetPasswordError, reset_password},
    sign_in::{SignInError, sign_in, sign_out},
    sign_up::{NewAccount, SignUpError, create_account, sign_up},
};

/// An operator who just signed in.
#[derive(Debug)]
pub struct Entered {
    pub account: account::Model,
    pub operator: operator::Model,
    pub token: Token,
    pub signed_in: SignedIn,
}

/// The key of an address in rate limits. Input that is not an address has none, and counts for its
/// client only.
fn folded(typed: &str) -> Option<String> {
    EmailAddress::parse(typed).ok().map(|email| email.key().to_owned())
}

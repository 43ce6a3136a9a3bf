//! Who may create an account.

use super::kind::{Kind, choice};

/// Who may create an account in the dashboard or with `signUp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// The first caller, until the database has an account.
    First,
    /// Any caller, for servers that host other companies.
    On,
    /// No caller.
    Off,
}

pub(super) fn sign_up() -> Kind<SignUp> {
    choice("first|on|off", [SignUp::First, SignUp::On, SignUp::Off])
}

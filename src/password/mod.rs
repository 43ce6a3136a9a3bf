//! Passwords: the requirements on new ones, and hashing.
//!
//! The [`PasswordPolicy`] validates each newly chosen password. It normalises it (NFKC, so that the
//! same keys on another keyboard or system give the same password), counts its Unicode code points,
//! and estimates how hard it is to guess for someone who knows the person's name and address.
//! Nothing is trimmed, nothing is case-folded, no character is forbidden, and there are no
//! composition rules: they make passwords worse (NIST SP 800-63B, section 3.1.1.2). A password
//! typed to sign in is not validated, because the rules may have changed since it was chosen;
//! [`Password::typed`] only limits its size.
//!
//! Only an argon2id hash is stored, as a PHC string that contains its parameters. Only the
//! [`Hasher`] computes hashes.
//!
//! Deliberately absent: expiry (it also makes passwords worse), a pepper (one more secret, whose
//! loss would lock out all operators), and lookups in lists of leaked passwords, which need
//! internet access.

mod hasher;
mod policy;
mod validate;
mod weakness;

use std::fmt;

use unicode_normalization::UnicodeNormalization;

pub use self::{
    hasher::{HashError, HashParams, Hasher, Verdict, WeakHashParams},
    policy::{PasswordFault, PasswordPolicy, PolicyFault},
    weakness::{Findings, Weakness},
};

/// Most characters of a password, in Unicode code points after normalisation.
pub const MAX_LENGTH: usize = 256;

/// Most bytes of a password. Longer input is refused before anything is computed.
pub const MAX_BYTES: usize = 1024;

/// A password in the form that is hashed: NFKC, otherwise exactly as typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password as typed to sign in.
    ///
    /// Only its size is checked, because the policy may have changed since it was chosen. `None`
    /// means that no operator can have this password; the caller treats it like a wrong one.
    #[must_use]
    pub fn typed(typed: &str) -> Option<Self> {
        (typed.len() <= MAX_BYTES).then(|| Self(typed.nfkc().collect()))
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Shows nothing of the password, not even its length.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const GOOD: &str = "mauve otter on Sundays";

    pub(super) fn password(typed: &str) -> Password {
        Password::typed(typed).expect("short enough")
    }

    pub(super) fn refusal(typed: &str) -> Option<PasswordFault> {
        let own = ["ada.lovelace@engines.example", "Ada Lovelace", "Analytical Engines"];
        PasswordPolicy::default().parse(typed, &own).err()
    }

    #[test]
    fn the_same_keys_on_another_system_are_the_same_password() {
        assert_eq!(password("ﬁancé №１"), password("fiance\u{301} No1"));
        assert_ne!(password("secret"), password("Secret"));
        assert_ne!(password("secret"), password("secret "));
    }

    #[test]
    fn what_is_typed_to_sign_in_is_only_bounded() {
        assert!(Password::typed("x").is_some());
        assert!(Password::typed(&"x".repeat(MAX_BYTES)).is_some());
        assert!(Password::typed(&"x".repeat(MAX_BYTES + 1)).is_none());
    }

    #[test]
    fn debug_shows_no_password() {
        assert_eq!(format!("{:?}", password("hunter2")), "Password(…)");
    }
}

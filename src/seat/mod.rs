//! Seats: how many operators of an account may be active at once.
//!
//! Profiles are free; only active operators hold a seat, the owner included. At no moment has an account more active operators
//! than seats: whoever takes one has locked the account's row, and counts before writing, in the same transaction. The count
//! that is shown and the count that refuses are [`queries::usage`].
//!
//! This room alone writes `activated_at`, which is what holding a seat means.

pub mod graphql;
pub mod queries;
pub mod rules;

/// The seats of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// How many the account has.
    pub limit: i32,
    /// How many active operators hold one.
    pub used: i32,
}

impl Usage {
    /// How many operators more may be activated. Zero also where a plan's data was cut below what is used.
    #[must_use]
    pub fn free(self) -> i32 {
        (self.limit - self.used).max(0)
    }
}

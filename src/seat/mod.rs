//! Seats: how many operators of an account may be active at once.
//!
//! Profiles are free; only active operators hold a seat, the owner included. An account never has
//! more active operators than seats: taking a seat locks the account's row, and counts before
//! writing, in the same transaction. The displayed count and the count that the rule checks are
//! both [`queries::usage`].
//!
//! Only this room writes `activated_at`, which means that the operator holds a seat.

pub mod graphql;
pub mod queries;
pub mod rules;

/// The seats of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The number of seats of the account.
    pub limit: i32,
    /// The number of active operators.
    pub used: i32,
}

impl Usage {
    /// How many more operators may be activated. Zero if a plan was reduced below the seats in use.
    #[must_use]
    pub fn free(self) -> i32 {
        (self.limit - self.used).max(0)
    }
}

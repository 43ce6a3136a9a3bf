//! Keys: one type for each table. All are UUIDv7, so that they sort by creation time.

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Creates a key that is greater than all earlier ones of this server.
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        /// SeaORM requires this for every primary key, but these keys never come from a counter.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    };
}

key!(
    /// A company's account.
    AccountId
);
key!(
    /// An operator's profile.
    OperatorId
);
key!(
    /// A signed-in session.
    SessionId
);
key!(
    /// A mail that waits to be sent.
    MailId
);
key!(
    /// An address that an operator has left and can take back.
    HeldAddressId
);
key!(
    /// A running server.
    ServerId
);

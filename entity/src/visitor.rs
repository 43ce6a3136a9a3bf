//! A person on a website who has written to the account.

use sea_orm::entity::prelude::*;

use crate::AccountId;

key!(
    /// A person on a website who has written to the account.
    VisitorId
);

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visitor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VisitorId,
    pub account_id: AccountId,
    pub name: Option<String>,
    pub email: Option<String>,
    /// When the visitor wrote first.
    pub created_at: DateTimeUtc,
    pub last_seen_at: Option<DateTimeUtc>,
    /// Until then the visitor cannot write; null if never blocked.
    pub blocked_until: Option<DateTimeUtc>,
    /// Start of the day that `day_messages` and `day_bytes` count; null before the first.
    pub day_began_at: Option<DateTimeUtc>,
    /// Messages that the visitor has sent on that day.
    pub day_messages: i32,
    /// Their text, in bytes.
    pub day_bytes: i32,
    /// Incremented when a conversation of the visitor begins.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("visitor": id, account_id, created_at, last_seen_at, blocked_until, day_began_at, day_messages, day_bytes, version);

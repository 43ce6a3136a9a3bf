//! An operator's profile. A removed one keeps its row, for the name on what it did, without personal data.

use sea_orm::entity::prelude::*;

use crate::{AccountId, OperatorId};

/// What an operator may do; the table of permissions is the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum AccessLevel {
    Full,
    Limited,
}

/// Why a profile has no address any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum LostReason {
    /// The person who reads mail there proved it for another profile.
    Claimed,
    /// The person who reads mail there released it.
    Released,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operator")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OperatorId,
    pub account_id: AccountId,
    /// One an account; a partial unique index holds it.
    pub is_owner: bool,
    pub access_level: AccessLevel,
    /// Seen in the dashboard.
    pub name: String,
    /// Seen by visitors; null: they see `name`.
    pub public_name: Option<String>,
    /// What the search box looks in, folded.
    pub search_key: String,
    /// Where mail goes; null once removed, and once lost.
    pub email: Option<String>,
    /// The address without regard to case: unique over the server, it names who signs in with it. Null while invited, once lost, and
    /// once removed. (The version before wrote it for invited operators as well.)
    #[sea_orm(unique)]
    pub email_key: Option<String>,
    pub description: Option<String>,
    /// PHC string; null until an invitation is accepted, and once removed.
    pub password_hash: Option<String>,
    /// Since when they may chat; null while inactive.
    pub activated_at: Option<DateTimeUtc>,
    /// Names the photo's renditions; null without a photo.
    pub photo_hash: Option<String>,
    /// Side of the largest rendition in pixels.
    pub photo_side: Option<i32>,
    /// What visitors know this operator by; public and of no use elsewhere.
    pub card_key: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub last_seen_at: Option<DateTimeUtc>,
    pub removed_at: Option<DateTimeUtc>,
    /// When a mailed link showed that they read mail at `email`; null until then.
    pub email_proven_at: Option<DateTimeUtc>,
    /// When `email` became what it is; null where it is what they were added with.
    pub email_set_at: Option<DateTimeUtc>,
    /// The address that counts once its link is confirmed; null when none waits.
    pub pending_email: Option<String>,
    /// The folded form of `pending_email`, or, while invited, of `email`.
    pub pending_email_key: Option<String>,
    /// Whether another person chose the password.
    pub password_set_by_other: bool,
    /// Who added or invited them last; null where they signed up.
    pub added_by: Option<OperatorId>,
    /// The address that was lost to the person who reads mail there; null when none was, or once there is another.
    pub lost_email: Option<String>,
    pub lost_at: Option<DateTimeUtc>,
    pub lost_reason: Option<LostReason>,
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The name that visitors see.
    #[must_use]
    pub fn visible_name(&self) -> &str {
        self.public_name.as_deref().unwrap_or(&self.name)
    }

    /// Whether they have not set a password yet.
    #[must_use]
    pub fn is_invited(&self) -> bool {
        self.password_hash.is_none()
    }

    /// The folded form of `email`, whether or not they hold it yet.
    #[must_use]
    pub fn address_key(&self) -> Option<&str> {
        let invited = if self.is_invited() { self.pending_email_key.as_deref() } else { None };
        self.email_key.as_deref().or(invited)
    }

    /// Whether they hold one of the account's seats, and so may chat.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.activated_at.is_some()
    }
}

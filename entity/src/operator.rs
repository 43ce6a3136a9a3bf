//! An operator's profile. A removed one keeps its row without personal data, so that its name stays
//! on its actions.

use sea_orm::entity::prelude::*;

use crate::AccountId;

key!(
    /// An operator's profile.
    OperatorId
);

/// An operator's access level; the server defines the permissions of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum AccessLevel {
    Full,
    Limited,
}

/// Why a profile has lost its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum LostReason {
    /// The person who reads mail there proved it for another profile.
    Claimed,
    /// The person who reads mail there released it.
    Released,
}

#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operator")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OperatorId,
    pub account_id: AccountId,
    /// One operator of an account is its owner; a partial unique index enforces this.
    pub is_owner: bool,
    pub access_level: AccessLevel,
    /// Shown in the dashboard.
    pub name: String,
    /// Shown to visitors; null: they see `name`.
    pub public_name: Option<String>,
    /// The folded text that searches match.
    pub search_key: String,
    /// The address that mail goes to; null once removed, and once lost.
    pub email: Option<String>,
    /// The folded address. It is unique over the server, and identifies the operator who signs in
    /// with it. Null while invited, once lost, and once removed. (The previous version also wrote
    /// it for invited operators.)
    #[sea_orm(unique)]
    pub email_key: Option<String>,
    pub description: Option<String>,
    /// A PHC string; null until an invitation is accepted, and once removed.
    pub password_hash: Option<String>,
    /// When the operator was activated; null while inactive.
    pub activated_at: Option<DateTimeUtc>,
    /// The public name of the photo's renditions; null without a photo.
    pub photo_hash: Option<String>,
    /// Side of the largest rendition in pixels.
    pub photo_side: Option<i32>,
    /// The public name by which visitors' pages refer to this operator; not a secret.
    pub card_key: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub last_seen_at: Option<DateTimeUtc>,
    pub removed_at: Option<DateTimeUtc>,
    /// When a mailed link proved that the operator reads mail at `email`; null until then.
    pub email_proven_at: Option<DateTimeUtc>,
    /// When `email` was set; null if the operator was added with it.
    pub email_set_at: Option<DateTimeUtc>,
    /// The new address, until its link is confirmed; null if there is none.
    pub pending_email: Option<String>,
    /// The folded form of `pending_email`, or, while invited, of `email`.
    pub pending_email_key: Option<String>,
    /// Whether another person set the password.
    pub password_set_by_other: bool,
    /// Who last added or invited the operator; null for an operator who signed up.
    pub added_by: Option<OperatorId>,
    /// The address that was lost to the person who reads mail there; null if none was, or once
    /// there is another.
    pub lost_email: Option<String>,
    pub lost_at: Option<DateTimeUtc>,
    pub lost_reason: Option<LostReason>,
    /// When the last invitation was sent; null if it was not sent yet, or by a previous version.
    pub invitation_sent_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

debug_shows!("operator": id, account_id, is_owner, access_level, activated_at, created_at, removed_at);

impl Model {
    /// The name that visitors see.
    #[must_use]
    pub fn visible_name(&self) -> &str {
        self.public_name.as_deref().unwrap_or(&self.name)
    }

    /// Whether the operator has not set a password yet.
    #[must_use]
    pub fn is_invited(&self) -> bool {
        self.password_hash.is_none() && self.removed_at.is_none()
    }

    /// The folded form of `email`, even while invited.
    #[must_use]
    pub fn address_key(&self) -> Option<&str> {
        let invited = if self.is_invited() { self.pending_email_key.as_deref() } else { None };
        self.email_key.as_deref().or(invited)
    }

    /// Whether the operator has one of the account's seats, and so may chat.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.activated_at.is_some()
    }
}

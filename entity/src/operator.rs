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
    /// Where mail goes; null once removed.
    pub email: Option<String>,
    /// The address without regard to case: unique over the server; null once removed.
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

    /// Whether they hold one of the account's seats, and so may chat.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.activated_at.is_some()
    }
}

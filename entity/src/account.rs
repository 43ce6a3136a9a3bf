//! A company: its name, its plan, and the widget key that its website uses.

use std::{fmt, str::FromStr};

use sea_orm::entity::prelude::*;

key!(
    /// A company's account.
    AccountId
);

/// An account's plan; the server's configuration defines the limits of each plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum PlanCode {
    /// The plan of new accounts.
    Free,
    /// The smallest paid plan.
    Mini,
    /// The middle paid plan.
    Standard,
    /// The largest paid plan.
    Pro,
}

impl PlanCode {
    /// All plans, from small to large.
    pub const ALL: [Self; 4] = [Self::Free, Self::Mini, Self::Standard, Self::Pro];

    /// The form in the schema and the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "FREE",
            Self::Mini => "MINI",
            Self::Standard => "STANDARD",
            Self::Pro => "PRO",
        }
    }
}

impl fmt::Display for PlanCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is not the code of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPlanCode;

impl fmt::Display for UnknownPlanCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is none of FREE, MINI, STANDARD and PRO")
    }
}

impl std::error::Error for UnknownPlanCode {}

impl FromStr for PlanCode {
    type Err = UnknownPlanCode;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|known| known.as_str() == code).ok_or(UnknownPlanCode)
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    pub name: String,
    /// Public; part of the website's snippet.
    #[sea_orm(unique)]
    pub widget_key: String,
    pub plan: PlanCode,
    /// Bought seats; where seats are not for sale, the plan's included number.
    pub seats: i32,
    /// Incremented with every change that operators can see.
    pub version: i64,
    /// The version of the account's availability as the previous version of the server counts it.
    pub availability_version: i32,
    pub created_at: DateTimeUtc,
    /// Whether visitors may write; otherwise the widget shows availability only.
    pub is_chat_enabled: bool,
    #[sea_orm(has_many)]
    pub operators: HasMany<super::operator::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

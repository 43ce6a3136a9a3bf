//! A company: what it is called, what it pays for, and how its website finds it.

use std::{fmt, str::FromStr};

use sea_orm::entity::prelude::*;

use crate::AccountId;

/// What an account is on; the bounds of each plan are data of the server, not of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum PlanCode {
    /// What everybody begins with.
    Free,
    /// The first that is paid for.
    Mini,
    /// The second.
    Standard,
    /// The third.
    Pro,
}

impl PlanCode {
    /// All of them, from small to large.
    pub const ALL: [Self; 4] = [Self::Free, Self::Mini, Self::Standard, Self::Pro];

    /// As it is written in the schema and the configuration.
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

/// Not the code of a plan.
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
    /// Public; the website's snippet carries it.
    #[sea_orm(unique)]
    pub widget_key: String,
    pub plan: PlanCode,
    /// Seats bought; the plan's own number where its seats are not for sale.
    pub seats: i32,
    /// Grows with every change that a visitor could notice.
    pub availability_version: i32,
    pub created_at: DateTimeUtc,
    #[sea_orm(has_many)]
    pub operators: HasMany<super::operator::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

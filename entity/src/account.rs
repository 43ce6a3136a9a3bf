//! A company: what it is called, what it pays for, and how its website finds it.

use sea_orm::entity::prelude::*;

use crate::AccountId;

/// What an account is on; the bounds of each plan are data of the server, not of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum PlanCode {
    Free,
    Mini,
    Standard,
    Pro,
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

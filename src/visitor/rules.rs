//! Registering visitors, and the columns of their rows. Only the rules of conversations call this.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::{AccountId, VisitorId, visitor, visitor_token};
use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, ExprTrait as _, IntoActiveModel as _, QueryFilter, QuerySelect,
    sea_query::{CaseStatement, Expr, LockType},
};

use super::TOKEN_VERSION;
use crate::{
    access::identity::Visitor,
    app::{App, Work},
    bus::Topic,
    error::violates,
    input::Change,
};

/// Most messages of a visitor in a day.
pub const MESSAGES_A_DAY: i32 = 500;
/// Most bytes of text of a visitor in a day.
pub const BYTES_A_DAY: i32 = 1 << 20;

/// The end of a block without an end.
pub const FOR_EVER: DateTime<Utc> =
    NaiveDate::from_ymd_opt(9999, 12, 31).expect("a date").and_time(NaiveTime::MIN).and_utc();

fn day() -> TimeDelta {
    TimeDelta::days(1)
}

/// Locks a visitor. `None` if the visitor does not exist.
pub async fn lock(work: &Work, id: VisitorId) -> Result<Option<visitor::Model>, DbErr> {
    visitor::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&**work).await
}

/// Locks a visitor of an account.
pub async fn lock_row(work: &Work, account_id: AccountId, id: VisitorId) -> Result<Option<visitor::Model>, DbErr> {
    let found = visitor::Entity::find_by_id(id).filter(visitor::COLUMN.account_id.eq(account_id));
    found.lock(LockType::NoKeyUpdate).one(&**work).await
}

/// The result of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    New(VisitorId),
    /// Another transaction has registered the token. This one cannot be committed.
    Already,
}

/// Creates the visitor of a token, who writes the first message: `bytes` long.
pub async fn register(
    app: &App,
    work: &mut Work,
    account_id: AccountId,
    holder: &Visitor,
    bytes: usize,
    (name, email): (&Change<String>, &Change<String>),
) -> Result<Registered, DbErr> {
    let now = app.clock.now();
    let mut row = visitor::Model {
        id: VisitorId::new(),
        account_id,
        name: None,
        email: None,
        created_at: now,
        last_seen_at: Some(now),
        blocked_until: None,
        day_began_at: Some(now),
        day_messages: 1,
        day_bytes: i32::try_from(bytes).unwrap_or(i32::MAX),
        version: 1,
    };
    name.clone().apply(&mut row.name, |name| name);
    email.clone().apply(&mut row.email, |email| email);
    let id = row.id;
    visitor::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(&**work).await?;
    let token = visitor_token::ActiveModel {
        account_id: Set(account_id),
        token_hash: Set(holder.token_hash().to_vec()),
        key: Set(holder.key_at(account_id)),
        visitor_id: Set(id),
        created_at: Set(now),
    };
    match visitor_token::Entity::insert(token).exec_without_returning(&**work).await {
        Ok(_) => {}
        Err(error) if violates(&error, "visitor_token_pkey", "visitor_token.token_hash") => {
            return Ok(Registered::Already);
        }
        Err(error) => return Err(error),
    }
    work.announce(Topic::VisitorToken(holder.key_at(account_id)).at(TOKEN_VERSION));
    Ok(Registered::New(id))
}

/// Locks a visitor who sends a message of `bytes`, counts it, and changes the profile. `None` if
/// the visitor does not exist. The caller checks the block and the limits of the day afterwards.
pub async fn note_send(
    app: &App,
    work: &Work,
    id: VisitorId,
    bytes: usize,
    name: &Change<String>,
    email: &Change<String>,
) -> Result<Option<visitor::Model>, DbErr> {
    use visitor::Column;
    let now = app.clock.now();
    let bytes = i32::try_from(bytes).unwrap_or(i32::MAX);
    let is_new_day = || Expr::col(Column::DayBeganAt).is_null().or(Expr::col(Column::DayBeganAt).lte(now - day()));
    let counted =
        |column: Column, by: i32| CaseStatement::new().case(is_new_day(), by).finally(Expr::col(column).add(by));
    let began = CaseStatement::new().case(is_new_day(), Expr::value(Some(now))).finally(Expr::col(Column::DayBeganAt));
    let mut update = visitor::Entity::update_many()
        .col_expr(Column::DayMessages, counted(Column::DayMessages, 1).into())
        .col_expr(Column::DayBytes, counted(Column::DayBytes, bytes).into())
        .col_expr(Column::DayBeganAt, began.into())
        .col_expr(Column::LastSeenAt, Expr::value(Some(now)));
    for (column, change) in [(Column::Name, name), (Column::Email, email)] {
        if let Change::To(text) = change {
            update = update.col_expr(column, Expr::value(Some(text.clone())));
        }
    }
    let updated = update.filter(visitor::COLUMN.id.eq(id)).exec_with_returning(&**work).await?;
    Ok(updated.into_iter().next())
}

/// Counts that another conversation of the visitor begins, and announces it. The caller has locked
/// the visitor.
pub async fn begin_another(work: &mut Work, id: VisitorId) -> Result<(), DbErr> {
    let updated = visitor::Entity::update_many()
        .col_expr(visitor::Column::Version, Expr::col(visitor::Column::Version).add(1))
        .filter(visitor::COLUMN.id.eq(id))
        .exec_with_returning(&**work)
        .await?;
    for visitor in updated {
        work.announce(Topic::Visitor(id).at(visitor.version));
    }
    Ok(())
}

/// Changes the profile of a visitor who was locked.
pub async fn set_profile(
    work: &Work,
    visitor: visitor::Model,
    name: Change<String>,
    email: Change<String>,
) -> Result<visitor::Model, DbErr> {
    let mut after = visitor.clone();
    name.apply(&mut after.name, |name| name);
    email.apply(&mut after.email, |email| email);
    if after == visitor {
        return Ok(visitor);
    }
    let mut row = visitor.into_active_model();
    row.name = Set(after.name);
    row.email = Set(after.email);
    row.update(&**work).await
}

/// Sets until when a visitor who was locked is blocked.
pub async fn set_block(
    work: &Work,
    visitor: visitor::Model,
    until: Option<DateTime<Utc>>,
) -> Result<visitor::Model, DbErr> {
    let mut row = visitor.into_active_model();
    row.blocked_until = Set(until);
    row.update(&**work).await
}

/// Whether nothing that a visitor does reaches operators now, except reading.
#[must_use]
pub fn is_blocked(app: &App, visitor: &visitor::Model) -> bool {
    visitor.blocked_until.is_some_and(|until| until > app.clock.now())
}

/// How long a visitor must wait who has written too much in a day, the message included that was
/// just counted.
#[must_use]
pub fn day_is_spent(app: &App, visitor: &visitor::Model) -> Option<Duration> {
    let is_spent = visitor.day_messages > MESSAGES_A_DAY || visitor.day_bytes > BYTES_A_DAY;
    let ends = visitor.day_began_at? + day();
    is_spent.then(|| (ends - app.clock.now()).to_std().unwrap_or_default())
}

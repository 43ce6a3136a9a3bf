//! Links that set a password. A link is created when its mail is sent, and works once.
//!
//! Only the link of the newest mail of its kind works, and none works after the password was set or
//! the address changed. The caller that creates or ends a link has locked the account.
//!
//! An invitation that has expired is kept for a while: it sets no password, but its holder can
//! request a new one.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    MailId, OperatorId, operator,
    password_link::{self, Purpose},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, ExprTrait as _, Iterable as _, QueryFilter,
};

use crate::{
    access::token::{self, Token},
    app::{App, Work},
    config::Config,
};

/// How long after its end an invitation can be exchanged for a new one.
pub const RENEWABLE_FOR: TimeDelta = TimeDelta::days(30);

/// Creates the link of a mail, and ends the links of other mails of its kind. A mail that is sent
/// again gets another link. Both links work until one is used, because it is unknown which mail
/// arrived.
pub async fn make(
    app: &App,
    work: &Work,
    operator_id: OperatorId,
    purpose: Purpose,
    mail_id: MailId,
) -> Result<String, DbErr> {
    password_link::Entity::delete_many()
        .filter(password_link::COLUMN.operator_id.eq(operator_id))
        .filter(password_link::COLUMN.purpose.eq(purpose))
        .filter(password_link::COLUMN.mail_id.ne(mail_id))
        .exec(&**work)
        .await?;
    let now = app.clock.now();
    let token = Token::random(token::LINK);
    password_link::ActiveModel {
        token_hash: Set(token.hash()),
        operator_id: Set(operator_id),
        purpose: Set(purpose),
        mail_id: Set(mail_id),
        created_at: Set(now),
        expires_at: Set(now + lifetime(&app.config, purpose)),
    }
    .insert(&**work)
    .await?;
    Ok(address(&app.config, purpose, &token))
}

/// How long a link works from when its mail is sent.
#[must_use]
pub fn lifetime(config: &Config, purpose: Purpose) -> std::time::Duration {
    match purpose {
        Purpose::Invitation => config.password.invitation_ttl,
        Purpose::Recovery => config.password.recovery_ttl,
    }
}

/// Uses the configured public address, never one from a request. The token is in the fragment,
/// which reaches no log.
fn address(config: &Config, purpose: Purpose, token: &Token) -> String {
    let page = match purpose {
        Purpose::Invitation => "accept-invitation",
        Purpose::Recovery => "recover-password",
    };
    format!("{}/{page}#token={}", config.http.public_base(), token.reveal())
}

/// A link that works, and its operator.
pub async fn find_any_account(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    token: &str,
) -> Result<Option<(password_link::Model, operator::Model)>, DbErr> {
    let found = find_kept_any_account(db, token).await?;
    Ok(found.filter(|(link, _)| link.expires_at > app.clock.now()))
}

/// The operator of an invitation that has expired and can be renewed.
pub async fn find_renewable_any_account(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    token: &str,
) -> Result<Option<operator::Model>, DbErr> {
    let now = app.clock.now();
    let found = find_kept_any_account(db, token).await?.filter(|(link, _)| {
        let is_over = link.expires_at <= now && now < link.expires_at + RENEWABLE_FOR;
        link.purpose == Purpose::Invitation && is_over
    });
    Ok(found.map(|(_, operator)| operator))
}

/// A link that was not used or replaced, expired or not, and its operator.
async fn find_kept_any_account(
    db: &impl sea_orm::ConnectionTrait,
    token: &str,
) -> Result<Option<(password_link::Model, operator::Model)>, DbErr> {
    let found = password_link::Entity::find_by_id(token::link_hash(token))
        // A newer server may write a purpose that this version does not support.
        .filter(password_link::COLUMN.purpose.is_in(Purpose::iter()))
        .find_also_related(operator::Entity)
        .one(db)
        .await?;
    let Some((link, Some(operator))) = found else { return Ok(None) };
    let is_accepted = link.purpose == Purpose::Invitation && !operator.is_invited();
    Ok((operator.removed_at.is_none() && !is_accepted).then_some((link, operator)))
}

/// Ends every link of an operator.
pub async fn end_all(work: &Work, operator_id: OperatorId) -> Result<(), DbErr> {
    password_link::Entity::delete_many()
        .filter(password_link::COLUMN.operator_id.eq(operator_id))
        .exec(&**work)
        .await?;
    Ok(())
}

/// Deletes the links that had expired at `until`, and the invitations that could no longer be
/// renewed then.
pub async fn sweep(app: &App, until: DateTime<Utc>) -> anyhow::Result<()> {
    let work = app.begin().await?;
    let is_renewable = password_link::COLUMN.purpose.eq(Purpose::Invitation);
    let had_ended = |until: DateTime<Utc>| password_link::COLUMN.expires_at.lte(until);
    password_link::Entity::delete_many()
        .filter(had_ended(until).and(is_renewable.not()).or(had_ended(until - RENEWABLE_FOR)))
        .exec(&*work)
        .await?;
    work.commit().await
}

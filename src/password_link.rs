//! Links that set a password. A link is created when its mail is sent, and works once.
//!
//! Only the link of the newest mail of its kind works, and none works after the password was set or
//! the address changed. The caller that creates or ends a link has locked the account.

use chrono::{DateTime, Utc};
use entity::{
    MailId, OperatorId, operator,
    password_link::{self, Purpose},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, Iterable as _, QueryFilter};

use crate::{
    access::token::{self, Token},
    app::{App, Work},
    config::Config,
};

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

/// The operator of a link that works.
pub async fn find_holder_any_account(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    token: &str,
) -> Result<Option<operator::Model>, DbErr> {
    Ok(find_any_account(app, db, token).await?.map(|(_, operator)| operator))
}

/// A link that works, and its operator.
pub async fn find_any_account(
    app: &App,
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
    let accepted = link.purpose == Purpose::Invitation && operator.password_hash.is_some();
    let works = link.expires_at > app.clock.now() && operator.removed_at.is_none() && !accepted;
    Ok(works.then_some((link, operator)))
}

/// Ends every link of an operator.
pub async fn end_all(work: &Work, operator_id: OperatorId) -> Result<(), DbErr> {
    password_link::Entity::delete_many()
        .filter(password_link::COLUMN.operator_id.eq(operator_id))
        .exec(&**work)
        .await?;
    Ok(())
}

/// Deletes the links that had expired at `until`.
pub async fn sweep(app: &App, until: DateTime<Utc>) -> anyhow::Result<()> {
    let work = app.begin().await?;
    password_link::Entity::delete_many().filter(password_link::COLUMN.expires_at.lte(until)).exec(&*work).await?;
    work.commit().await
}

//! Links to confirm or restore an address. A link is created when its mail is sent, and works once.
//! The caller has locked the account.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::{MailId, OperatorId, address_link, address_link::Purpose};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

use crate::{
    access::token::{self, Token},
    app::{App, Work},
    config::Config,
};

/// How long a link to confirm an address works.
pub const CONFIRM_FOR: Duration = Duration::from_hours(7 * 24);
/// How long a former address can be restored.
pub const UNDO_FOR: Duration = Duration::from_hours(7 * 24);

/// Whether a mail to confirm an address that was requested later than this one has a link already:
/// the relay may have accepted them in another order. Mails are in the order of their ids.
pub async fn is_outdated(work: &Work, operator_id: OperatorId, mail_id: MailId) -> Result<bool, DbErr> {
    let newer = address_link::Entity::find()
        .filter(address_link::COLUMN.operator_id.eq(operator_id))
        .filter(address_link::COLUMN.purpose.eq(Purpose::Confirm))
        .filter(address_link::COLUMN.mail_id.gt(mail_id));
    Ok(newer.count(&**work).await? > 0)
}

/// Creates the link of a mail. Only the link of the newest mail confirms an address. Every link
/// that restores one works until it expires: otherwise an attacker could replace the link that
/// protects against them.
pub async fn make(
    app: &App,
    work: &Work,
    operator_id: OperatorId,
    purpose: Purpose,
    email_key: &str,
    mail_id: MailId,
    expires_at: DateTime<Utc>,
) -> Result<String, DbErr> {
    if purpose == Purpose::Confirm {
        address_link::Entity::delete_many()
            .filter(address_link::COLUMN.operator_id.eq(operator_id))
            .filter(address_link::COLUMN.purpose.eq(Purpose::Confirm))
            .filter(address_link::COLUMN.mail_id.ne(mail_id))
            .exec(&**work)
            .await?;
    }
    let token = Token::random(token::LINK);
    address_link::ActiveModel {
        token_hash: Set(token.hash()),
        operator_id: Set(operator_id),
        purpose: Set(purpose),
        email_key: Set(email_key.to_owned()),
        mail_id: Set(mail_id),
        created_at: Set(app.clock.now()),
        expires_at: Set(expires_at),
    }
    .insert(&**work)
    .await?;
    Ok(address(&app.config, purpose, &token))
}

/// Uses the configured public address, never one from a request. The token is in the fragment,
/// which reaches no log.
fn address(config: &Config, purpose: Purpose, token: &Token) -> String {
    let page = match purpose {
        Purpose::Confirm => "confirm-address",
        Purpose::Undo => "restore-address",
    };
    format!("{}/{page}#token={}", config.http.public_base(), token.reveal())
}

/// Ends the links that confirm an address of this operator.
pub async fn end_confirmations(work: &Work, operator_id: OperatorId) -> Result<(), DbErr> {
    address_link::Entity::delete_many()
        .filter(address_link::COLUMN.operator_id.eq(operator_id))
        .filter(address_link::COLUMN.purpose.eq(Purpose::Confirm))
        .exec(&**work)
        .await?;
    Ok(())
}

/// Ends the links that restore this address.
pub async fn end_undo(work: &Work, operator_id: OperatorId, email_key: &str) -> Result<(), DbErr> {
    address_link::Entity::delete_many()
        .filter(address_link::COLUMN.operator_id.eq(operator_id))
        .filter(address_link::COLUMN.purpose.eq(Purpose::Undo))
        .filter(address_link::COLUMN.email_key.eq(email_key))
        .exec(&**work)
        .await?;
    Ok(())
}

//! Reads of held addresses and of address links.

use chrono::{DateTime, Utc};
use entity::{AccountId, OperatorId, address_link, address_link::Purpose, held_address, operator};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::{access::token, app::App};

/// The hold that reserves an address for its former holder, if there is one. Ignores holds of
/// `not_of`.
pub async fn find_hold_any_account(
    app: &App,
    db: &impl ConnectionTrait,
    email_key: &str,
    not_of: Option<OperatorId>,
) -> Result<Option<held_address::Model>, DbErr> {
    let mut select = held_address::Entity::find()
        .filter(held_address::COLUMN.email_key.eq(email_key))
        .filter(held_address::COLUMN.expires_at.gt(app.clock.now()));
    if let Some(id) = not_of {
        select = select.filter(held_address::COLUMN.operator_id.ne(id));
    }
    select.one(db).await
}

/// The accounts whose operators can take this address back.
pub async fn list_hold_accounts_any_account(
    app: &App,
    db: &impl ConnectionTrait,
    email_key: &str,
) -> Result<Vec<AccountId>, DbErr> {
    let held = held_address::Entity::find()
        .filter(held_address::COLUMN.email_key.eq(email_key))
        .filter(held_address::COLUMN.expires_at.gt(app.clock.now()))
        .find_also_related(operator::Entity)
        .all(db)
        .await?;
    Ok(held.into_iter().filter_map(|(_, operator)| operator).map(|operator| operator.account_id).collect())
}

/// An address that the operator has left and can take back.
pub async fn find_held(
    app: &App,
    db: &impl ConnectionTrait,
    operator_id: OperatorId,
    email_key: &str,
) -> Result<Option<held_address::Model>, DbErr> {
    held_address::Entity::find()
        .filter(held_address::COLUMN.operator_id.eq(operator_id))
        .filter(held_address::COLUMN.email_key.eq(email_key))
        .filter(held_address::COLUMN.expires_at.gt(app.clock.now()))
        .one(db)
        .await
}

/// The relation of a link's address to its operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The current address, which is not proven.
    Own,
    /// The requested address.
    Pending,
    /// A former address.
    Held(held_address::Model),
}

/// A link that works.
#[derive(Clone, Debug)]
pub struct Found {
    pub operator: operator::Model,
    pub subject: Subject,
    /// The address as it was typed.
    pub email: String,
    pub email_key: String,
    pub expires_at: DateTime<Utc>,
}

/// The subject of a link, if the link works.
pub async fn find_link_any_account(app: &App, db: &impl ConnectionTrait, token: &str) -> Result<Option<Found>, DbErr> {
    let found =
        address_link::Entity::find_by_id(token::link_hash(token)).find_also_related(operator::Entity).one(db).await?;
    let Some((link, Some(operator))) = found else { return Ok(None) };
    if link.expires_at <= app.clock.now() || operator.removed_at.is_some() {
        return Ok(None);
    }
    let subject = match link.purpose {
        Purpose::Confirm => confirmable(&operator, &link.email_key),
        Purpose::Undo => find_held(app, db, operator.id, &link.email_key)
            .await?
            .map(|held| (held.email.clone(), Subject::Held(held))),
    };
    Ok(subject.map(|(email, subject)| Found {
        operator,
        subject,
        email,
        email_key: link.email_key,
        expires_at: link.expires_at,
    }))
}

/// The operator's current or requested address with this key, if it is not proven.
fn confirmable(operator: &operator::Model, email_key: &str) -> Option<(String, Subject)> {
    if operator.pending_email_key.as_deref() == Some(email_key)
        && let Some(email) = &operator.pending_email
    {
        return Some((email.clone(), Subject::Pending));
    }
    let unproven = operator.email_key.as_deref() == Some(email_key)
        && operator.email_proven_at.is_none()
        && !operator.is_invited();
    unproven.then(|| operator.email.clone().map(|email| (email, Subject::Own))).flatten()
}

//! Devices: browsers in which an operator has signed in before, or has set a password by a mailed
//! link.
//!
//! Attempts to guess a password slow down sign-in with that address for all clients. A browser that
//! is one of the operator's devices has its own attempts, which no other client can use up, so the
//! operator can sign in during an attack. A device proves nothing else: without the password it
//! gives no access.
//!
//! A device is 256 random bits in a cookie, and their SHA-256 in a row, for one operator and 90
//! days. One cookie contains the devices of several operators. Devices end with the operator's
//! sessions: when the operator is removed, or a password is set elsewhere.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{AccountId, OperatorId, SessionId, device, operator, session};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::cookie;
use crate::{
    access::token::{self, Token},
    account::rules as account_rules,
    app::{App, Work},
};

/// How long a device is valid after the operator last signed in with it.
const LIFETIME: TimeDelta = TimeDelta::days(90);

/// The maximum number of operators for which one browser is a device. The most recent ones are
/// kept.
const MAX_IN_COOKIE: usize = 5;

/// The maximum number of devices of an operator. A program that signs in repeatedly without its
/// cookies receives a new one each time.
const MAX_PER_OPERATOR: u64 = 20;

/// The device tokens in a browser's cookie, newest first. They are not looked up yet.
#[derive(Clone, Default)]
pub struct Devices(Vec<String>);

impl Devices {
    /// Reads the values of the cookie. Skips text that does not have the form of a device token.
    pub fn read<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut tokens: Vec<String> = Vec::new();
        for token in values.into_iter().flat_map(|value| value.split(SEPARATOR)) {
            if tokens.len() < MAX_IN_COOKIE
                && token::has_form(token, token::DEVICE)
                && !tokens.iter().any(|known| known == token)
            {
                tokens.push(token.to_owned());
            }
        }
        Self(tokens)
    }

    fn hashes(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|token| token::hash(token)).collect()
    }
}

impl fmt::Debug for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Devices({})", self.0.len())
    }
}

/// Separates the tokens in the cookie. No token contains it.
const SEPARATOR: char = '.';

/// A device of the operator whose address was used to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known(Vec<u8>);

impl Known {
    /// The key of the device in rate limits.
    #[must_use]
    pub fn hash(&self) -> &[u8] {
        &self.0
    }
}

/// The browser's device for the operator who signs in with this address. Reads nothing if the
/// browser sent no device.
pub async fn find_any_account(app: &App, devices: &Devices, email_key: &str) -> Result<Option<Known>, DbErr> {
    if devices.0.is_empty() {
        return Ok(None);
    }
    let found = device::Entity::find()
        .filter(device::Column::TokenHash.is_in(devices.hashes()))
        .filter(device::COLUMN.expires_at.gt(app.clock.now()))
        .find_also_related(operator::Entity)
        .filter(operator::COLUMN.email_key.eq(email_key))
        .filter(operator::COLUMN.removed_at.is_null())
        .one(app.db())
        .await?;
    Ok(found.map(|(device, _)| Known(device.token_hash)))
}

/// Makes the browser a device of an operator, and returns its `Set-Cookie`.
///
/// `session` is the browser's session, if there is one: its device stays valid when the password is
/// changed in that session. Returns `None` if that session has ended or already has a device.
pub async fn remember(
    app: &App,
    account_id: AccountId,
    operator_id: OperatorId,
    session: Option<SessionId>,
    devices: &Devices,
) -> anyhow::Result<Option<String>> {
    let work = app.begin_in(account_id).await?;
    // A change of the password locks the account, too: either it ends this device, or the session
    // no longer exists.
    if account_rules::lock_by_id(&work, account_id).await?.is_none() {
        return Ok(None);
    }
    let now = app.clock.now();
    let brought = device::Entity::find()
        .filter(device::Column::TokenHash.is_in(devices.hashes()))
        .filter(device::COLUMN.expires_at.gt(now))
        .all(&*work)
        .await?;
    let known = |token: &&String| brought.iter().find(|row| row.token_hash == token::hash(token));
    let own = devices.0.iter().find(|token| known(token).is_some_and(|row| row.operator_id == operator_id));
    let token = own.cloned().unwrap_or_else(|| Token::random(token::DEVICE).reveal().to_owned());
    let hash = token::hash(&token);

    if let Some(session) = session {
        let noted = session::Entity::update_many()
            .col_expr(session::Column::DeviceHash, Expr::value(Some(hash.clone())))
            .filter(session::COLUMN.id.eq(session))
            .filter(session::COLUMN.device_hash.is_null())
            .exec(&*work)
            .await?;
        if noted.rows_affected == 0 {
            return Ok(None);
        }
    }
    let expires_at = now + LIFETIME;
    if own.is_some() {
        device::Entity::update_many()
            .col_expr(device::Column::ExpiresAt, Expr::value(expires_at))
            .filter(device::COLUMN.token_hash.eq(hash))
            .exec(&*work)
            .await?;
    } else {
        let row = device::ActiveModel {
            token_hash: Set(hash),
            operator_id: Set(operator_id),
            created_at: Set(now),
            expires_at: Set(expires_at),
        };
        row.insert(&*work).await?;
        forget_oldest(&work, operator_id).await?;
    }
    work.commit().await?;

    let others =
        devices.0.iter().filter(|other| known(other).is_some_and(|row| row.operator_id != operator_id)).cloned();
    let tokens: Vec<_> = std::iter::once(token).chain(others).take(MAX_IN_COOKIE).collect();
    let value = tokens.join(&SEPARATOR.to_string());
    Ok(Some(cookie::set_devices(&app.config, &value, LIFETIME.to_std().unwrap_or_default())))
}

/// [`remember`] for callers whose operation has already succeeded: a missing device must not turn
/// it into an error.
pub async fn remember_or_log(
    app: &App,
    account_id: AccountId,
    operator_id: OperatorId,
    session: Option<SessionId>,
    devices: &Devices,
) -> Option<String> {
    remember(app, account_id, operator_id, session, devices).await.unwrap_or_else(|error| {
        tracing::warn!(
            error = format!("{error:#}"),
            "no device was set for a browser; its sign-ins share the rate limits of other clients"
        );
        None
    })
}

async fn forget_oldest(work: &Work, operator_id: OperatorId) -> Result<(), DbErr> {
    let surplus: Vec<_> = device::Entity::find()
        .filter(device::COLUMN.operator_id.eq(operator_id))
        .order_by_desc(device::Column::ExpiresAt)
        .order_by_desc(device::Column::TokenHash)
        .offset(MAX_PER_OPERATOR)
        .limit(MAX_PER_OPERATOR)
        .all(&**work)
        .await?;
    let hashes: Vec<_> = surplus.into_iter().map(|row| row.token_hash).collect();
    if !hashes.is_empty() {
        device::Entity::delete_many().filter(device::Column::TokenHash.is_in(hashes)).exec(&**work).await?;
    }
    Ok(())
}

/// Ends every device of an operator, except that of a session that continues.
pub(super) async fn end_all(work: &Work, operator: &operator::Model, except: Option<SessionId>) -> Result<(), DbErr> {
    let mut delete = device::Entity::delete_many().filter(device::COLUMN.operator_id.eq(operator.id));
    if let Some(except) = except {
        let session = session::Entity::find_by_id(except).one(&**work).await?;
        if let Some(kept) = session.and_then(|session| session.device_hash) {
            delete = delete.filter(device::COLUMN.token_hash.ne(kept));
        }
    }
    delete.exec(&**work).await?;
    Ok(())
}

/// Deletes the devices that had expired at `until`.
pub async fn sweep(app: &App, until: DateTime<Utc>) -> anyhow::Result<()> {
    let work = app.begin().await?;
    device::Entity::delete_many().filter(device::COLUMN.expires_at.lte(until)).exec(&*work).await?;
    work.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_holds_at_most_five_device_tokens() {
        let token = || Token::random(token::DEVICE).reveal().to_owned();
        let tokens: Vec<_> = (0..7).map(|_| token()).collect();
        let value = format!("nonsense.{}.{}..{}", tokens[0], tokens[0], tokens[1..].join("."));
        assert_eq!(Devices::read([value.as_str()]).0, tokens[..5]);
        assert_eq!(Devices::read([tokens[0].as_str(), tokens[1].as_str()]).0, tokens[..2]);
        let session = Token::random(token::SESSION);
        assert!(Devices::read(["", ".", "dbd_short", session.reveal()]).0.is_empty());
        assert_eq!(format!("{:?}", Devices::read([value.as_str()])), "Devices(5)");
    }
}

//! What every change of a password does.

use entity::{
    mail::{Kind, Language},
    operator,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, IntoActiveModel};

use crate::{
    access::throttle::TooMany,
    account::{queries as accounts, rules as account_rules},
    address::links,
    app::{App, Work},
    availability::{Card, rules as availability},
    error::{Failure, Rejection},
    mail::queue::{self, Mail},
    password::{Password, PasswordFault},
    password_link,
};

/// Who chose a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    ByThemselves,
    ByAnother,
}

/// Writes a password, ends the links that could set another one, and notifies the operator unless
/// there was no password before. The caller holds the account's lock.
///
/// Withdraws an address that is not proven yet. It was requested under the old password, perhaps by
/// the person whom the change locks out, and its link could set a password.
pub(crate) async fn set_password(
    app: &App,
    work: &mut Work,
    operator: operator::Model,
    password_hash: String,
    chosen: Chosen,
    language: Language,
) -> Result<operator::Model, DbErr> {
    let (had_one, has_pending) = (operator.password_hash.is_some(), operator.pending_email.is_some());
    let before = Card::shown(&operator);
    let mut row = operator.into_active_model();
    if has_pending {
        row.pending_email = Set(None);
        row.pending_email_key = Set(None);
    }
    row.password_hash = Set(Some(password_hash));
    row.password_set_by_other = Set(chosen == Chosen::ByAnother);
    row.updated_at = Set(app.clock.now());
    let operator = row.update(&**work).await?;
    password_link::end_all(work, operator.id).await?;
    if has_pending {
        links::end_confirmations(work, operator.id).await?;
    }
    if had_one {
        queue::put(app, work, Mail::about(Kind::PasswordChanged, language, operator.id)).await?;
    }
    // With the first password, visitors see an operator who was activated before.
    availability::note_change(work, before, &operator).await?;
    account_rules::bump_version(work, operator.account_id).await?;
    Ok(operator)
}

/// Validates a new password of a known operator against the policy, which rejects the operator's
/// own words.
pub(crate) async fn parse_for(
    app: &App,
    operator: &operator::Model,
    typed: &str,
) -> Result<Result<Password, PasswordFault>, DbErr> {
    let account = accounts::find(app.db(), operator.account_id).await?;
    let account_name = account.map(|account| account.name).unwrap_or_default();
    let own_words = [
        account_name.as_str(),
        &operator.name,
        operator.public_name.as_deref().unwrap_or_default(),
        operator.email.as_deref().unwrap_or_default(),
    ];
    Ok(app.config.password.policy.parse(typed, &own_words))
}

pub(crate) async fn hash<R>(app: &App, password: Password) -> Result<String, Failure<R>>
where
    R: Rejection + From<TooMany>,
{
    Ok(app.hasher.hash(password).await?)
}

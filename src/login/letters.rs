//! Renders queued mails when they are sent: finds the recipient and creates the link.

use entity::{
    AccountId, OperatorId, account, address_link,
    mail::{self, Kind},
    operator,
    password_link::Purpose,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    account as accounts,
    address::{links, queries as addresses},
    app::{App, Work},
    input::EmailAddress,
    mail::{
        letter::Letter,
        queue::is_queued,
        worker::{Outgoing, Writer},
    },
    operator::queries as operators,
    password_link,
};

/// Renders every kind of mail that this server sends.
#[derive(Clone, Copy, Debug)]
pub struct Letters;

impl Writer for Letters {
    async fn write(&self, app: &App, work: &mut Work, mail: &mail::Model) -> anyhow::Result<Option<Outgoing>> {
        let Some((_, account)) = find_subject_any_account(work, mail).await? else { return Ok(None) };
        // Read again under the lock: a link created while the password is being set would still
        // work afterwards.
        accounts::rules::lock_by_id(work, account.id).await?;
        let Some((operator, account)) = find_subject_any_account(work, mail).await? else { return Ok(None) };
        let Some(to) = receiver(mail, &operator) else { return Ok(None) };
        // A newer invitation replaced it after this server had claimed it, and its link would end
        // the newer one's.
        if mail.kind == Kind::Invitation && !is_queued(work, mail.id).await? {
            return Ok(None);
        }
        let letter = match mail.kind {
            // The invitation was accepted in the meantime.
            Kind::Invitation if operator.password_hash.is_some() => return Ok(None),
            Kind::Invitation => {
                let invited_by = name_of(work, account.id, mail.sender_id).await?;
                Letter::Invitation {
                    operator_name: operator.name,
                    invited_by: invited_by.unwrap_or_else(|| account.name.clone()),
                    account_name: account.name,
                    link: password_link::make(app, work, operator.id, Purpose::Invitation, mail.id).await?,
                    valid_for: password_link::lifetime(&app.config, Purpose::Invitation),
                }
            }
            Kind::PasswordRecovery => Letter::PasswordRecovery {
                operator_name: operator.name,
                link: password_link::make(app, work, operator.id, Purpose::Recovery, mail.id).await?,
                valid_for: password_link::lifetime(&app.config, Purpose::Recovery),
            },
            Kind::PasswordChanged => Letter::PasswordChanged {
                operator_name: operator.name,
                account_name: account.name,
                at: mail.created_at,
            },
            Kind::EmailChanged => Letter::EmailChanged { operator_name: operator.name, at: mail.created_at },
            Kind::AddressConfirmation => match confirmation(app, work, mail, operator, account, &to).await? {
                Some(letter) => letter,
                None => return Ok(None),
            },
            Kind::AddressUndo => undo(app, work, mail, operator, &to).await?,
        };
        Ok(Some(Outgoing { to, letter }))
    }
}

/// `None` if the address was confirmed or withdrawn since, or if a mail that was requested later
/// has been sent, whose link must keep working.
async fn confirmation(
    app: &App,
    work: &Work,
    mail: &mail::Model,
    operator: operator::Model,
    account: account::Model,
    to: &str,
) -> anyhow::Result<Option<Letter>> {
    let is_pending = operator.pending_email.as_deref() == Some(to);
    let is_unproven =
        operator.email.as_deref() == Some(to) && operator.email_proven_at.is_none() && !operator.is_invited();
    let key = if is_pending { &operator.pending_email_key } else { &operator.email_key };
    let Some(key) = key.as_deref().filter(|_| is_pending || is_unproven) else { return Ok(None) };
    if links::is_outdated(work, operator.id, mail.id).await? {
        return Ok(None);
    }
    let expires_at = app.clock.now() + links::CONFIRM_FOR;
    let link = links::make(app, work, operator.id, address_link::Purpose::Confirm, key, mail.id, expires_at).await?;
    let (operator_name, account_name, valid_for) = (operator.name, account.name, links::CONFIRM_FOR);
    Ok(Some(if is_pending {
        Letter::AddressChange { operator_name, account_name, link, valid_for }
    } else {
        let added_by = name_of(work, account.id, operator.added_by).await?;
        Letter::AddressConfirmation { operator_name, account_name, added_by, link, valid_for }
    }))
}

/// Renders the notice with a link that restores the address, or without one if it can no longer be
/// restored.
async fn undo(
    app: &App,
    work: &Work,
    mail: &mail::Model,
    operator: operator::Model,
    to: &str,
) -> anyhow::Result<Letter> {
    let held = match EmailAddress::parse(to) {
        Ok(email) if operator.removed_at.is_none() => {
            addresses::find_held(app, &**work, operator.id, email.key()).await?
        }
        _ => None,
    };
    let (operator_name, at) = (operator.name, mail.created_at);
    let Some(held) = held else { return Ok(Letter::EmailChanged { operator_name, at }) };
    let link =
        links::make(app, work, operator.id, address_link::Purpose::Undo, &held.email_key, mail.id, held.expires_at)
            .await?;
    Ok(Letter::AddressUndo { operator_name, at, link, until: held.expires_at })
}

async fn name_of(
    work: &Work,
    account_id: AccountId,
    operator_id: Option<OperatorId>,
) -> anyhow::Result<Option<String>> {
    let Some(id) = operator_id else { return Ok(None) };
    Ok(operators::find(&**work, account_id, id).await?.map(|operator| operator.name))
}

/// The subject of a mail. `None` if the operator was removed, or if a recovery names an address
/// that no operator has.
async fn find_subject_any_account(
    work: &Work,
    mail: &mail::Model,
) -> anyhow::Result<Option<(operator::Model, account::Model)>> {
    let select = match mail.kind {
        // The person whose address was taken over must be notified, even if the profile was removed
        // since.
        Kind::EmailChanged | Kind::AddressUndo => operator::Entity::find(),
        Kind::Invitation | Kind::PasswordRecovery | Kind::PasswordChanged | Kind::AddressConfirmation => {
            operator::Entity::find().filter(operator::COLUMN.removed_at.is_null())
        }
    };
    let select = match (mail.operator_id, &mail.address) {
        (Some(id), _) => select.filter(operator::COLUMN.id.eq(id)),
        (None, Some(email_key)) => select.filter(operator::COLUMN.email_key.eq(email_key.as_str())),
        (None, None) => return Ok(None),
    };
    let found = match (select.one(&**work).await?, &mail.address) {
        // An invited operator who requests a password has no address yet.
        (None, Some(email_key)) if mail.operator_id.is_none() => {
            operators::find_invited_by_email_any_account(&**work, email_key).await?
        }
        (found, _) => found,
    };
    let Some(operator) = found else { return Ok(None) };
    let account = accounts::queries::find(&**work, operator.account_id).await?;
    Ok(account.map(|account| (operator, account)))
}

/// Always an address that the operator gave. A recovery uses the stored address, not the typed one.
fn receiver(mail: &mail::Model, operator: &operator::Model) -> Option<String> {
    match mail.kind {
        Kind::EmailChanged | Kind::AddressConfirmation | Kind::AddressUndo => mail.address.clone(),
        Kind::Invitation | Kind::PasswordRecovery | Kind::PasswordChanged => operator.email.clone(),
    }
}

//! Writes the queue's mails at the moment they are sent: finds whom they go to, and makes the link.

use entity::{
    account,
    mail::{self, Kind},
    operator,
    password_link::Purpose,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    account as accounts,
    app::{App, Work},
    mail::{
        letter::Letter,
        worker::{Outgoing, Writer},
    },
    operator::queries as operators,
    password_link,
};

/// Writes every kind of mail that this server sends.
#[derive(Clone, Copy, Debug)]
pub struct Letters;

impl Writer for Letters {
    async fn write(&self, app: &App, work: &mut Work, mail: &mail::Model) -> anyhow::Result<Option<Outgoing>> {
        let Some((_, account)) = find_subject_any_account(work, mail).await? else { return Ok(None) };
        // Looked at again under the lock: a link made while the password was being set would work after it.
        accounts::rules::lock_by_id(work, account.id).await?;
        let Some((operator, account)) = find_subject_any_account(work, mail).await? else { return Ok(None) };
        let Some(to) = receiver(mail, &operator) else { return Ok(None) };
        let letter = match mail.kind {
            // The invitation was accepted meanwhile.
            Kind::Invitation if operator.password_hash.is_some() => return Ok(None),
            Kind::Invitation => {
                let invited_by = match mail.sender_id {
                    Some(id) => operators::find(&**work, account.id, id).await?.map(|sender| sender.name),
                    None => None,
                };
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
            Kind::PasswordChanged => {
                Letter::PasswordChanged { operator_name: operator.name, account_name: account.name, at: mail.created_at }
            }
            Kind::EmailChanged => Letter::EmailChanged { operator_name: operator.name, at: mail.created_at },
        };
        Ok(Some(Outgoing { to, letter }))
    }
}

/// Whom a mail is about; nobody when they were removed, or when a recovery names an address that nobody has.
async fn find_subject_any_account(work: &Work, mail: &mail::Model) -> anyhow::Result<Option<(operator::Model, account::Model)>> {
    let select = match mail.kind {
        // Somebody whose address was taken over has to hear of it, whatever became of the profile since.
        Kind::EmailChanged => operator::Entity::find(),
        Kind::Invitation | Kind::PasswordRecovery | Kind::PasswordChanged => {
            operator::Entity::find().filter(operator::COLUMN.removed_at.is_null())
        }
    };
    let select = match (mail.operator_id, &mail.address) {
        (Some(id), _) => select.filter(operator::COLUMN.id.eq(id)),
        (None, Some(email_key)) => select.filter(operator::COLUMN.email_key.eq(email_key.as_str())),
        (None, None) => return Ok(None),
    };
    let Some(operator) = select.one(&**work).await? else { return Ok(None) };
    let account = accounts::queries::find(&**work, operator.account_id).await?;
    Ok(account.map(|account| (operator, account)))
}

/// Always an address that an operator gave: for a recovery the stored one, not the one that was typed.
fn receiver(mail: &mail::Model, operator: &operator::Model) -> Option<String> {
    match mail.kind {
        Kind::EmailChanged => mail.address.clone(),
        Kind::Invitation | Kind::PasswordRecovery | Kind::PasswordChanged => operator.email.clone(),
    }
}

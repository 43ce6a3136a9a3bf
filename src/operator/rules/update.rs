//! Changing a profile: one's own, or anyone's.

use std::net::IpAddr;

use entity::{OperatorId, mail::Kind, operator};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::{description_at, email_at, is_taken, name_at, search_key_of, taken_or_broken};
use crate::{
    account::rules::{lock_for_profile, visitors_notice},
    app::{App, Work},
    change::Change,
    error::{Failure, Faults, Invalid, Reason, Rejection},
    event::Event,
    mail,
    operator::queries,
    password_link,
    text::{Description, EmailAddress, Name},
    throttle::{Attempt, TooMany},
    viewer::ProfileEditor,
};

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error("There is no such operator.")]
    NotFound,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("This address signs in to an account already.")]
    EmailTaken,
    #[error("Only the owner changes the owner's address: it signs in to the whole account.")]
    OwnersAddress,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for UpdateError {}

/// A changed profile as typed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub name: Change<String>,
    pub public_name: Change<String>,
    pub email: Change<String>,
    pub description: Change<String>,
}

/// The changes that were parsed.
#[derive(Debug)]
struct Parsed {
    name: Option<Name>,
    public_name: Change<Name>,
    email: Option<EmailAddress>,
    description: Change<Description>,
}

/// Changes a profile. A new address ends the links that were mailed to the old one, and the old one is told.
pub async fn update(
    app: &App,
    actor: &ProfileEditor,
    client: IpAddr,
    id: Option<OperatorId>,
    changes: Changes,
) -> Result<operator::Model, Failure<UpdateError>> {
    let parsed = parse(app, actor, client, id, changes).await?;
    let mut work = app.begin_in(actor.account_id()).await?;
    let account = lock_for_profile(&work, actor).await?;
    let operator = match id {
        Some(id) => queries::find(&*work, account.id, id).await?,
        None => None,
    };
    let operator = operator.ok_or(UpdateError::NotFound)?;
    // Whoever sets the owner's address, be it in another spelling, could recover the owner's password.
    let respelled = parsed.email.as_ref().is_some_and(|email| operator.email.as_deref() != Some(email.address()));
    if respelled && operator.is_owner && actor.operator_id() != operator.id {
        return Err(UpdateError::OwnersAddress.into());
    }
    // Another spelling of the same address signs in and receives as before.
    let new_address = parsed.email.as_ref().map(EmailAddress::key).filter(|key| operator.email_key.as_deref() != Some(*key));
    if let Some(key) = new_address {
        // Both addresses may be mailed, and neither need be the asker's.
        for address in [Some(key), operator.email_key.as_deref()] {
            app.throttle.attempt(Attempt::Invitation, client, address).map_err(UpdateError::from)?;
        }
        if operator.password_hash.is_none() {
            app.throttle.invitation_of(operator.account_id).map_err(UpdateError::from)?;
        }
    }
    let new_address = new_address.is_some();

    let before = operator.clone();
    let operator = write(app, &work, operator, parsed).await?;
    if operator == before {
        return Ok(operator);
    }
    if new_address {
        password_link::end_all(&work, operator.id).await?;
        follow_the_address(app, &mut work, &before, &operator).await?;
    }
    let shown = |row: &operator::Model| (row.visible_name().to_owned(), row.description.clone());
    if operator.is_active() && shown(&operator) != shown(&before) {
        visitors_notice(&mut work, operator.account_id).await?;
    }
    work.announce(Event::OperatorChanged { account_id: operator.account_id, operator_id: operator.id });
    work.commit().await?;
    Ok(operator)
}

async fn parse(
    app: &App,
    actor: &ProfileEditor,
    client: IpAddr,
    id: Option<OperatorId>,
    changes: Changes,
) -> Result<Parsed, Failure<UpdateError>> {
    let no_name = || Invalid::at("name", Reason::Missing, "An operator needs a name.");
    let no_email = || Invalid::at("email", Reason::Missing, "An operator needs an address to sign in with.");
    let mut faults = Faults::<UpdateError>::default();
    let name = faults.note(changes.name.parse_required(no_name, |typed| name_at("name", &typed)));
    let public_name = faults.note(changes.public_name.parse(|typed| name_at("publicName", &typed)));
    let email = faults.note(changes.email.parse_required(no_email, |typed| email_at("email", &typed)));
    let description = faults.note(changes.description.parse(|typed| description_at("description", &typed)));
    // Whose it is counts within the account only, or whoever guesses ids of others would be told.
    let owns = |found: &operator::Model| found.account_id == actor.account_id() && Some(found.id) == id;
    if !faults.is_empty()
        && let Some(Some(email)) = &email
        && is_taken(app, client, email, owns).await?
    {
        faults.note::<(), _>(Err(UpdateError::EmailTaken));
    }
    faults.check()?;

    let noted = "noted as a fault otherwise";
    let description = match description.expect(noted) {
        // Nothing but spaces is nothing.
        Change::To(None) | Change::Clear => Change::Clear,
        Change::To(Some(text)) => Change::To(text),
        Change::Keep => Change::Keep,
    };
    Ok(Parsed { name: name.expect(noted), public_name: public_name.expect(noted), email: email.expect(noted), description })
}

/// Writes what differs; gives the row back as it was when nothing does.
async fn write(app: &App, work: &Work, operator: operator::Model, parsed: Parsed) -> Result<operator::Model, Failure<UpdateError>> {
    let mut wanted = operator.clone();
    if let Some(name) = parsed.name {
        name.as_str().clone_into(&mut wanted.name);
    }
    parsed.public_name.apply(&mut wanted.public_name, |name| name.as_str().to_owned());
    if let Some(email) = parsed.email {
        wanted.email = Some(email.address().to_owned());
        wanted.email_key = Some(email.key().to_owned());
    }
    parsed.description.apply(&mut wanted.description, |text| text.as_str().to_owned());
    if wanted == operator {
        return Ok(operator);
    }
    let mut row = operator.into_active_model();
    row.search_key = Set(search_key_of(&wanted.name, wanted.public_name.as_deref()));
    row.name = Set(wanted.name);
    row.public_name = Set(wanted.public_name);
    row.email = Set(wanted.email);
    row.email_key = Set(wanted.email_key);
    row.description = Set(wanted.description);
    row.updated_at = Set(app.clock.now());
    row.update(&**work).await.map_err(|error| taken_or_broken(error, UpdateError::EmailTaken))
}

/// Somebody with a password is told at the old address; somebody invited gets the link at the new one.
async fn follow_the_address(
    app: &App,
    work: &mut Work,
    before: &operator::Model,
    operator: &operator::Model,
) -> Result<(), sea_orm::DbErr> {
    use mail::queue::{Mail, put};
    if operator.password_hash.is_none() {
        return put(app, work, Mail::about(Kind::Invitation, operator.id)).await;
    }
    let Some(old) = &before.email else { return Ok(()) };
    put(app, work, Mail::about(Kind::EmailChanged, operator.id).to(old)).await
}

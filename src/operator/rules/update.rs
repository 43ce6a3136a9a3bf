//! Changing a profile: one's own, or anyone's.

use entity::{OperatorId, mail::Kind, operator, password_link};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{description_at, email_at, name_at, search_key_of, taken_or_broken};
use crate::{
    account::rules::{lock_for_profile, visitors_notice},
    app::{App, Work},
    error::{Failure, Faults, Invalid, Rejection},
    event::Event,
    mail,
    operator::queries,
    text::{Description, EmailAddress, Name},
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
}
impl Rejection for UpdateError {}

/// What becomes of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change {
    #[default]
    Keep,
    Clear,
    To(String),
}

/// A changed profile as typed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub name: Change,
    pub public_name: Change,
    pub email: Change,
    pub description: Change,
}

/// The changes that were parsed; the outer `None` keeps a field as it is.
#[derive(Debug)]
struct Parsed {
    name: Option<Name>,
    public_name: Option<Option<Name>>,
    email: Option<EmailAddress>,
    description: Option<Option<Description>>,
}

/// Changes a profile. A new address ends the links that were mailed to the old one, and the old one is told.
pub async fn update(
    app: &App,
    actor: &ProfileEditor,
    id: Option<OperatorId>,
    changes: Changes,
) -> Result<operator::Model, Failure<UpdateError>> {
    let parsed = parse(changes)?;
    let mut work = app.begin().await?;
    let account = lock_for_profile(&work, actor).await?;
    let operator = match id {
        Some(id) => queries::find(&*work, account.id, id).await?,
        None => None,
    };
    let operator = operator.ok_or(UpdateError::NotFound)?;
    let new_address = parsed.email.as_ref().is_some_and(|new| operator.email.as_deref() != Some(new.address()));
    // Whoever sets the owner's address could recover the owner's password.
    if new_address && operator.is_owner && actor.operator_id() != operator.id {
        return Err(UpdateError::OwnersAddress.into());
    }

    let before = operator.clone();
    let operator = write(app, &work, operator, parsed).await?;
    if operator == before {
        return Ok(operator);
    }
    if new_address {
        password_link::Entity::delete_many().filter(password_link::COLUMN.operator_id.eq(operator.id)).exec(&*work).await?;
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

fn parse(changes: Changes) -> Result<Parsed, Failure<UpdateError>> {
    let mut faults = Faults::<UpdateError>::default();
    let name = match changes.name {
        Change::Keep => None,
        Change::Clear => faults.note(Err(Invalid::at("name", "An operator needs a name."))),
        Change::To(typed) => faults.note(name_at("name", &typed)),
    };
    let public_name = match changes.public_name {
        Change::Keep => None,
        Change::Clear => Some(None),
        Change::To(typed) => faults.note(name_at("publicName", &typed)).map(Some),
    };
    let email = match changes.email {
        Change::Keep => None,
        Change::Clear => faults.note(Err(Invalid::at("email", "An operator needs an address to sign in with."))),
        Change::To(typed) => faults.note(email_at("email", &typed)),
    };
    let description = match changes.description {
        Change::Keep => None,
        Change::Clear => Some(None),
        Change::To(typed) => faults.note(description_at("description", &typed)),
    };
    faults.check()?;
    Ok(Parsed { name, public_name, email, description })
}

/// Writes what differs; gives the row back as it was when nothing does.
async fn write(app: &App, work: &Work, operator: operator::Model, parsed: Parsed) -> Result<operator::Model, Failure<UpdateError>> {
    let mut wanted = operator.clone();
    if let Some(name) = parsed.name {
        name.as_str().clone_into(&mut wanted.name);
    }
    if let Some(public_name) = parsed.public_name {
        wanted.public_name = public_name.map(|name| name.as_str().to_owned());
    }
    if let Some(email) = parsed.email {
        wanted.email = Some(email.address().to_owned());
        wanted.email_key = Some(email.key().to_owned());
    }
    if let Some(description) = parsed.description {
        wanted.description = description.map(|text| text.as_str().to_owned());
    }
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

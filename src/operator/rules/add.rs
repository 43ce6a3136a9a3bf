//! Adding an operator, and inviting one who has no password yet.

use std::net::IpAddr;

use entity::{OperatorId, account, mail::Kind, operator, operator::AccessLevel};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr};

use super::{description_at, email_at, find, is_taken, name_at, search_key_of, taken_or_broken};
use crate::{
    account::{queries as accounts, rules::lock},
    app::{App, Work},
    error::{Failure, Faults, Invalid, Rejection},
    event::Event,
    mail,
    password::{Password, PasswordFault},
    seat::rules::{LimitReached, TakeError, take},
    text::{Description, EmailAddress, Name},
    throttle::{Attempt, TooMany},
    token,
    viewer::{Granted, ManageOperators},
};

/// Why an operator was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("The password {0}.")]
    Password(#[from] PasswordFault),
    #[error("This address signs in to an account already.")]
    EmailTaken,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for AddError {}

/// A profile as typed.
#[derive(Debug)]
pub struct NewOperator {
    pub name: String,
    pub public_name: Option<String>,
    pub email: String,
    pub description: Option<String>,
    pub access_level: AccessLevel,
    /// None: they are invited by mail and set one.
    pub password: Option<String>,
    pub wants_active: bool,
}

/// The operator, and why they are inactive although that was not wanted.
#[derive(Debug)]
pub struct Added {
    pub operator: operator::Model,
    pub no_free_seat: Option<LimitReached>,
}

/// Adds an operator. Without a free seat they are added all the same, inactive.
pub async fn add(app: &App, actor: &Granted<ManageOperators>, client: IpAddr, new: NewOperator) -> Result<Added, Failure<AddError>> {
    let account = accounts::find(app.db(), actor.account_id()).await?.ok_or(crate::error::Denied::Unauthenticated)?;
    let wants_active = new.wants_active;
    let (profile, password) = parse(app, client, &account, new).await?;
    // Nobody is mailed about somebody who has a password; whether an address is taken is told all the same.
    let mailed = password.is_none().then(|| profile.email.key());
    app.throttle.attempt(Attempt::Invitation, client, mailed).map_err(AddError::from)?;
    if password.is_none() {
        app.throttle.invitation_of(account.id).map_err(AddError::from)?;
    }
    let password_hash = match password {
        Some(password) => Some(app.hasher.hash(password).await?),
        None => None,
    };
    let profile = NewProfile { password_hash, ..profile };

    let mut work = app.begin_in(actor.account_id()).await?;
    let account = lock(&work, actor).await?;
    let mut operator = insert(app, &mut work, &account, profile).await.map_err(|error| taken_or_broken(error, AddError::EmailTaken))?;
    let mut no_free_seat = None;
    if wants_active {
        match take(app, &mut work, &account, operator.clone()).await {
            Ok(active) => operator = active,
            Err(TakeError::LimitReached(reached)) => no_free_seat = Some(reached),
            Err(TakeError::Db(error)) => return Err(error.into()),
        }
    }
    if operator.password_hash.is_none() {
        mail::queue::put(app, &mut work, mail::queue::Mail::about(Kind::Invitation, operator.id).from(actor.operator_id())).await?;
    }
    work.commit().await?;
    Ok(Added { operator, no_free_seat })
}

async fn parse(
    app: &App,
    client: IpAddr,
    account: &account::Model,
    new: NewOperator,
) -> Result<(NewProfile, Option<Password>), Failure<AddError>> {
    let mut faults = Faults::<AddError>::default();
    let own_words = [account.name.as_str(), &new.name, new.public_name.as_deref().unwrap_or_default(), &new.email];
    let password = new.password.map(|typed| faults.note(app.config.password.policy.parse(&typed, &own_words)));
    let name = faults.note(name_at("name", &new.name));
    let public_name = new.public_name.map(|typed| faults.note(name_at("publicName", &typed)));
    let email = faults.note(email_at("email", &new.email));
    let description = new.description.map(|typed| faults.note(description_at("description", &typed)));
    if !faults.is_empty()
        && let Some(email) = &email
        && is_taken(app, client, email, |_| false).await?
    {
        faults.note::<(), _>(Err(AddError::EmailTaken));
    }
    faults.check()?;

    let profile = NewProfile {
        name: name.expect("noted as a fault otherwise"),
        public_name: public_name.flatten(),
        email: email.expect("noted as a fault otherwise"),
        description: description.flatten().flatten(),
        access_level: new.access_level,
        is_owner: false,
        password_hash: None,
    };
    Ok((profile, password.flatten()))
}

/// A profile that was parsed.
#[derive(Debug)]
pub struct NewProfile {
    pub name: Name,
    pub public_name: Option<Name>,
    pub email: EmailAddress,
    pub description: Option<Description>,
    pub access_level: AccessLevel,
    pub is_owner: bool,
    /// None: invited.
    pub password_hash: Option<String>,
}

/// Writes an inactive profile.
///
/// # Errors
/// A violation of the index `operator_email_key_key` when the address is taken.
pub async fn insert(app: &App, work: &mut Work, account: &account::Model, profile: NewProfile) -> Result<operator::Model, DbErr> {
    let now = app.clock.now();
    let (name, public_name) = (profile.name.as_str(), profile.public_name.as_ref().map(Name::as_str));
    let operator = operator::ActiveModel {
        id: Set(OperatorId::new()),
        account_id: Set(account.id),
        is_owner: Set(profile.is_owner),
        access_level: Set(profile.access_level),
        search_key: Set(search_key_of(name, public_name)),
        name: Set(name.to_owned()),
        public_name: Set(public_name.map(str::to_owned)),
        email_key: Set(Some(profile.email.key().to_owned())),
        email: Set(Some(profile.email.address().to_owned())),
        description: Set(profile.description.map(|text| text.as_str().to_owned())),
        password_hash: Set(profile.password_hash),
        activated_at: Set(None),
        photo_hash: Set(None),
        photo_side: Set(None),
        card_key: Set(token::public_name("card_")),
        created_at: Set(now),
        updated_at: Set(now),
        last_seen_at: Set(None),
        removed_at: Set(None),
    }
    .insert(&**work)
    .await?;
    work.announce(Event::OperatorChanged { account_id: account.id, operator_id: operator.id });
    Ok(operator)
}

/// Why nobody was invited again.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    #[error("There is no such operator.")]
    NotFound,
    #[error("They have set a password already. They can recover it from the sign-in page.")]
    HasPassword,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for InviteError {}

/// Sends an operator without a password a new link to set one; the links sent before stop working.
pub async fn invite(
    app: &App,
    actor: &Granted<ManageOperators>,
    client: IpAddr,
    id: Option<OperatorId>,
) -> Result<operator::Model, Failure<InviteError>> {
    let mut work = app.begin_in(actor.account_id()).await?;
    lock(&work, actor).await?;
    let operator = find(&work, actor, id).await?.ok_or(InviteError::NotFound)?;
    if operator.password_hash.is_some() {
        return Err(InviteError::HasPassword.into());
    }
    app.throttle.attempt(Attempt::Invitation, client, operator.email_key.as_deref()).map_err(InviteError::from)?;
    app.throttle.invitation_of(operator.account_id).map_err(InviteError::from)?;

    mail::queue::put(app, &mut work, mail::queue::Mail::about(Kind::Invitation, operator.id).from(actor.operator_id())).await?;
    work.commit().await?;
    Ok(operator)
}

//! Adding an operator, and inviting one without a password.

use std::net::IpAddr;

use entity::{
    AccountId, OperatorId, account,
    mail::{Kind, Language},
    operator,
    operator::AccessLevel,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, IntoActiveModel};

use super::{address::is_known_here, description_at, email_at, email_conflict, find, is_taken, name_at, search_key_of};
use crate::{
    access::{
        identity::{Granted, ManageOperators},
        throttle::{Attempt, TooMany},
        token,
    },
    account::{
        queries as accounts,
        rules::{bump_version, lock},
    },
    address,
    app::{App, Work},
    error::{Failure, Faults, NO_SUCH_OPERATOR, Rejection},
    input::{Description, EmailAddress, Invalid, Name, debug_hides},
    mail::queue::{self, Mail},
    password::{Password, PasswordFault},
    seat::rules::{LimitReached, TakeError, take},
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
    /// The operator was added, but inactive: [`Added::no_free_seat`].
    #[error(transparent)]
    NoFreeSeat(LimitReached),
}
impl Rejection for AddError {}

/// A profile as typed.
pub struct NewOperator {
    pub name: String,
    pub public_name: Option<String>,
    pub email: String,
    pub description: Option<String>,
    pub access_level: AccessLevel,
    /// `None`: the operator is invited by mail and chooses one.
    pub password: Option<String>,
    pub wants_active: bool,
    /// The language of the invitation, or of the mail that proves the address.
    pub language: Language,
}
debug_hides!(NewOperator);

/// The operator, and why the operator is inactive although `wants_active` was set.
#[derive(Debug)]
pub struct Added {
    pub operator: operator::Model,
    pub no_free_seat: Option<LimitReached>,
}

/// Adds an operator. Without a free seat the operator is added as inactive.
///
/// With a password, the operator holds the address at once, unproven, and is mailed a link that
/// proves it. An invited operator holds no address until the invitation is accepted. So an operator
/// of another account with the same address does not prevent the invitation, and is not revealed.
pub async fn add(
    app: &App,
    actor: &Granted<ManageOperators>,
    client: IpAddr,
    new: NewOperator,
) -> Result<Added, Failure<AddError>> {
    let account = accounts::find(app.db(), actor.account_id()).await?.ok_or(crate::error::Denied::Unauthenticated)?;
    let (wants_active, language) = (new.wants_active, new.language);
    let (profile, password) = parse(app, client, &account, new).await?;
    count_mail(app, client, &profile, account.id, password.is_none())?;
    let password_hash = match password {
        Some(password) => Some(app.hasher.hash(password).await?),
        None => None,
    };
    let profile = NewProfile { password_hash, added_by: Some(actor.operator_id()), ..profile };
    let email = profile.email.clone();

    let mut work = app.begin_in(actor.account_id()).await?;
    let account = lock(&work, actor).await?;
    let mut operator =
        insert(app, &mut work, &account, profile).await.map_err(|error| email_conflict(error, AddError::EmailTaken))?;
    let is_kept = !operator.is_invited() && address::rules::is_kept(app, &work, &email, operator.id).await?;
    if is_kept || is_known_here(&work, &operator, &email).await? {
        return Err(AddError::EmailTaken.into());
    }
    let mut no_free_seat = None;
    if wants_active {
        match take(app, &mut work, &account, operator.clone()).await {
            Ok(active) => operator = active,
            Err(TakeError::LimitReached(reached)) => no_free_seat = Some(reached),
            Err(TakeError::Db(error)) => return Err(error.into()),
        }
    }
    if operator.is_invited() {
        queue::put(app, &mut work, Mail::about(Kind::Invitation, language, operator.id).from(actor.operator_id()))
            .await?;
    } else {
        address::rules::ask(app, &mut work, &operator, email.address(), language).await?;
    }
    work.commit().await?;
    Ok(Added { operator, no_free_seat })
}

/// Counts an invitation, or a link that proves the address. Counts too where no mail is sent: the
/// result reveals whether the address is taken.
fn count_mail(
    app: &App,
    client: IpAddr,
    profile: &NewProfile,
    account_id: AccountId,
    is_invited: bool,
) -> Result<(), AddError> {
    let is_mailed = is_invited || address::rules::can_prove(app);
    app.throttle.attempt(Attempt::Invitation, client, is_mailed.then(|| profile.email.key()))?;
    if is_mailed {
        app.throttle.invitation_of(account_id)?;
    }
    Ok(())
}

async fn parse(
    app: &App,
    client: IpAddr,
    account: &account::Model,
    new: NewOperator,
) -> Result<(NewProfile, Option<Password>), Failure<AddError>> {
    let mut faults = Faults::<AddError>::default();
    let own_words = [account.name.as_str(), &new.name, new.public_name.as_deref().unwrap_or_default(), &new.email];
    let is_invited = new.password.is_none();
    let password = new.password.map(|typed| faults.note(app.config.password.policy.parse(&typed, &own_words)));
    let name = faults.note(name_at("name", &new.name));
    let public_name = new.public_name.map(|typed| faults.note(name_at("publicName", &typed)));
    let email = faults.note(email_at("email", &new.email));
    let description = new.description.map(|typed| faults.note(description_at("description", &typed)));
    if !faults.is_empty()
        && let Some(email) = &email
        // An invitation ignores the operators of other accounts who have the address.
        && is_taken(app, client, email, |found| is_invited && found.account_id != account.id).await?
    {
        faults.note::<(), _>(Err(AddError::EmailTaken));
    }
    faults.check()?;

    let profile = NewProfile {
        name: name.expect("faults are checked above"),
        public_name: public_name.flatten(),
        email: email.expect("faults are checked above"),
        description: description.flatten().flatten(),
        access_level: new.access_level,
        is_owner: false,
        password_hash: None,
        added_by: None,
    };
    Ok((profile, password.flatten()))
}

/// A profile that was parsed.
pub struct NewProfile {
    pub name: Name,
    pub public_name: Option<Name>,
    pub email: EmailAddress,
    pub description: Option<Description>,
    pub access_level: AccessLevel,
    pub is_owner: bool,
    /// `None`: invited.
    pub password_hash: Option<String>,
    /// `None`: signed up.
    pub added_by: Option<OperatorId>,
}
debug_hides!(NewProfile);

/// Writes an inactive profile.
///
/// # Errors
/// A violation of the index `operator_email_key_key` if the address has a holder, unless the
/// operator is invited. The caller must check afterwards whether a former holder can still take the
/// address back.
pub async fn insert(
    app: &App,
    work: &mut Work,
    account: &account::Model,
    profile: NewProfile,
) -> Result<operator::Model, DbErr> {
    let now = app.clock.now();
    let key = profile.email.key().to_owned();
    let (email_key, pending_email_key) =
        if profile.password_hash.is_some() { (Some(key), None) } else { (None, Some(key)) };
    let (name, public_name) = (profile.name.as_str(), profile.public_name.as_ref().map(Name::as_str));
    let operator = operator::ActiveModel {
        id: Set(OperatorId::new()),
        account_id: Set(account.id),
        is_owner: Set(profile.is_owner),
        access_level: Set(profile.access_level),
        search_key: Set(search_key_of(name, public_name)),
        name: Set(name.to_owned()),
        public_name: Set(public_name.map(str::to_owned)),
        email_key: Set(email_key),
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
        email_proven_at: Set(None),
        email_set_at: Set(None),
        pending_email: Set(None),
        pending_email_key: Set(pending_email_key),
        password_set_by_other: Set(profile.added_by.is_some()),
        added_by: Set(profile.added_by),
        lost_email: Set(None),
        lost_at: Set(None),
        lost_reason: Set(None),
        invitation_sent_at: Set(None),
    }
    .insert(&**work)
    .await?;
    bump_version(work, account.id).await?;
    Ok(operator)
}

/// Why an invitation was not sent again.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    #[error("{}", NO_SUCH_OPERATOR)]
    NotFound,
    #[error("This operator has already set a password, and can recover it from the sign-in page.")]
    HasPassword,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for InviteError {}

/// Mails an operator without a password a new link to set one. Links that were sent before stop
/// working.
pub async fn invite(
    app: &App,
    actor: &Granted<ManageOperators>,
    client: IpAddr,
    id: Option<OperatorId>,
    language: Language,
) -> Result<operator::Model, Failure<InviteError>> {
    let mut work = app.begin_in(actor.account_id()).await?;
    lock(&work, actor).await?;
    let operator = find(&work, actor, id).await?.ok_or(InviteError::NotFound)?;
    if !operator.is_invited() {
        return Err(InviteError::HasPassword.into());
    }
    app.throttle.attempt(Attempt::Invitation, client, operator.address_key()).map_err(InviteError::from)?;
    app.throttle.invitation_of(operator.account_id).map_err(InviteError::from)?;
    let mut row = operator.into_active_model();
    row.added_by = Set(Some(actor.operator_id()));
    row.invitation_sent_at = Set(None);
    let operator = row.update(&*work).await?;
    queue::forget_invitations(&work, operator.id).await?;
    bump_version(&mut work, operator.account_id).await?;

    queue::put(app, &mut work, Mail::about(Kind::Invitation, language, operator.id).from(actor.operator_id())).await?;
    work.commit().await?;
    Ok(operator)
}

//! Changes a profile: the caller's own, or another operator's.

use std::net::IpAddr;

use entity::{OperatorId, mail::Language, operator};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::{
    address::{When, follow, is_refused, set, when},
    description_at, email_at, email_conflict, is_taken, name_at, search_key_of,
};
use crate::{
    access::{
        identity::ProfileEditor,
        throttle::{Attempt, TooMany},
    },
    account::rules as accounts,
    address::{links, rules::can_prove},
    app::{App, Work},
    availability::{Card, rules as availability},
    error::{Denied, Failure, Faults, NO_SUCH_OPERATOR, Rejection},
    input::{Change, Description, EmailAddress, Invalid, Name, Reason, debug_hides},
    operator::queries,
    password::{Password, Verdict},
};

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error("{}", NO_SUCH_OPERATOR)]
    NotFound,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("This address signs in to an account already.")]
    EmailTaken,
    #[error("Only the owner can change the owner's address: it gives access to the whole account.")]
    OwnersAddress,
    #[error("The current password is wrong.")]
    WrongPassword,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for UpdateError {}

/// A changed profile as typed.
#[derive(Clone, Default)]
pub struct Changes {
    pub name: Change<String>,
    pub public_name: Change<String>,
    pub email: Change<String>,
    pub description: Change<String>,
    /// Required to change the caller's own address.
    pub current_password: Option<String>,
    /// The language of the mails that a changed address causes.
    pub language: Language,
}
debug_hides!(Changes);

/// The changes that were parsed.
#[derive(Debug)]
struct Parsed {
    name: Option<Name>,
    public_name: Change<Name>,
    email: Option<EmailAddress>,
    description: Change<Description>,
}

/// Changes a profile.
///
/// A change of the caller's own address requires the current password, and takes effect once the
/// mailed link is confirmed. A change of another operator's address takes effect at once, and the
/// former address is notified. Without a mail relay every change takes effect at once.
pub async fn update(
    app: &App,
    actor: &ProfileEditor,
    client: IpAddr,
    id: Option<OperatorId>,
    changes: Changes,
) -> Result<operator::Model, Failure<UpdateError>> {
    let (current_password, language) = (changes.current_password.clone(), changes.language);
    let parsed = parse(app, actor, client, id, changes).await?;
    let is_own = id == Some(actor.operator_id());
    let confirmed = match (&parsed.email, is_own) {
        (Some(email), true) => confirm(app, actor, client, email, current_password).await?,
        _ => None,
    };
    let mut work = app.begin_in(actor.account_id()).await?;
    let account = accounts::lock_for_profile(&work, actor).await?;
    let operator = match id {
        Some(id) => queries::find(&*work, account.id, id).await?,
        None => None,
    };
    let before = operator.ok_or(UpdateError::NotFound)?;
    let address = new_address(&parsed, &before, is_own)?;
    if let Some(email) = &address {
        if is_own && (confirmed.is_none() || confirmed != before.password_hash) {
            return Err(UpdateError::WrongPassword.into());
        }
        count_mails(app, client, &before, email)?;
    }
    let when = when(app, &before, is_own);
    let operator = write(app, &work, before.clone(), parsed, address.as_ref().map(|email| (email, when))).await?;
    if operator == before && address.is_none() {
        return Ok(operator);
    }
    match &address {
        Some(email) => {
            if is_refused(app, &work, &operator, email, when).await? {
                return Err(UpdateError::EmailTaken.into());
            }
            follow(app, &mut work, &before, &operator, email, when, language).await?;
        }
        None if operator.pending_email != before.pending_email => links::end_confirmations(&work, operator.id).await?,
        None => {}
    }
    availability::note_change(&mut work, Card::shown(&before), &operator).await?;
    accounts::bump_version(&mut work, operator.account_id).await?;
    work.commit().await?;
    Ok(operator)
}

/// The address that the profile gets. `None` if it keeps its own: another spelling of the same
/// address still signs in and receives mail.
fn new_address(parsed: &Parsed, before: &operator::Model, is_own: bool) -> Result<Option<EmailAddress>, UpdateError> {
    // A caller who sets the owner's address, even to another spelling, could then recover the
    // owner's password. If the owner has lost the address, a colleague may set a new one.
    let respelled = parsed.email.as_ref().is_some_and(|email| before.email.as_deref() != Some(email.address()));
    if respelled && before.is_owner && !is_own && before.email.is_some() {
        return Err(UpdateError::OwnersAddress);
    }
    Ok(parsed.email.clone().filter(|email| before.address_key() != Some(email.key())))
}

/// Counts the mails of a change. Both addresses may receive mail, and neither has to belong to the
/// caller.
fn count_mails(app: &App, client: IpAddr, before: &operator::Model, email: &EmailAddress) -> Result<(), UpdateError> {
    for address in [Some(email.key()), before.address_key()] {
        app.throttle.attempt(Attempt::Invitation, client, address)?;
    }
    if before.is_invited() || can_prove(app) {
        app.throttle.invitation_of(before.account_id)?;
    }
    Ok(())
}

/// Verifies the password of an operator who changes their own address, before any lock is taken.
/// Returns the hash that was verified, or `None` if the address does not change.
async fn confirm(
    app: &App,
    actor: &ProfileEditor,
    client: IpAddr,
    email: &EmailAddress,
    typed: Option<String>,
) -> Result<Option<String>, Failure<UpdateError>> {
    let me = queries::find(app.db(), actor.account_id(), actor.operator_id()).await?.ok_or(Denied::Unauthenticated)?;
    if me.email_key.as_deref() == Some(email.key()) {
        return Ok(None);
    }
    let missing =
        || Invalid::at("currentPassword", Reason::Missing, "Enter your current password to change your address.");
    let typed = typed.filter(|typed| !typed.is_empty()).ok_or_else(missing).map_err(UpdateError::from)?;
    // A stolen session could be used to guess the password, so attempts are limited as at sign-in.
    app.throttle.attempt(Attempt::ChangePassword, client, Some(&me.id.to_string())).map_err(UpdateError::from)?;
    let typed = Password::typed(&typed).ok_or(UpdateError::WrongPassword)?;
    if app.hasher.verify(typed, me.password_hash.clone()).await? == Verdict::Wrong {
        return Err(UpdateError::WrongPassword.into());
    }
    Ok(me.password_hash)
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
    // The edited profile may have the address only if it is in the caller's account: otherwise a
    // caller who guesses ids could learn whose address it is.
    let owns = |found: &operator::Model| found.account_id == actor.account_id() && Some(found.id) == id;
    if !faults.is_empty()
        && let Some(Some(email)) = &email
        && is_taken(app, client, email, owns).await?
    {
        faults.note::<(), _>(Err(UpdateError::EmailTaken));
    }
    faults.check()?;

    let noted = "faults are checked above";
    let description = match description.expect(noted) {
        // Text of nothing but spaces counts as empty.
        Change::To(None) | Change::Clear => Change::Clear,
        Change::To(Some(text)) => Change::To(text),
        Change::Keep => Change::Keep,
    };
    Ok(Parsed {
        name: name.expect(noted),
        public_name: public_name.expect(noted),
        email: email.expect(noted),
        description,
    })
}

/// Writes the fields that differ. If none do, returns the row unchanged. If the caller types their
/// current address, a pending address is withdrawn.
async fn write(
    app: &App,
    work: &Work,
    operator: operator::Model,
    parsed: Parsed,
    address: Option<(&EmailAddress, When)>,
) -> Result<operator::Model, Failure<UpdateError>> {
    let mut wanted = operator.clone();
    if let Some(name) = parsed.name {
        name.as_str().clone_into(&mut wanted.name);
    }
    parsed.public_name.apply(&mut wanted.public_name, |name| name.as_str().to_owned());
    if let (Some(email), None) = (parsed.email, address) {
        wanted.email = Some(email.address().to_owned());
        if !operator.is_invited() {
            wanted.pending_email = None;
            wanted.pending_email_key = None;
        }
    }
    parsed.description.apply(&mut wanted.description, |text| text.as_str().to_owned());
    if wanted == operator && address.is_none() {
        return Ok(operator);
    }
    let mut row = operator.into_active_model();
    row.search_key = Set(search_key_of(&wanted.name, wanted.public_name.as_deref()));
    row.name = Set(wanted.name);
    row.public_name = Set(wanted.public_name);
    row.email = Set(wanted.email);
    row.pending_email = Set(wanted.pending_email);
    row.pending_email_key = Set(wanted.pending_email_key);
    row.description = Set(wanted.description);
    row.updated_at = Set(app.clock.now());
    if let Some((email, when)) = address {
        set(app, &mut row, email, when);
    }
    row.update(&**work).await.map_err(|error| email_conflict(error, UpdateError::EmailTaken))
}

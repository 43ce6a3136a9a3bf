//! The rules of signing up, signing in and setting passwords.

use std::net::IpAddr;

use entity::{account, mail::Kind, operator, operator::AccessLevel};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, IntoActiveModel};

use crate::{
    access::{
        throttle::{Attempt, TooMany},
        token::{self, Incomplete, Token},
        viewer::{Granted, ManageOwnSignIn, SignedIn},
    },
    account::{queries as accounts, rules as account_rules},
    address::{
        links,
        queries::find_hold_any_account,
        rules::{self as addresses, Gain, TakeError as AddressTakeError},
    },
    app::{App, Work},
    error::{Failure, Faults, Rejection},
    event::Event,
    input::{EmailAddress, Invalid, Name},
    mail::queue::{self, Mail},
    operator::{
        queries::{find_by_email_any_account, list_invited_by_email_any_account},
        rules::{self as operators, NewProfile},
    },
    password::{Password, PasswordFault, Verdict},
    password_link,
    seat::rules::{TakeError, take},
    session::{
        device::{self, Devices},
        rules::{self as sessions, authenticate},
    },
};

/// Why an account was not opened.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("The password {0}.")]
    Password(#[from] PasswordFault),
    #[error("This address signs in to an account already.")]
    EmailTaken,
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error("Sign-up is closed on this server.")]
    Closed,
}
impl Rejection for SignUpError {}

/// A company and its owner, as typed.
#[derive(Debug)]
pub struct NewAccount {
    pub account_name: String,
    pub name: String,
    pub email: String,
    pub password: String,
}

/// An operator who just signed in.
#[derive(Debug)]
pub struct Entered {
    pub account: account::Model,
    pub operator: operator::Model,
    pub token: Token,
    pub signed_in: SignedIn,
}

/// Opens an account for an anonymous caller, who becomes its owner and is signed in.
pub async fn sign_up(app: &App, client: IpAddr, new: NewAccount) -> Result<Entered, Failure<SignUpError>> {
    if !app.config.sign_up {
        return Err(SignUpError::Closed.into());
    }
    app.throttle.attempt(Attempt::SignUp, client, folded(&new.email).as_deref()).map_err(SignUpError::from)?;
    let prepared = prepare(app, new).await?;
    let mut work = app.begin().await?;
    let (account, operator) = open(app, &mut work, prepared).await?;
    let (token, signed_in) = sessions::start(app, &work, &operator).await?;
    work.commit().await?;
    Ok(Entered { account, operator, token, signed_in })
}

/// Opens an account on behalf of the server's administrator. Works while sign-up is closed, and
/// signs no one in.
pub async fn create_account(
    app: &App,
    new: NewAccount,
) -> Result<(account::Model, operator::Model), Failure<SignUpError>> {
    let prepared = prepare(app, new).await?;
    let mut work = app.begin().await?;
    let opened = open(app, &mut work, prepared).await?;
    work.commit().await?;
    Ok(opened)
}

/// Validates the input, collects all faults, and hashes the password before any lock is taken.
async fn prepare(app: &App, new: NewAccount) -> Result<(Name, NewProfile), Failure<SignUpError>> {
    let mut faults = Faults::<SignUpError>::default();
    let own_words = [new.account_name.as_str(), &new.name, &new.email];
    let account_name = faults.note(operators::name_at("accountName", &new.account_name));
    let name = faults.note(operators::name_at("name", &new.name));
    let email = faults.note(operators::email_at("email", &new.email));
    let password = faults.note(app.config.password.policy.parse(&new.password, &own_words));
    if let Some(email) = &email
        && (find_by_email_any_account(app.db(), email.key()).await?.is_some()
            || find_hold_any_account(app, app.db(), email.key(), None).await?.is_some())
    {
        faults.note::<(), _>(Err(SignUpError::EmailTaken));
    }
    faults.check()?;

    let profile = NewProfile {
        name: name.expect("faults are checked above"),
        public_name: None,
        email: email.expect("faults are checked above"),
        description: None,
        access_level: AccessLevel::Full,
        is_owner: true,
        password_hash: Some(hash(app, password.expect("faults are checked above")).await?),
        added_by: None,
    };
    Ok((account_name.expect("faults are checked above"), profile))
}

async fn open(
    app: &App,
    work: &mut Work,
    (name, owner): (Name, NewProfile),
) -> Result<(account::Model, operator::Model), Failure<SignUpError>> {
    let account = account_rules::open(app, work, &name).await?;
    let email = owner.email.clone();
    let owner = operators::insert(app, work, &account, owner)
        .await
        .map_err(|error| operators::email_conflict(error, SignUpError::EmailTaken))?;
    if addresses::is_kept(app, work, &email, owner.id).await? {
        return Err(SignUpError::EmailTaken.into());
    }
    addresses::ask(app, work, &owner, email.address()).await?;
    // An operator who signs up is active: every plan has at least one seat, and no other operator
    // exists yet.
    let owner = take(app, work, &account, owner).await.map_err(|error| match error {
        TakeError::LimitReached(reached) => {
            Failure::Internal(anyhow::Error::new(reached).context("a new account has no seat"))
        }
        TakeError::Db(error) => error.into(),
    })?;
    Ok((account, owner))
}

/// Why an operator was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("The address or the password is wrong.")]
    InvalidCredentials,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for SignInError {}

/// Signs an operator in. An unknown address takes as long as a wrong password, and returns the same
/// error.
///
/// A browser that is one of the operator's devices has its own limit. Attempts from any other
/// browser count for its client and for the address.
pub async fn sign_in(
    app: &App,
    client: IpAddr,
    devices: &Devices,
    email: &str,
    password: &str,
) -> Result<Entered, Failure<SignInError>> {
    let key = folded(email);
    let device = match &key {
        Some(key) => device::find_any_account(app, devices, key).await?,
        None => None,
    };
    let counted = match device {
        Some(device) => app.throttle.attempt_on_device(device.hash()),
        None => app.throttle.attempt(Attempt::SignIn, client, key.as_deref()),
    };
    counted.map_err(SignInError::from)?;
    // No operator can have such a password, so it is wrong for every address: returning early
    // reveals nothing about the address.
    let password = Password::typed(password).ok_or(SignInError::InvalidCredentials)?;
    let known = match EmailAddress::parse(email) {
        Ok(email) => find_by_email_any_account(app.db(), email.key()).await?,
        Err(_) => None,
    };
    let stored = known.as_ref().and_then(|operator| operator.password_hash.clone());
    let verdict = app.hasher.verify(password.clone(), stored.clone()).await?;
    let (Some(known), Verdict::Right { rehash }) = (known, verdict) else {
        return Err(SignInError::InvalidCredentials.into());
    };
    // The hash parameters were raised since this hash was created. Only now is the password
    // available to create a stronger one.
    let better = if rehash { Some(app.hasher.hash(password).await?) } else { None };

    let work = app.begin_in(known.account_id).await?;
    let account = account_rules::lock_by_id(&work, known.account_id).await?.ok_or(SignInError::InvalidCredentials)?;
    let operator =
        crate::operator::queries::find(&*work, account.id, known.id).await?.ok_or(SignInError::InvalidCredentials)?;
    // While the password was verified, it may have been changed, or the address may have moved to
    // another profile.
    if operator.password_hash != stored || operator.email_key != known.email_key {
        return Err(SignInError::InvalidCredentials.into());
    }
    if let Some(better) = better {
        let mut row = operator.clone().into_active_model();
        row.password_hash = Set(Some(better));
        row.update(&*work).await?;
    }
    let (token, signed_in) = sessions::start(app, &work, &operator).await?;
    work.commit().await?;
    Ok(Entered { account, operator, token, signed_in })
}

/// Ends the caller's session, and the sessions of the other tokens in the request.
pub async fn sign_out(app: &App, signed_in: &SignedIn, others: &[&str]) -> anyhow::Result<()> {
    for token in others {
        if let Some(other) = authenticate(app, token).await?
            && other.session_id() != signed_in.session_id()
        {
            sessions::end(app, &other).await?;
        }
    }
    sessions::end(app, signed_in).await
}

/// Why no recovery was started. An unknown address is not a reason.
#[derive(Debug, thiserror::Error)]
pub enum RequestRecoveryError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for RequestRecoveryError {}

/// Queues a mail to the operator who has this address. An unknown address is queued as well, so
/// that it takes the same time.
pub async fn request_recovery(app: &App, client: IpAddr, email: &str) -> Result<(), Failure<RequestRecoveryError>> {
    let email = operators::email_at("email", email).map_err(RequestRecoveryError::from)?;
    app.throttle.attempt(Attempt::Recovery, client, Some(email.key())).map_err(RequestRecoveryError::from)?;
    let mut work = app.begin().await?;
    queue::put(app, &mut work, Mail::to_holder(Kind::PasswordRecovery, email.key())).await?;
    work.commit().await?;
    Ok(())
}

/// Why a link did not set a password.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
    #[error("This link has expired or was used already. Ask for a new one.")]
    InvalidLink,
    #[error(
        "Your address signs in to another account, where it is confirmed. Have this invitation sent to another address."
    )]
    EmailTaken,
    #[error("The password {0}.")]
    Password(#[from] PasswordFault),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for RecoverError {}

/// Sets a password with the token of a mailed link, and ends every session. Signs no one in and
/// activates no operator.
///
/// The link proves the address that it was mailed to. With the link of an invitation, the operator
/// receives the address, even from a holder who has not proven it. A rejected password or address
/// does not use up the link.
pub async fn recover_password(
    app: &App,
    token: &str,
    new_password: &str,
) -> Result<operator::Model, Failure<RecoverError>> {
    let token = Token::typed(token::LINK, token).map_err(RecoverError::from)?;
    let token = token.reveal();
    let holder =
        password_link::find_holder_any_account(app, app.db(), token).await?.ok_or(RecoverError::InvalidLink)?;
    let new_password = parse_for(app, &holder, new_password).await?.map_err(RecoverError::from)?;
    let password_hash = hash(app, new_password).await?;
    for _ in 0..addresses::ROUNDS {
        if let Some(operator) = Box::pin(use_link(app, token, &holder, &password_hash)).await? {
            return Ok(operator);
        }
    }
    Err(anyhow::anyhow!("the address of a link changed hands in every attempt").into())
}

/// One attempt of [`recover_password`]. `None` if the address changed hands in the meantime.
async fn use_link(
    app: &App,
    token: &str,
    seen: &operator::Model,
    password_hash: &str,
) -> Result<Option<operator::Model>, Failure<RecoverError>> {
    let key = seen.address_key().ok_or(RecoverError::InvalidLink)?;
    let (mut work, holder) = addresses::begin(app, seen.account_id, key).await?;
    // Read again under the lock: of several concurrent uses, one succeeds.
    let operator =
        password_link::find_holder_any_account(app, &*work, token).await?.ok_or(RecoverError::InvalidLink)?;
    let email =
        operator.email.clone().filter(|_| operator.address_key() == Some(key)).ok_or(RecoverError::InvalidLink)?;
    let proven_at = addresses::can_prove(app).then(|| app.clock.now());
    let operator = if operator.email_key.is_none() {
        let gain = Gain { email: &email, email_key: key, proven_at };
        match addresses::take(app, &mut work, operator, gain, holder).await {
            Ok(operator) => operator,
            Err(AddressTakeError::Raced) => return Ok(None),
            Err(AddressTakeError::Taken) => return Err(RecoverError::EmailTaken.into()),
            Err(AddressTakeError::Db(error)) => return Err(error.into()),
        }
    } else {
        addresses::prove(&work, operator, proven_at).await?
    };
    let operator = set_password(app, &mut work, operator, password_hash.to_owned(), Chosen::ByThemselves).await?;
    sessions::end_all(&mut work, &operator, None).await?;
    work.commit().await?;
    Ok(Some(operator))
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    #[error("The current password is wrong.")]
    InvalidCredentials,
    #[error("The password {0}.")]
    Password(#[from] PasswordFault),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for ChangePasswordError {}

/// Changes the caller's password, and ends all other sessions of the caller.
pub async fn change_password(
    app: &App,
    actor: &Granted<ManageOwnSignIn>,
    client: IpAddr,
    current: &str,
    new_password: &str,
) -> Result<operator::Model, Failure<ChangePasswordError>> {
    let me = crate::operator::queries::find(app.db(), actor.account_id(), actor.operator_id())
        .await?
        .ok_or(crate::error::Denied::Unauthenticated)?;
    // A stolen session could be used to guess the password, so attempts are limited as at sign-in.
    // The counts are separate: attempts to sign in do not block the operator here.
    app.throttle
        .attempt(Attempt::ChangePassword, client, Some(&me.id.to_string()))
        .map_err(ChangePasswordError::from)?;
    let current = Password::typed(current).ok_or(ChangePasswordError::InvalidCredentials)?;
    if app.hasher.verify(current, me.password_hash.clone()).await? == Verdict::Wrong {
        return Err(ChangePasswordError::InvalidCredentials.into());
    }
    let new_password = parse_for(app, &me, new_password).await?.map_err(ChangePasswordError::from)?;
    let password_hash = hash(app, new_password).await?;

    let mut work = app.begin_in(actor.account_id()).await?;
    account_rules::lock(&work, actor).await?;
    let operator = crate::operator::queries::find(&*work, actor.account_id(), actor.operator_id())
        .await?
        .ok_or(crate::error::Denied::Unauthenticated)?;
    if operator.password_hash != me.password_hash {
        return Err(ChangePasswordError::InvalidCredentials.into());
    }
    let operator = set_password(app, &mut work, operator, password_hash, Chosen::ByThemselves).await?;
    sessions::end_all(&mut work, &operator, Some(actor.session_id())).await?;
    work.commit().await?;
    Ok(operator)
}

/// Why the server's administrator could not reset a password.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    #[error("no operator has this address")]
    NotFound,
    #[error(
        "several accounts have invited this address; the operator has to accept one invitation, or be added with a password"
    )]
    Ambiguous,
    #[error("this operator is invited, and another one has the address, or can take it back")]
    EmailTaken,
    #[error("The password {0}.")]
    Password(#[from] PasswordFault),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for ResetPasswordError {}

/// Sets an operator's password on behalf of the server's administrator, and ends every session. For
/// an invited operator, this accepts the invitation: the operator receives the address, unproven.
/// Without a mail relay there is no other way to sign in.
pub async fn reset_password(
    app: &App,
    email: &str,
    new_password: &str,
) -> Result<operator::Model, Failure<ResetPasswordError>> {
    let email = EmailAddress::parse(email).map_err(|_| ResetPasswordError::NotFound)?;
    let seen = find_resettable_any_account(app, email.key()).await?;
    let new_password = parse_for(app, &seen, new_password).await?.map_err(ResetPasswordError::from)?;
    let password_hash = hash(app, new_password).await?;

    let (mut work, holder) = addresses::begin(app, seen.account_id, email.key()).await?;
    let operator = crate::operator::queries::find(&*work, seen.account_id, seen.id).await?;
    let operator =
        operator.filter(|operator| operator.address_key() == Some(email.key())).ok_or(ResetPasswordError::NotFound)?;
    let operator = if operator.email_key.is_some() {
        operator
    } else {
        // The address had no holder when it was read without the lock.
        if holder.is_some() {
            return Err(ResetPasswordError::EmailTaken.into());
        }
        let typed = operator.email.clone().unwrap_or_default();
        match addresses::take(
            app,
            &mut work,
            operator,
            Gain { email: &typed, email_key: email.key(), proven_at: None },
            None,
        )
        .await
        {
            Ok(operator) => operator,
            Err(AddressTakeError::Taken | AddressTakeError::Raced) => return Err(ResetPasswordError::EmailTaken.into()),
            Err(AddressTakeError::Db(error)) => return Err(error.into()),
        }
    };
    let operator = set_password(app, &mut work, operator, password_hash, Chosen::ByAnother).await?;
    sessions::end_all(&mut work, &operator, None).await?;
    work.commit().await?;
    Ok(operator)
}

/// The operator who signs in with an address, or else the only operator who was invited with it.
async fn find_resettable_any_account(
    app: &App,
    email_key: &str,
) -> Result<operator::Model, Failure<ResetPasswordError>> {
    if let Some(holder) = find_by_email_any_account(app.db(), email_key).await? {
        return Ok(holder);
    }
    let mut invited = list_invited_by_email_any_account(app.db(), email_key).await?.into_iter();
    match (invited.next(), invited.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(ResetPasswordError::Ambiguous.into()),
        (None, _) => Err(ResetPasswordError::NotFound.into()),
    }
}

/// Who chose a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    ByThemselves,
    ByAnother,
}

/// Writes a password, ends the links that could set another one, and notifies the operator unless
/// there was no password before.
///
/// Withdraws an address that is not proven yet. It was requested under the old password, perhaps by
/// the person whom the change locks out, and its link could set a password.
pub(crate) async fn set_password(
    app: &App,
    work: &mut Work,
    operator: operator::Model,
    password_hash: String,
    chosen: Chosen,
) -> Result<operator::Model, DbErr> {
    let (had_one, has_pending) = (operator.password_hash.is_some(), operator.pending_email.is_some());
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
        queue::put(app, work, Mail::about(Kind::PasswordChanged, operator.id)).await?;
    }
    work.announce(Event::OperatorChanged { account_id: operator.account_id, operator_id: operator.id });
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

/// The key of an address in rate limits. Input that is not an address has none, and counts for its
/// client only.
fn folded(typed: &str) -> Option<String> {
    EmailAddress::parse(typed).ok().map(|email| email.key().to_owned())
}

pub(crate) async fn hash<R>(app: &App, password: Password) -> Result<String, Failure<R>>
where
    R: Rejection + From<TooMany>,
{
    Ok(app.hasher.hash(password).await?)
}

//! Opening an account.

use std::net::IpAddr;

use entity::{
    account,
    mail::Language,
    operator::{self, AccessLevel},
};

use sea_orm::{ConnectionTrait as _, DbBackend};

use super::{Entered, folded, hash};
use crate::{
    access::throttle::{Attempt, TooMany},
    account::rules as account_rules,
    address::{queries::find_hold_any_account, rules as addresses},
    app::{App, Work, reads::Read as _},
    config::SignUp,
    error::{Failure, Faults, Rejection},
    input::{Invalid, Name, debug_hides},
    operator::{
        queries::find_by_email_any_account,
        rules::{self as operators, NewProfile},
    },
    password::PasswordFault,
    seat::rules::{TakeError, take},
    server::queries::{HasAccount, exists_any_account, is_sign_up_open},
    session::rules as sessions,
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
pub struct NewAccount {
    pub account_name: String,
    pub name: String,
    pub email: String,
    pub password: String,
    /// The language of the mail to the owner.
    pub language: Language,
}
debug_hides!(NewAccount);

/// Opens an account for an anonymous caller, who becomes its owner and is signed in.
///
/// With `DESKBELL_SIGN_UP=first`, the transaction decides who is first. The checks before it save
/// the cost of a hash.
pub async fn sign_up(app: &App, client: IpAddr, new: NewAccount) -> Result<Entered, Failure<SignUpError>> {
    require_open(app).await?;
    app.throttle.attempt(Attempt::SignUp, client, folded(&new.email).as_deref()).map_err(SignUpError::from)?;
    let language = new.language;
    let prepared = prepare(app, new).await;
    // While the password was hashed, another caller may have been first.
    require_open(app).await?;
    let prepared = prepared?;
    let mut work = app.begin().await?;
    lock_open(app, &work).await?;
    let (account, operator) = open(app, &mut work, prepared, language).await?;
    let (token, signed_in) = sessions::start(app, &work, &operator).await?;
    work.commit().await?;
    Ok(Entered { account, operator, token, signed_in })
}

async fn require_open(app: &App) -> Result<(), Failure<SignUpError>> {
    let setting = app.config.sign_up;
    let has_account = setting == SignUp::First && HasAccount.run(app).await?;
    if is_sign_up_open(setting, has_account) { Ok(()) } else { Err(SignUpError::Closed.into()) }
}

/// With `DESKBELL_SIGN_UP=first`, excludes all other transactions that create an account, and
/// checks that none has created one.
///
/// On SQLite the transaction is the lock. On PostgreSQL the lock is on the table, because there is
/// no row yet. It also waits for servers and commands that do not take it: those with another
/// setting, and those of the previous version.
async fn lock_open(app: &App, work: &Work) -> Result<(), Failure<SignUpError>> {
    if app.config.sign_up != SignUp::First {
        return Ok(());
    }
    if work.get_database_backend() == DbBackend::Postgres {
        work.execute_unprepared("LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    if exists_any_account(&**work).await? { Err(SignUpError::Closed.into()) } else { Ok(()) }
}

/// Opens an account on behalf of the server's administrator. Works while sign-up is closed, and
/// signs no one in.
pub async fn create_account(
    app: &App,
    new: NewAccount,
) -> Result<(account::Model, operator::Model), Failure<SignUpError>> {
    let language = new.language;
    let prepared = prepare(app, new).await?;
    let mut work = app.begin().await?;
    let opened = open(app, &mut work, prepared, language).await?;
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
    language: Language,
) -> Result<(account::Model, operator::Model), Failure<SignUpError>> {
    let account = account_rules::open(app, work, &name).await?;
    let email = owner.email.clone();
    let owner = operators::insert(app, work, &account, owner)
        .await
        .map_err(|error| operators::email_conflict(error, SignUpError::EmailTaken))?;
    if addresses::is_kept(app, work, &email, owner.id).await? {
        return Err(SignUpError::EmailTaken.into());
    }
    addresses::ask(app, work, &owner, email.address(), language).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_that_was_typed() {
        let typed = || "mauve otter on Sundays".to_owned();
        let new = NewAccount {
            account_name: typed(),
            name: typed(),
            email: typed(),
            password: typed(),
            language: Language::En,
        };
        assert_eq!(format!("{new:?}"), "NewAccount { .. }");
    }
}

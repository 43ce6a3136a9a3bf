//! `deskbell account create`.

use anyhow::Context as _;
use clap::{Arg, ArgMatches};
use entity::mail::Language;

use super::{output::print, typed_password};
use crate::{
    app::App,
    config::Config,
    error::{Denied, Failure},
    login::rules::{self, NewAccount},
};

pub fn args() -> Vec<Arg> {
    let required =
        |name: &'static str, help: &'static str| Arg::new(name).long(name).required(true).value_name("TEXT").help(help);
    vec![
        required("account-name", "The company's name"),
        required("owner-name", "The owner's name, as shown in the dashboard"),
        required("email", "The e-mail address with which the owner signs in"),
        typed_password::arg(),
    ]
}

/// Creates an account; prints its widget key, and the password if it was generated.
pub async fn create(config: Config, matches: &ArgMatches) -> anyhow::Result<()> {
    let text = |name: &str| matches.get_one::<String>(name).cloned().expect("clap requires it");
    let (password, made_up) = typed_password::take(matches)?;
    let new = NewAccount {
        account_name: text("account-name"),
        name: text("owner-name"),
        email: text("email"),
        password: password.clone(),
        language: Language::En,
    };
    let app = App::start(config).await?;
    let created = rules::create_account(&app, new).await;
    app.close().await?;
    let (account, owner) = created.map_err(explain)?;
    let password = if made_up { format!("Password:   {password}\n") } else { String::new() };
    let (name, widget_key, owner) = (account.name, account.widget_key, owner.email.unwrap_or_default());
    print(format_args!("Account:    {name}\nWidget key: {widget_key}\nOwner:      {owner}\n{password}"))
        .context("the account was created, but")
}

/// The message of a denial, for a command.
pub(super) fn refused(denied: Denied) -> anyhow::Error {
    anyhow::anyhow!(denied.message())
}

/// Joins the reasons of a refusal into one line.
pub(super) fn explain<R: std::fmt::Display>(failure: Failure<R>) -> anyhow::Error {
    match failure {
        Failure::Rejected(reasons) => {
            anyhow::anyhow!(reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        }
        Failure::Denied(denied) => refused(denied),
        Failure::Internal(error) => error,
    }
}

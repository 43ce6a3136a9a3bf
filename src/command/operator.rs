//! `deskbell operator reset-password`, `deskbell operator set-address`.

use anyhow::Context as _;
use clap::{Arg, ArgMatches};

use super::{account::explain, output::print, typed_password};
use crate::{
    app::App,
    bus,
    config::Config,
    graphql::Kind,
    login::rules,
    operator::rules::{self as operators, Named},
};

pub fn args() -> Vec<Arg> {
    vec![
        Arg::new("email")
            .required(true)
            .value_name("ADDRESS")
            .help("The e-mail address with which the operator signs in"),
        typed_password::arg(),
    ]
}

/// Sets the password, ends all sessions, and prints the password if it was generated.
pub async fn reset_password(config: Config, matches: &ArgMatches) -> anyhow::Result<()> {
    let email = matches.get_one::<String>("email").expect("clap requires it");
    let (password, made_up) = typed_password::take(matches)?;
    let app = App::start(config).await?;
    let reset = rules::reset_password(&app, email, &password).await;
    if let Some(config) = app.config.bus.as_ref().filter(|_| reset.is_ok()) {
        // Servers check their sessions every few seconds anyway. After a message they close the
        // operator's sockets at once.
        bus::tell_once(config, &app.bus, app.clone()).await;
    }
    app.close().await?;
    let operator = reset.map_err(explain)?;
    let password = if made_up { format!("Password: {password}\n") } else { String::new() };
    let email = operator.email.unwrap_or_default();
    print(format_args!("The password of {email} is set, and their sessions have ended.\n{password}"))
        .context("the password was set, but")
}

pub fn address_args() -> Vec<Arg> {
    let required = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).required(true).value_name(value).help(help)
    };
    vec![
        required(
            "operator",
            "OPERATOR",
            "The operator's current or lost e-mail address, or their id, which is the last part of their page's URL in the dashboard",
        ),
        required("address", "ADDRESS", "The new e-mail address"),
    ]
}

/// Sets the address, which is valid at once, but unconfirmed.
pub async fn set_address(config: Config, matches: &ArgMatches) -> anyhow::Result<()> {
    let text = |name: &str| matches.get_one::<String>(name).expect("clap requires it");
    let (operator, address) = (text("operator"), text("address"));
    let named = match Kind::parse(&operator.into()) {
        Some(Kind::Operator(id)) => Named::Id(id),
        _ => Named::Address(operator),
    };
    let app = App::start(config).await?;
    let set = operators::set_address(&app, named, address).await;
    if let Some(config) = app.config.bus.as_ref().filter(|_| set.is_ok()) {
        bus::tell_once(config, &app.bus, app.clone()).await;
    }
    app.close().await?;
    let operator = set.map_err(explain)?;
    let (name, email) = (operator.name, operator.email.unwrap_or_default());
    print(format_args!("{name} signs in with {email} now.\n")).context("the address was set, but")
}

//! `deskbell operator reset-password`.

use clap::{Arg, ArgMatches};

use super::{account::explain, typed_password};
use crate::{app::App, bus, config::Config, login::rules};

pub fn args() -> Vec<Arg> {
    vec![Arg::new("email").required(true).value_name("ADDRESS").help("The operator's address to sign in with"), typed_password::arg()]
}

/// Sets the password, ends every session, and prints the password if it was made up.
pub async fn reset_password(config: Config, matches: &ArgMatches) -> anyhow::Result<()> {
    let email = matches.get_one::<String>("email").expect("clap requires it");
    let (password, made_up) = typed_password::take(matches)?;
    let app = App::start(config).await?;
    let reset = rules::reset_password(&app, email, &password).await;
    if let Some(config) = app.config.bus.as_ref().filter(|_| reset.is_ok()) {
        // Servers look at their sessions every few seconds anyway; told, they close the operator's sockets at once.
        bus::tell_once(config, &app.bus, app.clone()).await;
    }
    app.close().await?;
    let operator = reset.map_err(explain)?;
    println!("The password of {} is set, and their sessions have ended.", operator.email.unwrap_or_default());
    if made_up {
        println!("Password: {password}");
    }
    Ok(())
}

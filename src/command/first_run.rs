//! What the log says about accounts after a server has started: how to begin with a database
//! without accounts, or that sign-up is closed.

use crate::{
    app::{App, reads::Read as _},
    config::{Config, SignUp},
    server::queries::HasAccount,
};

const SIGN_UP_IS_CLOSED: &str = "sign-up is closed, because this server has an account; DESKBELL_SIGN_UP=on opens it to everyone, and \
    DESKBELL_SIGN_UP=first keeps it closed without this line";

/// Logs how to begin if the database has no account. Otherwise logs that sign-up is closed, unless
/// the administrator has set it so.
pub(super) async fn log(app: &App) {
    let config = &app.config;
    match HasAccount.run(app).await {
        Ok(false) => first_steps(config).iter().for_each(|line| tracing::info!("{line}")),
        Ok(true) if config.sign_up == SignUp::First && !config.is_sign_up_set => tracing::info!("{SIGN_UP_IS_CLOSED}"),
        Ok(true) => {}
        Err(error) => tracing::warn!(%error, "whether this server has an account could not be read"),
    }
}

/// What the administrator of a new server needs to know, one line each. No line contains
/// credentials.
fn first_steps(config: &Config) -> Vec<String> {
    let base = config.http.public_base();
    let sign_up = match config.sign_up {
        SignUp::First => format!("this server has no account: {base}/sign-up creates the first, which closes sign-up"),
        SignUp::On => format!("this server has no account: {base}/sign-up creates one, and stays open to everyone"),
        SignUp::Off => {
            "this server has no account, and sign-up is off: the command `deskbell account create` creates one"
                .to_owned()
        }
    };
    let mails = match &config.mail.smtp {
        Some(relay) => format!("mails are sent through the relay {}", relay.server()),
        None => "mails are written to this log, because DESKBELL_SMTP_URL is not set".to_owned(),
    };
    vec![format!("open {base} in a browser"), sign_up, mails, format!("the data lies in {}", config.database.place())]
}

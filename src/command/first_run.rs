//! What the log says about accounts after a server has started.

use crate::{
    app::{App, reads::Read as _},
    config::SignUp,
    server::queries::HasAccount,
};

/// Logs that sign-up is closed, if the administrator may not know it.
pub(super) async fn log(app: &App) {
    let config = &app.config;
    match HasAccount.run(app).await {
        Ok(true) if config.sign_up == SignUp::First && !config.is_sign_up_set => tracing::info!(
            "sign-up is closed, because this server has an account; DESKBELL_SIGN_UP=on opens it to everyone, and DESKBELL_SIGN_UP=first \
             keeps it closed without this line"
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "whether this server has an account could not be read"),
    }
}

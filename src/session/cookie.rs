//! The session's cookie. Never read by scripts, never sent along by other sites' forms.

use crate::{config::Config, token::Token};

/// The cookie's name. The `__Host-` prefix makes browsers insist on `Secure`, so it goes with https only.
#[must_use]
pub fn name(config: &Config) -> &'static str {
    if config.http.is_https() { "__Host-deskbell_session" } else { "deskbell_session" }
}

/// `Set-Cookie` for a new session; the browser forgets it when the absolute lifetime is over.
#[must_use]
pub fn set(config: &Config, token: &Token) -> String {
    line(config, token.reveal(), config.session.lifetime.as_secs())
}

/// `Set-Cookie` that removes it.
#[must_use]
pub fn clear(config: &Config) -> String {
    line(config, "", 0)
}

fn line(config: &Config, value: &str, max_age_s: u64) -> String {
    let secure = if config.http.is_https() { "; Secure" } else { "" };
    format!("{}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}", name(config))
}

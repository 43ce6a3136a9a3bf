//! The cookies of a browser: its session, and the devices that it has for its operators. Scripts
//! cannot read them, and browsers do not send them with forms of other sites.

use std::time::Duration;

use edge::config::HttpConfig;

use crate::{access::token::Token, config::Config};

/// The names of the cookies. With the `__Host-` prefix browsers require `Secure`, so it is used
/// with https only.
///
/// Cookies ignore ports. The servers on one host need different cookies, so a port other than the
/// default is part of the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The names that a session cookie may have. The first one is the name that is set; versions
    /// before the port was part of the name set the other one.
    pub session: Vec<String>,
    pub device: String,
}

impl Names {
    #[must_use]
    pub fn of(config: &HttpConfig) -> Self {
        let prefix = if config.is_https() { "__Host-" } else { "" };
        let port = config.public_url.port().map(|port| format!("_{port}")).unwrap_or_default();
        let mut session = vec![format!("{prefix}deskbell_session{port}")];
        if !port.is_empty() {
            session.push(format!("{prefix}deskbell_session"));
        }
        Self { session, device: format!("{prefix}deskbell_device{port}") }
    }
}

/// `Set-Cookie` for a new session. The browser deletes it after the absolute lifetime.
#[must_use]
pub fn set(config: &Config, token: &Token) -> String {
    session(config, token.reveal(), config.session.lifetime)
}

/// `Set-Cookie` that removes the session cookie.
#[must_use]
pub fn clear(config: &Config) -> String {
    session(config, "", Duration::ZERO)
}

/// `Set-Cookie` for a browser's devices.
#[must_use]
pub fn set_devices(config: &Config, value: &str, lifetime: Duration) -> String {
    line(config, &Names::of(&config.http).device, value, lifetime)
}

fn session(config: &Config, value: &str, lifetime: Duration) -> String {
    line(config, &Names::of(&config.http).session[0], value, lifetime)
}

fn line(config: &Config, name: &str, value: &str, lifetime: Duration) -> String {
    let secure = if config.http.is_https() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", lifetime.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_on_one_host_have_cookies_of_their_own() {
        let names =
            |url: &str| Names::of(&HttpConfig { public_url: url.parse().expect("a URL"), ..HttpConfig::default() });
        let usual = names("https://chat.example.com");
        assert_eq!(usual.session, ["__Host-deskbell_session"]);
        assert_eq!(usual.device, "__Host-deskbell_device");
        assert_eq!(names("https://chat.example.com:443"), usual);
        let other = names("https://chat.example.com:8443");
        assert_eq!(other.session, ["__Host-deskbell_session_8443", "__Host-deskbell_session"]);
        assert_eq!(other.device, "__Host-deskbell_device_8443");
        assert_eq!(names("http://127.0.0.1:8080").session, ["deskbell_session_8080", "deskbell_session"]);
        assert_eq!(names("http://chat.example.com").session, ["deskbell_session"]);
    }
}

//! Finds settings that are valid one by one but do not work together, or need attention together:
//! one log line each at startup.

use edge::config::is_loopback;

use super::{Config, SignUp};

impl Config {
    /// One line for each combination of settings that cannot work, or that opens the server to
    /// others.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        [self.unreachable(), self.nameless_sender(), self.open_to_others()].into_iter().flatten().collect()
    }

    /// Checks for a server that other machines reach while its public URL is a loopback address.
    #[must_use]
    pub fn unreachable(&self) -> Option<String> {
        let http = &self.http;
        let is_reached = !http.listen.ip().is_loopback() || !http.trusted_proxies.is_empty();
        if !is_reached || !is_loopback(&http.public_url) {
            return None;
        }
        let mails = if self.mail.smtp.is_some() {
            format!(", and links in mails lead to {}", http.public_url)
        } else {
            String::new()
        };
        Some(format!(
            "DESKBELL_PUBLIC_URL is a loopback address: only browsers on this machine can sign in{mails}; set it to the URL at which browsers reach this server"
        ))
    }

    /// Checks for a sender whose domain, `localhost` by default, has no dot.
    #[must_use]
    pub fn nameless_sender(&self) -> Option<String> {
        let from = &self.mail.from.email;
        let is_nameless = self.mail.smtp.is_some() && !from.domain().contains(['.', ':']);
        is_nameless
            .then(|| format!("DESKBELL_MAIL_FROM is {from}, and most relays reject a sender whose domain has no dot"))
    }

    /// Checks for a server that other machines reach while each of their users can create an
    /// account.
    fn open_to_others(&self) -> Option<String> {
        let url = &self.http.public_url;
        (self.sign_up == SignUp::On && !is_loopback(url)).then(|| {
            format!("DESKBELL_SIGN_UP is on: everyone who can reach {url} can create an account; unset it unless this server hosts others")
        })
    }
}

//! The address of the SMTP relay.
//!
//! A connection is encrypted or stays on this machine, unless the URL sets otherwise:
//!
//! | URL | connection |
//! | --- | --- |
//! | `smtps://user:password@host` | TLS from the start, port 465 |
//! | `smtp://user:password@host` | port 587, STARTTLS; nothing is sent to a server without it |
//! | `smtp://localhost:25` | as it is, since it does not leave the machine |
//! | `smtp://host?tls=required` | STARTTLS, also to this machine |
//! | `smtp://host?tls=opportunistic` | STARTTLS where the server offers it: no protection |
//! | `smtp://host:25?tls=none` | as it is, on a network that is trusted |
//!
//! Characters in user and password that have a meaning in a URL are percent-encoded.

use std::{fmt, net::IpAddr, str::FromStr};

use lettre::transport::smtp::authentication::Credentials;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// A mail server, how to connect to it, and the credentials for it.
#[derive(Clone)]
pub struct SmtpAddress {
    /// A name or an address, without brackets.
    pub host: String,
    pub port: u16,
    pub encryption: Encryption,
    pub credentials: Option<Credentials>,
}

/// How a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    None,
    /// STARTTLS where the server offers it.
    Opportunistic,
    /// STARTTLS.
    Required,
    /// TLS before the first reply.
    FromTheStart,
}

impl fmt::Debug for SmtpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SmtpAddress").field(&self.server()).finish()
    }
}

/// Why a mail server's URL was rejected. Never quotes the URL, which contains the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlFault {
    /// Not an SMTP URL.
    #[error("must be smtp://user:password@host:port or smtps://user:password@host:port")]
    NotSmtp,
    /// The host is missing.
    #[error("must name a host")]
    NoHost,
    /// A user without a password, or a password without a user.
    #[error("must have both a user and a password, or neither")]
    HalfCredentials,
    /// `tls=` has another value, or contradicts `smtps`.
    #[error("may have ?tls=required, ?tls=opportunistic or ?tls=none, and none of them after smtps")]
    Tls,
    /// Another parameter or a fragment, which may be part of a password that was not encoded.
    #[error("has more than host, port and tls; percent-encode special characters in the password")]
    Surplus,
    /// The host is not valid, or a percent-encoded part is not text.
    #[error("has a host, a user or a password that cannot be used")]
    Unusable,
}

impl FromStr for SmtpAddress {
    type Err = SmtpUrlFault;

    fn from_str(url: &str) -> Result<Self, SmtpUrlFault> {
        let url = Url::parse(url).map_err(|_| SmtpUrlFault::NotSmtp)?;
        let implicit_tls = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(SmtpUrlFault::NotSmtp),
        };
        let host = match url.host_str() {
            Some(host) if !host.is_empty() => host,
            _ => return Err(SmtpUrlFault::NoHost),
        };
        if url.username().is_empty() != url.password().is_none_or(str::is_empty) {
            return Err(SmtpUrlFault::HalfCredentials);
        }
        let mut tls = None;
        for (name, value) in url.query_pairs() {
            if name != "tls" || tls.is_some() {
                return Err(SmtpUrlFault::Surplus);
            }
            tls = Some(value.into_owned());
        }
        if url.fragment().is_some() || !matches!(url.path(), "" | "/") {
            return Err(SmtpUrlFault::Surplus);
        }
        let credentials = credentials(&url)?;
        let host = plain_host(host).ok_or(SmtpUrlFault::Unusable)?;
        let encryption = match (implicit_tls, tls.as_deref()) {
            (true, None) => Encryption::FromTheStart,
            (false, Some("none")) => Encryption::None,
            (false, None) if is_this_machine(&host) => Encryption::None,
            (false, None | Some("required")) => Encryption::Required,
            (false, Some("opportunistic")) => Encryption::Opportunistic,
            _ => return Err(SmtpUrlFault::Tls),
        };
        let port = url.port().unwrap_or(if implicit_tls { 465 } else { 587 });
        Ok(Self { host, port, encryption, credentials })
    }
}

impl SmtpAddress {
    /// Host and port.
    #[must_use]
    pub fn server(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// Whether traffic to it stays on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        is_this_machine(&self.host)
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpUrlFault> {
    let decode =
        |text: &str| percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| SmtpUrlFault::Unusable);
    match url.password() {
        Some(password) if !password.is_empty() => {
            Ok(Some(Credentials::new(decode(url.username())?, decode(password)?)))
        }
        _ => Ok(None),
    }
}

/// A host in the form that sockets and certificates use: an IPv6 address without brackets, a name
/// in ASCII.
fn plain_host(host: &str) -> Option<String> {
    match Host::parse(&percent_decode_str(host).decode_utf8().ok()?).ok()? {
        Host::Domain(name) => Some(name),
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_string()),
    }
}

/// Whether traffic to this host stays on this machine.
fn is_this_machine(host: &str) -> bool {
    host.parse::<IpAddr>()
        .map_or_else(|_| host == "localhost" || host.ends_with(".localhost"), |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_is_asked_for_unless_the_mail_stays_here() {
        for (url, server) in [
            ("smtps://user:pw@mail.example", "mail.example:465"),
            ("smtps://mail.example:4650/", "mail.example:4650"),
            ("smtp://mail.example", "mail.example:587"),
            ("smtp://user:pw@mail.example:2525?tls=required", "mail.example:2525"),
            ("smtp://mail.example?tls=opportunistic", "mail.example:587"),
            ("smtp://mail.example:25?tls=none", "mail.example:25"),
            ("smtp://[::1]:25", "[::1]:25"),
            ("smtp://127.0.0.1:25", "127.0.0.1:25"),
        ] {
            let address = url.parse::<SmtpAddress>().unwrap_or_else(|fault| panic!("{url}: {fault}"));
            assert_eq!(address.server(), server);
        }
        for (host, here) in [
            ("localhost", true),
            ("mail.localhost", true),
            ("127.0.0.1", true),
            ("127.8.9.1", true),
            ("::1", true),
            ("mail.example", false),
            ("localhost.example", false),
            ("10.0.0.1", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_this_machine(host), here, "{host}");
        }
    }

    #[test]
    fn a_wrong_url_is_named_without_being_shown() {
        for (url, fault) in [
            ("", SmtpUrlFault::NotSmtp),
            ("mail.example", SmtpUrlFault::NotSmtp),
            ("mail.example:587", SmtpUrlFault::NotSmtp),
            ("https://mail.example", SmtpUrlFault::NotSmtp),
            ("smtp:", SmtpUrlFault::NoHost),
            ("smtp://", SmtpUrlFault::NoHost),
            ("smtp://user@mail.example", SmtpUrlFault::HalfCredentials),
            ("smtp://:s3cret@mail.example", SmtpUrlFault::HalfCredentials),
            ("smtp://mail.example?tls=maybe", SmtpUrlFault::Tls),
            ("smtps://mail.example?tls=none", SmtpUrlFault::Tls),
            ("smtp://mail.example?ssl=1", SmtpUrlFault::Surplus),
            ("smtp://mail.example?tls=none&tls=required", SmtpUrlFault::Surplus),
            ("smtp://mail.example/inbox", SmtpUrlFault::Surplus),
            ("smtp://user:s3cret#@mail.example", SmtpUrlFault::NotSmtp),
            ("smtp://user:%ff%fe@mail.example", SmtpUrlFault::Unusable),
        ] {
            let seen = url.parse::<SmtpAddress>().unwrap_err();
            assert_eq!(seen, fault, "{url}");
            assert!(!seen.to_string().contains("s3cret"));
            assert_eq!(seen.to_string().lines().count(), 1);
        }
    }
}

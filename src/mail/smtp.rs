//! Delivers one mail to an SMTP server.
//!
//! Commands are sent one at a time, because the meaning of a rejection depends on the command that
//! it answers ([`verdict`](super::verdict)).
//!
//! Mail is confidential, because it contains links that set passwords. So a connection is encrypted
//! or stays on this machine, unless the URL sets otherwise:
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
//! Characters in user and password that have a meaning in a URL are percent-encoded. The password
//! appears in no error and in no `Debug` output.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use entity::mail::Failure;
use lettre::transport::smtp::{
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
    commands::{Data, Mail, Rcpt},
    extension::{ClientId, Extension, MailBodyParameter, MailParameter},
};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::transport::{Composed, DeliveryError};
use super::verdict::{Stage, judge};
use crate::config::mail::{Authorities, Helo};

/// The timeout of one delivery, from connecting to the server's last reply.
const PATIENCE: Duration = Duration::from_secs(30);
/// The timeout of the reply to QUIT, on which nothing depends.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// Settings of a relay that are not in its URL.
#[derive(Clone, Debug)]
pub struct Relay {
    /// The name that this server sends in EHLO.
    pub helo: Helo,
    /// Certificate authorities that are trusted in addition to those of the system and of Mozilla.
    pub authorities: Authorities,
}

impl Default for Relay {
    fn default() -> Self {
        Self { helo: Helo::Address(IpAddr::from([127, 0, 0, 1])), authorities: Authorities::default() }
    }
}

/// A mail server, and how to connect to it.
#[derive(Clone)]
pub struct Smtp {
    address: SmtpAddress,
    /// `None` if the connection is never encrypted.
    tls: Option<TlsParameters>,
    helo: ClientId,
    pub(super) patience: Duration,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Smtp").field(&self.address.server()).finish()
    }
}

/// The parts of a mail server's URL.
#[derive(Clone)]
struct SmtpAddress {
    /// A name or an address, without brackets.
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encryption {
    None,
    Opportunistic,
    Required,
    FromTheStart,
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

impl From<Helo> for ClientId {
    fn from(helo: Helo) -> Self {
        match helo {
            Helo::Domain(name) => Self::Domain(name),
            Helo::Address(IpAddr::V4(address)) => Self::Ipv4(address),
            Helo::Address(IpAddr::V6(address)) => Self::Ipv6(address),
        }
    }
}

/// Whether a URL is that of a mail server.
///
/// # Errors
/// [`SmtpUrlFault`].
pub fn check_url(url: &str) -> Result<(), SmtpUrlFault> {
    SmtpAddress::parse(url).map(drop)
}

impl SmtpAddress {
    fn parse(url: &str) -> Result<Self, SmtpUrlFault> {
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

    /// Host and port.
    fn server(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

impl Smtp {
    pub(super) fn from_url(url: &str, relay: &Relay) -> Result<Self, SmtpUrlFault> {
        let address = SmtpAddress::parse(url)?;
        let is_encrypted = address.encryption != Encryption::None;
        let tls = is_encrypted.then(|| tls_parameters(&address.host, &relay.authorities)).transpose()?;
        Ok(Self { address, tls, helo: relay.helo.clone().into(), patience: PATIENCE })
    }

    pub(super) async fn send(&self, mail: &Composed) -> Result<(), DeliveryError> {
        let mut connection = None;
        let conversation = self.converse(mail, &mut connection);
        let delivered = tokio::time::timeout(self.patience, conversation).await.unwrap_or_else(|_elapsed| {
            Err(DeliveryError::Temporary(format!(
                "{} did not answer within {} s",
                self.address.server(),
                self.patience.as_secs()
            )))
        });
        // The result is known here. The reply to QUIT does not change it.
        if let Some(mut connection) = connection {
            let _unanswered = tokio::time::timeout(QUIT_TIMEOUT, connection.abort()).await;
        }
        delivered
    }

    /// From the connection to the reply after the text. The caller closes the connection.
    async fn converse(&self, mail: &Composed, opened: &mut Option<AsyncSmtpConnection>) -> Result<(), DeliveryError> {
        let at = |stage| move |error| judge(stage, &error);
        let SmtpAddress { host, port, encryption, credentials } = &self.address;
        let (at_once, later) =
            if *encryption == Encryption::FromTheStart { (self.tls.clone(), None) } else { (None, self.tls.clone()) };
        let connection =
            AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), Some(self.patience), &self.helo, at_once, None)
                .await;
        let mut connection = connection.map_err(at(Stage::Session))?;
        if let Some(tls) = later.filter(|_| *encryption == Encryption::Required || connection.can_starttls()) {
            // After a failed handshake there is no stream left to send QUIT on.
            connection.starttls(tls, &self.helo).await.map_err(at(Stage::Session))?;
        }
        let connection = opened.insert(connection);
        if let Some(credentials) = credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await.map_err(at(Stage::Session))?;
        }

        let parameters = parameters(connection, mail)?;
        connection.command(Mail::new(Some(mail.sender.clone()), parameters)).await.map_err(at(Stage::Sender))?;
        connection.command(Rcpt::new(mail.recipient.clone(), Vec::new())).await.map_err(at(Stage::Recipient))?;
        connection.command(Data).await.map_err(at(Stage::Data))?;
        connection.message(&mail.message).await.map_err(at(Stage::Data))?;
        Ok(())
    }
}

/// The extensions that the mail needs.
fn parameters(connection: &AsyncSmtpConnection, mail: &Composed) -> Result<Vec<MailParameter>, DeliveryError> {
    let mut parameters = Vec::new();
    let is_offered = |extension| connection.server_info().supports_feature(extension);
    let refused = |what: &str| {
        DeliveryError::Permanent(
            Failure::NoSmtputf8,
            format!("the address is not ASCII, and the relay does not offer {what}"),
        )
    };
    let is_ascii = |address: &lettre::Address| AsRef::<str>::as_ref(address).is_ascii();
    if !is_ascii(&mail.sender) && !is_offered(Extension::SmtpUtfEight) {
        // A setting that can be corrected, regardless of the recipient.
        return Err(DeliveryError::Temporary(
            "the address in DESKBELL_MAIL_FROM is not ASCII, and the relay does not offer SMTPUTF8".to_owned(),
        ));
    }
    if !is_ascii(&mail.recipient) && !is_offered(Extension::SmtpUtfEight) {
        return Err(refused("SMTPUTF8"));
    }
    if !is_ascii(&mail.recipient) || !is_ascii(&mail.sender) {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !mail.message.is_ascii() {
        // The text is encoded, so only an address can be the reason.
        if !is_offered(Extension::EightBitMime) {
            return Err(refused("8BITMIME"));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
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

fn tls_parameters(host: &str, authorities: &Authorities) -> Result<TlsParameters, SmtpUrlFault> {
    let mut parameters = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    for certificate in authorities.iter().chain(Authorities::of_the_system().iter()) {
        let certificate = Certificate::from_der(certificate.to_vec()).map_err(|_| SmtpUrlFault::Unusable)?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build().map_err(|_| SmtpUrlFault::Unusable)
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
            let address = SmtpAddress::parse(url).unwrap_or_else(|fault| panic!("{url}: {fault}"));
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
            let seen = check_url(url).unwrap_err();
            assert_eq!(seen, fault, "{url}");
            assert!(!seen.to_string().contains("s3cret"));
            assert_eq!(seen.to_string().lines().count(), 1);
        }
    }
}

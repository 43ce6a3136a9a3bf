//! Settings of outgoing mail.

use std::{fmt, net::IpAddr, time::Duration};

use lettre::message::Mailbox;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use url::{Host, Url};

use super::{
    kind::{Kind, SECOND},
    settings::settings,
    smtp::{SmtpAddress, SmtpUrlFault},
};

settings! {
    /// Settings of outgoing mail.
    #[derive(Clone, Debug)]
    pub struct MailConfig {
        /// SMTP relay: `smtp://USER:PASSWORD@HOST:587` (STARTTLS), `smtps://…` (TLS from the
        /// start), or `smtp://HOST:25?tls=none` for a relay on this machine. Without it, mails are
        /// written to the log.
        pub smtp: Option<SmtpAddress> = None => SMTP_URL: Kind::parsed("URL", parse_smtp).optional();
        /// The server's name in EHLO: a host name with a dot, or an address. Default: the first
        /// with a dot of the machine's name, the domain of `MAIL_FROM` and the host of the public
        /// URL.
        pub smtp_helo: Option<Helo> = None => SMTP_HELO: Kind::parsed("NAME", Helo::parse).optional();
        /// PEM file of certificate authorities that are trusted for the relay, in addition to the
        /// system's and Mozilla's.
        pub smtp_ca: Authorities = Authorities::default() => SMTP_CA: Kind::parsed("FILE", Authorities::read);
        /// Sender of all mails.
        pub from: Mailbox = "Deskbell <deskbell@localhost>".parse().expect("a constant mailbox")
            => MAIL_FROM: Kind::new("ADDRESS", parse_mailbox, Mailbox::to_string);
        /// Interval at which the queue is polled when no event says that a mail is due.
        pub poll: Duration = 5 * SECOND;
    }
}

fn parse_smtp(text: &str) -> Result<SmtpAddress, String> {
    text.parse().map_err(|fault: SmtpUrlFault| fault.to_string())
}

fn parse_mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| format!("must be a mail address such as \"Deskbell <desk@example.com>\", not {text:?}"))
}

impl MailConfig {
    /// The server's name in EHLO.
    #[must_use]
    pub fn helo(&self, public_url: &Url) -> Helo {
        let machine = hostname::get().ok().and_then(|name| name.into_string().ok());
        self.smtp_helo.clone().unwrap_or_else(|| Helo::of(machine.as_deref(), &self.from, public_url))
    }
}

/// A client's name in EHLO: a domain name with a dot, or an address (RFC 5321, section 4.1.3).
/// Relays reject a bare host name such as `vm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Helo {
    /// In ASCII.
    Domain(String),
    Address(IpAddr),
}

impl Helo {
    /// Parses `mail.example.com`, `192.0.2.1` or `[192.0.2.1]`.
    fn parse(text: &str) -> Result<Self, String> {
        let literal = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        let address = literal.strip_prefix("IPv6:").unwrap_or(literal).parse().ok().map(Self::Address);
        address.or_else(|| Self::domain(text)).ok_or_else(|| {
            format!("must be a host name with a dot such as desk.example.com, or an address such as [192.0.2.1], not {text:?}")
        })
    }

    /// Returns the first name that relays accept: the machine's name, the sender's domain, the host
    /// of the public URL. Without any of them, the address literal of a client that has no name
    /// (RFC 5321, section 4.1.4).
    fn of(machine: Option<&str>, from: &Mailbox, public_url: &Url) -> Self {
        machine
            .and_then(Self::domain)
            .or_else(|| Self::domain(from.email.domain()))
            .or_else(|| match public_url.host()? {
                Host::Domain(name) => Self::domain(name),
                Host::Ipv4(address) => Some(Self::Address(address.into())),
                Host::Ipv6(address) => Some(Self::Address(address.into())),
            })
            .unwrap_or(Self::Address(IpAddr::from([127, 0, 0, 1])))
    }

    /// Parses a fully qualified name of letters, digits and hyphens that is not limited to this
    /// machine.
    fn domain(name: &str) -> Option<Self> {
        let name = idna::domain_to_ascii(name.trim_end_matches('.')).ok()?;
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let last = name.rsplit('.').next()?;
        let is_name = name.contains('.')
            && name.len() <= 253
            && name.split('.').all(is_label)
            && last.bytes().any(|b| b.is_ascii_alphabetic())
            && !matches!(last, "localhost" | "localdomain");
        is_name.then_some(Self::Domain(name))
    }
}

/// Certificate authorities from a file.
#[derive(Clone, Default)]
pub struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// Reads the certificates of a PEM file.
    pub(crate) fn read(path: &str) -> Result<Self, String> {
        let pem = std::fs::read(path).map_err(|error| format!("the file {path:?} cannot be read: {error}"))?;
        let none = || format!("the file {path:?} contains no certificate authority (PEM, BEGIN CERTIFICATE)");
        let certificates: Vec<_> =
            CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|_| none())?;
        let can_be_trusted = certificates.iter().all(can_be_trusted);
        if certificates.is_empty() || !can_be_trusted {
            return Err(none());
        }
        Ok(Self(certificates))
    }

    /// The certificates that the system trusts; none on a system without a store, such as a minimal
    /// container.
    #[must_use]
    pub fn of_the_system() -> Self {
        let found = rustls_native_certs::load_native_certs();
        // A store may contain certificates that TLS cannot use.
        Self(found.certs.into_iter().filter(can_be_trusted).collect())
    }

    /// The certificates as DER.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(AsRef::as_ref)
    }
}

fn can_be_trusted(certificate: &CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_greeted_with_a_name_that_has_a_dot() {
        for (machine, from, public_url, helo) in [
            (Some("desk.acme.example"), "chat@mail.example", "https://chat.example", "desk.acme.example"),
            (Some("desk.acme.example."), "chat@mail.example", "https://chat.example", "desk.acme.example"),
            (Some("vm"), "chat@acme.example", "https://chat.example", "acme.example"),
            (None, "chat@acme.example", "https://chat.example", "acme.example"),
            (Some("vm.localdomain"), "chat@München.example", "https://chat.example", "xn--mnchen-3ya.example"),
            (Some("my_vm.example"), "chat@acme.example", "https://chat.example", "acme.example"),
            (Some("vm"), "deskbell@localhost", "https://chat.example:8443", "chat.example"),
            (Some("vm"), "deskbell@localhost", "http://192.0.2.7", "[192.0.2.7]"),
            (Some("vm"), "deskbell@localhost", "http://[2001:db8::7]:8080", "[IPv6:2001:db8::7]"),
            (Some("vm"), "deskbell@localhost", "http://localhost:8080", "[127.0.0.1]"),
        ] {
            let from = from.parse().expect("a mailbox");
            let public_url = public_url.parse().expect("a URL");
            let said =
                lettre::transport::smtp::extension::ClientId::from(Helo::of(machine, &from, &public_url)).to_string();
            assert_eq!(said, helo, "{machine:?} {from} {public_url}");
        }
    }

    #[test]
    fn a_name_that_relays_reject_is_no_setting() {
        for (text, helo) in [
            ("mail.example.com", Some(Helo::Domain("mail.example.com".to_owned()))),
            ("[192.0.2.1]", Some(Helo::Address(IpAddr::from([192, 0, 2, 1])))),
            ("192.0.2.1", Some(Helo::Address(IpAddr::from([192, 0, 2, 1])))),
            ("[IPv6:::1]", Some(Helo::Address(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])))),
            ("vm", None),
            ("", None),
            ("mail.example.com evil", None),
            ("mail.example.com\r\nMAIL", None),
            ("-.example", None),
            ("1.2.3", None),
        ] {
            assert_eq!(Helo::parse(text).ok(), helo, "{text:?}");
        }
    }
}

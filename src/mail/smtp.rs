//! Delivers one mail to an SMTP server.
//!
//! Commands are sent one at a time, because the meaning of a rejection depends on the command that
//! it answers ([`verdict`](super::verdict)).
//!
//! Mail is confidential, because it contains links that set passwords. So a connection is encrypted
//! or stays on this machine, unless the relay's [`SmtpAddress`] sets otherwise. The password
//! appears in no error and in no `Debug` output.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use entity::mail::Cause;
use lettre::message::Mailbox;
use lettre::transport::smtp::{
    Error,
    authentication::Mechanism,
    client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
    commands::{Data, Mail, Rcpt},
    extension::{ClientId, Extension, MailBodyParameter, MailParameter},
};

use super::transport::{Composed, DeliveryError, envelope_sender, without};
use super::verdict::{Stage, judge, one_line};
use crate::config::{
    mail::{Authorities, Helo},
    smtp::{Encryption, SmtpAddress},
};

/// The timeout of one delivery, from connecting to the server's last reply.
const PATIENCE: Duration = Duration::from_secs(30);
/// The timeout of the reply to QUIT, on which nothing depends.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// Settings of a relay that are not in its address.
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

impl From<Helo> for ClientId {
    fn from(helo: Helo) -> Self {
        match helo {
            Helo::Domain(name) => Self::Domain(name),
            Helo::Address(IpAddr::V4(address)) => Self::Ipv4(address),
            Helo::Address(IpAddr::V6(address)) => Self::Ipv6(address),
        }
    }
}

impl Smtp {
    pub(super) fn new(address: SmtpAddress, relay: &Relay) -> Result<Self, Error> {
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
        let connection = self
            .open(opened, self.patience)
            .await
            .map_err(|Refused { error, .. }| judge(Stage::Session, &error).with_text(self.shown(&error)))?;

        let parameters = parameters(connection, mail)?;
        connection.command(Mail::new(Some(mail.sender.clone()), parameters)).await.map_err(at(Stage::Sender))?;
        connection.command(Rcpt::new(mail.recipient.clone(), Vec::new())).await.map_err(at(Stage::Recipient))?;
        connection.command(Data).await.map_err(at(Stage::Data))?;
        connection.message(&mail.message).await.map_err(at(Stage::Data))?;
        Ok(())
    }
}

impl Smtp {
    /// Opens a connection that is encrypted as set, and authenticates. `opened` keeps the
    /// connection, also if it was rejected.
    async fn open<'a>(
        &self,
        opened: &'a mut Option<AsyncSmtpConnection>,
        patience: Duration,
    ) -> Result<&'a mut AsyncSmtpConnection, Refused> {
        let at = |step| move |error| Refused { step, error };
        let SmtpAddress { host, port, encryption, credentials } = &self.address;
        let (at_once, later) =
            if *encryption == Encryption::FromTheStart { (self.tls.clone(), None) } else { (None, self.tls.clone()) };
        let connection =
            AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), Some(patience), &self.helo, at_once, None)
                .await;
        let mut connection = connection.map_err(at(Step::Greeting))?;
        if let Some(tls) = later.filter(|_| *encryption == Encryption::Required || connection.can_starttls()) {
            // After a failed handshake there is no stream left to send QUIT on.
            connection.starttls(tls, &self.helo).await.map_err(at(Step::Encryption))?;
        }
        let connection = opened.insert(connection);
        if let Some(credentials) = credentials {
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], credentials)
                .await
                .map_err(at(Step::Authentication))?;
        }
        Ok(connection)
    }

    /// Connects as for a mail from this sender, and sends none: the last command names the sender.
    ///
    /// # Errors
    /// The step that failed, and why, without the password.
    pub async fn try_out(&self, from: &Mailbox, within: Duration) -> Result<Accepted, NotAccepted> {
        let mut opened = None;
        let conversation = async {
            let connection = self.open(&mut opened, within).await?;
            let accepted = Accepted { is_encrypted: connection.is_encrypted() };
            // A sender that cannot be written in ASCII is reported when a mail is composed.
            if let Some(sender) = envelope_sender(from).filter(|sender| AsRef::<str>::as_ref(sender).is_ascii()) {
                let named = connection.command(Mail::new(Some(sender), Vec::new())).await;
                named.map_err(|error| Refused { step: Step::Sender, error })?;
            }
            Ok::<_, Refused>(accepted)
        };
        let tried = tokio::time::timeout(within, conversation).await;
        if let Some(mut connection) = opened {
            let _unanswered = tokio::time::timeout(QUIT_TIMEOUT, connection.abort()).await;
        }
        match tried {
            Ok(tried) => tried.map_err(|Refused { step, error }| {
                let reason = self.shown(&error);
                NotAccepted { step, reason, is_reply: error.status().is_some(), is_tls: error.is_tls() }
            }),
            Err(_elapsed) => Err(NotAccepted {
                step: Step::Greeting,
                reason: format!("it does not answer within {} s", within.as_secs()),
                is_reply: false,
                is_tls: false,
            }),
        }
    }

    /// Host and port.
    #[must_use]
    pub fn server(&self) -> String {
        self.address.server()
    }

    /// The server's name in EHLO.
    #[must_use]
    pub fn helo(&self) -> String {
        self.helo.to_string()
    }

    /// An error in one line, without the user's password: a relay may repeat the command that it
    /// rejects. The password is removed before the line is cut, which could leave a part of it.
    fn shown(&self, error: &Error) -> String {
        one_line(&self.secrets().iter().fold(error.to_string(), |text, secret| without(&text, secret, "(secret)")))
    }

    /// The password in the forms in which AUTH sends it.
    fn secrets(&self) -> Vec<String> {
        let plain = self.address.credentials.as_ref().and_then(|both| Mechanism::Plain.response(both, None).ok());
        let Some(plain) = plain else { return Vec::new() };
        let password = plain.rsplit('\0').next().unwrap_or_default();
        // The longest first: the others may be parts of it.
        vec![STANDARD.encode(&plain), STANDARD.encode(password), password.to_owned()]
    }
}

/// A step of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The connection, TLS from the start, the greeting, and EHLO.
    Greeting,
    /// STARTTLS.
    Encryption,
    Authentication,
    /// MAIL FROM.
    Sender,
}

struct Refused {
    step: Step,
    error: Error,
}

/// What a relay accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub is_encrypted: bool,
}

/// Why a relay cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAccepted {
    pub step: Step,
    /// One line, which may be the relay's.
    pub reason: String,
    /// Whether the relay rejected a command.
    pub is_reply: bool,
    pub is_tls: bool,
}

/// The extensions that the mail needs.
fn parameters(connection: &AsyncSmtpConnection, mail: &Composed) -> Result<Vec<MailParameter>, DeliveryError> {
    let mut parameters = Vec::new();
    let is_offered = |extension| connection.server_info().supports_feature(extension);
    let refused = |what: &str| {
        DeliveryError::Permanent(
            Cause::NoSmtputf8,
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

fn tls_parameters(host: &str, authorities: &Authorities) -> Result<TlsParameters, Error> {
    let mut parameters = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    for certificate in authorities.iter().chain(Authorities::of_the_system().iter()) {
        let certificate = Certificate::from_der(certificate.to_vec())?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build()
}

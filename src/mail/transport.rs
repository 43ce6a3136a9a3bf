//! How a letter leaves the house: by SMTP, or into the log where nobody has set SMTP up yet.
//!
//! A transport delivers one mail once, and says whether it is worth trying again. Keeping mails,
//! trying again and giving up is the queue's business. A mail that was taken by a server while the
//! answer got lost is sent again; its `Message-ID` stays the same, so that the receiving side can
//! tell.
//!
//! Mail is confidential: it carries links that set passwords. So a connection is encrypted, or is to
//! this very machine, unless the URL says otherwise:
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
//! Letters in user and password that mean something in a URL are percent-encoded. The password
//! appears in no error and in no `Debug` output.

use std::fmt;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::{Host, Url};

use super::letter::Letter;
use crate::text::EmailAddress;

/// How long one delivery may take, from connecting to the server's last word.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most that is kept of what a server said.
const MAX_REASON_CHARS: usize = 300;

/// Where mails go.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// Into the log at `info`, with a hint how to change that.
    Log,
}

/// A mail server, and how to talk to it.
#[derive(Clone)]
pub struct Smtp {
    connection: AsyncSmtpTransport<Tokio1Executor>,
    server: String,
    patience: Duration,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Smtp").field(&self.server).finish()
    }
}

/// What is wrong with the URL of a mail server. Never quotes it, since it holds the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlFault {
    /// Not a URL of SMTP at all.
    #[error("must be smtp://user:password@host:port or smtps://user:password@host:port")]
    NotSmtp,
    /// No host in it.
    #[error("must name a host")]
    NoHost,
    /// A user without a password, or a password without a user.
    #[error("must have both a user and a password, or neither")]
    HalfCredentials,
    /// `tls=` says something else, or contradicts `smtps`.
    #[error("may have ?tls=required, ?tls=opportunistic or ?tls=none, and none of them after smtps")]
    Tls,
    /// Another parameter or a fragment: perhaps a part of a password that was not encoded.
    #[error("has more than host, port and tls; percent-encode what is special in the password")]
    Surplus,
    /// The host cannot be one, or a percent-encoded part is not text.
    #[error("has a host, a user or a password that cannot be used")]
    Unusable,
}

/// A mail was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Worth trying again later. Also when the server does not let us in: that is our
    /// configuration's fault, and no reason to lose a mail.
    #[error("{0}")]
    Temporary(String),
    /// The same would happen again.
    #[error("{0}")]
    Permanent(String),
}

impl DeliveryError {
    /// The same, with an address that it names left out.
    #[must_use]
    pub fn without(self, address: &str) -> Self {
        let without = |text: String| text.replace(address, "(the address)");
        match self {
            Self::Temporary(text) => Self::Temporary(without(text)),
            Self::Permanent(text) => Self::Permanent(without(text)),
        }
    }
}

impl Transport {
    /// The mail server that a URL names. Nothing is connected yet.
    ///
    /// # Errors
    /// [`SmtpUrlFault`].
    pub fn smtp(url: &str) -> Result<Self, SmtpUrlFault> {
        Smtp::from_url(url).map(|smtp| Self::Smtp(Box::new(smtp)))
    }

    /// Sends a letter.
    ///
    /// `message_id` names this mail among all of ours (letters, digits and dashes), and is the same
    /// when it is tried again.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn deliver(&self, from: &Mailbox, to: &str, message_id: &str, letter: &Letter) -> Result<(), DeliveryError> {
        let message = compose(from, to, message_id, letter)?;
        match self {
            Self::Smtp(smtp) => smtp.send(message).await,
            Self::Log => {
                let written = letter.write();
                tracing::info!(
                    mail.to = to,
                    mail.id = message_id,
                    "mail, logged since DESKBELL_SMTP_URL is not set: {}\n\n{}",
                    written.subject,
                    written.text
                );
                Ok(())
            }
        }
    }
}

impl Smtp {
    fn from_url(url: &str) -> Result<Self, SmtpUrlFault> {
        let mut url = Url::parse(url).map_err(|_| SmtpUrlFault::NotSmtp)?;
        let implicit_tls = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(SmtpUrlFault::NotSmtp),
        };
        let host = match url.host_str() {
            Some(host) if !host.is_empty() => host.to_owned(),
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
        // lettre takes a URL without `tls` for one that needs no encryption.
        let tls = match (implicit_tls, tls.as_deref()) {
            (true, None) | (false, Some("none")) => None,
            (false, None) if is_this_machine(&host) => None,
            (false, None | Some("required")) => Some("tls=required"),
            (false, Some("opportunistic")) => Some("tls=opportunistic"),
            _ => return Err(SmtpUrlFault::Tls),
        };
        url.set_query(tls);
        let default_port = if implicit_tls { 465 } else { 587 };
        let server = format!("{host}:{}", url.port().unwrap_or(default_port));
        if url.port().is_none() {
            url.set_port(Some(default_port)).map_err(|()| SmtpUrlFault::Unusable)?;
        }
        let connection = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
            .map_err(|_| SmtpUrlFault::Unusable)?
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { connection, server, patience: PATIENCE })
    }

    async fn send(&self, message: Message) -> Result<(), DeliveryError> {
        let plain = message.envelope().to().iter().all(|to| AsRef::<str>::as_ref(to).is_ascii());
        match tokio::time::timeout(self.patience, self.connection.send(message)).await {
            Ok(Ok(_accepted)) => Ok(()),
            Ok(Err(error)) => Err(judge(&error, plain)),
            Err(_elapsed) => Err(DeliveryError::Temporary(format!("{} did not answer within {} s", self.server, self.patience.as_secs()))),
        }
    }
}

/// Whether what is sent there stays on this machine.
fn is_this_machine(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

/// Whether it is worth trying again, and what happened, in one line.
fn judge(error: &smtp::Error, plain: bool) -> DeliveryError {
    let reason = one_line(&error.to_string());
    // RFC 4954, section 6: the server wants other credentials, not another mail.
    let unwelcome = error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538));
    let unsendable = error.is_client() && !plain;
    if (error.is_permanent() && !unwelcome) || unsendable { DeliveryError::Permanent(reason) } else { DeliveryError::Temporary(reason) }
}

/// What a server said goes into logs and tables: without line breaks, and not at any length.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON_CHARS).collect()
}

/// No vacation notice answers this mail (RFC 3834, section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn compose(from: &Mailbox, to: &str, message_id: &str, letter: &Letter) -> Result<Message, DeliveryError> {
    let permanent = |reason: &str| DeliveryError::Permanent(reason.to_owned());
    let to = recipient(to).ok_or_else(|| permanent("mail cannot be sent to this address"))?;
    if message_id.is_empty() || !message_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(permanent("a mail's id has letters, digits and dashes only"));
    }
    let home = idna::domain_to_ascii(from.email.domain()).map_err(|_| permanent("mail cannot be sent from this address"))?;
    let written = letter.write();
    // Otherwise the library reads the recipient from the header, and does not know all that may be there.
    let envelope =
        Envelope::new(Some(from.email.clone()), vec![to.email.clone()]).map_err(|error| permanent(&one_line(&error.to_string())))?;
    Message::builder()
        .envelope(envelope)
        .from(from.clone())
        .to(to)
        .subject(written.subject)
        .message_id(Some(format!("<{message_id}@{home}>")))
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(written.text, written.html))
        .map_err(|error| permanent(&one_line(&error.to_string())))
}

/// The address as servers know it: its domain in ASCII, so that only an address whose *local* part
/// is not ASCII needs a server that speaks SMTPUTF8. Without a name, which would be a stranger's.
fn recipient(to: &str) -> Option<Mailbox> {
    // Rows hold parsed addresses: anything else was not written by this server.
    let address = EmailAddress::parse(to).ok().filter(|address| address.address() == to)?;
    Some(Mailbox::new(None, address.mailbox()))
}

#[cfg(test)]
#[path = "../../tests/it/support/smtp.rs"]
#[expect(dead_code, reason = "the stories use the rest of it")]
mod sink;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::sink::SmtpSink;
    use super::*;

    fn sender() -> Mailbox {
        "Deskbell <chat@deskbell.example>".parse().unwrap()
    }

    fn letter() -> Letter {
        Letter::PasswordRecovery {
            operator_name: "Žofie".to_owned(),
            link: "https://chat.example/recover-password#token=dbr_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG".to_owned(),
            valid_for: Duration::from_mins(30),
        }
    }

    async fn deliver(transport: &Transport, to: &str) -> Result<(), DeliveryError> {
        transport.deliver(&sender(), to, "0199-abc", &letter()).await
    }

    async fn through(sink: &SmtpSink) -> Result<(), DeliveryError> {
        deliver(&Transport::smtp(&sink.url()).unwrap(), "ada@example.com").await
    }

    #[tokio::test]
    async fn a_letter_arrives_as_it_was_written() {
        let mut sink = SmtpSink::start().await;
        through(&sink).await.unwrap();
        let mail = sink.next().await;
        assert_eq!(mail.to, "ada@example.com");
        for line in [
            "From: Deskbell <chat@deskbell.example>",
            "To: ada@example.com",
            "Subject: Choose a new password",
            "Message-ID: <0199-abc@deskbell.example>",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(mail.head.lines().any(|l| l == line), "{line} in {}", mail.head);
        }
        assert!(mail.head.contains("\nDate: "));
        assert_eq!(mail.text.trim_end(), letter().write().text);
    }

    #[tokio::test]
    async fn the_same_mail_has_the_same_id_every_time() {
        let mut sink = SmtpSink::start().await;
        through(&sink).await.unwrap();
        through(&sink).await.unwrap();
        let id = |head: &str| head.lines().find(|l| l.starts_with("Message-ID")).map(str::to_owned);
        assert_eq!(id(&sink.next().await.head), id(&sink.next().await.head));
    }

    #[tokio::test]
    async fn internationalised_addresses_are_served() {
        let mut sink = SmtpSink::start().await;
        let transport = Transport::smtp(&sink.url()).unwrap();
        for (to, at_the_server) in [
            ("ada@München.example", "ada@xn--mnchen-3ya.example"),
            ("žofie@example.com", "žofie@example.com"),
            ("taro..x@docomo.example", "\"taro..x\"@docomo.example"),
        ] {
            deliver(&transport, to).await.unwrap();
            let mail = sink.next().await;
            assert_eq!(mail.to, at_the_server);
            assert!(!at_the_server.is_ascii() || mail.head.lines().any(|line| line == format!("To: {at_the_server}")), "{}", mail.head);
        }
    }

    #[tokio::test]
    async fn a_server_that_cannot_take_the_address_will_not_tomorrow() {
        let sink = SmtpSink::answering(|line| line.starts_with("EHLO").then_some("250 sink")).await;
        let transport = Transport::smtp(&sink.url()).unwrap();
        let answer = deliver(&transport, "žofie@example.com").await;
        assert!(matches!(answer, Err(DeliveryError::Permanent(_))), "{answer:?}");
        assert_eq!(deliver(&transport, "ada@example.com").await, Ok(()));
    }

    #[tokio::test]
    async fn what_the_server_says_decides_whether_to_try_again() {
        let permanent = SmtpSink::answering(|line| line.starts_with("RCPT").then_some("550 5.1.1 no such user\u{7}"));
        let temporary = SmtpSink::answering(|line| line.starts_with("RCPT").then_some("451 4.7.1 try again later"));
        let after_the_mail = SmtpSink::answering(|line| (line == ".").then_some("554 5.6.0 no"));
        match through(&permanent.await).await {
            Err(DeliveryError::Permanent(reason)) => {
                assert!(reason.contains("550") && reason.contains("no such user"), "{reason}");
                assert!(!reason.contains(char::is_control), "{reason:?}");
            }
            other => panic!("{other:?}"),
        }
        let answer = through(&temporary.await).await;
        assert!(matches!(answer, Err(DeliveryError::Temporary(_))), "{answer:?}");
        let answer = through(&after_the_mail.await).await;
        assert!(matches!(answer, Err(DeliveryError::Permanent(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn wrong_credentials_lose_no_mail_and_show_no_password() {
        let sink = SmtpSink::answering(|line| line.starts_with("AUTH").then_some("535 5.7.8 authentication failed")).await;
        let url = sink.url().replace("//", "//deskbell:s%40cret@");
        let transport = Transport::smtp(&url).unwrap();
        let answer = deliver(&transport, "ada@example.com").await;
        let shown = format!("{transport:?} {answer:?}");
        assert!(matches!(answer, Err(DeliveryError::Temporary(_))), "{answer:?}");
        for secret in ["s@cret", "s%40cret", "AGRlc2tiZWxsAHNAY3JldA"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("127.0.0.1"), "{shown}");
    }

    #[tokio::test]
    async fn a_user_and_a_password_are_decoded_and_used() {
        let mut sink = SmtpSink::answering(|line| match line {
            "AUTH PLAIN AGRlc2tiZWxsAHNAY3JldA==" => None,
            line if line.starts_with("AUTH") => Some("535 5.7.8 no"),
            _ => None,
        })
        .await;
        let url = sink.url().replace("//", "//deskbell:s%40cret@");
        let answer = deliver(&Transport::smtp(&url).unwrap(), "ada@example.com").await;
        assert_eq!(answer, Ok(()));
        assert_eq!(sink.next().await.to, "ada@example.com");
    }

    #[tokio::test]
    async fn nothing_is_sent_in_the_clear_to_a_server_without_starttls() {
        let mut sink = SmtpSink::start().await;
        for tls in ["required", "none"] {
            let url = sink.url().replace("none", tls);
            let answer = deliver(&Transport::smtp(&url).unwrap(), "ada@example.com").await;
            assert_eq!(answer.is_ok(), tls == "none", "{answer:?}");
            assert!(!matches!(answer, Err(DeliveryError::Permanent(_))));
        }
        assert_eq!(sink.next().await.to, "ada@example.com");
    }

    #[tokio::test]
    async fn a_server_that_is_away_or_silent_is_tried_again() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let away = Transport::smtp(&format!("smtp://{closed}")).unwrap();
        let answer = deliver(&away, "ada@example.com").await;
        assert!(matches!(answer, Err(DeliveryError::Temporary(_))), "{answer:?}");

        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut smtp = Smtp::from_url(&format!("smtp://{}", silent.local_addr().unwrap())).unwrap();
        smtp.patience = Duration::from_millis(50);
        let answer = deliver(&Transport::Smtp(Box::new(smtp)), "ada@example.com").await;
        match answer {
            Err(DeliveryError::Temporary(reason)) => assert!(reason.contains("did not answer")),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn without_a_server_the_log_has_the_whole_text_and_a_hint() {
        #[derive(Clone, Default)]
        struct Lines(Arc<Mutex<Vec<u8>>>);
        impl std::io::Write for Lines {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        let _guard = tracing::subscriber::set_default(subscriber);

        deliver(&Transport::Log, "ada@example.com").await.unwrap();
        let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        for part in ["INFO", "DESKBELL_SMTP_URL", "ada@example.com", "0199-abc", "#token=dbr_0123"] {
            assert!(logged.contains(part), "{part} in {logged}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_not_tried_again() {
        for transport in [Transport::Log, Transport::smtp("smtp://localhost:1").unwrap()] {
            for to in ["", "ada", "ada@", "ada@example.com\r\nRCPT TO:<eve@example.com>", "a@b>\r\n"] {
                let answer = deliver(&transport, to).await;
                assert!(matches!(answer, Err(DeliveryError::Permanent(_))), "{to:?}: {answer:?}");
            }
            for id in ["", "a b", "a>\r\nBcc: x", "a@b"] {
                let answer = transport.deliver(&sender(), "ada@example.com", id, &letter()).await;
                assert!(matches!(answer, Err(DeliveryError::Permanent(_))), "{id:?}: {answer:?}");
            }
        }
    }

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
            let smtp = Smtp::from_url(url).unwrap_or_else(|fault| panic!("{url}: {fault}"));
            assert_eq!(smtp.server, server);
        }
        for (host, here) in [
            ("localhost", true),
            ("mail.localhost", true),
            ("127.0.0.1", true),
            ("127.8.9.1", true),
            ("[::1]", true),
            ("mail.example", false),
            ("localhost.example", false),
            ("10.0.0.1", false),
            ("[2001:db8::1]", false),
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
            let seen = Transport::smtp(url).unwrap_err();
            assert_eq!(seen, fault, "{url}");
            assert!(!seen.to_string().contains("s3cret"));
            assert_eq!(seen.to_string().lines().count(), 1);
        }
    }
}

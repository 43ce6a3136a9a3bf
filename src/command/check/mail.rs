//! Checks the relay: connects as for a mail, and sends a test mail if requested.

use std::time::Duration;

use entity::mail::Language;
use uuid::Uuid;

use super::report::{Line, note, ok, wrong};
use crate::{
    config::{
        Config,
        smtp::{Encryption, SmtpAddress},
    },
    input::EmailAddress,
    mail::{
        letter::Letter,
        smtp::{NotAccepted, Smtp, Step},
        transport::Transport,
    },
    serve::transport,
};

const SUBJECT: &str = "mail";
/// Relays that delay their greeting, against senders of spam, do so for 6 s.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
const DELIVER_WITHIN: Duration = Duration::from_secs(6);

pub(super) async fn lines(config: &Config, send_to: Option<&str>) -> Vec<Line> {
    let transport = match transport(config) {
        Ok(transport) => transport,
        Err(error) => return vec![wrong(SUBJECT, format!("DESKBELL_SMTP_URL: {error}"))],
    };
    let Transport::Smtp(smtp) = &transport else {
        let mut lines = vec![note(
            SUBJECT,
            "mails are written to the log, with their links, and are sent to no one: set DESKBELL_SMTP_URL",
        )];
        lines.extend(send_to.map(|_| wrong(SUBJECT, "no test mail was sent: DESKBELL_SMTP_URL is not set")));
        return lines;
    };
    let mut lines: Vec<_> = config.nameless_sender().map(|fault| wrong(SUBJECT, fault)).into_iter().collect();
    match smtp.try_out(&config.mail.from, ANSWER_WITHIN).await {
        Ok(accepted) => {
            lines.push(connected(config, smtp, accepted.is_encrypted));
            if let Some(to) = send_to {
                lines.push(send(config, &transport, to).await);
            }
        }
        Err(refused) => lines.push(wrong(SUBJECT, explain(config, smtp, &refused))),
    }
    lines
}

fn connected(config: &Config, smtp: &Smtp, is_encrypted: bool) -> Line {
    let (server, helo, from) = (smtp.server(), smtp.helo(), &config.mail.from.email);
    let address = config.mail.smtp.as_ref();
    let accepts = format!("{server} accepts this server as {helo} and the sender {from}");
    let is_local = address.is_some_and(SmtpAddress::is_local);
    match address.map(|address| address.encryption) {
        _ if is_encrypted => ok(SUBJECT, format!("{accepts}, over TLS")),
        Some(Encryption::None) if is_local => ok(SUBJECT, accepts),
        _ => note(SUBJECT, format!("{accepts}, without TLS, so links can be read on the way: see DESKBELL_SMTP_URL")),
    }
}

fn explain(config: &Config, smtp: &Smtp, refused: &NotAccepted) -> String {
    let (server, reason) = (smtp.server(), &refused.reason);
    match refused.step {
        Step::Greeting if refused.is_reply => format!(
            "DESKBELL_SMTP_HELO: {server} does not accept this server, which calls itself {}: {reason}",
            smtp.helo()
        ),
        Step::Greeting if !refused.is_tls => format!("DESKBELL_SMTP_URL: {server} cannot be used: {reason}"),
        Step::Greeting | Step::Encryption => {
            format!("DESKBELL_SMTP_URL: TLS with {server} fails: {reason}; DESKBELL_SMTP_CA adds authorities")
        }
        Step::Authentication => format!("DESKBELL_SMTP_URL: {server} does not accept user and password: {reason}"),
        Step::Sender => {
            format!("DESKBELL_MAIL_FROM: {server} does not accept the sender {}: {reason}", config.mail.from.email)
        }
    }
}

/// Sends a test mail on the path of all mails.
async fn send(config: &Config, transport: &Transport, to: &str) -> Line {
    let Ok(to) = EmailAddress::parse(to) else {
        return wrong(SUBJECT, "no test mail was sent: --send-to is not a mail address");
    };
    let letter = Letter::Test { link: config.http.public_base().to_owned() }.write(Language::En);
    let id = Uuid::new_v4().to_string();
    let delivery = transport.deliver(&config.mail.from, to.address(), &id, &letter);
    match tokio::time::timeout(DELIVER_WITHIN, delivery).await {
        Ok(Ok(())) => ok(SUBJECT, format!("a test mail to {} was handed to the relay", to.address())),
        Ok(Err(error)) => wrong(SUBJECT, format!("the relay does not accept the test mail: {error}")),
        Err(_elapsed) => {
            wrong(SUBJECT, format!("the relay does not accept the test mail within {} s", DELIVER_WITHIN.as_secs()))
        }
    }
}

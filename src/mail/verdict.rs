//! Classifies a relay's rejection: permanent, or worth a retry.
//!
//! Only a rejection of the recipient or of the text is permanent, and a relay reports it with an
//! enhanced status code (RFC 3463) in reply to RCPT or DATA. Every other rejection concerns this
//! server: its name in EHLO, the sender, the right to relay, the password, the rate. It ends once a
//! setting is corrected here or at the relay, and the mail should be sent then. A reply without an
//! enhanced code contains too little information to drop a mail.

use entity::mail::Cause;
use lettre::transport::smtp;

use super::transport::DeliveryError;

/// The maximum length of a stored reply.
const MAX_REASON_CHARS: usize = 300;

/// The command that a reply answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The connection, the greeting, EHLO, TLS or AUTH.
    Session,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA, or the end of the text.
    Data,
}

/// Classifies an error, with the reply on one line.
pub(super) fn judge(stage: Stage, error: &smtp::Error) -> DeliveryError {
    let reason = one_line(&error.to_string());
    // The error's source is the text of the reply without its code.
    let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    match error.is_permanent().then(|| enhanced(&said)).flatten().and_then(|status| cause(stage, status)) {
        Some(cause) => DeliveryError::Permanent(cause, reason),
        None => DeliveryError::Temporary(reason),
    }
}

/// Subject and detail of an enhanced status code of class 5, such as `5.1.1`.
fn enhanced(said: &str) -> Option<(u16, u16)> {
    let mut parts = said.split_whitespace().next()?.split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (class == "5" && parts.next().is_none()).then_some((subject, detail))
}

/// The cause that a status stands for (RFC 3463, section 3). `None` if it concerns neither the
/// recipient nor the text.
fn cause(stage: Stage, status: (u16, u16)) -> Option<Cause> {
    match (stage, status) {
        // RFC 6531, section 3.5: the address is not ASCII, and a server on the path does not
        // support that.
        (Stage::Recipient | Stage::Data, (6, 7)) => Some(Cause::NoSmtputf8),
        // These two concern the sender's address.
        (Stage::Recipient | Stage::Data, (1, 7 | 8)) => None,
        // The mailbox does not exist, or has moved.
        (Stage::Recipient | Stage::Data, (1, 1 | 6)) => Some(Cause::MailboxUnknown),
        // The domain, the syntax, or a null MX (RFC 7505).
        (Stage::Recipient | Stage::Data, (1, 2 | 3 | 10)) => Some(Cause::AddressInvalid),
        (Stage::Recipient | Stage::Data, (2, 1)) => Some(Cause::MailboxDisabled),
        (Stage::Recipient | Stage::Data, (2, 2)) => Some(Cause::MailboxFull),
        (Stage::Recipient | Stage::Data, (1 | 2, _)) => Some(Cause::RecipientRefused),
        // The content, or its size.
        (Stage::Data, (6, _) | (3, 4)) => Some(Cause::TextRefused),
        _ => None,
    }
}

/// A reply is written to logs and tables: on one line, and of bounded length.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_about_the_recipient_or_the_text_is_permanent() {
        use Cause::{
            AddressInvalid, MailboxDisabled, MailboxFull, MailboxUnknown, NoSmtputf8, RecipientRefused, TextRefused,
        };
        use Stage::{Data, Recipient, Sender, Session};
        for (stage, said, verdict) in [
            (Session, "5.1.1 no such user", None),
            (Session, "5.7.1 your host is blocked", None),
            (Session, "5.7.8 authentication failed", None),
            (Sender, "5.1.8 sender's domain is not found", None),
            (Sender, "5.1.0 sender is rejected", None),
            (Sender, "5.6.7 non-ASCII addresses are not permitted", None),
            (Recipient, "5.1.1 no such user", Some(MailboxUnknown)),
            (Recipient, "5.1.2 bad destination system", Some(AddressInvalid)),
            (Recipient, "5.1.3 bad syntax", Some(AddressInvalid)),
            (Recipient, "5.1.6 mailbox has moved", Some(MailboxUnknown)),
            (Recipient, "5.1.10 recipient's domain takes no mail", Some(AddressInvalid)),
            (Recipient, "5.2.0 other", Some(RecipientRefused)),
            (Recipient, "5.2.1 mailbox is disabled", Some(MailboxDisabled)),
            (Recipient, "5.2.2 mailbox is full", Some(MailboxFull)),
            (Recipient, "5.1.8 sender's domain is not found", None),
            (Recipient, "5.1.7 sender's address is malformed", None),
            (Recipient, "5.5.2 <vm>: Helo command rejected: need fully-qualified hostname", None),
            (Recipient, "5.7.1 relay access denied", None),
            (Recipient, "5.4.4 unable to route", None),
            (Recipient, "5.6.7 non-ASCII addresses are not permitted", Some(NoSmtputf8)),
            (Recipient, "relay not permitted", None),
            (Recipient, "", None),
            (Data, "5.1.1 no such user", Some(MailboxUnknown)),
            (Data, "5.2.3 too large for this mailbox", Some(RecipientRefused)),
            (Data, "5.6.0 content rejected", Some(TextRefused)),
            (Data, "5.3.4 too large for this server", Some(TextRefused)),
            (Data, "5.3.0 out of order", None),
            (Data, "5.7.60 SMTP; Client does not have permissions to send as this sender", None),
            (Data, "5.1.1.9 is no status", None),
            (Data, "4.1.1 contradicts itself", None),
        ] {
            assert_eq!(enhanced(said).and_then(|status| cause(stage, status)), verdict, "{stage:?}: {said}");
        }
    }
}

//! Composes the message of a mail.

use entity::mail::{Cause, Language};
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::{Address, address::Envelope};

use super::DeliveryError;
use crate::{input::EmailAddress, mail::letter::Rendered};

/// Prevents automatic replies to this mail, such as vacation notices (RFC 3834, section 5).
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

/// The language of the text (RFC 3282).
#[derive(Clone)]
struct ContentLanguage(Language);

impl Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(tag: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(tag.parse()?))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.tag().to_owned())
    }
}

/// A mail in the form that a relay accepts.
pub(in crate::mail) struct Composed {
    pub sender: Address,
    pub recipient: Address,
    pub message: Vec<u8>,
}

pub(super) fn compose(
    from: &Mailbox,
    to: &str,
    message_id: &str,
    letter: &Rendered,
) -> Result<Composed, DeliveryError> {
    let unsendable = |reason: &str| DeliveryError::Permanent(Cause::TextRefused, reason.to_owned());
    let recipient = recipient(to).ok_or_else(|| {
        DeliveryError::Permanent(Cause::AddressInvalid, "mail cannot be sent to this address".to_owned())
    })?;
    if message_id.is_empty() || !message_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(unsendable("the id of a mail may have only letters, digits and dashes"));
    }
    // A setting that can be corrected.
    let unusable = || DeliveryError::Temporary("mail cannot be sent from the address in DESKBELL_MAIL_FROM".to_owned());
    let sender = envelope_sender(from).ok_or_else(unusable)?;
    let home = sender.domain();
    let message = Message::builder()
        .from(from.clone())
        // Without a name, which would be untrusted text.
        .to(Mailbox::new(None, recipient.clone()))
        .envelope(Envelope::new(Some(sender.clone()), vec![recipient.clone()]).map_err(|_| unusable())?)
        .subject(letter.subject)
        .message_id(Some(format!("<{message_id}@{home}>")))
        .header(AutoSubmitted)
        .header(ContentLanguage(letter.language))
        .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
        .map_err(|error| unsendable(&error.to_string()))?;
    Ok(Composed { sender, recipient, message: message.formatted() })
}

/// The sender, with its domain in ASCII. `None` if mail cannot be sent from this address.
pub(in crate::mail) fn envelope_sender(from: &Mailbox) -> Option<Address> {
    let home = idna::domain_to_ascii(from.email.domain()).ok()?;
    Address::new(from.email.user(), &home).ok()
}

/// The address in the form that servers use: its domain in ASCII, so that only an address with a
/// *local* part that is not ASCII needs a server with SMTPUTF8.
fn recipient(to: &str) -> Option<Address> {
    // Rows contain parsed addresses: this server did not write anything else.
    EmailAddress::parse(to).ok().filter(|address| address.address() == to).map(|address| address.mailbox())
}

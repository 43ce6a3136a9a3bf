//! Delivers a letter by SMTP ([`smtp`](super::smtp)), or writes it to the log if no relay is set.
//!
//! A transport delivers one mail once, and reports whether it should be retried. The queue stores
//! mails and decides on retries. If a server accepted a mail but its reply was lost, the mail is
//! sent again with the same `Message-ID`, so that the receiving side can detect the duplicate.

mod compose;
#[cfg(test)]
mod tests;

use entity::mail::Cause;
use lettre::message::Mailbox;

use self::compose::compose;
pub(super) use self::compose::{Composed, envelope_sender};
use super::letter::Rendered;
use super::smtp::{Relay, Smtp};
use crate::config::smtp::SmtpAddress;

/// Where mails are delivered.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// To the log at `info`, with a hint how to change that.
    Log,
}

/// A mail was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Should be retried: the fault is on this server or on the relay, and may be corrected.
    #[error("{0}")]
    Temporary(String),
    /// A retry would fail in the same way: the fault is in the recipient or the text.
    #[error("{1}")]
    Permanent(Cause, String),
}

impl DeliveryError {
    /// The same error with another text.
    pub(super) fn with_text(self, text: String) -> Self {
        match self {
            Self::Temporary(_) => Self::Temporary(text),
            Self::Permanent(cause, _) => Self::Permanent(cause, text),
        }
    }

    /// The same error without a text that it contains, in upper or lower case.
    pub(super) fn without(self, sought: &str, instead: &str) -> Self {
        match self {
            Self::Temporary(text) => Self::Temporary(without(&text, sought, instead)),
            Self::Permanent(cause, text) => Self::Permanent(cause, without(&text, sought, instead)),
        }
    }
}

/// Replaces a text, in upper or lower case.
pub(super) fn without(text: &str, sought: &str, instead: &str) -> String {
    let (lower, sought) = (text.to_ascii_lowercase(), sought.to_ascii_lowercase());
    if sought.is_empty() {
        return text.to_owned();
    }
    let (mut kept, mut end) = (String::with_capacity(text.len()), 0);
    // ASCII lower case keeps the position of every byte.
    for (start, _) in lower.match_indices(&sought) {
        kept.push_str(&text[end..start]);
        kept.push_str(instead);
        end = start + sought.len();
    }
    kept.push_str(&text[end..]);
    kept
}

impl Transport {
    /// The mail server of an address. Does not connect yet.
    ///
    /// # Errors
    /// If TLS cannot be configured for the host.
    pub fn smtp(address: SmtpAddress, relay: &Relay) -> Result<Self, lettre::transport::smtp::Error> {
        Smtp::new(address, relay).map(|smtp| Self::Smtp(Box::new(smtp)))
    }

    /// Sends a letter.
    ///
    /// `message_id` identifies this mail among all mails of this server (letters, digits and
    /// dashes), and stays the same when it is retried.
    ///
    /// # Errors
    /// [`DeliveryError`], which does not contain the address.
    pub async fn deliver(
        &self,
        from: &Mailbox,
        to: &str,
        message_id: &str,
        letter: &Rendered,
    ) -> Result<(), DeliveryError> {
        let mail = compose(from, to, message_id, letter)?;
        match self {
            // Relays repeat the address in their replies; it must not appear in the log or in the
            // queue.
            Self::Smtp(smtp) => {
                let hidden = |error: DeliveryError, address| error.without(address, "(the address)");
                smtp.send(&mail).await.map_err(|error| hidden(hidden(error, mail.recipient.as_ref()), to))
            }
            Self::Log => {
                tracing::info!(
                    mail.to = to,
                    mail.id = message_id,
                    "mail, logged because DESKBELL_SMTP_URL is not set: {}\n\n{}",
                    letter.subject,
                    letter.text
                );
                Ok(())
            }
        }
    }
}

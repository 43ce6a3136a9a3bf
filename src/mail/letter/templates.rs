//! Fills the templates of letters, as text and as HTML.

use askama::Template;

use super::{
    Letter, Rendered,
    words::{harmless, in_words, moment},
};

impl Letter {
    /// Renders the letter.
    #[must_use]
    pub fn write(&self) -> Rendered {
        let subject = self.subject();
        let (text, html) = match self {
            Self::Invitation { operator_name, account_name, invited_by, link, valid_for } => {
                let letter = &InvitationText {
                    operator_name: harmless(operator_name),
                    account_name: harmless(account_name),
                    invited_by: harmless(invited_by),
                    link,
                    valid_for: in_words(*valid_for),
                };
                both(letter, &InvitationHtml { subject, letter })
            }
            Self::PasswordRecovery { operator_name, link, valid_for } => {
                let letter = &PasswordRecoveryText {
                    operator_name: harmless(operator_name),
                    link,
                    valid_for: in_words(*valid_for),
                };
                both(letter, &PasswordRecoveryHtml { subject, letter })
            }
            Self::PasswordChanged { operator_name, account_name, at } => {
                let letter = &PasswordChangedText {
                    operator_name: harmless(operator_name),
                    account_name: harmless(account_name),
                    at: moment(*at),
                };
                both(letter, &PasswordChangedHtml { subject, letter })
            }
            Self::EmailChanged { operator_name, at } => {
                let letter = &EmailChangedText { operator_name: harmless(operator_name), at: moment(*at) };
                both(letter, &EmailChangedHtml { subject, letter })
            }
            Self::AddressConfirmation { operator_name, account_name, added_by, link, valid_for } => {
                let letter = &AddressConfirmationText {
                    operator_name: harmless(operator_name),
                    account_name: harmless(account_name),
                    added_by: added_by.as_deref().map(harmless),
                    link,
                    valid_for: in_words(*valid_for),
                };
                both(letter, &AddressConfirmationHtml { subject, letter })
            }
            Self::AddressChange { operator_name, account_name, link, valid_for } => {
                let letter = &AddressChangeText {
                    operator_name: harmless(operator_name),
                    account_name: harmless(account_name),
                    link,
                    valid_for: in_words(*valid_for),
                };
                both(letter, &AddressChangeHtml { subject, letter })
            }
            Self::AddressUndo { operator_name, at, link, until } => {
                let letter = &AddressUndoText {
                    operator_name: harmless(operator_name),
                    at: moment(*at),
                    link,
                    until: moment(*until),
                };
                both(letter, &AddressUndoHtml { subject, letter })
            }
            Self::Test { link } => {
                let letter = &TestText { link };
                both(letter, &TestHtml { subject, letter })
            }
        };
        Rendered { subject, text, html }
    }
}

fn both(text: &impl Template, html: &impl Template) -> (String, String) {
    const CAN: &str = "templates of plain values can be written into memory";
    (text.render().expect(CAN), html.render().expect(CAN))
}

#[derive(Template)]
#[template(path = "mail/invitation.txt")]
struct InvitationText<'a> {
    operator_name: String,
    account_name: String,
    invited_by: String,
    link: &'a str,
    valid_for: String,
}

#[derive(Template)]
#[template(path = "mail/invitation.html")]
struct InvitationHtml<'a> {
    subject: &'a str,
    letter: &'a InvitationText<'a>,
}

#[derive(Template)]
#[template(path = "mail/password_recovery.txt")]
struct PasswordRecoveryText<'a> {
    operator_name: String,
    link: &'a str,
    valid_for: String,
}

#[derive(Template)]
#[template(path = "mail/password_recovery.html")]
struct PasswordRecoveryHtml<'a> {
    subject: &'a str,
    letter: &'a PasswordRecoveryText<'a>,
}

#[derive(Template)]
#[template(path = "mail/password_changed.txt")]
struct PasswordChangedText {
    operator_name: String,
    account_name: String,
    at: String,
}

#[derive(Template)]
#[template(path = "mail/password_changed.html")]
struct PasswordChangedHtml<'a> {
    subject: &'a str,
    letter: &'a PasswordChangedText,
}

#[derive(Template)]
#[template(path = "mail/email_changed.txt")]
struct EmailChangedText {
    operator_name: String,
    at: String,
}

#[derive(Template)]
#[template(path = "mail/email_changed.html")]
struct EmailChangedHtml<'a> {
    subject: &'a str,
    letter: &'a EmailChangedText,
}

#[derive(Template)]
#[template(path = "mail/address_confirmation.txt")]
struct AddressConfirmationText<'a> {
    operator_name: String,
    account_name: String,
    added_by: Option<String>,
    link: &'a str,
    valid_for: String,
}

#[derive(Template)]
#[template(path = "mail/address_confirmation.html")]
struct AddressConfirmationHtml<'a> {
    subject: &'a str,
    letter: &'a AddressConfirmationText<'a>,
}

#[derive(Template)]
#[template(path = "mail/address_change.txt")]
struct AddressChangeText<'a> {
    operator_name: String,
    account_name: String,
    link: &'a str,
    valid_for: String,
}

#[derive(Template)]
#[template(path = "mail/address_change.html")]
struct AddressChangeHtml<'a> {
    subject: &'a str,
    letter: &'a AddressChangeText<'a>,
}

#[derive(Template)]
#[template(path = "mail/address_undo.txt")]
struct AddressUndoText<'a> {
    operator_name: String,
    at: String,
    link: &'a str,
    until: String,
}

#[derive(Template)]
#[template(path = "mail/address_undo.html")]
struct AddressUndoHtml<'a> {
    subject: &'a str,
    letter: &'a AddressUndoText<'a>,
}

#[derive(Template)]
#[template(path = "mail/test.txt")]
struct TestText<'a> {
    link: &'a str,
}

#[derive(Template)]
#[template(path = "mail/test.html")]
struct TestHtml<'a> {
    subject: &'a str,
    letter: &'a TestText<'a>,
}

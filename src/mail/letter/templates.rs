//! Fills the templates of letters, as text and as HTML. A template has the letter in each language.

use askama::Template;
use entity::mail::Language;

use super::{
    Letter, Rendered,
    words::{harmless, in_words, moment},
};

impl Letter {
    /// Renders the letter.
    #[must_use]
    pub fn write(&self, language: Language) -> Rendered {
        let subject = self.subject(language);
        let (text, html) = match self {
            Self::Invitation { operator_name, account_name, invited_by, link, valid_for } => {
                let letter = &InvitationText {
                    language,
                    operator_name: harmless(operator_name),
                    account_name: harmless(account_name),
                    invited_by: harmless(invited_by),
                    link,
                    valid_for: in_words(*valid_for, language),
                };
                both(letter, &InvitationHtml { subject, letter })
            }
            Self::PasswordRecovery { operator_name, link, valid_for } => {
                let letter = &PasswordRecoveryText {
                    language,
                    operator_name: harmless(operator_name),
                    link,
                    valid_for: in_words(*valid_for, language),
                };
                both(letter, &PasswordRecoveryHtml { subject, letter })
            }
            Self::PasswordChanged { operator_name, account_name, at } => {
                let letter = &PasswordChangedText {
                    language,
                    operator_name: harmless(operator_name),
                    account_name: harmless(account_name),
                    at: moment(*at, language),
                };
                both(letter, &PasswordChangedHtml { subject, letter })
            }
            Self::EmailChanged { operator_name, at } => {
                let letter =
                    &EmailChangedText { language, operator_name: harmless(operator_name), at: moment(*at, language) };
                both(letter, &EmailChangedHtml { subject, letter })
            }
            Self::AddressConfirmation { operator_name, account_name, added_by, link, valid_for } => {
                let letter = &AddressConfirmationText {
                    language,
                    operator_name: harmless(operator_name),
                    account_name: harmless(account_name),
                    added_by: added_by.as_deref().map(harmless),
                    link,
                    valid_for: in_words(*valid_for, language),
                };
                both(letter, &AddressConfirmationHtml { subject, letter })
            }
            Self::AddressChange { operator_name, account_name, link, valid_for } => {
                let letter = &AddressChangeText {
                    language,
                    operator_name: harmless(operator_name),
                    account_name: harmless(account_name),
                    link,
                    valid_for: in_words(*valid_for, language),
                };
                both(letter, &AddressChangeHtml { subject, letter })
            }
            Self::AddressUndo { operator_name, at, link, until } => {
                let letter = &AddressUndoText {
                    language,
                    operator_name: harmless(operator_name),
                    at: moment(*at, language),
                    link,
                    until: moment(*until, language),
                };
                both(letter, &AddressUndoHtml { subject, letter })
            }
            Self::Test { link } => {
                let letter = &TestText { language, link };
                both(letter, &TestHtml { subject, letter })
            }
        };
        Rendered { language, subject, text, html }
    }
}

fn both(text: &impl Template, html: &impl Template) -> (String, String) {
    const CAN: &str = "templates of plain values can be written into memory";
    (text.render().expect(CAN), html.render().expect(CAN))
}

#[derive(Template)]
#[template(path = "mail/invitation.txt")]
struct InvitationText<'a> {
    language: Language,
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
    language: Language,
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
    language: Language,
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
    language: Language,
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
    language: Language,
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
    language: Language,
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
    language: Language,
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
    language: Language,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "mail/test.html")]
struct TestHtml<'a> {
    subject: &'a str,
    letter: &'a TestText<'a>,
}

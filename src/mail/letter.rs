//! The texts of mails to operators, as plain text and as simple HTML.
//!
//! A letter loads nothing from a server and contains no tracking, so reading it reveals nothing.
//! Names in it are untrusted: anyone can sign up as `Deskbell, see https://evil.example` and invite
//! any address. So no name is in a subject, which mail programs show as the sender's own text; a
//! name is written so that mail programs do not turn it into a link (`harmless`); and the only link
//! is the one that this server created.

use std::fmt;
use std::time::Duration;

use askama::Template;
use chrono::{DateTime, Utc};

/// A mail to an operator.
#[derive(Clone, PartialEq, Eq)]
pub enum Letter {
    /// To an operator who was added without a password, with a link to choose one.
    Invitation {
        /// The name of the operator.
        operator_name: String,
        /// The account of the operator.
        account_name: String,
        /// The name of the operator who added them.
        invited_by: String,
        /// The page to choose the password; contains the token.
        link: String,
        /// How long the link works.
        valid_for: Duration,
    },
    /// To an operator who forgot the password, with a link to choose another.
    PasswordRecovery {
        /// The name of the operator.
        operator_name: String,
        /// The page to choose the password; contains the token.
        link: String,
        /// How long the link works.
        valid_for: Duration,
    },
    /// Reports that the password was changed, in case the operator did not change it.
    PasswordChanged {
        /// The name of the operator.
        operator_name: String,
        /// The account of the operator.
        account_name: String,
        /// When it was changed.
        at: DateTime<Utc>,
    },
    /// To the previous address. Does not contain the new one.
    EmailChanged {
        /// The name of the operator.
        operator_name: String,
        /// When it was changed.
        at: DateTime<Utc>,
    },
    /// To the address that an operator was added with or signed up with, with a link to confirm it.
    AddressConfirmation {
        /// The name of the operator.
        operator_name: String,
        /// The account of the operator.
        account_name: String,
        /// The name of the operator who added this one. `None` if the operator signed up, or if the
        /// other operator was removed.
        added_by: Option<String>,
        /// The page to confirm or release the address; contains the token.
        link: String,
        /// How long the link works.
        valid_for: Duration,
    },
    /// To the address that an operator requested, with a link to confirm it.
    AddressChange {
        /// The name of the operator.
        operator_name: String,
        /// The account of the operator.
        account_name: String,
        /// The page to confirm or release the address; contains the token.
        link: String,
        /// How long the link works.
        valid_for: Duration,
    },
    /// To the previous address, with a link that restores it.
    AddressUndo {
        /// The name of the operator.
        operator_name: String,
        /// When it was changed.
        at: DateTime<Utc>,
        /// The page to restore the address; contains the token.
        link: String,
        /// When the link expires.
        until: DateTime<Utc>,
    },
}

/// Contains only the kind: links contain tokens, and names are personal data.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invitation { .. } => "Letter::Invitation",
            Self::PasswordRecovery { .. } => "Letter::PasswordRecovery",
            Self::PasswordChanged { .. } => "Letter::PasswordChanged",
            Self::EmailChanged { .. } => "Letter::EmailChanged",
            Self::AddressConfirmation { .. } => "Letter::AddressConfirmation",
            Self::AddressChange { .. } => "Letter::AddressChange",
            Self::AddressUndo { .. } => "Letter::AddressUndo",
        })
    }
}

/// A letter, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One fixed line, without any text that a user typed.
    pub subject: &'static str,
    /// The letter as plain text, with lines of at most 72 characters except for links and long
    /// names.
    pub text: String,
    /// The same letter as HTML.
    pub html: String,
}

/// Contains only the subject.
impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl Letter {
    /// The text that the mail program shows before the letter is opened.
    #[must_use]
    pub const fn subject(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "You are invited to answer a website's chat",
            Self::PasswordRecovery { .. } => "Choose a new password",
            Self::PasswordChanged { .. } => "Your password was changed",
            Self::EmailChanged { .. } | Self::AddressUndo { .. } => "Your sign-in address was changed",
            Self::AddressConfirmation { .. } | Self::AddressChange { .. } => "Confirm your address",
        }
    }

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

/// Formats a name on one line, so that no mail program detects a link in it.
///
/// Mail programs detect links by dots, colons and slashes between letters, so these get a space.
/// "J. R. R. Tolkien" and "Sales / Support" still look right to a reader. The wide forms are those
/// that domain names accept as a dot, too (UTS 46).
fn harmless(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '.' | ':' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}' => {
                spaced.extend([c, ' ']);
            }
            '/' | '\\' | '@' | '\u{ff0f}' | '\u{ff20}' => spaced.extend([' ', c, ' ']),
            c if c.is_control() => spaced.push(' '),
            c => spaced.push(c),
        }
    }
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// "30 minutes", "1 hour", "7 days": the largest unit that is exact, at least minutes.
fn in_words(duration: Duration) -> String {
    let minutes = duration.as_secs().div_ceil(60).max(1);
    let (number, unit) = match minutes {
        m if m.is_multiple_of(24 * 60) => (m / (24 * 60), "day"),
        m if m.is_multiple_of(60) => (m / 60, "hour"),
        m => (m, "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y at %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const LINK: &str = "https://chat.example/accept-invitation#token=dbi_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

    fn letters(name: &str) -> [Letter; 7] {
        let at = Utc.with_ymd_and_hms(2026, 11, 2, 7, 5, 9).unwrap();
        let name = || name.to_owned();
        [
            Letter::Invitation {
                operator_name: name(),
                account_name: name(),
                invited_by: name(),
                link: LINK.to_owned(),
                valid_for: Duration::from_hours(7 * 24),
            },
            Letter::PasswordRecovery {
                operator_name: name(),
                link: LINK.to_owned(),
                valid_for: Duration::from_mins(30),
            },
            Letter::PasswordChanged { operator_name: name(), account_name: name(), at },
            Letter::EmailChanged { operator_name: name(), at },
            Letter::AddressConfirmation {
                operator_name: name(),
                account_name: name(),
                added_by: Some(name()),
                link: LINK.to_owned(),
                valid_for: Duration::from_hours(7 * 24),
            },
            Letter::AddressChange {
                operator_name: name(),
                account_name: name(),
                link: LINK.to_owned(),
                valid_for: Duration::from_hours(7 * 24),
            },
            Letter::AddressUndo {
                operator_name: name(),
                at,
                link: LINK.to_owned(),
                until: at + Duration::from_hours(7 * 24),
            },
        ]
    }

    #[test]
    fn an_invitation_reads_well() {
        let letter = Letter::Invitation {
            operator_name: "Žofie".to_owned(),
            account_name: "Brno & Sons".to_owned(),
            invited_by: "J.R.R. Tolkien".to_owned(),
            link: LINK.to_owned(),
            valid_for: Duration::from_hours(7 * 24),
        };
        let Rendered { subject, text, html } = letter.write();
        assert_eq!(subject, "You are invited to answer a website's chat");
        assert_eq!(
            text,
            format!(
                "Hello Žofie,\n\
                 \n\
                 J. R. R. Tolkien has added you as an operator of Brno & Sons.\n\
                 \n\
                 To choose your password and sign in, open this link:\n\
                 \n\
                 {LINK}\n\
                 \n\
                 The link works once and is valid for 7 days.\n\
                 \n\
                 If you did not expect this invitation, ignore this mail: no one can sign\n\
                 in as you without your password."
            )
        );
        for part in [
            "<title>You are invited to answer a website&#39;s chat</title>",
            "<bdi>Žofie</bdi>",
            "<bdi>Brno &#38; Sons</bdi>",
            &format!("<a href=\"{LINK}\">{LINK}</a>"),
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn every_letter_says_in_text_and_html_what_it_has_to() {
        let [invitation, recovery, password, email, confirmation, change, undo] =
            letters("Ada").map(|letter| letter.write());
        for (written, facts) in [
            (&invitation, &["Ada", LINK, "7 days", "once"][..]),
            (&recovery, &["Ada", LINK, "30 minutes", "once"]),
            (&password, &["Ada", "2 November 2026 at 07:05 UTC"]),
            (&email, &["Ada", "2 November 2026 at 07:05 UTC"]),
            (&confirmation, &["Ada", LINK, "7 days", "once"]),
            (&change, &["Ada", LINK, "7 days", "once"]),
            (&undo, &["Ada", LINK, "2 November 2026 at 07:05 UTC", "9 November 2026 at 07:05 UTC"]),
        ] {
            for fact in facts {
                assert!(written.text.contains(fact), "{fact} in {}", written.text);
                assert!(written.html.contains(fact), "{fact} in {}", written.html);
            }
            assert!(!written.text.contains("{{") && !written.html.contains("{{"));
        }
    }

    #[test]
    fn lines_are_short_enough_to_quote() {
        for letter in letters("Ada Lovelace") {
            for line in letter.write().text.lines().filter(|line| *line != LINK) {
                assert!(line.chars().count() <= 72, "{line}");
            }
        }
    }

    #[test]
    fn nothing_is_loaded_from_anywhere() {
        for letter in letters("Ada") {
            let html = letter.write().html;
            for remote in ["src=", "<img", "<link", "<script", "url(", "@import", "<iframe"] {
                assert!(!html.contains(remote), "{remote} in {html}");
            }
            let links = html.matches("href=").count();
            assert_eq!(links, html.matches(&format!("href=\"{LINK}\"")).count());
        }
    }

    #[test]
    fn a_name_is_no_link_no_markup_no_header_and_no_line() {
        let name = "https://evil.example/x\r\nBcc: eve@evil.example\n\n<a href='//evil.example'>www.evil.example</a>";
        for letter in letters(name) {
            let Rendered { subject, text, html } = letter.write();
            assert!(!subject.contains("evil"));
            for trick in ["https://evil", "evil.example", "www.evil", "//evil", "@evil", "\r", "\nBcc"] {
                assert!(!text.contains(trick), "{trick} in {text}");
                assert!(!html.contains(trick), "{trick} in {html}");
            }
            assert!(!html.contains("<a href='"), "{html}");
        }
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["Ada Lovelace", "O’Brien-Śmigły", "Acme Inc.", "山田 太郎", "Brno & Sons", "محمد علي"]
        {
            assert_eq!(harmless(name), name);
        }
        for (name, written) in [
            ("J.R.R. Tolkien", "J. R. R. Tolkien"),
            ("Sales/Support", "Sales / Support"),
            ("evil。example", "evil。 example"),
            ("a\0b\tc", "a b c"),
        ] {
            assert_eq!(harmless(name), written);
        }
    }

    #[test]
    fn durations_are_said_in_words() {
        for (seconds, words) in [
            (0, "1 minute"),
            (61, "2 minutes"),
            (1_800, "30 minutes"),
            (3_600, "1 hour"),
            (5_400, "90 minutes"),
            (86_400, "1 day"),
            (604_800, "7 days"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn debug_shows_no_token_and_no_name() {
        for letter in letters("Ada") {
            let shown = format!("{letter:?} {:?}", letter.write());
            assert!(!shown.contains("token") && !shown.contains("Ada"), "{shown}");
        }
    }
}

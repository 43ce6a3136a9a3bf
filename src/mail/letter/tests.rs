use chrono::TimeZone;

use super::*;

const LINK: &str = "https://chat.example/accept-invitation#token=dbi_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

fn letters(name: &str) -> [Letter; 8] {
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
        Letter::PasswordRecovery { operator_name: name(), link: LINK.to_owned(), valid_for: Duration::from_mins(30) },
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
        Letter::Test { link: LINK.to_owned() },
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
    let [invitation, recovery, password, email, confirmation, change, undo, test] =
        letters("Ada").map(|letter| letter.write());
    for (written, facts) in [
        (&invitation, &["Ada", LINK, "7 days", "once"][..]),
        (&recovery, &["Ada", LINK, "30 minutes", "once"]),
        (&password, &["Ada", "2 November 2026 at 07:05 UTC"]),
        (&email, &["Ada", "2 November 2026 at 07:05 UTC"]),
        (&confirmation, &["Ada", LINK, "7 days", "once"]),
        (&change, &["Ada", LINK, "7 days", "once"]),
        (&undo, &["Ada", LINK, "2 November 2026 at 07:05 UTC", "9 November 2026 at 07:05 UTC"]),
        (&test, &[LINK, "deskbell check --send-to"]),
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
fn debug_shows_no_token_and_no_name() {
    for letter in letters("Ada") {
        let shown = format!("{letter:?} {:?}", letter.write());
        assert!(!shown.contains("token") && !shown.contains("Ada"), "{shown}");
    }
}

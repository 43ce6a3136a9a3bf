use chrono::TimeZone;

use super::*;

const LINK: &str = "https://chat.example/accept-invitation#token=dbi_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

const LANGUAGES: [Language; 2] = [Language::En, Language::Cs];

fn letters(name: &str) -> [Letter; 8] {
    letters_of(name, name, name)
}

fn letters_of(name: &str, account_name: &str, other: &str) -> [Letter; 8] {
    let at = Utc.with_ymd_and_hms(2026, 11, 2, 7, 5, 9).unwrap();
    let (name, account_name, other) = (|| name.to_owned(), || account_name.to_owned(), || other.to_owned());
    [
        Letter::Invitation {
            operator_name: name(),
            account_name: account_name(),
            invited_by: other(),
            link: LINK.to_owned(),
            valid_for: Duration::from_hours(7 * 24),
        },
        Letter::PasswordRecovery { operator_name: name(), link: LINK.to_owned(), valid_for: Duration::from_mins(30) },
        Letter::PasswordChanged { operator_name: name(), account_name: account_name(), at },
        Letter::EmailChanged { operator_name: name(), at },
        Letter::AddressConfirmation {
            operator_name: name(),
            account_name: account_name(),
            added_by: Some(other()),
            link: LINK.to_owned(),
            valid_for: Duration::from_hours(7 * 24),
        },
        Letter::AddressChange {
            operator_name: name(),
            account_name: account_name(),
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
    let Rendered { subject, text, html, .. } = letter.write(Language::En);
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
fn an_invitation_reads_well_in_czech() {
    let [invitation, ..] = letters_of("Žofie", "Brno & Sons", "J.R.R. Tolkien");
    let Rendered { subject, text, html, .. } = invitation.write(Language::Cs);
    assert_eq!(subject, "Pozvánka k obsluze chatu na webu");
    assert_eq!(
        text,
        format!(
            "Dobrý den,\n\
             \n\
             J. R. R. Tolkien vás zve mezi operátory firmy Brno & Sons.\n\
             Váš profil má jméno Žofie.\n\
             \n\
             Chcete-li si zvolit heslo a přihlásit se, otevřete tento odkaz:\n\
             \n\
             {LINK}\n\
             \n\
             Odkaz lze použít jen jednou a platí 7 dní.\n\
             \n\
             Pokud pozvánku nečekáte, tento e-mail ignorujte: bez vašeho hesla se za\n\
             vás nikdo nepřihlásí."
        )
    );
    for part in ["<html lang=\"cs\">", "<title>Pozvánka k obsluze chatu na webu</title>", "<bdi>Brno &#38; Sons</bdi>"]
    {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn every_letter_says_in_text_and_html_what_it_has_to() {
    for language in LANGUAGES {
        let [days, minutes, at, until, once] = match language {
            Language::En => {
                ["7 days", "30 minutes", "2 November 2026 at 07:05 UTC", "9 November 2026 at 07:05 UTC", "once"]
            }
            Language::Cs => {
                ["7 dní", "30 minut", "2. listopadu 2026 (07:05 UTC)", "9. listopadu 2026 (07:05 UTC)", "jen jednou"]
            }
        };
        let facts = [
            &["Ada", "Acme", "Olive", LINK, days, once][..],
            &["Ada", LINK, minutes, once],
            &["Ada", "Acme", at],
            &["Ada", at],
            &["Ada", "Acme", "Olive", LINK, days, once],
            &["Ada", "Acme", LINK, days, once],
            &["Ada", LINK, at, until],
            &[LINK, "deskbell check --send-to"],
        ];
        for (letter, facts) in letters_of("Ada", "Acme", "Olive").into_iter().zip(facts) {
            let written = letter.write(language);
            for fact in facts {
                assert!(written.text.contains(fact), "{fact} in {}", written.text);
                assert!(written.html.contains(fact), "{fact} in {}", written.html);
            }
            assert!(!written.text.contains("{{") && !written.html.contains("{{"));
            let tag = format!("<html lang=\"{}\">", language.tag());
            assert!(written.html.contains(&tag), "{tag} in {}", written.html);
        }
    }
}

/// The letters with names that are words of no language.
fn nameless() -> Vec<Letter> {
    let mut letters = letters("X7").to_vec();
    letters.push(Letter::AddressConfirmation {
        operator_name: "X7".to_owned(),
        account_name: "X7".to_owned(),
        added_by: None,
        link: LINK.to_owned(),
        valid_for: Duration::from_hours(1),
    });
    letters
}

/// The words of a letter in lower case, without its link and its markup.
fn words(letter: &Letter, language: Language) -> Vec<String> {
    let Rendered { subject, text, html, .. } = letter.write(language);
    let (_, body) = html.split_once("<body").expect("a body");
    let parts = body.split('>').skip(1).map(|part| part.split('<').next().unwrap_or_default());
    let body = parts.collect::<Vec<_>>().join(" ");
    let all = format!("{subject} {text} {body}").replace(LINK, " ").to_lowercase();
    all.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() > 1).map(str::to_owned).collect()
}

#[test]
fn a_letter_has_words_of_its_language_only() {
    // Written in the same way in both languages, among them the command of the test mail.
    let common = ["chat", "check", "deskbell", "do", "mail", "send", "to", "utc"];
    let letters = nameless();
    let [english, czech] = LANGUAGES.map(|language| {
        letters.iter().flat_map(|letter| words(letter, language)).collect::<std::collections::BTreeSet<_>>()
    });
    let both: Vec<_> = english.intersection(&czech).filter(|word| !common.contains(&word.as_str())).collect();
    assert!(both.is_empty(), "{both:?}");
    assert!(english.iter().all(|word| word.is_ascii()), "{english:?}");
    assert!(english.len() > 100 && czech.len() > 100, "{} and {}", english.len(), czech.len());
}

#[test]
fn text_and_html_of_a_letter_say_the_same() {
    let squeezed = |text: &str| {
        let text = text.replace(['"', '“', '”', '„'], "");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (letter, language) in nameless().iter().flat_map(|letter| LANGUAGES.map(|language| (letter, language))) {
        let Rendered { text, html, .. } = letter.write(language);
        let (_, body) = html.split_once("<body").expect("a body");
        let body = body.replace("</p>", "</p> ").replace("&#39;", "'").replace('’', "'");
        let body: String = body.split('>').skip(1).map(|part| part.split('<').next().unwrap_or_default()).collect();
        assert_eq!(squeezed(&body), squeezed(&text), "{letter:?}");
    }
}

#[test]
fn lines_are_short_enough_to_quote() {
    for letter in letters("Ada Lovelace") {
        for line in LANGUAGES.map(|language| letter.write(language).text).iter().flat_map(|text| text.lines()) {
            assert!(line == LINK || line.chars().count() <= 72, "{line}");
        }
    }
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    for html in letters("Ada").iter().flat_map(|letter| LANGUAGES.map(|language| letter.write(language).html)) {
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
    for written in letters(name).iter().flat_map(|letter| LANGUAGES.map(|language| letter.write(language))) {
        let Rendered { subject, text, html, .. } = written;
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
        let shown = format!("{letter:?} {:?}", letter.write(Language::En));
        assert!(!shown.contains("token") && !shown.contains("Ada"), "{shown}");
    }
}

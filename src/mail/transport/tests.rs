#[path = "../../../tests/it/support/smtp.rs"]
#[expect(dead_code, reason = "the stories use the rest of it")]
#[expect(clippy::disallowed_methods, reason = "a test sends few mails")]
mod sink;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use entity::mail::Language;

use self::sink::SmtpSink;
use super::*;
use crate::{
    config::mail::{Authorities, Helo},
    mail::letter::Letter,
};

fn sender() -> Mailbox {
    "Deskbell <chat@deskbell.example>".parse().unwrap()
}

fn relay() -> Relay {
    Relay { helo: Helo::Domain("desk.example".to_owned()), authorities: Authorities::default() }
}

fn transport(url: &str) -> Transport {
    Transport::smtp(url.parse().unwrap(), &relay()).unwrap()
}

fn letter_in(language: Language) -> Rendered {
    let letter = Letter::PasswordRecovery {
        operator_name: "Žofie".to_owned(),
        link: "https://chat.example/recover-password#token=dbr_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG".to_owned(),
        valid_for: Duration::from_mins(30),
    };
    letter.write(language)
}

fn letter() -> Rendered {
    letter_in(Language::En)
}

async fn deliver(transport: &Transport, to: &str) -> Result<(), DeliveryError> {
    transport.deliver(&sender(), to, "0199-abc", &letter()).await
}

async fn through(sink: &SmtpSink) -> Result<(), DeliveryError> {
    deliver(&transport(&sink.url()), "ada@example.com").await
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
        "Content-Language: en",
    ] {
        assert!(mail.head.lines().any(|l| l == line), "{line} in {}", mail.head);
    }
    assert!(mail.head.contains("\nDate: "));
    assert_eq!(mail.text.trim_end(), letter().text);
}

#[tokio::test]
async fn a_subject_that_is_not_ascii_is_encoded() {
    let mut sink = SmtpSink::start().await;
    let letter = letter_in(Language::Cs);
    transport(&sink.url()).deliver(&sender(), "ada@example.com", "0199-abc", &letter).await.unwrap();
    let mail = sink.next().await;
    assert!(mail.head.is_ascii() && mail.head.contains("\nSubject: Zvolte si =?utf-8?"), "{}", mail.head);
    assert!(mail.head.lines().any(|line| line == "Content-Language: cs"), "{}", mail.head);
    assert_eq!(mail.subject(), "Zvolte si nové heslo");
    assert_eq!(mail.text.trim_end(), letter.text);
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
    let transport = transport(&sink.url());
    for (to, at_the_server) in [
        ("ada@München.example", "ada@xn--mnchen-3ya.example"),
        ("žofie@example.com", "žofie@example.com"),
        ("taro..x@docomo.example", "\"taro..x\"@docomo.example"),
    ] {
        deliver(&transport, to).await.unwrap();
        let mail = sink.next().await;
        assert_eq!(mail.to, at_the_server);
        assert!(
            !at_the_server.is_ascii() || mail.head.lines().any(|line| line == format!("To: {at_the_server}")),
            "{}",
            mail.head
        );
    }
}

#[tokio::test]
async fn dots_that_need_quotes_get_them() {
    let mut sink = SmtpSink::start().await;
    let transport = transport(&sink.url());
    for (to, at_the_server) in [
        ("taro..yamada@docomo.example", "\"taro..yamada\"@docomo.example"),
        ("taro.@docomo.example", "\"taro.\"@docomo.example"),
        (".taro@docomo.example", "\".taro\"@docomo.example"),
        ("taro.yamada@docomo.example", "taro.yamada@docomo.example"),
    ] {
        deliver(&transport, to).await.unwrap();
        let mail = sink.next().await;
        assert_eq!(mail.to, at_the_server);
        assert!(mail.head.lines().any(|line| line == format!("To: {at_the_server}")), "{}", mail.head);
    }
}

#[tokio::test]
async fn a_server_that_cannot_take_the_address_will_not_tomorrow() {
    for offers in ["250 sink", "250-sink\r\n250 SMTPUTF8"] {
        let sink = match offers {
            "250 sink" => SmtpSink::answering(|line| line.starts_with("EHLO").then_some("250 sink")).await,
            _ => SmtpSink::answering(|line| line.starts_with("EHLO").then_some("250-sink\r\n250 SMTPUTF8")).await,
        };
        let transport = transport(&sink.url());
        let answer = deliver(&transport, "žofie@example.com").await;
        assert!(matches!(answer, Err(DeliveryError::Permanent(Cause::NoSmtputf8, _))), "{answer:?}");
        assert_eq!(deliver(&transport, "ada@example.com").await, Ok(()));
    }
}

#[tokio::test]
async fn a_fault_of_ours_or_the_relays_is_retried() {
    let relays = [
        SmtpSink::answering(|line| line.is_empty().then_some("421 4.3.2 too busy")),
        SmtpSink::answering(|line| line.is_empty().then_some("554 5.7.1 your address is on a list")),
        SmtpSink::answering(|line| line.starts_with("EHLO").then_some("504 5.5.2 need fully-qualified hostname")),
        SmtpSink::answering(|line| line.starts_with("EHLO").then_some("550 5.1.1 no such host")),
        SmtpSink::answering(|line| line.starts_with("MAIL").then_some("550 5.7.60 not as this sender")),
        SmtpSink::answering(|line| line.starts_with("MAIL").then_some("553 5.1.8 no such domain")),
        SmtpSink::answering(|line| line.starts_with("MAIL").then_some("550 5.1.0 sender rejected")),
        SmtpSink::answering(|line| line.starts_with("RCPT").then_some("504 5.5.2 <vm>: Helo command rejected")),
        SmtpSink::answering(|line| line.starts_with("RCPT").then_some("450 4.7.1 greylisted")),
        SmtpSink::answering(|line| line.starts_with("RCPT").then_some("452 4.5.3 too many recipients")),
        SmtpSink::answering(|line| line.starts_with("RCPT").then_some("554 5.7.1 relay access denied")),
        SmtpSink::answering(|line| line.starts_with("RCPT").then_some("550 relay not permitted")),
        SmtpSink::answering(|line| line.starts_with("RCPT").then_some("553 5.1.8 sender's domain is not found")),
        SmtpSink::answering(|line| (line == "DATA").then_some("554 5.5.1 no valid recipients")),
        SmtpSink::answering(|line| {
            (line == ".").then_some("550 5.7.60 SMTP; Client does not have permissions to send as this sender")
        }),
        SmtpSink::answering(|line| (line == ".").then_some("550 5.4.5 daily limit exceeded")),
    ];
    for (number, relay) in relays.into_iter().enumerate() {
        let answer = through(&relay.await).await;
        assert!(matches!(answer, Err(DeliveryError::Temporary(_))), "{number}: {answer:?}");
    }
}

#[tokio::test]
async fn a_fault_of_the_recipient_or_the_text_is_permanent() {
    use Cause::{MailboxDisabled, MailboxFull, MailboxUnknown, TextRefused};
    let relays = [
        (SmtpSink::answering(|line| line.starts_with("RCPT").then_some("550 5.1.1 no such user\u{7}")), MailboxUnknown),
        (
            SmtpSink::answering(|line| line.starts_with("RCPT").then_some("550-5.1.1 no such\r\n550 5.1.1 user")),
            MailboxUnknown,
        ),
        (SmtpSink::answering(|line| line.starts_with("RCPT").then_some("552 5.2.2 mailbox full")), MailboxFull),
        (SmtpSink::answering(|line| (line == "DATA").then_some("550 5.1.1 no such user")), MailboxUnknown),
        (SmtpSink::answering(|line| (line == ".").then_some("550 5.2.1 disabled")), MailboxDisabled),
        (SmtpSink::answering(|line| (line == ".").then_some("554 5.6.0 no")), TextRefused),
    ];
    for (relay, cause) in relays {
        let answer = through(&relay.await).await;
        let Err(DeliveryError::Permanent(seen, reason)) = &answer else { panic!("{answer:?}") };
        assert_eq!(*seen, cause, "{reason}");
        assert!(reason.contains("55") && !reason.contains(char::is_control), "{reason:?}");
    }
}

#[tokio::test]
async fn a_reason_does_not_name_the_recipient() {
    let relay = SmtpSink::answering(|line| match line {
        "RCPT TO:<ada@xn--mnchen-3ya.example>" => {
            Some("550 5.1.1 <Ada@XN--mnchen-3ya.example> is not known here, ada@münchen.example")
        }
        line if line.starts_with("RCPT") => {
            Some("550 5.1.1 <\"taro..x\"@docomo.example> is not known here, taro..x@docomo.example")
        }
        _ => None,
    })
    .await;
    for to in ["ada@münchen.example", "taro..x@docomo.example"] {
        let reason = deliver(&transport(&relay.url()), to).await.unwrap_err().to_string();
        assert!(reason.contains("<(the address)> is not known here, (the address)"), "{reason}");
    }
}

#[tokio::test]
async fn a_missing_answer_to_quit_is_no_failure() {
    let mut sink = SmtpSink::answering(|line| (line == "QUIT").then_some("221-wait")).await;
    let mut smtp = Smtp::new(sink.url().parse().unwrap(), &relay()).unwrap();
    smtp.patience = Duration::from_secs(1);
    assert_eq!(deliver(&Transport::Smtp(Box::new(smtp)), "ada@example.com").await, Ok(()));
    assert_eq!(sink.next().await.to, "ada@example.com");
}

#[tokio::test]
async fn a_relay_whose_authority_is_known_is_trusted_and_no_other() {
    let (mut sink, pem) = SmtpSink::encrypted().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    let authorities = Authorities::read(file.to_str().unwrap()).unwrap();
    let answer = through(&sink).await;
    assert!(matches!(&answer, Err(DeliveryError::Temporary(reason)) if reason.contains("certificate")), "{answer:?}");
    let known = Transport::smtp(sink.url().parse().unwrap(), &Relay { authorities, ..relay() }).unwrap();
    deliver(&known, "ada@example.com").await.unwrap();
    assert_eq!(sink.next().await.helo, "desk.example");
}

#[tokio::test]
async fn wrong_credentials_lose_no_mail_and_show_no_password() {
    let sink = SmtpSink::answering(|line| line.starts_with("AUTH").then_some("535 5.7.8 authentication failed")).await;
    let url = sink.url().replace("//", "//deskbell:s%40cret@");
    let transport = transport(&url);
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
    let answer = deliver(&transport(&url), "ada@example.com").await;
    assert_eq!(answer, Ok(()));
    assert_eq!(sink.next().await.to, "ada@example.com");
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_to_a_server_without_starttls() {
    let mut sink = SmtpSink::start().await;
    for tls in ["required", "none"] {
        let url = sink.url().replace("none", tls);
        let answer = deliver(&transport(&url), "ada@example.com").await;
        assert_eq!(answer.is_ok(), tls == "none", "{answer:?}");
        assert!(!matches!(answer, Err(DeliveryError::Permanent(..))));
    }
    assert_eq!(sink.next().await.to, "ada@example.com");
}

#[tokio::test]
async fn a_server_that_is_away_or_silent_is_tried_again() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = transport(&format!("smtp://{closed}"));
    let answer = deliver(&away, "ada@example.com").await;
    assert!(matches!(answer, Err(DeliveryError::Temporary(_))), "{answer:?}");

    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut smtp = Smtp::new(format!("smtp://{}", silent.local_addr().unwrap()).parse().unwrap(), &relay()).unwrap();
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
    for transport in [Transport::Log, transport("smtp://localhost:1")] {
        for to in ["", "ada", "ada@", "ada@example.com\r\nRCPT TO:<eve@example.com>", "a@b>\r\n"] {
            let answer = deliver(&transport, to).await;
            assert!(matches!(answer, Err(DeliveryError::Permanent(..))), "{to:?}: {answer:?}");
        }
        for id in ["", "a b", "a>\r\nBcc: x", "a@b"] {
            let answer = transport.deliver(&sender(), "ada@example.com", id, &letter()).await;
            assert!(matches!(answer, Err(DeliveryError::Permanent(..))), "{id:?}: {answer:?}");
        }
    }
}

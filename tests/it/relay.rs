//! Rejections of a relay: a mail fails permanently only because of its recipient or text, and the
//! reason is recorded.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use entity::mail::{self, Failure};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::support::{
    PASSWORD, TestApp, eventually,
    person::mutation,
    process::{Folder, Program},
    smtp::SmtpSink,
};

async fn served_by(relay: &SmtpSink) -> TestApp {
    TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await
}

/// The invitations in the queue, without the owner's link to confirm an address.
async fn db_queue(app: &TestApp) -> Vec<mail::Model> {
    mail::Entity::find()
        .filter(mail::COLUMN.kind.eq(mail::Kind::Invitation))
        .all(app.app().db())
        .await
        .expect("the database answers")
}

/// Waits for the only invitation in the queue to fail, with this number of attempts. Clears its
/// error, so that the next one is noticed.
async fn db_attempted(app: &TestApp, attempts: i32) -> mail::Model {
    eventually("an attempt", async || db_queue(app).await.first().is_some_and(|mail| mail.last_error.is_some())).await;
    let attempted = db_queue(app).await.remove(0);
    assert_eq!(attempted.attempts, attempts, "{attempted:?}");
    db_write(app, "UPDATE mail SET last_error = NULL").await;
    attempted
}

async fn db_write(app: &TestApp, statement: &str) {
    let work = app.app().begin().await.expect("the writer");
    work.execute_unprepared(statement).await.expect("written");
    work.commit().await.expect("committed");
}

async fn invites(app: &TestApp, email: &str) {
    let mut owner = app.anonymous();
    owner.signs_up("Acme", "Olive", "olive@acme.example").await.granted();
    owner.does("addOperator", json!({ "name": "Bob", "email": email })).await.granted();
}

#[tokio::test]
async fn a_mail_rejected_for_our_host_name_arrives_once_the_name_is_fixed() {
    static IS_RIGHT: AtomicBool = AtomicBool::new(false);
    let mut relay = SmtpSink::answering(|line| {
        let is_rejected = line.starts_with("RCPT") && !IS_RIGHT.load(Ordering::SeqCst);
        is_rejected.then_some("504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname")
    })
    .await;
    let app = served_by(&relay).await;
    invites(&app, "bob@acme.example").await;
    let kept = db_attempted(&app, 1).await;
    assert_eq!((kept.failed_at, kept.failure), (None, None), "{kept:?}");
    assert!(kept.last_error.as_deref().is_some_and(|error| error.contains("504")), "{kept:?}");
    IS_RIGHT.store(true, Ordering::SeqCst);
    app.later(TimeDelta::minutes(1));
    assert_eq!(relay.next().await.to, "bob@acme.example");
}

#[tokio::test]
async fn a_permanent_failure_has_its_reason() {
    for (relay, email, failure) in [
        (
            SmtpSink::answering(|line| line.starts_with("RCPT").then_some("550 5.1.1 no such user")).await,
            "bob@acme.example",
            Failure::RecipientRefused,
        ),
        (
            SmtpSink::answering(|line| line.starts_with("EHLO").then_some("250 sink")).await,
            "žofie@acme.example",
            Failure::NoSmtputf8,
        ),
        (
            SmtpSink::answering(|line| (line == ".").then_some("554 5.6.0 no")).await,
            "bob@acme.example",
            Failure::TextRefused,
        ),
    ] {
        let app = served_by(&relay).await;
        invites(&app, email).await;
        let given_up = db_attempted(&app, 1).await;
        assert_eq!(given_up.failure, Some(failure), "{given_up:?}");
        assert!(given_up.failed_at.is_some(), "{given_up:?}");
    }
}

#[tokio::test]
async fn after_two_days_of_attempts_a_mail_fails() {
    let relay = SmtpSink::answering(|line| line.is_empty().then_some("421 4.3.2 later")).await;
    let app = served_by(&relay).await;
    invites(&app, "bob@acme.example").await;
    for attempt in 1..14 {
        let kept = db_attempted(&app, attempt).await;
        assert_eq!((kept.failed_at, kept.failure), (None, None), "attempt {attempt}");
        app.later(kept.due_at - app.app().clock.now());
    }
    let given_up = db_attempted(&app, 14).await;
    assert_eq!((given_up.attempts, given_up.failure), (14, Some(Failure::GivenUp)));
}

/// Makes the program mail an invitation.
async fn program_invites(program: &Program) {
    let bearer = program.sign_up("ada@acme.example", PASSWORD).await;
    let input = json!({ "name": "Bob", "email": "bob@acme.example" });
    let added = program.ask(Some(&bearer), &mutation("addOperator"), json!({ "input": input })).await;
    assert_eq!(added["data"]["addOperator"]["userErrors"], json!([]), "{added}");
}

#[tokio::test]
async fn the_log_reports_whether_a_mail_failed_or_when_it_is_retried() {
    for (relay, expected) in [
        (
            SmtpSink::answering(|line| line.starts_with("RCPT").then_some("550 5.1.1 no such user")).await,
            "a mail was not delivered, given up",
        ),
        (
            SmtpSink::answering(|line| line.is_empty().then_some("421 later")).await,
            "a mail was not delivered, again at 20",
        ),
    ] {
        let folder = Folder::new();
        let program = folder.serve(&[("SMTP_URL", &relay.url())]).await;
        program_invites(&program).await;
        program.logs(expected).await;
    }
}

#[tokio::test]
async fn a_relay_is_greeted_with_a_name_that_has_a_dot() {
    for (settings, named) in [
        (&[("MAIL_FROM", "chat@acme.example")][..], None),
        (&[("SMTP_HELO", "desk.acme.example")], Some("desk.acme.example")),
        (&[("SMTP_HELO", "192.0.2.7")], Some("[192.0.2.7]")),
    ] {
        let mut relay = SmtpSink::start().await;
        let folder = Folder::new();
        let url = relay.url();
        let settings: Vec<_> = settings.iter().copied().chain([("SMTP_URL", url.as_str())]).collect();
        let program = folder.serve(&settings).await;
        program_invites(&program).await;
        let helo = relay.next().await.helo;
        assert!(helo.contains('.'), "{helo}");
        assert!(named.is_none_or(|named| helo == named), "{helo}");
    }
}

#[tokio::test]
async fn a_setting_trusts_a_relay_with_a_certificate_of_a_private_authority() {
    let (mut relay, pem) = SmtpSink::encrypted().await;
    let url = relay.url();
    let folder = Folder::new();
    let without = folder.serve(&[("SMTP_URL", &url)]).await;
    program_invites(&without).await;
    let log = without.logs("a mail was not delivered, again at 20").await;
    assert!(log.contains("certificate"), "{log}");

    let folder = Folder::new();
    std::fs::write(folder.path().join("ca.pem"), pem).expect("our folder");
    let with = folder.serve(&[("SMTP_URL", &url), ("SMTP_CA", "ca.pem")]).await;
    program_invites(&with).await;
    assert_eq!(relay.next().await.to, "bob@acme.example");
}

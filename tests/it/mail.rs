//! Mail: its recipients and links, and that it is neither lost nor readable by others.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use deskbell::config::{Config, Secret};
use entity::{
    MailId,
    mail::{self, Kind},
};
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait, Statement};
use serde_json::{Value, json};

use crate::support::{
    Answer, PASSWORD, Person, TestApp, eventually, is_postgres,
    person::mutation,
    process::Folder,
    smtp::{Mail, SmtpSink},
};

const OTHER_PASSWORD: &str = "nine-herons-paint-ladders";

/// A server whose mail is recorded, and whose public URL has another name.
async fn with_mail(set: impl FnOnce(&mut Config)) -> (TestApp, SmtpSink) {
    let relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| {
        config.mail.smtp_url = Some(Secret::new(relay.url()));
        config.http.public_url = "https://chat.example.com/".parse().expect("an address");
        set(config);
    })
    .await;
    (app, relay)
}

/// The token of the only link in a mail. The link must lead to a page of the public URL.
#[track_caller]
fn token_of(mail: &Mail, page: &str) -> String {
    let link = format!("https://chat.example.com/{page}#token=");
    assert_eq!(mail.text.matches("://").count(), 1, "one link: {}", mail.text);
    let (_, rest) = mail.text.split_once(&link).unwrap_or_else(|| panic!("no {link} in {}", mail.text));
    let token = rest.split_whitespace().next().expect("a token");
    assert!(token.starts_with("dbl_") && token.len() == 4 + 43, "{token}");
    token.to_owned()
}

/// Adds an operator without a password.
async fn invites(owner: &Person, name: &str) -> (String, Value) {
    let email = format!("{name}@acme.example");
    let added = owner.does("addOperator", json!({ "name": name, "email": email })).await.granted();
    (email, added.payload()["operator"]["id"].clone())
}

async fn uses(app: &TestApp, token: &str, password: &str) -> Answer {
    app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": password })).await
}

async fn asks(person: &Person, email: &str) -> Answer {
    person.does("requestPasswordRecovery", json!({ "email": email })).await
}

async fn db_queue(app: &TestApp) -> Vec<mail::Model> {
    let queue = mail::Entity::find().all(app.app().db()).await.expect("the database answers");
    // Every operator with a password gets one, and no story here tests them.
    queue.into_iter().filter(|mail| mail.kind != Kind::AddressConfirmation).collect()
}

/// Sends one more mail and waits until the queue is empty. Fails if the relay got mails that were
/// not read.
async fn nothing_more(app: &TestApp, relay: &mut SmtpSink) {
    // A mail that is sent after all earlier ones.
    let mut last = app.anonymous();
    last.signs_up("Last", "Last", "last@mark.example").await.granted();
    asks(&last, "last@mark.example").await.granted();
    assert_eq!(relay.next().await.to, "last@mark.example");
    all_is_sent(app).await;
}

async fn all_is_sent(app: &TestApp) {
    eventually("an empty queue", async || db_queue(app).await.is_empty()).await;
}

#[tokio::test]
async fn an_invitation_is_a_link_to_choose_a_password_once() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(3).await;
    let (email, id) = invites(&acme.owner, "bob").await;
    let invited = acme
        .owner
        .run("query($id: ID!) { node(id: $id) { ... on Operator { isInvited isActive } } }", json!({ "id": id }))
        .await;
    assert_eq!(*invited.at("node"), json!({ "isInvited": true, "isActive": false }));

    let mail = relay.next().await;
    assert_eq!(mail.to, email);
    assert!(mail.text.contains("Olive Owner") && mail.text.contains("7 days"), "{}", mail.text);
    assert!(
        !mail.head.contains("bob")
            || !mail.head.lines().any(|line| line.starts_with("Subject") && line.contains("bob")),
        "{}",
        mail.head
    );
    let token = token_of(&mail, "accept-invitation");
    assert_eq!(app.anonymous().signs_in(&email, "").await.refusals(), ["InvalidCredentials"]);
    assert_eq!(uses(&app, &token, "password1234").await.faults(), ["newPassword: WeakPassword"]);
    let accepted = uses(&app, &token, OTHER_PASSWORD).await.granted();
    assert_eq!(accepted.payload()["viewer"]["isActive"], false, "accepting does not activate");
    assert_eq!(accepted.payload()["viewer"]["email"], Value::Null, "nor does it sign in");
    assert!(accepted.set_cookie().is_none());

    let mut bob = app.anonymous();
    bob.signs_in(&email, OTHER_PASSWORD).await.granted();
    assert_eq!(
        *bob.reads("{ viewer { isActive isInvited } }").await.at("viewer"),
        json!({ "isActive": false, "isInvited": false })
    );
    assert_eq!(uses(&app, &token, PASSWORD).await.faults(), ["token: InvalidLink"], "a link works once");
    let again = acme.owner.does("inviteOperator", json!({ "operatorId": id })).await;
    assert_eq!(again.refusals(), ["InvitationAccepted"]);
    // No mail reports a first password as changed, since the operator chose it.
    nothing_more(&app, &mut relay).await;
}

#[tokio::test]
async fn a_link_leads_to_a_page() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    invites(&acme.owner, "bob").await;
    let invitation = relay.next().await;
    asks(&acme.owner, &acme.owner.email).await.granted();
    let recovery = relay.next().await;
    for (mail, page) in [(invitation, "accept-invitation"), (recovery, "recover-password")] {
        token_of(&mail, page);
        let answer = reqwest::get(format!("{}/{page}", app.url())).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{page}");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{page}");
    }
}

#[tokio::test]
async fn only_the_newest_invitation_works_and_for_seven_days() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (_, id) = invites(&acme.owner, "bob").await;
    let first = token_of(&relay.next().await, "accept-invitation");
    acme.owner.does("inviteOperator", json!({ "operatorId": id })).await.granted();
    let second = token_of(&relay.next().await, "accept-invitation");
    assert_eq!(uses(&app, &first, OTHER_PASSWORD).await.faults(), ["token: InvalidLink"]);

    // A mail in flight is sent again when its lease of two minutes expires.
    all_is_sent(&app).await;
    app.later(TimeDelta::days(7) - TimeDelta::minutes(1));
    assert_eq!(uses(&app, &second, "short").await.faults(), ["newPassword: WeakPassword"], "it still works");
    app.later(TimeDelta::minutes(1));
    assert_eq!(uses(&app, &second, OTHER_PASSWORD).await.faults(), ["token: InvalidLink"]);

    // The owner's session has expired as well.
    let mut owner = app.anonymous();
    owner.signs_in(&acme.owner.email, PASSWORD).await.granted();
    owner.does("inviteOperator", json!({ "operatorId": id })).await.granted();
    uses(&app, &token_of(&relay.next().await, "accept-invitation"), OTHER_PASSWORD).await.granted();
}

#[tokio::test]
async fn an_operator_invited_at_a_wrong_address_is_invited_again_at_the_right_one() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (_, id) = invites(&acme.owner, "bbo").await;
    let wrong = token_of(&relay.next().await, "accept-invitation");
    acme.owner.does("updateOperator", json!({ "operatorId": id, "email": "bob@acme.example" })).await.granted();
    let mail = relay.next().await;
    assert_eq!(mail.to, "bob@acme.example");
    assert_eq!(uses(&app, &wrong, OTHER_PASSWORD).await.faults(), ["token: InvalidLink"]);
    uses(&app, &token_of(&mail, "accept-invitation"), OTHER_PASSWORD).await.granted();
    nothing_more(&app, &mut relay).await;
}

#[tokio::test]
async fn the_link_uses_the_public_url_whatever_a_request_says() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "666"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "https://evil.example/"),
        ("referer", "https://evil.example/"),
    ] {
        asks(&app.anonymous().with_header(name, value), &acme.owner.email).await.granted();
        let mail = relay.next().await;
        token_of(&mail, "recover-password");
        assert!(
            !mail.text.contains("evil") && !mail.head.contains("evil") && !mail.text.contains("666"),
            "{name}: {mail:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_address_answers_the_same_in_the_same_time() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let gone = acme.inactive("gone").await;
    acme.owner.removes(&gone).await.granted();
    let (invited, _) = invites(&acme.owner, "invited").await;
    assert_eq!(relay.next().await.to, invited);

    let raw = async |email: &str| {
        let body =
            json!({ "query": mutation("requestPasswordRecovery"), "variables": { "input": { "email": email } } });
        let request = app.anonymous().request(Method::POST, "/graphql").json(&body);
        let started = Instant::now();
        let response = request.send().await.expect("an answer");
        let mut headers: Vec<_> = response.headers().iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
        headers.retain(|header| !header.starts_with("date:") && !header.starts_with("x-request-id:"));
        let (status, text) = (response.status(), response.text().await.expect("text"));
        ((status, headers, text), started.elapsed())
    };
    let emails = [acme.owner.email.as_str(), "nobody@acme.example", &gone.email];
    let mut times: [Vec<Duration>; 3] = Default::default();
    let (expected, _) = raw(emails[0]).await;
    for _ in 0..40 {
        for (email, times) in emails.iter().zip(&mut times) {
            let (answer, took) = raw(email).await;
            assert_eq!(answer, expected, "{email}");
            times.push(took);
        }
    }
    let [known, unknown, removed] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    for other in [unknown, removed] {
        let apart = known.abs_diff(other);
        assert!(apart < Duration::from_millis(12) || apart < known.mul_f64(0.3), "{known:?} and {other:?}");
    }
    for _ in 0..41 {
        assert_eq!(relay.next().await.to, acme.owner.email);
    }
    nothing_more(&app, &mut relay).await;
}

#[tokio::test]
async fn a_recovered_password_closes_every_socket_and_is_mailed() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let elsewhere = bob.elsewhere().await;
    let mut sockets = Vec::new();
    for person in [&bob, &elsewhere, &acme.owner] {
        let mut socket = person.watches("subscription { viewer { name } }", json!({})).await;
        socket.next().await;
        sockets.push(socket);
    }
    asks(&app.anonymous(), &bob.email).await.granted();
    let token = token_of(&relay.next().await, "recover-password");

    let uses = (0..20).map(|number| {
        let (anonymous, input) =
            (app.anonymous(), json!({ "token": token, "newPassword": format!("{OTHER_PASSWORD} {number}") }));
        async move { anonymous.does("recoverPassword", input).await }
    });
    let answers = futures_util::future::join_all(uses).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_granted()).count(), 1);
    assert_eq!(answers.iter().flat_map(Answer::refusals).collect::<Vec<_>>(), ["InvalidLink"; 19]);

    let mut owners = sockets.pop().expect("the third");
    for mut socket in sockets {
        assert_eq!(socket.closes().await.0, 4403);
    }
    let notice = relay.next().await;
    assert_eq!(notice.to, bob.email);
    assert!(
        notice.head.contains("Subject: Your password was changed") && !notice.text.contains("#token="),
        "{notice:?}"
    );
    acme.owner.updates(&acme.owner, json!({ "name": "Olivia" })).await.granted();
    assert_eq!(owners.next().await.text("viewer.name"), "Olivia", "the owner's socket stays open");

    // A password changed by its operator is reported as well.
    acme.owner.changes_password(PASSWORD, OTHER_PASSWORD).await.granted();
    let notice = relay.next().await;
    assert_eq!(notice.to, acme.owner.email);
    assert!(notice.head.contains("Subject: Your password was changed"), "{notice:?}");
    nothing_more(&app, &mut relay).await;
}

#[tokio::test]
async fn the_old_address_is_notified_of_a_change_without_the_new_address() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    acme.owner.updates(&bob, json!({ "email": "robert@elsewhere.example" })).await.granted();
    let notice = relay.next().await;
    assert_eq!(notice.to, bob.email);
    assert!(notice.head.contains("Subject: Your sign-in address was changed"), "{notice:?}");
    assert!(
        !notice.text.contains("robert") && !notice.head.contains("robert") && !notice.text.contains("#token="),
        "{notice:?}"
    );
    // The same address with other letter case is not a change of the sign-in address, and the
    // profile shows the new spelling.
    acme.owner.updates(&bob, json!({ "email": "robert@elsewhere.example", "name": "Robert" })).await.granted();
    nothing_more(&app, &mut relay).await;
}

#[tokio::test]
async fn a_failing_relay_is_retried_with_back_off() {
    static IS_WELL: AtomicBool = AtomicBool::new(false);
    let mut relay = SmtpSink::answering(|line| {
        (line.starts_with("RCPT") && !IS_WELL.load(Ordering::SeqCst)).then_some("451 4.7.1 try again later")
    })
    .await;
    let app = TestApp::start_with(|config| config.mail.smtp_url = Some(Secret::new(relay.url()))).await;
    let acme = app.account(1).await;
    asks(&app.anonymous(), &acme.owner.email).await.granted();
    let tried = async |times: i32| {
        eventually("an attempt", async || {
            // `due_at` is ahead while a mail is in flight. The error is written afterwards.
            let queue = db_queue(&app).await;
            queue
                .first()
                .is_some_and(|mail| mail.attempts == times && (mail.due_at - app.app().clock.now()).num_seconds() < 100)
        })
        .await;
        let queue = db_queue(&app).await;
        assert!(queue[0].last_error.as_deref().is_some_and(|error| error.contains("451")), "{queue:?}");
        assert_eq!(queue[0].failed_at, None);
        queue[0].due_at - app.app().clock.now()
    };
    for (times, wait) in [(1, 10), (2, 20), (3, 40)] {
        let left = tried(times).await;
        assert!((wait - 8..=wait).contains(&left.num_seconds()), "attempt {times}: {left}");
        app.later(left);
    }
    tried(4).await;
    IS_WELL.store(true, Ordering::SeqCst);
    app.later(TimeDelta::minutes(2));
    let mail = relay.next().await;
    assert_eq!(mail.to, acme.owner.email);
    all_is_sent(&app).await;
    // The link is created when the mail is sent, so it is as new as the mail.
    let (_, token) = mail.text.split_once("#token=").expect("a link");
    uses(&app, token.split_whitespace().next().expect("a token"), OTHER_PASSWORD).await.granted();
}

#[tokio::test]
async fn a_rejected_mail_is_not_retried_and_is_kept_with_its_error() {
    let mut relay =
        SmtpSink::answering(|line| line.starts_with("RCPT TO:<bad@").then_some("550 5.1.1 no such user")).await;
    let app = TestApp::start_with(|config| config.mail.smtp_url = Some(Secret::new(relay.url()))).await;
    let mut owner = app.anonymous();
    owner.signs_up("Acme", "Olive", "olive@acme.example").await.granted();
    for name in ["bad", "good"] {
        owner.does("addOperator", json!({ "name": name, "email": format!("{name}@acme.example") })).await.granted();
    }
    assert_eq!(relay.next().await.to, "good@acme.example", "the rejected mail does not delay the other");
    eventually("a failed mail", async || matches!(&db_queue(&app).await[..], [mail] if mail.failed_at.is_some())).await;
    let failed = db_queue(&app).await.remove(0);
    assert_eq!(failed.attempts, 1);
    assert!(
        failed.last_error.as_deref().is_some_and(|error| error.contains("550") && !error.contains("#token=")),
        "{failed:?}"
    );

    app.later(TimeDelta::days(3));
    is_unchanged(&app, &mut relay, &failed).await;
}

/// Checks that the failed mail is unchanged days later.
async fn is_unchanged(app: &TestApp, relay: &mut SmtpSink, failed: &mail::Model) {
    asks(&app.anonymous(), "olive@acme.example").await.granted();
    assert_eq!(relay.next().await.to, "olive@acme.example");
    eventually("the rest of the queue", async || db_queue(app).await.len() == 1).await;
    assert_eq!(&db_queue(app).await[0], failed);
}

#[tokio::test]
async fn an_operator_removed_before_the_delivery_gets_no_mail() {
    static IS_WELL: AtomicBool = AtomicBool::new(false);
    let mut relay = SmtpSink::answering(|line| {
        (line.starts_with("RCPT") && !IS_WELL.load(Ordering::SeqCst)).then_some("451 4.7.1 later")
    })
    .await;
    let app = TestApp::start_with(|config| {
        config.mail.smtp_url = Some(Secret::new(relay.url()));
        config.http.public_url = "https://chat.example.com".parse().expect("an address");
    })
    .await;
    let acme = app.account(1).await;
    let (_, id) = invites(&acme.owner, "bob").await;
    eventually("a first attempt", async || db_queue(&app).await.iter().any(|mail| mail.last_error.is_some())).await;
    acme.owner.does("removeOperator", json!({ "operatorId": id })).await.granted();
    IS_WELL.store(true, Ordering::SeqCst);
    app.later(TimeDelta::minutes(5));
    nothing_more(&app, &mut relay).await;
}

#[tokio::test]
async fn a_change_that_was_rolled_back_sends_no_mail() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let (acme, other) = (app.account(1).await, app.account(1).await);
    // Ten concurrent requests for one address: in each account all but one are rolled back after
    // their first writes.
    let adds = (0..10).map(|number| {
        let owner = if number % 2 == 0 { &acme.owner } else { &other.owner };
        owner.does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example" }))
    });
    let answers = futures_util::future::join_all(adds).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_granted()).count(), 2, "one invitation an account");
    assert_eq!(answers.iter().flat_map(Answer::refusals).collect::<Vec<_>>(), ["EmailTaken"; 8]);
    for _ in 0..2 {
        assert_eq!(relay.next().await.to, "bob@acme.example");
    }

    for refused in [
        acme.owner.does("addOperator", json!({ "name": "", "email": "cy@acme.example" })).await,
        acme.owner.updates(&acme.owner, json!({ "email": other.owner.email })).await,
        acme.owner.changes_password("not-the-password", OTHER_PASSWORD).await,
        acme.owner.changes_password(PASSWORD, "short").await,
    ] {
        assert!(!refused.is_granted());
    }
    nothing_more(&app, &mut relay).await;
}

#[tokio::test]
async fn without_a_relay_mails_are_in_the_log_with_a_hint() {
    let folder = Folder::new();
    let program = folder.serve(&[("PUBLIC_URL", "https://chat.example.com")]).await;
    program.sign_up("ada@acme.example", PASSWORD).await;
    let query = mutation("requestPasswordRecovery");
    program.ask(None, &query, json!({ "input": { "email": "ada@acme.example" } })).await;
    let log = program.logs("https://chat.example.com/recover-password#token=").await;
    let (_, mail) = log.split_once(" INFO ").unwrap_or_else(|| panic!("{log}"));
    assert!(mail.contains("DESKBELL_SMTP_URL is not set: Choose a new password"), "{log}");
    program.logs("mail.to=\"ada@acme.example\"").await;
}

#[tokio::test]
async fn no_secret_is_on_the_disk_or_in_the_log() {
    let mut relay = SmtpSink::start().await;
    let folder = Folder::new();
    let url = relay.url().replace("smtp://", "smtp://desk:relay-swordfish@");
    let program = folder.serve(&[("SMTP_URL", &url), ("LOG", "debug"), ("LOG_FORMAT", "json")]).await;
    let mut secrets = vec![PASSWORD.to_owned(), OTHER_PASSWORD.to_owned(), "relay-swordfish".to_owned()];
    let bearer = program.sign_up("ada@acme.example", PASSWORD).await;
    let link = |mail: &Mail| {
        let (_, token) = mail.text.split_once("#token=").expect("a link");
        token.split_whitespace().next().expect("a token").to_owned()
    };

    let input = json!({ "name": "Bob", "email": "bob@acme.example" });
    let added = program.ask(Some(&bearer), &mutation("addOperator"), json!({ "input": input })).await;
    assert_eq!(added["data"]["addOperator"]["userErrors"], json!([]), "{added}");
    let invitation = link(&relay.next().await);
    for (token, email) in [(invitation.clone(), "bob@acme.example"), ("dbl_wrong".to_owned(), "nobody@acme.example")] {
        let input = json!({ "token": token, "newPassword": OTHER_PASSWORD });
        program.ask(None, &mutation("recoverPassword"), json!({ "input": input })).await;
        program.sign_in(email, OTHER_PASSWORD).await;
    }
    // An unused link, a cookie, and a token in the wrong place.
    program.ask(None, &mutation("requestPasswordRecovery"), json!({ "input": { "email": "ada@acme.example" } })).await;
    let recovery = link(&relay.next().await);
    let sign_in = json!({ "query": mutation("signIn"), "variables": { "input": { "email": "ada@acme.example", "password": PASSWORD } } });
    let answer = reqwest::Client::new().post(program.url("/graphql")).json(&sign_in).send().await.expect("an answer");
    let cookie = answer.headers()["set-cookie"].to_str().expect("text").to_owned();
    let cookie = cookie.split(['=', ';']).nth(1).expect("a value").to_owned();
    assert!(cookie.starts_with("dbs_"), "{cookie}");
    reqwest::get(program.url(&format!("/nowhere?token={bearer}"))).await.expect("an answer");
    secrets.extend([bearer, invitation, recovery, cookie]);

    let while_it_runs = everything_in(&folder);
    program.signal("TERM");
    let ended = program.ended().await;
    let afterwards = everything_in(&folder);
    assert!(is_postgres() || afterwards.windows(16).any(|part| part == b"ada@acme.example"), "the file was read");
    assert!(ended.stderr.lines().count() > 10, "the log was read: {}", ended.stderr);
    for secret in secrets {
        for (place, bytes) in
            [("a file", &while_it_runs), ("a file left", &afterwards), ("the log", &ended.stderr.clone().into_bytes())]
        {
            let random = secret.trim_start_matches("dbs_").trim_start_matches("dbl_").as_bytes();
            assert!(!bytes.windows(random.len()).any(|part| part == random), "{place} holds {secret}");
        }
    }
}

fn everything_in(folder: &Folder) -> Vec<u8> {
    folder.files().iter().flat_map(|name| std::fs::read(folder.path().join(name)).expect("our file")).collect()
}

#[tokio::test]
async fn a_mail_of_a_kind_of_a_newer_version_is_left_in_the_queue() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let mut ada = app.anonymous();
    ada.signs_up("Acme", "Ada", "ada@acme.example").await.granted();
    // It has been due longer than the others.
    let work = app.app().begin().await.expect("a transaction");
    let long_ago = app.app().clock.now() - TimeDelta::days(1);
    let of_a_newer_server = mail::ActiveModel {
        id: Set(MailId::new()),
        kind: Set(mail::Kind::PasswordChanged),
        attempts: Set(0),
        due_at: Set(long_ago),
        created_at: Set(long_ago),
        ..Default::default()
    };
    of_a_newer_server.insert(&*work).await.expect("a row");
    work.execute_unprepared("UPDATE mail SET kind = 'of_a_newer_server' WHERE kind = 'password_changed'")
        .await
        .expect("a kind");
    work.commit().await.expect("committed");

    for _ in 0..2 {
        asks(&ada, "ada@acme.example").await.granted();
        assert_eq!(relay.next().await.to, "ada@acme.example");
    }
    let db = app.app().db();
    eventually("the rest is sent", async || mail::Entity::find().count(db).await.expect("the database answers") == 1)
        .await;
    let left = "SELECT attempts FROM mail WHERE kind = 'of_a_newer_server' AND failed_at IS NULL";
    let left =
        db.query_all_raw(Statement::from_string(db.get_database_backend(), left)).await.expect("the database answers");
    let attempts: Vec<i32> = left.iter().map(|row| row.try_get_by_index(0).expect("a number")).collect();
    assert_eq!(attempts, [0], "the mail is unchanged");
}

#[tokio::test]
async fn a_link_with_a_purpose_of_a_newer_version_is_invalid() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let mut ada = app.anonymous();
    ada.signs_up("Acme", "Ada", "ada@acme.example").await.granted();
    asks(&ada, "ada@acme.example").await.granted();
    let token = token_of(&relay.next().await, "recover-password");
    let work = app.app().begin().await.expect("a transaction");
    work.execute_unprepared("UPDATE password_link SET purpose = 'newer_server'").await.expect("a purpose");
    work.commit().await.expect("committed");
    assert_eq!(uses(&app, &token, OTHER_PASSWORD).await.faults(), ["token: InvalidLink"]);
}

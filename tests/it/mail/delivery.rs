//! The delivery of mails: no mail is lost, and none can be read by others.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use entity::{MailId, mail};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait, Statement};
use serde_json::json;

use super::{OTHER_PASSWORD, all_is_sent, asks, db_queue, invites, is_unchanged, nothing_more, uses, with_mail};
use crate::support::{
    Answer, PASSWORD, TestApp, eventually, is_postgres,
    person::mutation,
    process::Folder,
    smtp::{Mail, SmtpSink},
};

#[tokio::test]
async fn a_failing_relay_is_retried_with_back_off() {
    static IS_WELL: AtomicBool = AtomicBool::new(false);
    let mut relay = SmtpSink::answering(|line| {
        (line.starts_with("RCPT") && !IS_WELL.load(Ordering::SeqCst)).then_some("451 4.7.1 try again later")
    })
    .await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
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
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
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

#[tokio::test]
async fn an_operator_removed_before_the_delivery_gets_no_mail() {
    static IS_WELL: AtomicBool = AtomicBool::new(false);
    let mut relay = SmtpSink::answering(|line| {
        (line.starts_with("RCPT") && !IS_WELL.load(Ordering::SeqCst)).then_some("451 4.7.1 later")
    })
    .await;
    let app = TestApp::start_with(|config| {
        config.mail.smtp = Some(relay.url().parse().expect("a URL"));
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
    let look = "query($token: String!) { invitationLink(token: $token) { state } }";
    let looked = program.ask(None, look, json!({ "token": invitation })).await;
    assert_eq!(looked["data"]["invitationLink"]["state"], "VALID", "{looked}");
    program.ask(None, &mutation("renewInvitation"), json!({ "input": { "token": invitation } })).await;
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

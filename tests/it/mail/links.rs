//! The links in mails.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{OTHER_PASSWORD, all_is_sent, asks, invites, nothing_more, token_of, uses, with_mail};
use crate::support::{Answer, PASSWORD, person::mutation};

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

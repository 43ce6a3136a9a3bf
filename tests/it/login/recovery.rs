//! Recovering a password by mail.

use chrono::TimeDelta;
use serde_json::json;

use super::{OTHER_PASSWORD, is_rejected, with_mail};
use crate::support::{PASSWORD, Person, TestApp, refusals};

async fn asks_for_recovery(person: &Person, email: &str) {
    let answer = person.does("requestPasswordRecovery", json!({ "email": email })).await;
    assert_eq!(answer.body, json!({ "data": { "requestPasswordRecovery": { "userErrors": [] } } }));
}

fn token_of(app: &TestApp, text: &str) -> String {
    let link = format!("{}/recover-password#token=", app.url());
    let (_, rest) = text.split_once(&link).unwrap_or_else(|| panic!("no {link} in {text}"));
    rest.split_whitespace().next().expect("a token").to_owned()
}

async fn recovers(app: &TestApp, token: &str, password: &str) -> Vec<String> {
    app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": password })).await.faults()
}

#[tokio::test]
async fn a_lost_password_is_recovered_by_mail_and_every_session_ends() {
    let (app, mut relay) = with_mail().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;

    // The first address is unknown, and gets the same answer. The link never contains a host name
    // from the request.
    asks_for_recovery(&app.anonymous(), "nobody@company0.example").await;
    let liar =
        app.anonymous().with_header("x-forwarded-host", "evil.example").with_header("forwarded", "host=evil.example");
    asks_for_recovery(&liar, "BOB@company0.EXAMPLE").await;
    let mail = relay.next().await;
    assert_eq!(mail.to, bob.email);
    let token = token_of(&app, &mail.text);

    assert_eq!(recovers(&app, &token, "short").await, ["newPassword: WeakPassword"]);
    assert_eq!(
        recovers(&app, &token, "bob@company0.example").await,
        ["newPassword: WeakPassword"],
        "a refusal does not use the link up"
    );
    assert!(!is_rejected(&bob).await);
    assert_eq!(recovers(&app, &token, OTHER_PASSWORD).await, [""; 0]);

    assert!(is_rejected(&bob).await);
    assert_eq!(recovers(&app, &token, PASSWORD).await, ["token: InvalidLink"], "a link works once");
    assert_eq!(app.anonymous().signs_in(&bob.email, PASSWORD).await.refusals(), ["InvalidCredentials"]);
    app.anonymous().signs_in(&bob.email, OTHER_PASSWORD).await.granted();
    let notice = relay.next().await;
    assert_eq!(notice.to, bob.email);
    assert!(!notice.text.contains("#token="), "it has no link: {}", notice.text);
    assert!(!app.db_operator(&bob).await.is_active(), "recovery activates no operator");
}

#[tokio::test]
async fn only_the_newest_link_works_and_for_half_an_hour() {
    let (app, mut relay) = with_mail().await;
    let acme = app.account(1).await;
    asks_for_recovery(&app.anonymous(), &acme.owner.email).await;
    let first = token_of(&app, &relay.next().await.text);
    asks_for_recovery(&app.anonymous(), &acme.owner.email).await;
    let second = token_of(&app, &relay.next().await.text);

    assert_eq!(recovers(&app, &first, OTHER_PASSWORD).await, ["token: InvalidLink"]);
    for nonsense in [second.to_uppercase(), "t".repeat(60_000), format!("dbl_{}", "A".repeat(43))] {
        assert_eq!(recovers(&app, &nonsense, OTHER_PASSWORD).await, ["token: InvalidLink"], "{nonsense:.40}");
    }
    app.later(TimeDelta::minutes(29));
    assert_eq!(recovers(&app, &second, "short").await, ["newPassword: WeakPassword"], "it still works");
    app.later(TimeDelta::minutes(1));
    assert_eq!(recovers(&app, &second, OTHER_PASSWORD).await, ["token: InvalidLink"]);
}

#[tokio::test]
async fn a_link_that_is_used_concurrently_sets_one_password() {
    let (app, mut relay) = with_mail().await;
    let acme = app.account(1).await;
    asks_for_recovery(&app.anonymous(), &acme.owner.email).await;
    let token = token_of(&app, &relay.next().await.text);

    let uses = (0..8).map(|number| {
        let input = json!({ "token": token, "newPassword": format!("{OTHER_PASSWORD}-{number}") });
        let anonymous = app.anonymous();
        async move { anonymous.does("recoverPassword", input).await }
    });
    let answers = futures_util::future::join_all(uses).await;

    assert_eq!(refusals(&answers), ["InvalidLink"; 7]);
    let winner = answers.iter().position(crate::support::Answer::is_granted).expect("one worked");
    app.anonymous().signs_in(&acme.owner.email, &format!("{OTHER_PASSWORD}-{winner}")).await.granted();
}

#[tokio::test]
async fn a_new_password_or_address_or_none_at_all_ends_the_links_that_were_mailed() {
    let (app, mut relay) = with_mail().await;
    let acme = app.account(1).await;
    let people: [Person; 3] = [acme.inactive("bob").await, acme.inactive("cy").await, acme.inactive("dan").await];
    let mut tokens = Vec::new();
    for person in &people {
        asks_for_recovery(&app.anonymous(), &person.email).await;
        tokens.push(token_of(&app, &relay.next().await.text));
    }

    people[0].changes_password(PASSWORD, OTHER_PASSWORD).await.granted();
    acme.owner.updates(&people[1], json!({ "email": "cyrus@acme.example" })).await.granted();
    acme.owner.removes(&people[2]).await.granted();

    for token in tokens {
        assert_eq!(recovers(&app, &token, "another-fine-pass-phrase").await, ["token: InvalidLink"]);
    }
}

#[tokio::test]
async fn recovery_refuses_an_invalid_address() {
    let app = TestApp::start().await;
    for email in ["", "ada", "a@b@c", "a\0@acme.example", &format!("{}@acme.example", "a".repeat(300))] {
        let answer = app.anonymous().does("requestPasswordRecovery", json!({ "email": email })).await;
        assert_eq!(answer.faults(), ["email: InvalidInput"], "{email:.40}");
    }
}

#[tokio::test]
async fn using_a_link_shows_no_more_when_signed_in_as_another_operator() {
    let (app, mut relay) = with_mail().await;
    let (acme, other) = (app.account(1).await, app.account(1).await);
    asks_for_recovery(&acme.owner, &acme.owner.email).await;
    let token = token_of(&app, &relay.next().await.text);

    let input = json!({ "token": token, "newPassword": "nine-herons-paint-ladders" });
    let query = "mutation($input: RecoverPasswordInput!) { recoverPassword(input: $input) { viewer { name email lastSeenAt isInvited } } }";
    let used = other.owner.run(query, json!({ "input": input })).await;
    assert_eq!(
        used.at("recoverPassword.viewer"),
        &json!({ "name": "Olive Owner", "email": null, "lastSeenAt": null, "isInvited": null })
    );
}

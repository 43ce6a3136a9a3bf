//! Sessions: how they start, how long they last, and how they end.

use std::time::Duration;

use chrono::TimeDelta;
use deskbell::error::{Denied, Failure};
use serde_json::json;

use super::{OTHER_PASSWORD, cookies_of, is_rejected, who};
use crate::support::{PASSWORD, Person, TestApp, eventually};

#[tokio::test]
async fn a_token_is_sent_once_and_signs_in_from_then_on() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;

    let answer = app
        .anonymous()
        .does("signIn", json!({ "email": "BOB@Company0.example", "password": PASSWORD, "transport": "TOKEN" }))
        .await;

    let token = answer.granted();
    assert_eq!(token.set_cookie(), None);
    assert_eq!(token.text("signIn.viewer.email"), bob.email, "the answer shows what the operator may see");
    let mut again = app.anonymous();
    again.token = Some(token.token().to_owned());
    assert_eq!(who(&again).await.as_deref(), Some("bob"));
    assert_ne!(again.token, bob.token, "each sign-in gets another token");
}

#[tokio::test]
async fn an_ended_session_closes_its_socket_and_leaves_the_browser_anonymous_until_the_next_sign_in() {
    const ACCOUNT: &str = "subscription { account { name } }";
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.full_access("bob").await;
    let signed_in = app.anonymous().does("signIn", json!({ "email": bob.email, "password": PASSWORD })).await.granted();
    let (cookie, _) = signed_in.set_cookie().expect("a cookie").split_once("; ").expect("attributes");
    let browser = app.anonymous().with_cookie(cookie);
    let mut watched = browser.watches(ACCOUNT, json!({})).await;
    watched.next().await;

    bob.changes_password(PASSWORD, OTHER_PASSWORD).await.granted();

    let (code, reason) = watched.closes().await;
    assert_eq!(code, 4403);
    assert!(["Session ended", "The session has ended"].contains(&reason.as_str()), "{reason}");
    let seen = browser.reads("{ viewer { name } account { name } server { isSignUpOpen } }").await;
    assert_eq!(seen.data(), &json!({ "viewer": null, "account": null, "server": { "isSignUpOpen": true } }));
    let refused = browser.does("updateAccount", json!({ "name": "Bob & Co" })).await;
    assert_eq!(
        (refused.status, refused.code(), &refused.body["data"]["updateAccount"]),
        (200, "UNAUTHENTICATED", &json!(null))
    );
    assert_eq!(
        browser.watches(ACCOUNT, json!({})).await.refused().await.code(),
        "UNAUTHENTICATED",
        "anonymous callers may open a socket"
    );
    browser.does("signIn", json!({ "email": bob.email, "password": OTHER_PASSWORD })).await.granted();
}

#[tokio::test]
async fn a_session_of_the_previous_version_goes_on_and_ends_with_the_one_that_follows_it() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let token =
        |cookies: &str| cookies.split("; ").next().and_then(|pair| pair.split_once('=')).expect("a pair").1.to_owned();
    let first = token(&cookies_of(&app.anonymous(), &bob.email).await);
    let before = app.anonymous().with_cookie(&format!("deskbell_session={first}"));
    assert_eq!(who(&before).await.as_deref(), Some("bob"));

    let second = cookies_of(&before, &bob.email).await;
    let browser = app.anonymous().with_cookie(&format!("{second}; deskbell_session={first}"));
    browser.signs_out().await.data();
    assert_eq!(who(&browser).await, None, "not the older session either");
}

/// Sends a request, and waits until the use of its session is stored.
async fn uses(app: &TestApp, person: &Person) {
    assert!(!is_rejected(person).await);
    let now = app.app().clock.now();
    eventually("the use of the session", async || {
        let seen = app.db_operator(person).await.last_seen_at;
        seen.is_some_and(|seen| now - seen < TimeDelta::minutes(1))
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_used_goes_on_and_one_that_is_not_ends() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let (bob, cy) = (acme.inactive("bob").await, acme.inactive("cy").await);

    app.later(TimeDelta::hours(7));
    uses(&app, &bob).await;
    app.later(TimeDelta::hours(7));
    assert!(is_rejected(&cy).await, "not used for fourteen hours");
    uses(&app, &bob).await;
    app.later(TimeDelta::hours(8));
    assert!(is_rejected(&bob).await, "not used for eight hours");
}

#[tokio::test]
async fn a_session_ends_after_a_week_however_much_it_is_used() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let began = app.app().clock.now();

    while app.app().clock.now() - began < TimeDelta::days(7) - TimeDelta::hours(8) {
        app.later(TimeDelta::hours(7));
        uses(&app, &bob).await;
    }
    app.later(TimeDelta::hours(7) + TimeDelta::minutes(59));
    assert!(is_rejected(&bob).await);
    app.anonymous().signs_in(&bob.email, PASSWORD).await.granted();
}

#[tokio::test]
async fn an_open_socket_uses_its_session() {
    let app = TestApp::start_with(|config| config.session.recheck = Duration::from_millis(20)).await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let mut watched = bob.watches("subscription { viewer { description } }", json!({})).await;
    watched.next().await;

    for _ in 0..3 {
        app.later(TimeDelta::hours(7));
        let now = app.app().clock.now();
        eventually("the use of the session", async || {
            app.db_operator(&bob).await.last_seen_at.is_some_and(|seen| now - seen < TimeDelta::minutes(1))
        })
        .await;
    }

    assert!(!is_rejected(&bob).await, "twenty-one hours without a request");
    bob.updates(&bob, json!({ "description": "Still here" })).await.granted();
    watched.until(|state| *state.at("viewer.description") == "Still here").await;
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let elsewhere = bob.elsewhere().await;

    assert_eq!(bob.signs_out().await.at("signOut.signedOut"), true);

    assert!(is_rejected(&bob).await && !is_rejected(&elsewhere).await);
    assert_eq!(bob.signs_out().await.status, 401);
    assert_eq!(app.anonymous().signs_out().await.at("signOut.signedOut"), false);
}

#[tokio::test]
async fn a_session_that_ended_during_a_request_cannot_act() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    // A long-running document keeps the proof that it got at its start.
    let signed_in = deskbell::session::rules::authenticate(app.app(), acme.owner.token.as_deref().expect("signed in"))
        .await
        .expect("the database answers");
    let proof = deskbell::access::identity::Identity::Operator(signed_in.expect("the session is valid"))
        .may()
        .expect("full access");
    deskbell::operator::rules::deactivate(app.app(), &proof, Some(bob.db_key())).await.expect("the session is valid");

    acme.owner.signs_out().await;

    let late = deskbell::operator::rules::deactivate(app.app(), &proof, Some(bob.db_key())).await;
    assert!(matches!(late, Err(Failure::Denied(Denied::Unauthenticated))), "{late:?}");
}

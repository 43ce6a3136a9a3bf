//! Restoring a former address.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    OTHER_PASSWORD, accepts, all_is_sent, can_sign_in, confirms, invites, is_signed_in, looks, mail_to, moves,
    restores, token_of, with_mail,
};
use crate::support::PASSWORD;

#[tokio::test]
async fn the_former_address_can_be_restored_for_seven_days_even_after_further_changes() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (owner, ada) = (&acme.owner, "owner@company0.example".to_owned());
    assert_eq!(owner.email, ada);
    let undo = moves(&mut relay, owner, &ada, "b@acme.example").await;
    let later = moves(&mut relay, owner, "b@acme.example", "c@acme.example").await;
    owner.updates(owner, json!({ "email": "d@acme.example" })).await.granted();
    let pending = token_of(&relay.confirmation("d@acme.example").await, "confirm-address");
    app.anonymous().does("requestPasswordRecovery", json!({ "email": "c@acme.example" })).await.granted();
    let recovery = token_of(&mail_to(&mut relay, "c@acme.example").await, "recover-password");

    // No other operator can take either address in the meantime.
    let other = app.account(1).await;
    for (name, email) in [("one", ada.as_str()), ("two", "b@acme.example")] {
        let refused =
            other.owner.does("addOperator", json!({ "name": name, "email": email, "password": PASSWORD })).await;
        assert_eq!(refused.faults(), ["email: EmailTaken"]);
        assert_eq!(app.anonymous().signs_up("New", "New", email).await.faults(), ["email: EmailTaken"]);
        assert_eq!(other.owner.updates(&other.owner, json!({ "email": email })).await.faults(), ["email: EmailTaken"]);
    }
    assert_eq!(looks(&app.anonymous(), &undo).await["effect"], "RESTORE_ADDRESS");
    assert!(is_signed_in(owner).await);

    restores(&app, &undo).await.granted();
    assert!(!is_signed_in(owner).await, "every session has ended");
    let row = app.db_operator(owner).await;
    assert_eq!((row.email.as_deref(), row.pending_email), (Some(ada.as_str()), None));
    assert!(can_sign_in(&app, &ada, PASSWORD).await && !can_sign_in(&app, "c@acme.example", PASSWORD).await);
    for dead in [&undo, &later] {
        assert_eq!(restores(&app, dead).await.faults(), ["token: InvalidLink"]);
    }
    assert_eq!(confirms(&app.anonymous(), &pending, Some(OTHER_PASSWORD)).await.faults(), ["token: InvalidLink"]);
    assert_eq!(accepts(&app, &recovery).await.faults(), ["token: InvalidLink"]);
    // In any order.
    let mails = [relay.next().await, relay.next().await];
    let [notice, recovery] =
        ["c@acme.example", ada.as_str()].map(|to| mails.iter().find(|mail| mail.to == to).expect("a mail"));
    assert!(!notice.text.contains("#token="), "{notice:?}");
    let token = token_of(recovery, "recover-password");
    accepts(&app, &token).await.granted();
    assert!(can_sign_in(&app, &ada, OTHER_PASSWORD).await);
    // The address that was set last is free.
    app.anonymous().signs_up("New", "New", "b@acme.example").await.granted();
}

#[tokio::test]
async fn the_link_that_was_mailed_first_outlives_the_use_of_a_later_one() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    let first = moves(&mut relay, owner, &owner.email, "b@evil.example").await;
    let later = moves(&mut relay, owner, "b@evil.example", "c@evil.example").await;
    restores(&app, &later).await.granted();
    assert_eq!(app.db_operator(owner).await.email.as_deref(), Some("b@evil.example"));
    restores(&app, &first).await.granted();
    assert_eq!(app.db_operator(owner).await.email.as_deref(), Some(owner.email.as_str()));
    assert_eq!(restores(&app, &later).await.faults(), ["token: InvalidLink"]);
}

#[tokio::test]
async fn an_address_that_a_colleague_restores_ends_the_restore_links_of_later_ones() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    bob.changes_password(PASSWORD, PASSWORD).await.granted();
    mail_to(&mut relay, &bob.email).await;
    let first = moves(&mut relay, &bob, &bob.email, "b@evil.example").await;
    let later = moves(&mut relay, &bob, "b@evil.example", "c@evil.example").await;
    acme.owner.updates(&bob, json!({ "email": "d@acme.example" })).await.granted();
    assert_eq!(
        looks(&app.anonymous(), &later).await["effect"],
        "RESTORE_ADDRESS",
        "a change to another address ends no link"
    );
    acme.owner.updates(&bob, json!({ "email": bob.email })).await.granted();
    assert_eq!(restores(&app, &later).await.faults(), ["token: InvalidLink"]);
    assert_eq!(app.db_operator(&bob).await.email.as_deref(), Some(bob.email.as_str()));
    acme.owner.updates(&bob, json!({ "email": "d@acme.example" })).await.granted();
    restores(&app, &first).await.granted();
    assert_eq!(app.db_operator(&bob).await.email.as_deref(), Some(bob.email.as_str()));
}

#[tokio::test]
async fn an_address_that_a_colleague_was_invited_under_is_taken_within_the_account_only() {
    const EVE: &str = "eve@acme.example";
    let (app, mut relay) = with_mail(|_| {}).await;
    let (acme, other) = (app.account(1).await, app.account(1).await);
    let bob = acme.inactive("bob").await;
    invites(&mut relay, &acme, EVE).await;
    let with_password = json!({ "name": "Eve", "email": EVE, "password": PASSWORD });
    for refused in [
        acme.owner.does("addOperator", json!({ "name": "Eve", "email": EVE })).await,
        acme.owner.does("addOperator", with_password.clone()).await,
        acme.owner.updates(&bob, json!({ "email": EVE })).await,
    ] {
        assert_eq!(refused.faults(), ["email: EmailTaken"]);
    }
    other.owner.does("addOperator", with_password).await.granted();
}

#[tokio::test]
async fn after_seven_days_or_a_removal_a_former_address_is_free() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (bob, cy) = (acme.inactive("bob").await, acme.inactive("cy").await);
    // Each sets a password, so that no one else knows it.
    for person in [&bob, &cy] {
        person.changes_password(PASSWORD, PASSWORD).await.granted();
        mail_to(&mut relay, &person.email).await;
    }
    let undo = moves(&mut relay, &bob, &bob.email, "robert@acme.example").await;
    acme.owner.removes(&bob).await.granted();
    assert_eq!(restores(&app, &undo).await.faults(), ["token: InvalidLink"]);
    acme.owner.does("addOperator", json!({ "name": "Bob", "email": bob.email, "password": PASSWORD })).await.granted();

    let undo = moves(&mut relay, &cy, &cy.email, "cyrus@acme.example").await;
    all_is_sent(&app).await;
    app.later(TimeDelta::days(7) - TimeDelta::minutes(1));
    assert_eq!(looks(&app.anonymous(), &undo).await["email"], cy.email);
    assert_eq!(app.anonymous().signs_up("New", "New", &cy.email).await.faults(), ["email: EmailTaken"]);
    app.later(TimeDelta::minutes(1));
    assert_eq!(looks(&app.anonymous(), &undo).await, Value::Null);
    assert_eq!(restores(&app, &undo).await.faults(), ["token: InvalidLink"]);
    app.anonymous().signs_up("New", "New", &cy.email).await.granted();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_address_restored_while_it_changes_again_is_the_former_one() {
    let (app, mut relay) = with_mail(|_| {}).await;
    for round in 0..5 {
        let acme = app.account(1).await;
        let owner = &acme.owner;
        let (b, c) = (format!("b{round}@evil.example"), format!("c{round}@evil.example"));
        let undo = moves(&mut relay, owner, &owner.email, &b).await;
        owner.updates(owner, json!({ "email": c })).await.granted();
        let pending = token_of(&relay.confirmation(&c).await, "confirm-address");
        let mut anonymous = app.anonymous();
        let (undone, _changed, squatted) = tokio::join!(
            restores(&app, &undo),
            confirms(owner, &pending, None),
            anonymous.signs_up("Evil", "Mallory", &owner.email)
        );
        undone.granted();
        assert_eq!(squatted.faults(), ["email: EmailTaken"], "round {round}");
        assert_eq!(app.db_operator(owner).await.email.as_deref(), Some(owner.email.as_str()), "round {round}");
        assert!(!is_signed_in(owner).await);
        // The mails depend on the order of the requests. The last one is the link to a new
        // password.
        loop {
            let mail = relay.next().await;
            if mail.text.contains("/recover-password#token=") {
                assert_eq!(mail.to, owner.email);
                break;
            }
        }
    }
}

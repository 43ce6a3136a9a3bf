//! An address is claimed or released by the person who reads its mail.

use std::{pin::pin, time::Duration};

use deskbell::{account::rules::lock_by_id, address::rules as addresses};
use entity::{held_address, operator::LostReason, session};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    OTHER_PASSWORD, OWN, accepts, all_is_sent, can_sign_in, confirms, invites, is_signed_in, looks, mail_to, releases,
    squats, token_of, with_mail,
};
use crate::support::{PASSWORD, granted, is_postgres, refusals, smtp::SmtpSink};

#[tokio::test]
async fn an_address_cannot_be_taken_by_squatting() {
    const EVE: &str = "eve@acme.example";
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (evil, squatter) = squats(&app, EVE).await;
    let mut socket = squatter.watches("subscription { viewer { name } }", json!({})).await;
    socket.next().await;
    let link = relay.confirmation(EVE).await;
    assert!(
        link.text.contains("Olive Owner") && link.text.contains(&evil.name),
        "it names the account and who added her: {}",
        link.text
    );

    let with_password =
        acme.owner.does("addOperator", json!({ "name": "Eve", "email": EVE, "password": PASSWORD })).await;
    assert_eq!(with_password.faults(), ["email: EmailTaken"], "an operator with a password needs a free address");
    let (token, invited) = invites(&mut relay, &acme, EVE).await;
    assert_eq!(app.db_operator(&invited).await.email_key, None);
    let found = acme.owner.reads("{ account { operators(search: \"eve@\") { nodes { email isInvited } } } }").await;
    assert_eq!(*found.at("account.operators.nodes"), json!([{ "email": EVE, "isInvited": true }]));
    let twice = acme.owner.does("addOperator", json!({ "name": "Eve again", "email": EVE })).await;
    assert_eq!(twice.faults(), ["email: EmailTaken"], "an address within the account may be disclosed");
    let seen = looks(&app.anonymous(), &token).await;
    let expected = json!({
        "effect": "ACCEPT_INVITATION", "accountName": acme.name, "operatorName": "Eve", "inviterName": "Olive Owner",
        "email": EVE, "isNewPasswordNeeded": true, "isReleasable": false, "isEmailTaken": false, "isEmailMoved": true,
    });
    assert_eq!(seen, expected);

    accepts(&app, &token).await.granted();
    let mut eve = app.anonymous();
    eve.signs_in(EVE, OTHER_PASSWORD).await.granted();
    assert_eq!(eve.id, invited.id);
    assert_eq!(eve.reads(OWN).await.at("viewer.isEmailConfirmed"), true);
    assert_eq!(socket.closes().await.0, 4403);
    assert!(!can_sign_in(&app, EVE, PASSWORD).await);
    let query = "query($id: ID!) { node(id: $id) { ... on Operator { email lostEmail { email reason } } } }";
    let lost = evil.owner.run(query, json!({ "id": squatter.id })).await;
    assert_eq!(*lost.at("node"), json!({ "email": null, "lostEmail": { "email": EVE, "reason": "CLAIMED" } }));

    // A confirmed holder keeps the address, and only the recipient of the link learns that.
    let (token, _) = invites(&mut relay, &evil, EVE).await;
    assert_eq!(looks(&app.anonymous(), &token).await["isEmailTaken"], true);
    assert_eq!(accepts(&app, &token).await.faults(), ["token: EmailTaken"]);
    assert!(is_signed_in(&eve).await);
    evil.owner.updates(&squatter, json!({ "email": "squatter@evil.example" })).await.granted();
    assert_eq!(*evil.owner.run(query, json!({ "id": squatter.id })).await.at("node.lostEmail"), Value::Null);
    assert!(can_sign_in(&app, "squatter@evil.example", PASSWORD).await);
}

#[tokio::test]
async fn a_sign_in_in_flight_fails_when_the_address_is_lost() {
    const EVE: &str = "eve@acme.example";
    let (app, _relay) = with_mail(|_| {}).await;
    let (evil, squatter) = squats(&app, EVE).await;
    // The address is about to be lost, after the sign-in has compared the password.
    let mut work = app.app().begin().await.expect("a transaction");
    lock_by_id(&work, evil.db_key()).await.expect("the database answers");
    let mut anonymous = app.anonymous();
    let mut signs_in = pin!(anonymous.signs_in(EVE, PASSWORD));
    assert!(
        timeout(Duration::from_millis(500), signs_in.as_mut()).await.is_err(),
        "the sign-in waits for the account's lock"
    );
    let row = app.db_operator(&squatter).await;
    addresses::lose(app.app(), &mut work, row, LostReason::Claimed).await.expect("lost");
    work.commit().await.expect("committed");

    assert_eq!(signs_in.await.refusals(), ["InvalidCredentials"]);
    let sessions =
        session::Entity::find().filter(session::COLUMN.operator_id.eq(squatter.db_key())).count(app.app().db()).await;
    assert_eq!(sessions.expect("the database answers"), 0);
}

#[tokio::test]
async fn an_unconfirmed_former_address_is_claimed_and_released_under_the_lock_of_its_former_account() {
    const EVE: &str = "eve@acme.example";
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (evil, squatter) = squats(&app, EVE).await;
    let leaves = async |relay: &mut SmtpSink| {
        squatter.updates(&squatter, json!({ "email": "s@evil.example" })).await.granted();
        let token = token_of(&relay.confirmation("s@evil.example").await, "confirm-address");
        confirms(&squatter, &token, Some(PASSWORD)).await.granted();
        // In any order: one is the notice, the other reports the changed password.
        for _ in 0..2 {
            relay.next().await;
        }
    };
    // The squatter leaves the address, gets it back from a colleague, and its recipient releases
    // it: no hold remains.
    leaves(&mut relay).await;
    evil.owner.updates(&squatter, json!({ "email": EVE })).await.granted();
    mail_to(&mut relay, "s@evil.example").await;
    all_is_sent(&app).await;
    // The first one was mailed when the squatter was added.
    relay.confirmation(EVE).await;
    let token = token_of(&relay.confirmation(EVE).await, "confirm-address");
    releases(&app, &token).await.granted();
    assert_eq!(held_address::Entity::find().count(app.app().db()).await.expect("the database answers"), 0);

    // The squatter leaves the address, and it is claimed elsewhere while that account is locked.
    evil.owner.updates(&squatter, json!({ "email": EVE })).await.granted();
    relay.confirmation(EVE).await;
    let again = squatter.elsewhere().await;
    again.updates(&again, json!({ "email": "s@evil.example" })).await.granted();
    let token = token_of(&relay.confirmation("s@evil.example").await, "confirm-address");
    confirms(&again, &token, None).await.granted();
    token_of(&mail_to(&mut relay, EVE).await, "restore-address");
    let (invitation, _) = invites(&mut relay, &acme, EVE).await;
    all_is_sent(&app).await;
    let work = app.app().begin().await.expect("a transaction");
    lock_by_id(&work, evil.db_key()).await.expect("the database answers");
    let mut accepting = pin!(accepts(&app, &invitation));
    assert!(
        timeout(Duration::from_millis(500), accepting.as_mut()).await.is_err(),
        "accepting waits for the account's lock"
    );
    work.commit().await.expect("committed");
    accepting.await.granted();
    assert_eq!(held_address::Entity::find().count(app.app().db()).await.expect("the database answers"), 0);
}

#[tokio::test]
async fn a_recovery_of_an_unconfirmed_address_confirms_or_releases_it() {
    let (app, mut relay) = with_mail(|_| {}).await;
    for (email, mine) in [("mine@acme.example", true), ("not-mine@acme.example", false)] {
        let (evil, squatter) = squats(&app, email).await;
        let confirmation = token_of(&relay.confirmation(email).await, "confirm-address");
        app.anonymous().does("requestPasswordRecovery", json!({ "email": email })).await.granted();
        let token = token_of(&mail_to(&mut relay, email).await, "recover-password");
        let seen = looks(&app.anonymous(), &token).await;
        assert_eq!((&seen["effect"], &seen["accountName"]), (&json!("RECOVER_PASSWORD"), &json!(evil.name)));
        assert_eq!((&seen["inviterName"], &seen["isReleasable"]), (&json!("Olive Owner"), &json!(true)));
        if mine {
            accepts(&app, &token).await.granted();
            mail_to(&mut relay, email).await;
            assert!(!can_sign_in(&app, email, PASSWORD).await);
            let mut me = app.anonymous();
            me.signs_in(email, OTHER_PASSWORD).await.granted();
            assert_eq!(me.reads(OWN).await.at("viewer.isEmailConfirmed"), true);
            app.anonymous().does("requestPasswordRecovery", json!({ "email": email })).await.granted();
            let again = token_of(&mail_to(&mut relay, email).await, "recover-password");
            assert_eq!(looks(&app.anonymous(), &again).await["isReleasable"], false);
            assert_eq!(releases(&app, &again).await.faults(), ["token: AddressConfirmed"]);
        } else {
            assert_eq!(releases(&app, &token).await.granted().text("releaseAddress.releasedEmail"), email);
            assert_eq!(accepts(&app, &token).await.faults(), ["token: InvalidLink"]);
            let lost = evil.owner.reads("{ account { operators { nodes { lostEmail { email reason } } } } }").await;
            assert_eq!(
                *lost.at("account.operators.nodes.1.lostEmail"),
                json!({ "email": email, "reason": "RELEASED" })
            );
            app.anonymous().signs_up("New", "New", email).await.granted();
        }
        assert!(!is_signed_in(&squatter).await);
        assert_eq!(
            confirms(&app.anonymous(), &confirmation, Some(OTHER_PASSWORD)).await.faults(),
            ["token: InvalidLink"]
        );
    }
}

#[tokio::test]
async fn a_password_that_another_may_know_is_replaced_when_the_address_is_confirmed() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let mut ada = app.anonymous();
    ada.signs_up("Acme", "Ada", "ada@acme.example").await.granted();
    let own = token_of(&relay.confirmation("ada@acme.example").await, "confirm-address");
    assert_eq!(looks(&ada, &own).await["isNewPasswordNeeded"], false, "signed in, with a password that she chose");
    assert_eq!(looks(&app.anonymous(), &own).await["isNewPasswordNeeded"], true, "in another browser");
    assert_eq!(confirms(&app.anonymous(), &own, None).await.faults(), ["newPassword: InvalidInput"]);
    assert_eq!(confirms(&app.anonymous(), &own, Some("short")).await.faults(), ["newPassword: WeakPassword"]);
    let elsewhere = ada.elsewhere().await;
    confirms(&ada, &own, None).await.granted();
    assert!(is_signed_in(&ada).await && is_signed_in(&elsewhere).await);

    let added = ada
        .does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example", "password": PASSWORD }))
        .await
        .granted();
    let mut bob = ada.server().known(&added.payload()["operator"]);
    let token = token_of(&relay.confirmation("bob@acme.example").await, "confirm-address");
    bob.signs_in("bob@acme.example", PASSWORD).await.granted();
    let elsewhere = bob.elsewhere().await;
    assert_eq!(confirms(&bob, &token, None).await.faults(), ["newPassword: InvalidInput"], "ada knows it");
    confirms(&bob, &token, Some(OTHER_PASSWORD)).await.granted();
    assert!(is_signed_in(&bob).await && !is_signed_in(&elsewhere).await);
    assert!(!can_sign_in(&app, "bob@acme.example", PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_accept_at_once_one_gets_the_address() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let (acme, other) = (app.account(1).await, app.account(1).await);
    for round in 0..6 {
        let email = format!("eve{round}@acme.example");
        // In every other round the address has a holder, who loses it.
        if round % 2 == 0 {
            squats(&app, &email).await;
        }
        let (one, _) = invites(&mut relay, &acme, &email).await;
        let (two, _) = invites(&mut relay, &other, &email).await;
        let answers = join_all([accepts(&app, &one), accepts(&app, &two)]).await;
        assert_eq!(granted(&answers), 1, "round {round}");
        assert_eq!(refusals(&answers), ["EmailTaken"], "round {round}");
        assert!(can_sign_in(&app, &email, OTHER_PASSWORD).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_accepting_and_confirming_at_once_one_succeeds() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    for round in 0..6 {
        let email = format!("eve{round}@acme.example");
        let (_, squatter) = squats(&app, &email).await;
        let proof = token_of(&relay.confirmation(&email).await, "confirm-address");
        let (invitation, invited) = invites(&mut relay, &acme, &email).await;
        let anonymous = app.anonymous();
        let (accepted, proven) =
            tokio::join!(accepts(&app, &invitation), confirms(&anonymous, &proof, Some("quilted-anchors-hum-softly")));
        assert_ne!(accepted.is_granted(), proven.is_granted(), "round {round}: {accepted:?} {proven:?}");
        let holders = [app.db_operator(&invited).await, app.db_operator(&squatter).await];
        assert_eq!(holders.iter().filter(|row| row.email_key.is_some()).count(), 1, "round {round}");
        assert_eq!(holders[0].email_key.is_some(), accepted.is_granted(), "round {round}");
        if proven.is_granted() {
            mail_to(&mut relay, &email).await;
        }
    }
}

#[tokio::test]
async fn an_address_is_taken_without_a_lock_on_the_later_of_two_operators_first() {
    if !is_postgres() {
        return;
    }
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (token, eve) = invites(&mut relay, &acme, "eve@acme.example").await;
    let (_evil, squatter) = squats(&app, "eve@acme.example").await;
    assert!(eve.db_key() < squatter.db_key(), "the invitation came first");
    all_is_sent(&app).await;
    let held = app.db_hold("operator", eve.db_key().0).await;
    let look = async {
        app.db_wait(1).await;
        let is_free = held.takes("operator", squatter.db_key().0).await;
        drop(held);
        is_free
    };

    let (accepted, is_free) = tokio::join!(accepts(&app, &token), look);

    accepted.granted();
    assert!(is_free, "it waits for the first one without a lock on the second one");
    assert!(can_sign_in(&app, "eve@acme.example", OTHER_PASSWORD).await);
}

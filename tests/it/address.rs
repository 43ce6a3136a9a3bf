//! Addresses: which one belongs to which account, and how addresses are confirmed, changed,
//! restored and claimed by the person who reads its mail.

use std::{pin::pin, sync::Mutex, time::Duration};

use chrono::TimeDelta;
use deskbell::{
    account::rules::lock_by_id,
    address::rules as addresses,
    config::{Config, Secret},
};
use entity::{held_address, mail, operator::LostReason, session};
use futures_util::future::join_all;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{
    Account, Answer, PASSWORD, Person, TestApp, eventually, granted, refusals,
    smtp::{Mail, SmtpSink},
};

const OTHER_PASSWORD: &str = "nine-herons-paint-ladders";

/// A server with a relay that records its mail.
async fn with_mail(set: impl FnOnce(&mut Config)) -> (TestApp, SmtpSink) {
    let relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| {
        config.mail.smtp_url = Some(Secret::new(relay.url()));
        set(config);
    })
    .await;
    (app, relay)
}

/// The token of the only link in a mail. The link must lead to this page.
#[track_caller]
fn token_of(mail: &Mail, page: &str) -> String {
    let (_, rest) = mail
        .text
        .split_once(&format!("/{page}#token="))
        .unwrap_or_else(|| panic!("no link to {page} in {}", mail.text));
    assert_eq!(mail.text.matches("#token=").count(), 1, "{}", mail.text);
    rest.split_whitespace().next().expect("a token").to_owned()
}

/// Waits until the queue is empty: a mail whose lease expires while it is sent is sent again, with
/// another link.
async fn all_is_sent(app: &TestApp) {
    eventually("an empty queue", async || {
        mail::Entity::find().all(app.app().db()).await.expect("the database answers").is_empty()
    })
    .await;
}

async fn can_sign_in(app: &TestApp, email: &str, password: &str) -> bool {
    app.anonymous().signs_in(email, password).await.is_granted()
}

async fn is_signed_in(person: &Person) -> bool {
    person.reads("{ viewer { name } }").await.status == 200
}

/// The next mail, which must be for this address.
async fn mail_to(relay: &mut SmtpSink, to: &str) -> Mail {
    let mail = relay.next().await;
    assert_eq!(mail.to, to, "{}", mail.text);
    mail
}

async fn looks(person: &Person, token: &str) -> Value {
    let query = "query($token: String!) { mailedLink(token: $token) {
        effect accountName operatorName inviterName email isNewPasswordNeeded isReleasable isEmailTaken isEmailMoved } }";
    person.run(query, json!({ "token": token })).await.at("mailedLink").clone()
}

async fn confirms(person: &Person, token: &str, password: Option<&str>) -> Answer {
    person.does("confirmAddress", json!({ "token": token, "newPassword": password })).await
}

async fn restores(app: &TestApp, token: &str) -> Answer {
    app.anonymous().does("restoreAddress", json!({ "token": token })).await
}

async fn releases(app: &TestApp, token: &str) -> Answer {
    app.anonymous().does("releaseAddress", json!({ "token": token })).await
}

async fn accepts(app: &TestApp, token: &str) -> Answer {
    app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": OTHER_PASSWORD })).await
}

/// Invites an operator. Returns the token in the mail, and the operator.
async fn invites(relay: &mut SmtpSink, account: &Account, email: &str) -> (String, Person) {
    let added = account.owner.does("addOperator", json!({ "name": "Eve", "email": email })).await.granted();
    let token = token_of(&mail_to(relay, email).await, "accept-invitation");
    (token, account.owner.server().known(&added.payload()["operator"]))
}

/// The fields about the viewer's own address.
const OWN: &str = "{ viewer { email pendingEmail isEmailConfirmed isEmailConfirmationDue } }";

/// Changes a person's address and confirms it in their session. Returns the token that was mailed
/// to the former address.
async fn moves(relay: &mut SmtpSink, person: &Person, from: &str, to: &str) -> String {
    person.updates(person, json!({ "email": to })).await.granted();
    let token = token_of(&relay.confirmation(to).await, "confirm-address");
    confirms(person, &token, None).await.granted();
    // Other mails may arrive first.
    loop {
        let mail = relay.next().await;
        if mail.to == from {
            return token_of(&mail, "restore-address");
        }
    }
}

#[tokio::test]
async fn changing_your_own_address_takes_the_password_and_applies_once_confirmed() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    for (password, fault) in [
        (Value::Null, "currentPassword: InvalidInput"),
        (json!(""), "currentPassword: InvalidInput"),
        (json!("not-the-password"), "currentPassword: InvalidCredentials"),
    ] {
        let changes = json!({ "email": "robert@acme.example", "name": "Mallory", "currentPassword": password });
        assert_eq!(bob.updates(&bob, changes).await.faults(), [fault]);
    }
    assert_eq!(app.db_operator(&bob).await.name, "bob", "a wrong password changes nothing");
    let taken = bob.updates(&bob, json!({ "email": acme.owner.email })).await;
    assert_eq!(taken.faults(), ["email: EmailTaken"]);

    bob.updates(&bob, json!({ "email": "Robert@acme.example", "name": "Robert" })).await.granted();
    let waiting = json!({ "email": bob.email, "pendingEmail": "Robert@acme.example", "isEmailConfirmed": false, "isEmailConfirmationDue": false });
    assert_eq!(*bob.reads(OWN).await.at("viewer"), waiting);
    assert!(can_sign_in(&app, &bob.email, PASSWORD).await && !can_sign_in(&app, "robert@acme.example", PASSWORD).await);
    assert_eq!(app.db_operator(&bob).await.name, "Robert", "the other changes apply at once");

    let mail = relay.confirmation("Robert@acme.example").await;
    let token = token_of(&mail, "confirm-address");
    let seen = json!({
        "effect": "CHANGE_ADDRESS", "accountName": acme.name, "operatorName": "Robert", "inviterName": "Olive Owner",
        "email": "Robert@acme.example", "isNewPasswordNeeded": true, "isReleasable": true, "isEmailTaken": false, "isEmailMoved": false,
    });
    assert_eq!(looks(&bob, &token).await, seen, "the owner chose bob's password");
    for _ in 0..3 {
        looks(&app.anonymous(), &token).await;
        let page = reqwest::get(format!("{}/confirm-address", app.url())).await.expect("an answer");
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    }
    assert_eq!(*bob.reads(OWN).await.at("viewer"), waiting, "a look at the link confirms nothing");
    assert_eq!(confirms(&bob, &token, None).await.faults(), ["newPassword: InvalidInput"]);
    confirms(&bob, &token, Some(OTHER_PASSWORD)).await.granted();
    let confirmed = json!({ "email": "Robert@acme.example", "pendingEmail": null, "isEmailConfirmed": true, "isEmailConfirmationDue": false });
    assert_eq!(*bob.reads(OWN).await.at("viewer"), confirmed);
    assert!(
        !can_sign_in(&app, &bob.email, OTHER_PASSWORD).await
            && can_sign_in(&app, "robert@acme.example", OTHER_PASSWORD).await
    );
    assert_eq!(confirms(&bob, &token, None).await.faults(), ["token: InvalidLink"], "a link works once");
    // In any order. The other mail reports the changed password.
    let mails = [relay.next().await, relay.next().await];
    let notice = mails.iter().find(|mail| mail.to == bob.email).expect("a mail");
    assert!(
        notice.head.contains("Subject: Your sign-in address was changed") && !notice.text.contains("obert@"),
        "{notice:?}"
    );
    token_of(notice, "restore-address");
}

#[tokio::test]
async fn a_pending_address_is_withdrawn_when_the_password_is_set_another_way() {
    const EVIL: &str = "mallory@evil.example";
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (mut owner, email) = (acme.owner.clone(), acme.owner.email.clone());
    for way in 0..3 {
        // Someone who knows the password has requested their own address.
        owner.updates(&owner, json!({ "email": EVIL })).await.granted();
        let token = token_of(&relay.confirmation(EVIL).await, "confirm-address");
        assert_eq!(looks(&app.anonymous(), &token).await["effect"], "CHANGE_ADDRESS", "{way}");
        match way {
            0 => drop(owner.changes_password(PASSWORD, PASSWORD).await.granted()),
            1 => {
                app.anonymous().does("requestPasswordRecovery", json!({ "email": email })).await.granted();
                let recovery = token_of(&mail_to(&mut relay, &email).await, "recover-password");
                app.anonymous()
                    .does("recoverPassword", json!({ "token": recovery, "newPassword": PASSWORD }))
                    .await
                    .granted();
            }
            _ => drop(deskbell::login::rules::reset_password(app.app(), &email, PASSWORD).await.expect("reset")),
        }
        assert!(mail_to(&mut relay, &email).await.head.contains("Subject: Your password was changed"));
        assert_eq!(app.db_operator(&owner).await.pending_email, None, "{way}");
        assert_eq!(
            confirms(&app.anonymous(), &token, Some(OTHER_PASSWORD)).await.faults(),
            ["token: InvalidLink"],
            "{way}"
        );
        owner = owner.elsewhere().await;
    }
}

#[tokio::test]
async fn a_pending_address_is_withdrawn_by_entering_the_current_one_and_by_its_recipient() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    let asks = async |relay: &mut SmtpSink| {
        owner.updates(owner, json!({ "email": "new@acme.example" })).await.granted();
        token_of(&relay.confirmation("new@acme.example").await, "confirm-address")
    };
    let first = asks(&mut relay).await;
    owner.updates(owner, json!({ "email": owner.email })).await.granted();
    assert_eq!(owner.reads(OWN).await.at("viewer.pendingEmail"), &Value::Null);
    assert_eq!(confirms(owner, &first, None).await.faults(), ["token: InvalidLink"]);

    let second = asks(&mut relay).await;
    let id = json!({ "operatorId": owner.id });
    owner.does("requestAddressConfirmation", id).await.granted();
    let third = token_of(&relay.confirmation("new@acme.example").await, "confirm-address");
    assert_eq!(confirms(owner, &second, None).await.faults(), ["token: InvalidLink"], "only the newest works");
    assert_eq!(releases(&app, &third).await.granted().text("releaseAddress.releasedEmail"), "new@acme.example");
    assert_eq!(owner.reads(OWN).await.at("viewer.pendingEmail"), &Value::Null);
    assert!(can_sign_in(&app, &owner.email, PASSWORD).await);
}

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

#[tokio::test]
async fn another_operators_address_changes_at_once_unconfirmed_and_cannot_be_restored() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let token = token_of(&relay.confirmation(&bob.email).await, "confirm-address");
    confirms(&app.anonymous(), &token, Some(PASSWORD)).await.granted();
    mail_to(&mut relay, &bob.email).await;
    let seen = async || {
        let query = "query($id: ID!) { node(id: $id) { ... on Operator { email pendingEmail isEmailConfirmed } } }";
        acme.owner.run(query, json!({ "id": bob.id })).await.at("node").clone()
    };
    assert_eq!(seen().await, json!({ "email": bob.email, "pendingEmail": null, "isEmailConfirmed": true }));

    acme.owner.updates(&bob, json!({ "email": "robert@acme.example" })).await.granted();
    assert_eq!(
        seen().await,
        json!({ "email": "robert@acme.example", "pendingEmail": null, "isEmailConfirmed": false })
    );
    assert!(can_sign_in(&app, "robert@acme.example", PASSWORD).await && !can_sign_in(&app, &bob.email, PASSWORD).await);
    let notice = mail_to(&mut relay, &bob.email).await;
    assert!(
        notice.head.contains("Subject: Your sign-in address was changed") && !notice.text.contains("#token="),
        "{notice:?}"
    );
    token_of(&relay.confirmation("robert@acme.example").await, "confirm-address");
    app.anonymous().signs_up("New", "New", &bob.email).await.granted();
}

#[tokio::test]
async fn without_a_relay_every_change_counts_at_once_and_nothing_moves() {
    let app = TestApp::start().await;
    let (acme, evil) = (app.account(1).await, app.account(1).await);
    let bob = acme.limited("bob").await;
    assert_eq!(
        bob.updates(&bob, json!({ "email": "robert@acme.example", "currentPassword": "wrong" })).await.refusals(),
        ["InvalidCredentials"]
    );
    bob.updates(&bob, json!({ "email": "robert@acme.example" })).await.granted();
    app.later(TimeDelta::days(8));
    let mut robert = app.anonymous();
    robert.signs_in("robert@acme.example", PASSWORD).await.granted();
    let own = json!({ "email": "robert@acme.example", "pendingEmail": null, "isEmailConfirmed": false, "isEmailConfirmationDue": false });
    assert_eq!(*robert.reads(OWN).await.at("viewer"), own);
    app.anonymous().signs_up("New", "New", &bob.email).await.granted();

    let mut owner = app.anonymous();
    owner.signs_in(&evil.owner.email, PASSWORD).await.granted();
    owner.does("addOperator", json!({ "name": "Eve", "email": "robert@acme.example" })).await.granted();
    assert!(can_sign_in(&app, "robert@acme.example", PASSWORD).await);
}

#[tokio::test]
async fn without_a_relay_the_administrator_lets_an_invited_operator_in() {
    const EVE: &str = "eve@acme.example";
    let app = TestApp::start().await;
    let (acme, other) = (app.account(1).await, app.account(1).await);
    let added = acme.owner.does("addOperator", json!({ "name": "Eve", "email": "Eve@acme.example" })).await.granted();
    let eve = acme.owner.server().known(&added.payload()["operator"]);
    let again = other.owner.does("addOperator", json!({ "name": "Eve", "email": EVE })).await.granted();
    let reset = async || deskbell::login::rules::reset_password(app.app(), EVE, PASSWORD).await;
    assert!(format!("{:?}", reset().await.expect_err("two are invited")).contains("Ambiguous"));
    other.owner.removes(&other.owner.server().known(&again.payload()["operator"])).await.granted();
    reset().await.expect("reset");
    let row = app.db_operator(&eve).await;
    assert_eq!(
        (row.email.as_deref(), row.email_key.as_deref(), row.email_proven_at),
        (Some("Eve@acme.example"), Some(EVE), None)
    );
    assert!(row.password_set_by_other && row.pending_email_key.is_none());
    assert!(can_sign_in(&app, EVE, PASSWORD).await);
    assert!(
        acme.owner.does("inviteOperator", json!({ "operatorId": eve.id })).await.refusals() == ["InvitationAccepted"]
    );
}

/// Signs up an account, and adds an operator with the address of another person.
async fn squats(app: &TestApp, email: &str) -> (Account, Person) {
    let evil = app.account(1).await;
    let added = evil
        .owner
        .does("addOperator", json!({ "name": "Squatter", "email": email, "password": PASSWORD }))
        .await
        .granted();
    let mut squatter = evil.owner.server().known(&added.payload()["operator"]);
    squatter.signs_in(email, PASSWORD).await.granted();
    (evil, squatter)
}

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

#[tokio::test]
async fn an_owner_who_lost_the_address_gets_one_from_a_colleague() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let dana = acme.inactive_full_access("dana").await;
    app.anonymous().does("requestPasswordRecovery", json!({ "email": acme.owner.email })).await.granted();
    let token = token_of(&mail_to(&mut relay, &acme.owner.email).await, "recover-password");
    assert_eq!(
        dana.updates(&acme.owner, json!({ "email": "new@acme.example" })).await.faults(),
        ["email: OwnerRequired"]
    );
    releases(&app, &token).await.granted();
    dana.updates(&acme.owner, json!({ "email": "new@acme.example" })).await.granted();
    assert!(can_sign_in(&app, "new@acme.example", PASSWORD).await);
    assert_eq!(
        dana.updates(&acme.owner, json!({ "email": "mine@acme.example" })).await.faults(),
        ["email: OwnerRequired"]
    );
}

#[tokio::test]
async fn after_seven_days_an_unconfirmed_address_is_due_to_be_confirmed() {
    let (app, mut relay) = with_mail(|config| config.session.idle = std::time::Duration::from_hours(24 * 30)).await;
    let acme = app.account(1).await;
    let first = relay.confirmation(&acme.owner.email).await;
    all_is_sent(&app).await;
    let due = async || {
        acme.owner.reads("{ viewer { isEmailConfirmationDue } }").await.at("viewer.isEmailConfirmationDue").clone()
    };
    app.later(TimeDelta::days(7) - TimeDelta::hours(1));
    assert_eq!(due().await, false);
    let mut owner = app.anonymous();
    owner.signs_in(&acme.owner.email, PASSWORD).await.granted();
    app.later(TimeDelta::hours(1));
    let due = owner.reads("{ viewer { isEmailConfirmationDue } }").await;
    assert_eq!(due.at("viewer.isEmailConfirmationDue"), true);
    owner.does("requestAddressConfirmation", json!({ "operatorId": owner.id })).await.granted();
    let token = token_of(&relay.confirmation(&owner.email).await, "confirm-address");
    assert_ne!(token, token_of(&first, "confirm-address"));
    confirms(&owner, &token, None).await.granted();
    let due = owner.reads("{ viewer { isEmailConfirmationDue } }").await;
    assert_eq!(due.at("viewer.isEmailConfirmationDue"), false);
}

#[tokio::test]
async fn an_invited_operator_who_asks_for_a_password_is_mailed_a_link() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    invites(&mut relay, &acme, "eve@acme.example").await;
    app.anonymous().does("requestPasswordRecovery", json!({ "email": "eve@acme.example" })).await.granted();
    let token = token_of(&mail_to(&mut relay, "eve@acme.example").await, "recover-password");
    accepts(&app, &token).await.granted();
    assert!(can_sign_in(&app, "eve@acme.example", OTHER_PASSWORD).await);
}

#[tokio::test]
async fn the_inviter_sees_that_an_invitation_did_not_arrive() {
    let relay = SmtpSink::answering(|line| match line {
        _ if line.starts_with("RCPT TO:<gone@") => Some("550 5.1.1 no such user"),
        _ if line.starts_with("RCPT TO:<later@") => Some("451 4.7.1 try again later"),
        _ => None,
    })
    .await;
    let app = TestApp::start_with(|config| config.mail.smtp_url = Some(Secret::new(relay.url()))).await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let problem = async |email: &str, person: &Person| {
        let query = "query($search: String!) { account { operators(search: $search) { nodes {
            invitationProblem { reason failedAt nextAttemptAt } } } } }";
        let search = if person.id == bob.id { "Eve" } else { email };
        let seen = person.run(query, json!({ "search": search })).await;
        seen.at("account.operators.nodes.0.invitationProblem").clone()
    };
    for (email, reasons) in
        [("gone@acme.example", ["RECIPIENT_REFUSED", "GIVEN_UP"]), ("later@acme.example", ["DELAYED", ""])]
    {
        acme.owner.does("addOperator", json!({ "name": "Eve", "email": email })).await.granted();
        eventually("the problem", async || problem(email, &acme.owner).await != Value::Null).await;
        let seen = problem(email, &acme.owner).await;
        assert!(reasons.contains(&seen["reason"].as_str().expect("a reason")), "{email}: {seen}");
        assert_ne!(seen["failedAt"].is_null(), seen["nextAttemptAt"].is_null(), "{email}: {seen}");
        assert_eq!(problem(email, &bob).await, Value::Null, "limited access");
    }
    let gone = acme.owner.reads("{ account { operators(search: \"gone@\") { nodes { id name email } } } }").await;
    let gone = acme.owner.server().known(gone.at("account.operators.nodes.0"));
    acme.owner.updates(&gone, json!({ "email": "here@acme.example" })).await.granted();
    assert_eq!(problem("here@acme.example", &acme.owner).await, Value::Null, "another invitation is in the queue");
}

#[tokio::test]
async fn the_inviters_open_page_shows_delivery_problems_of_an_invitation() {
    static RELAY: Mutex<Option<&str>> = Mutex::new(None);
    const LATER: Option<&str> = Some("451 4.7.1 try again later");
    let answer = |text| *RELAY.lock().expect("no panic") = text;
    let relay =
        SmtpSink::answering(
            |line| if line.starts_with("RCPT TO:<eve") { *RELAY.lock().expect("no panic") } else { None },
        )
        .await;
    let app = TestApp::start_with(|config| config.mail.smtp_url = Some(Secret::new(relay.url()))).await;
    let owner = app.account(1).await.owner;
    for (email, then, shown) in [
        ("eve.gone@acme.example", Some("550 5.1.1 no such user"), json!("RECIPIENT_REFUSED")),
        ("eve.here@acme.example", None, Value::Null),
    ] {
        answer(LATER);
        owner.does("addOperator", json!({ "name": "Eve", "email": email })).await.granted();
        let watch = "subscription($search: String!) { account { operators(search: $search) { nodes { invitationProblem { reason } } } } }";
        let mut watched = owner.watches(watch, json!({ "search": email })).await;
        let reason = |item: &Answer| item.at("account.operators.nodes.0.invitationProblem")["reason"].clone();
        watched.until(|item| reason(item) == "DELAYED").await;
        answer(then);
        app.later(TimeDelta::minutes(1));
        watched.until(|item| reason(item) == shown).await;
    }
}

#[tokio::test]
async fn looking_at_links_is_limited_and_a_wrong_token_shows_nothing() {
    let (app, _relay) = with_mail(|config| config.rate_limits.enabled = true).await;
    let anonymous = app.anonymous();
    assert_eq!(looks(&anonymous, "dbl_wrong").await, Value::Null);
    assert_eq!(looks(&anonymous, "").await, Value::Null);
    let mut codes = Vec::new();
    for _ in 0..40 {
        let answer = anonymous.run("{ mailedLink(token: \"dbl_wrong\") { email } }", json!({})).await;
        codes.extend(answer.codes().into_iter().map(str::to_owned));
    }
    assert!(codes.len() >= 15 && codes.iter().all(|code| code == "TOO_MANY_REQUESTS"), "{codes:?}");
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

#[tokio::test]
async fn an_invitation_accepted_on_a_server_of_the_previous_version_gets_its_address() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (_, eve) = invites(&mut relay, &acme, "eve@acme.example").await;
    // That server only sets the password.
    let hash = app.db_operator(&acme.owner).await.password_hash;
    let work = app.app().begin().await.expect("the database answers");
    let mut row = app.db_operator(&eve).await.into_active_model();
    row.password_hash = Set(hash);
    row.update(&*work).await.expect("the operator exists");
    work.commit().await.expect("the database answers");
    assert!(!can_sign_in(&app, "eve@acme.example", PASSWORD).await);

    deskbell::address::rules::settle_accepted(app.app()).await.expect("the database answers");

    assert!(can_sign_in(&app, "eve@acme.example", PASSWORD).await);
    assert!(app.db_operator(&eve).await.email_proven_at.is_some());
}

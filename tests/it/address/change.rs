//! Changing an address: the own one, and a colleague's.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use entity::mail;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{OTHER_PASSWORD, OWN, all_is_sent, can_sign_in, confirms, looks, mail_to, releases, token_of, with_mail};
use crate::support::{PASSWORD, TestApp, eventually, smtp::SmtpSink};

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
async fn a_mail_that_is_sent_late_does_not_replace_the_link_of_a_newer_one() {
    static IS_WELL: AtomicBool = AtomicBool::new(false);
    let mut relay = SmtpSink::answering(|line| {
        (line.starts_with("RCPT") && !line.contains("new@") && !IS_WELL.load(Ordering::SeqCst))
            .then_some("451 4.7.1 try again later")
    })
    .await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    eventually("a first attempt", async || {
        let queue = mail::Entity::find().all(app.app().db()).await.expect("the database answers");
        queue.iter().any(|mail| mail.attempts == 1 && mail.last_error.is_some())
    })
    .await;
    owner.updates(owner, json!({ "email": "new@acme.example" })).await.granted();
    let token = token_of(&relay.confirmation("new@acme.example").await, "confirm-address");

    IS_WELL.store(true, Ordering::SeqCst);
    app.later(TimeDelta::minutes(1));
    all_is_sent(&app).await;

    confirms(owner, &token, None).await.granted();
    assert_eq!(owner.reads(OWN).await.at("viewer.email"), "new@acme.example");
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

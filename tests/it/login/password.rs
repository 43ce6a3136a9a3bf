//! Passwords, their hashes and their changes.

use deskbell::password::HashParams;
use serde_json::json;

use super::{OTHER_PASSWORD, is_rejected};
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_answer_the_same() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    acme.owner.does("addOperator", json!({ "name": "Invited", "email": "invited@acme.example" })).await.granted();

    let wrong = app.anonymous().signs_in(&acme.owner.email, "not-the-right-password").await;

    assert_eq!(wrong.faults(), [": InvalidCredentials"]);
    for (email, password) in [
        ("nobody@acme.example", PASSWORD),
        ("invited@acme.example", PASSWORD),
        ("no address", PASSWORD),
        ("", PASSWORD),
        ("a\0@acme.example", PASSWORD),
        (acme.owner.email.as_str(), ""),
        (acme.owner.email.as_str(), " seven-otters-juggle-plums"),
        (acme.owner.email.as_str(), "SEVEN-OTTERS-JUGGLE-PLUMS"),
        (acme.owner.email.as_str(), &"x".repeat(60_000)),
    ] {
        let other = app.anonymous().signs_in(email, password).await;
        assert_eq!(
            (other.status, &other.body, other.set_cookie()),
            (wrong.status, &wrong.body, None),
            "{email} {password:.30}"
        );
    }
}

#[tokio::test]
async fn a_password_is_the_same_however_a_keyboard_composes_it() {
    let app = TestApp::start().await;
    let input = json!({
        "accountName": "Acme", "name": "Ada", "email": "ada@acme.example", "password": "sieben Störche träumen ﬂach"
    });
    app.anonymous().does("signUp", input).await.granted();

    let mut ada = app.anonymous();
    ada.signs_in("ada@acme.example", "sieben Sto\u{308}rche tra\u{308}umen flach").await.granted();
    assert_eq!(
        ada.signs_in("ada@acme.example", "sieben Störche träumen flach ").await.refusals(),
        ["InvalidCredentials"],
        "never trimmed"
    );
}

#[tokio::test]
async fn a_password_is_hashed_again_at_the_first_sign_in_after_the_parameters_rise() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let hash = async |app: &TestApp| app.db_operator(&acme.owner).await.password_hash.expect("a hash");
    let before = hash(&app).await;
    assert!(before.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{before}");

    let app = TestApp::start_on(app.stop().await, |config| {
        config.hashing.params = HashParams { memory_kib: 16, passes: 2, lanes: 1 };
    })
    .await;
    assert_eq!(
        app.anonymous().signs_in(&acme.owner.email, "not-the-right-password").await.refusals(),
        ["InvalidCredentials"]
    );
    assert_eq!(hash(&app).await, before, "only a correct password is hashed again");
    app.anonymous().signs_in(&acme.owner.email, PASSWORD).await.granted();
    let after = hash(&app).await;
    assert!(after.starts_with("$argon2id$v=19$m=16,t=2,p=1$"), "{after}");
    app.anonymous().signs_in(&acme.owner.email, PASSWORD).await.granted();
    assert_eq!(hash(&app).await, after, "once is enough");
}

#[tokio::test]
async fn changing_the_password_ends_every_other_session() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let (elsewhere, colleague) = (bob.elsewhere().await, acme.inactive("cy").await);

    assert_eq!(
        bob.changes_password("not-the-right-password", OTHER_PASSWORD).await.faults(),
        ["currentPassword: InvalidCredentials"]
    );
    assert_eq!(bob.changes_password(PASSWORD, "bob@company0.example").await.faults(), ["newPassword: WeakPassword"]);
    assert_eq!(bob.changes_password(PASSWORD, &"ü".repeat(257)).await.faults(), ["newPassword: InvalidInput"]);
    assert!(!is_rejected(&elsewhere).await, "a refusal ends no session");
    bob.changes_password(PASSWORD, OTHER_PASSWORD).await.granted();

    assert!(!is_rejected(&bob).await && is_rejected(&elsewhere).await && !is_rejected(&colleague).await);
    assert_eq!(app.anonymous().signs_in(&bob.email, PASSWORD).await.refusals(), ["InvalidCredentials"]);
    app.anonymous().signs_in(&bob.email, OTHER_PASSWORD).await.granted();
    assert_eq!(app.anonymous().changes_password(PASSWORD, OTHER_PASSWORD).await.code(), "UNAUTHENTICATED");
}

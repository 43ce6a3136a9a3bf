//! Access levels, ownership and removal.

use serde_json::{Value, json};

use super::link_token;
use crate::support::{PASSWORD, TestApp, smtp::SmtpSink};

#[tokio::test]
async fn a_limited_operator_changes_nothing_but_their_own_profile() {
    let app = TestApp::start().await;
    let acme = app.account(3).await;
    let (bob, cy) = (acme.limited("bob").await, acme.limited("cy").await);
    let photo = || include_bytes!("../../fixtures/photos/100x100.png").to_vec();
    let before = app.db_operator(&cy).await;

    for whom in [&cy, &acme.owner] {
        assert_eq!(bob.updates(whom, json!({ "name": "Mallory" })).await.code(), "FORBIDDEN");
        assert_eq!(bob.updates(whom, json!({})).await.code(), "FORBIDDEN");
        assert_eq!(bob.uploads_photo(whom, photo()).await.code(), "FORBIDDEN");
        assert_eq!(bob.does("removeOperatorPhoto", json!({ "operatorId": whom.id })).await.code(), "FORBIDDEN");
    }
    for whom in [&cy, &bob, &acme.owner] {
        assert_eq!(bob.activates(whom).await.code(), "FORBIDDEN");
        assert_eq!(bob.deactivates(whom).await.code(), "FORBIDDEN");
        assert_eq!(bob.removes(whom).await.code(), "FORBIDDEN");
        assert_eq!(bob.changes_access(whom, "FULL").await.code(), "FORBIDDEN");
        assert_eq!(bob.hands_over_to(whom).await.code(), "FORBIDDEN");
        assert_eq!(bob.swaps(whom, &cy).await.code(), "FORBIDDEN");
        assert_eq!(bob.does("inviteOperator", json!({ "operatorId": whom.id })).await.code(), "FORBIDDEN");
    }
    assert_eq!(bob.buys(9).await.code(), "FORBIDDEN");
    assert_eq!(
        bob.does("addOperator", json!({ "name": "Eve", "email": "eve@acme.example" })).await.code(),
        "FORBIDDEN"
    );
    assert_eq!(app.db_operator(&cy).await, before);
    assert_eq!(acme.seats().await, (3, 2));

    let own =
        json!({ "name": "Robert", "publicName": "Rob", "description": "Night shift", "email": "rob@acme.example" });
    bob.updates(&bob, own).await.granted();
    bob.uploads_photo(&bob, photo()).await.granted();
    bob.does("removeOperatorPhoto", json!({ "operatorId": bob.id })).await.granted();
    bob.changes_password(PASSWORD, "quilted-anchors-hum-softly").await.granted();
}

#[tokio::test]
async fn no_operator_changes_their_own_access_level_or_the_owners() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;
    let bob = acme.limited("bob").await;

    assert_eq!(ada.changes_access(&ada, "LIMITED").await.faults(), ["operatorId: OwnAccessLevel"]);
    assert_eq!(ada.changes_access(&acme.owner, "LIMITED").await.faults(), ["operatorId: OwnerRequired"]);
    assert_eq!(acme.owner.changes_access(&acme.owner, "LIMITED").await.faults(), ["operatorId: OwnerRequired"]);
    assert_eq!(ada.removes(&acme.owner).await.faults(), ["operatorId: OwnerRequired"]);
    assert_eq!(acme.owner.removes(&acme.owner).await.faults(), ["operatorId: OwnerRequired"]);
    assert_eq!(ada.changes_access(&bob, "FULL").await.granted().text("changeAccessLevel.operator.accessLevel"), "FULL");

    // It applies at once, to the open session.
    bob.changes_access(&ada, "LIMITED").await.granted();
    assert_eq!(ada.changes_access(&bob, "LIMITED").await.code(), "FORBIDDEN");
    assert_eq!(ada.activates(&bob).await.code(), "FORBIDDEN");
}

#[tokio::test]
async fn only_the_owner_changes_the_owners_address() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;

    assert_eq!(
        ada.updates(&acme.owner, json!({ "email": "mine@acme.example" })).await.faults(),
        ["email: OwnerRequired"]
    );
    // A colleague may change everything else about the owner, and may send the current address.
    ada.updates(&acme.owner, json!({ "name": "Olivia", "email": acme.owner.email })).await.granted();
    acme.owner.updates(&acme.owner, json!({ "email": "new@acme.example" })).await.granted();
    let link = relay.confirmation("new@acme.example").await;
    let token = link_token(&app, &link.text, "confirm-address");
    acme.owner.does("confirmAddress", json!({ "token": token })).await.granted();

    let notice = relay.next().await;
    assert_eq!(notice.to, acme.owner.email, "the old address is notified");
    assert!(notice.text.contains("address"), "{}", notice.text);
    assert_eq!(app.anonymous().signs_in(&acme.owner.email, PASSWORD).await.refusals(), ["InvalidCredentials"]);
    app.anonymous().signs_in("new@acme.example", PASSWORD).await.granted();
}

#[tokio::test]
async fn the_owner_hands_over_and_keeps_full_access() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let owner = &acme.owner;

    assert_eq!(ada.hands_over_to(&ada).await.refusals(), ["OwnerRequired"], "only the owner transfers ownership");
    assert_eq!(ada.hands_over_to(&bob).await.refusals(), ["OwnerRequired"]);
    let invited = owner.does("addOperator", json!({ "name": "Cy", "email": "cy@acme.example" })).await.granted();
    let invited = owner.server().known(&invited.payload()["operator"]);
    assert_eq!(
        owner.hands_over_to(&invited).await.faults(),
        ["operatorId: InvalidInput"],
        "an operator who cannot sign in yet"
    );
    assert_eq!(owner.hands_over_to(owner).await.granted().text("transferOwnership.account.owner.id"), owner.id);

    let handed = owner.hands_over_to(&bob).await.granted();
    assert_eq!(handed.payload()["account"]["owner"]["id"], json!(bob.id));
    assert_eq!(
        handed.payload()["account"]["owner"]["accessLevel"],
        "FULL",
        "a new owner with limited access gets full access"
    );
    let seen = owner.reads("{ viewer { isOwner accessLevel } account { owner { name } } }").await;
    let expected =
        json!({ "viewer": { "isOwner": false, "accessLevel": "FULL" }, "account": { "owner": { "name": "bob" } } });
    assert_eq!(seen.data(), &expected);
    assert_eq!(owner.hands_over_to(owner).await.refusals(), ["OwnerRequired"], "the former owner cannot reclaim it");
    // The former owner is an operator like any other now.
    bob.changes_access(owner, "LIMITED").await.granted();
    bob.removes(owner).await.granted();
}

#[tokio::test]
async fn a_removed_operator_loses_access_and_personal_data_and_keeps_the_name() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    bob.uploads_photo(&bob, include_bytes!("../../fixtures/photos/photo.jpg").to_vec()).await.granted();
    let photo = bob.reads("{ viewer { photo { url } } }").await.text("viewer.photo.url").to_owned();
    let fetched = async || reqwest::get(&photo).await.expect("the server answers").status().as_u16();
    assert_eq!(fetched().await, 200, "{photo}");
    ada.updates(&bob, json!({ "publicName": "Bobby", "description": "Support" })).await.granted();
    assert_eq!(acme.seats().await, (2, 2));

    let removed = ada.removes(&bob).await.granted();
    assert_eq!(removed.text("removeOperator.removedOperatorId"), bob.id);

    assert_eq!(acme.seats().await, (2, 1), "the seat is free");
    assert_eq!(bob.reads("{ viewer { name } }").await.status, 401, "the session has ended");
    assert_eq!(app.anonymous().signs_in(&bob.email, PASSWORD).await.refusals(), ["InvalidCredentials"]);
    assert_eq!(fetched().await, 404, "the photo is no longer served");
    let seen = ada
        .run(
            "query($id: ID!) { node(id: $id) { id } account { operators { nodes { name } } } }",
            json!({ "id": bob.id }),
        )
        .await;
    assert_eq!(seen.at("node"), &Value::Null);
    assert_eq!(seen.each("account.operators.nodes", "name"), ["Olive Owner", "ada"]);
    assert_eq!(ada.removes(&bob).await.refusals(), ["OperatorNotFound"], "a removed operator is not found");
    assert_eq!(ada.activates(&bob).await.refusals(), ["OperatorNotFound"]);

    let row = app.db_operator(&bob).await;
    assert_eq!(row.name, "bob");
    assert!(row.removed_at.is_some() && row.activated_at.is_none());
    let personal = (
        row.email,
        row.email_key,
        row.public_name,
        row.description,
        row.password_hash,
        row.photo_hash,
        row.photo_side,
        row.last_seen_at,
    );
    assert_eq!(personal, (None, None, None, None, None, None, None, None));
    assert!(!row.search_key.contains("bobby"), "{}", row.search_key);

    let again = acme.inactive("bob").await;
    assert_ne!(again.id, bob.id, "the address is free for a new operator");
}

#[tokio::test]
async fn an_operator_with_full_access_may_remove_themselves() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = acme.full_access("ada").await;

    ada.removes(&ada).await.granted();

    assert_eq!(ada.reads("{ viewer { name } }").await.status, 401);
    assert_eq!(acme.seats().await, (1, 0));
}

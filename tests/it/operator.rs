//! Operators: profiles, permissions, the list, ownership, removal.

use chrono::TimeDelta;
use deskbell::config::Secret;
use entity::operator;
use insta::assert_json_snapshot;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::support::{Account, Answer, PASSWORD, Person, TestApp, email_of, eventually, smtp::SmtpSink};

#[tokio::test]
async fn an_operator_with_a_password_signs_in_at_once() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;

    let input = json!({
        "name": "Bob Builder", "publicName": "Bob", "email": "Bob@Acme.example", "description": "Support", "password": PASSWORD
    });
    let added = acme.owner.does("addOperator", input).await.granted();

    assert_json_snapshot!(added.payload(), { ".operator.id" => "[id]" }, @r#"
    {
      "operator": {
        "accessLevel": "LIMITED",
        "description": "Support",
        "email": "Bob@Acme.example",
        "id": "[id]",
        "isActive": false,
        "isOwner": false,
        "name": "Bob Builder",
        "publicName": "Bob"
      },
      "userErrors": []
    }
    "#);
    let mut bob = app.anonymous();
    bob.signs_in("bob@acme.EXAMPLE", PASSWORD).await.granted();
    assert_eq!(bob.reads("{ viewer { isInvited } }").await.at("viewer.isInvited"), false);
}

#[tokio::test]
async fn an_operator_without_a_password_is_invited_and_sets_one() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp_url = Some(Secret::new(relay.url()))).await;
    let acme = app.account(1).await;

    let added = acme.owner.does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example" })).await.granted();
    let invited = acme.owner.server().known(&added.payload()["operator"]);
    assert_eq!(app.anonymous().signs_in("bob@acme.example", PASSWORD).await.refusals(), ["InvalidCredentials"]);
    assert_eq!(app.anonymous().signs_in("bob@acme.example", "").await.refusals(), ["InvalidCredentials"]);
    let seen = acme.owner.reads("{ account { operators(search: \"bob\") { nodes { isInvited } } } }").await;
    assert_eq!(seen.each("account.operators.nodes", "isInvited"), [true]);

    let mail = relay.next().await;
    assert_eq!(mail.to, "bob@acme.example");
    let token = link_token(&app, &mail.text, "accept-invitation");
    let set =
        app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": PASSWORD })).await.granted();
    assert_eq!(set.text("recoverPassword.viewer.id"), invited.id);
    let mut bob = app.anonymous();
    bob.signs_in("bob@acme.example", PASSWORD).await.granted();

    let again = app
        .anonymous()
        .does("recoverPassword", json!({ "token": token, "newPassword": "another-fine-pass-phrase" }))
        .await;
    assert_eq!(again.faults(), ["token: InvalidLink"], "a link works once");
    assert_eq!(
        acme.owner.does("inviteOperator", json!({ "operatorId": bob.id })).await.refusals(),
        ["InvitationAccepted"]
    );
}

fn link_token(app: &TestApp, text: &str, page: &str) -> String {
    let start = format!("{}/{page}#token=", app.url());
    let (_, rest) = text.split_once(&start).unwrap_or_else(|| panic!("no {start} in {text}"));
    rest.split_whitespace().next().expect("a token").to_owned()
}

#[tokio::test]
async fn an_invitation_sent_again_or_to_a_new_address_replaces_the_one_before() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp_url = Some(Secret::new(relay.url()))).await;
    let acme = app.account(1).await;
    let added = acme.owner.does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example" })).await.granted();
    let bob = acme.owner.server().known(&added.payload()["operator"]);
    let first = link_token(&app, &relay.next().await.text, "accept-invitation");

    acme.owner.does("inviteOperator", json!({ "operatorId": bob.id })).await.granted();
    let second = link_token(&app, &relay.next().await.text, "accept-invitation");
    acme.owner.updates(&bob, json!({ "email": "robert@acme.example" })).await.granted();
    let mail = relay.next().await;
    assert_eq!(mail.to, "robert@acme.example");
    let third = link_token(&app, &mail.text, "accept-invitation");

    for dead in [&first, &second] {
        let refused = app.anonymous().does("recoverPassword", json!({ "token": dead, "newPassword": PASSWORD })).await;
        assert_eq!(refused.refusals(), ["InvalidLink"]);
    }
    app.later(TimeDelta::days(7) - TimeDelta::minutes(1));
    app.anonymous().does("recoverPassword", json!({ "token": third, "newPassword": PASSWORD })).await.granted();
}

#[tokio::test]
async fn an_invitation_ends_after_seven_days() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp_url = Some(Secret::new(relay.url()))).await;
    let acme = app.account(1).await;
    acme.owner.does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example" })).await.granted();
    let token = link_token(&app, &relay.next().await.text, "accept-invitation");

    app.later(TimeDelta::days(7));

    let refused = app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": PASSWORD })).await;
    assert_eq!(refused.refusals(), ["InvalidLink"]);
}

#[tokio::test]
async fn a_profile_reports_all_its_errors_at_once_with_their_fields() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;

    let input = json!({
        "name": "", "publicName": "p".repeat(101), "email": "a@b@c", "description": "d".repeat(201), "password": "short"
    });
    let mut faults = acme.owner.does("addOperator", input).await.faults();
    faults.sort();
    let fields = [
        "description: InvalidInput",
        "email: InvalidInput",
        "name: InvalidInput",
        "password: WeakPassword",
        "publicName: InvalidInput",
    ];
    assert_eq!(faults, fields);

    let changes = json!({ "name": null, "publicName": "\u{202e}evil", "email": null, "description": "line\nbreak" });
    let mut faults = acme.owner.updates(&acme.owner, changes).await.faults();
    faults.sort();
    assert_eq!(
        faults,
        ["description: InvalidInput", "email: InvalidInput", "name: InvalidInput", "publicName: InvalidInput"]
    );
}

#[tokio::test]
async fn a_taken_address_is_reported_with_other_errors_and_an_unchanged_one_is_not() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(1).await, app.account(1).await);
    let bob = acme.limited("bob").await;
    let elsewhere = &globex.owner;

    for taken in [&bob.email, &elsewhere.email.to_uppercase()] {
        let added = acme.owner.does("addOperator", json!({ "name": "", "email": taken, "password": "short" })).await;
        assert_eq!(added.faults(), ["password: WeakPassword", "name: InvalidInput", "email: EmailTaken"], "{taken}");
        let changed = acme.owner.updates(&acme.owner, json!({ "name": "", "email": taken })).await;
        assert_eq!(changed.faults(), ["name: InvalidInput", "email: EmailTaken"], "{taken}");
    }
    let own = acme.owner.updates(&bob, json!({ "name": "", "email": bob.email })).await;
    assert_eq!(own.faults(), ["name: InvalidInput"]);
    // Otherwise a caller with an id of another account could find out whose address is whose.
    for whose in [&elsewhere.email, &bob.email] {
        let guessed = acme.owner.updates(elsewhere, json!({ "name": "", "email": whose })).await;
        assert_eq!(guessed.faults(), ["name: InvalidInput", "email: EmailTaken"], "{whose}");
    }
    assert_eq!(
        acme.owner.updates(&bob, json!({ "name": "", "email": "free@acme.example" })).await.faults(),
        ["name: InvalidInput"]
    );
}

#[tokio::test]
async fn lengths_count_characters_as_people_see_them() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    // Two code points each as typed, one after normalisation.
    let composed = "e\u{301}";

    let changed = owner
        .updates(owner, json!({ "name": composed.repeat(100), "description": composed.repeat(200) }))
        .await
        .granted();
    assert_eq!(changed.text("updateOperator.operator.name"), "é".repeat(100));
    assert_eq!(changed.text("updateOperator.operator.description"), "é".repeat(200));
    assert_eq!(owner.updates(owner, json!({ "name": composed.repeat(101) })).await.faults(), ["name: InvalidInput"]);
    assert_eq!(
        owner.updates(owner, json!({ "description": composed.repeat(201) })).await.faults(),
        ["description: InvalidInput"]
    );
    assert_eq!(owner.updates(owner, json!({ "name": "x".repeat(100_000) })).await.faults(), ["name: InvalidInput"]);
    let long = format!("{}@acme.example", "e".repeat(254 - 13));
    assert_eq!(
        owner.updates(owner, json!({ "email": long })).await.faults(),
        ["email: InvalidInput"],
        "a local part ends at 64 bytes"
    );
}

#[tokio::test]
async fn texts_are_trimmed_and_normalised_and_cannot_disturb_those_around_them() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;

    for (typed, stored) in [
        ("  Zoë\u{a0} ", "Zoë"),
        ("Zoe\u{308}", "Zoë"),
        ("\u{1112}\u{1161}\u{11ab}", "한"),
        ("ليلى\u{200c}جان", "ليلى\u{200c}جان"),
        ("👩‍🔧 Kim", "👩‍🔧 Kim"),
    ] {
        let changed =
            owner.updates(owner, json!({ "name": typed, "publicName": typed, "description": typed })).await.granted();
        for field in ["name", "publicName", "description"] {
            assert_eq!(changed.payload()["operator"][field], stored, "{field} {typed:?}");
        }
    }
    for bad in [
        "a\0b",
        "a\nb",
        "a\u{7}b",
        "a\u{85}b",
        "a\u{202e}b",
        "a\u{2066}b",
        "a\u{2028}b",
        "\u{200b}",
        "\u{3164}",
        " \t ",
    ] {
        let faults = owner.updates(owner, json!({ "name": bad, "publicName": bad })).await.faults();
        assert_eq!(faults, ["name: InvalidInput", "publicName: InvalidInput"], "{bad:?}");
    }
    assert_eq!(owner.reads("{ viewer { name } }").await.text("viewer.name"), "👩‍🔧 Kim", "a refusal changes nothing");
}

#[tokio::test]
async fn the_public_name_is_the_name_until_it_is_set_and_again_when_it_is_cleared() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    let names = |answer: Answer| {
        let operator = answer.granted().payload()["operator"].clone();
        (operator["name"].clone(), operator["publicName"].clone())
    };

    assert_eq!(names(owner.updates(owner, json!({ "name": "Ada" })).await), (json!("Ada"), json!("Ada")));
    assert_eq!(
        names(owner.updates(owner, json!({ "publicName": "Countess" })).await),
        (json!("Ada"), json!("Countess"))
    );
    assert_eq!(names(owner.updates(owner, json!({ "name": "Ada L." })).await), (json!("Ada L."), json!("Countess")));
    assert_eq!(names(owner.updates(owner, json!({ "publicName": null })).await), (json!("Ada L."), json!("Ada L.")));
}

#[tokio::test]
async fn omitted_fields_stay_and_a_null_description_is_cleared() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    let full = json!({ "name": "Ada", "publicName": "A.", "description": "Boss", "email": "ada@acme.example" });
    owner.updates(owner, full).await.granted();
    let before = app.db_operator(owner).await;

    // Absent from the input.
    owner.updates(owner, json!({})).await.granted();
    assert_eq!(app.db_operator(owner).await, before);

    // A variable that the document declares and the request omits.
    let query = "mutation($id: ID!, $name: String, $publicName: String, $email: String, $description: String) {
        updateOperator(input: { operatorId: $id, name: $name, publicName: $publicName, email: $email, description: $description }) {
            operator { name publicName email description } userErrors { __typename }
        }
    }";
    owner.run(query, json!({ "id": owner.id })).await.granted();
    assert_eq!(app.db_operator(owner).await, before, "not even when it was last changed");

    // A variable with a default counts as present, and so does null.
    let query = "mutation($id: ID!, $description: String = \"Chief\") {
        updateOperator(input: { operatorId: $id, description: $description }) { operator { name description } userErrors { __typename } }
    }";
    assert_eq!(owner.run(query, json!({ "id": owner.id })).await.text("updateOperator.operator.description"), "Chief");
    let cleared = owner.run(query, json!({ "id": owner.id, "description": null })).await.granted();
    assert_eq!(cleared.payload()["operator"], json!({ "name": "Ada", "description": null }));
    let blank = owner.updates(owner, json!({ "description": "  " })).await.granted();
    assert_eq!(
        blank.at("updateOperator.operator.description"),
        &Value::Null,
        "nothing but white space is no description"
    );
}

#[tokio::test]
async fn a_limited_operator_changes_nothing_but_their_own_profile() {
    let app = TestApp::start().await;
    let acme = app.account(3).await;
    let (bob, cy) = (acme.limited("bob").await, acme.limited("cy").await);
    let photo = || include_bytes!("../fixtures/photos/100x100.png").to_vec();
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
    let app = TestApp::start_with(|config| config.mail.smtp_url = Some(Secret::new(relay.url()))).await;
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
    bob.uploads_photo(&bob, include_bytes!("../fixtures/photos/photo.jpg").to_vec()).await.granted();
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

const COLLEAGUES: &str = "{ viewer { email lastSeenAt isInvited }
    account { owner { email lastSeenAt isInvited } operators { nodes { name email lastSeenAt isInvited } } } }";

#[tokio::test]
async fn a_limited_operator_never_sees_a_colleagues_address() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);

    let seen = ada.reads(COLLEAGUES).await;
    let all = [acme.owner.email.clone(), email_of(&acme, "ada"), email_of(&acme, "bob")];
    assert_eq!(seen.each("account.operators.nodes", "email"), all);

    let seen = bob.reads(COLLEAGUES).await;
    assert_eq!(seen.text("viewer.email"), bob.email);
    assert_eq!(seen.at("account.owner"), &json!({ "email": null, "lastSeenAt": null, "isInvited": null }));
    assert_eq!(seen.each("account.operators.nodes", "email"), [Value::Null, Value::Null, json!(bob.email)]);
    let by_id =
        bob.run("query($id: ID!) { node(id: $id) { ... on Operator { name email } } }", json!({ "id": ada.id })).await;
    assert_eq!(by_id.at("node"), &json!({ "name": "ada", "email": null }));
}

#[tokio::test]
async fn a_search_covers_addresses_only_for_those_who_may_see_them() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;
    let bob = acme.limited("bob").await;
    acme.adds("Žofie 100%", json!({ "email": "secret.handle@acme.example", "publicName": "Sophie_K" })).await;
    let found = async |person: &Person, search: &str| {
        let query = "query($search: String) { account { operators(search: $search) { totalCount nodes { name } } } }";
        let seen = person.run(query, json!({ "search": search })).await;
        let names = seen.each("account.operators.nodes", "name");
        assert_eq!(seen.number("account.operators.totalCount"), i64::try_from(names.len()).expect("few"), "{search}");
        names
    };

    for search in ["secret.handle", "HANDLE@ACME"] {
        assert_eq!(found(&ada, search).await, ["Žofie 100%"], "{search}");
        assert!(found(&bob, search).await.is_empty(), "{search}");
    }
    for search in ["žof", "ŽOFIE", "z\u{30c}ofie 1", "sophie_k", "100%", " ŽOFIE 100% "] {
        for person in [&ada, &bob] {
            assert_eq!(found(person, search).await, ["Žofie 100%"], "{search}");
        }
    }
    for search in ["zofie", "ZOFIE", "žofie\u{a0}100%"] {
        assert_eq!(found(&bob, search).await, ["Žofie 100%"], "{search}");
    }
    for search in ["sophie%k", "%", "_", "\\", "'; DROP TABLE operator; --"] {
        let expected = if matches!(search, "%" | "_") { &["Žofie 100%"][..] } else { &[] };
        assert_eq!(found(&bob, search).await, expected, "{search} is no pattern");
    }
    assert_eq!(found(&bob, "").await.len(), 4, "an empty search matches all");
    assert_eq!(found(&bob, "\0").await.len(), 4, "a search without valid characters matches all");
    let refused = bob
        .run("query($s: String) { account { operators(search: $s) { totalCount } } }", json!({ "s": "x".repeat(101) }))
        .await;
    assert_eq!(refused.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_search_ignores_case_and_accents_and_finds_rows_of_older_versions() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    for (number, name) in
        ["Eve Novotná", "Straße", "İbrahim", "ΟΔΥΣΣΕΥΣ", "Jean\u{a0}Luc", "O’Brien", "Søren", "Łukasz"]
            .iter()
            .enumerate()
    {
        let email = format!("n{number}@acme.example");
        acme.owner.does("addOperator", json!({ "name": name, "email": email, "password": PASSWORD })).await.granted();
    }
    let found = async |owner: &Person, search: &str| {
        let query = "query($search: String) { account { operators(search: $search) { nodes { name } } } }";
        owner.run(query, json!({ "search": search })).await.each("account.operators.nodes", "name")
    };
    let asked = [
        ("novotna", "Eve Novotná"),
        ("STRASSE", "Straße"),
        ("ibrahim", "İbrahim"),
        ("İBRAHIM", "İbrahim"),
        ("Οδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
        ("jean luc", "Jean\u{a0}Luc"),
        ("o'brien", "O’Brien"),
        ("soren", "Søren"),
        ("lukasz", "Łukasz"),
    ];
    for (search, name) in asked {
        assert_eq!(found(&acme.owner, search).await, [name], "{search}");
    }

    // As the previous version wrote them: in lower case only.
    let work = app.app().begin().await.expect("a transaction");
    for row in operator::Entity::find().all(&*work).await.expect("the database answers") {
        let lines: Vec<_> = row.search_key.lines().take(1).map(str::to_owned).collect();
        let mut row = row.into_active_model();
        row.search_key = Set(lines.join("\n"));
        row.update(&*work).await.expect("written");
    }
    work.commit().await.expect("committed");
    assert_eq!(found(&acme.owner, "NOVOTNÁ").await, ["Eve Novotná"], "found as that version found it");
    assert!(found(&acme.owner, "novotna").await.is_empty());

    let app = TestApp::start_on(app.stop().await, |_| {}).await;
    let owner = acme.owner.at(app.anonymous().server().clone());
    for (search, name) in asked {
        eventually("the new search keys", async || found(&owner, search).await == [name]).await;
    }
}

#[tokio::test]
async fn an_address_is_accepted_as_people_copy_it_and_as_providers_issue_it() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp_url = Some(Secret::new(relay.url()))).await;
    let acme = app.account(1).await;
    acme.owner
        .does(
            "addOperator",
            json!({ "name": "Ada", "email": "\u{202a}mailto:ada@acme.example\u{202c}.", "password": PASSWORD }),
        )
        .await
        .granted();
    for typed in [
        "\u{200b}ada@acme.example",
        "\u{202a}ada@acme.example\u{202c}",
        "mailto:ada@acme.example",
        "ada@acme.example.",
        "ADA@acme.example\u{200b}",
    ] {
        let mut ada = app.anonymous();
        ada.signs_in(typed, PASSWORD).await.granted();
        assert_eq!(ada.email, "ada@acme.example");
    }
    for (typed, mailed) in [
        ("taro..yamada@docomo.example", "\"taro..yamada\"@docomo.example"),
        ("taro.@docomo.example", "\"taro.\"@docomo.example"),
        ("i\u{307}brahim@acme.example", "i\u{307}brahim@acme.example"),
    ] {
        acme.owner.does("addOperator", json!({ "name": "Taro", "email": typed })).await.granted();
        let mail = relay.next().await;
        assert_eq!(mail.to, mailed);
        let token = link_token(&app, &mail.text, "accept-invitation");
        app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": PASSWORD })).await.granted();
        app.anonymous().signs_in(typed, PASSWORD).await.granted();
    }
}

/// An account whose list is: Olive Owner, Operator 0 … Operator 6; 1, 3 and 5 are active.
async fn eight_people(app: &TestApp) -> Account {
    let acme = app.account(3).await;
    for number in 0..7 {
        let more = json!({ "isActive": number % 2 == 1 });
        let mut input = json!({ "name": format!("Operator {number}"), "email": format!("o{number}@acme.example"), "password": PASSWORD });
        input["isActive"] = more["isActive"].clone();
        acme.owner.does("addOperator", input).await.granted();
    }
    acme
}

async fn page(acme: &Account, arguments: &str) -> (String, Value, i64) {
    let query = format!(
        "{{ account {{ operators({arguments}) {{
            totalCount edges {{ cursor node {{ name }} }} nodes {{ name }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
        }} }} }}"
    );
    let seen = acme.owner.reads(&query).await;
    let list = seen.at("account.operators");
    let names = list["nodes"].as_array().expect("a list").iter().map(|node| node["name"].as_str().expect("a name"));
    let short: String = names.map(|name| name.chars().last().expect("not empty")).collect();
    let edges = list["edges"].as_array().expect("a list");
    let by_edges: String = edges
        .iter()
        .map(|edge| edge["node"]["name"].as_str().and_then(|name| name.chars().last()).expect("a name"))
        .collect();
    assert_eq!(short, by_edges, "nodes and edges are the same people");
    assert_eq!(list["pageInfo"]["startCursor"], edges.first().map_or(Value::Null, |edge| edge["cursor"].clone()));
    assert_eq!(list["pageInfo"]["endCursor"], edges.last().map_or(Value::Null, |edge| edge["cursor"].clone()));
    (short, list["pageInfo"].clone(), list["totalCount"].as_i64().expect("a number"))
}

#[tokio::test]
async fn the_list_is_walked_forwards_and_backwards_a_page_at_a_time() {
    let app = TestApp::start().await;
    let acme = eight_people(&app).await;

    for (direction, cursor, more, expected) in [
        ("first: 3", "endCursor", "hasNextPage", ["r01", "234", "56"]),
        ("last: 3", "startCursor", "hasPreviousPage", ["456", "123", "r0"]),
    ] {
        let argument = if cursor == "endCursor" { "after" } else { "before" };
        let mut arguments = direction.to_owned();
        for (turn, expected) in expected.iter().enumerate() {
            let (names, info, total) = page(&acme, &arguments).await;
            assert_eq!((names.as_str(), total), (*expected, 8), "{arguments}");
            assert_eq!(info[more], turn < 2, "{arguments}");
            arguments = format!("{direction}, {argument}: {}", info[cursor]);
        }
    }
}

#[tokio::test]
async fn a_page_may_be_cut_between_two_cursors_and_from_a_filtered_list() {
    let app = TestApp::start().await;
    let acme = eight_people(&app).await;
    let cursors = acme
        .owner
        .reads("{ account { operators { edges { cursor } } } }")
        .await
        .each("account.operators.edges", "cursor");
    let between = format!("after: {}, before: {}", cursors[1], cursors[6]);

    for (arguments, names, total) in [
        (between.clone(), "1234", 8),
        (format!("{between}, first: 2"), "12", 8),
        (format!("{between}, last: 2"), "34", 8),
        (format!("{between}, isActive: true"), "13", 3),
        (format!("{between}, isActive: false, last: 1"), "4", 5),
        ("isActive: true, first: 2".into(), "13", 3),
        ("isActive: true, search: \"operator\", last: 1".into(), "5", 3),
        ("search: \"owner\"".into(), "r", 1),
        ("search: \"nobody\"".into(), "", 0),
        ("first: 0".into(), "", 8),
        ("last: 0".into(), "", 8),
        ("first: 100".into(), "r0123456", 8),
        (format!("after: {}", cursors[7]), "", 8),
        (format!("before: {}", cursors[0]), "", 8),
    ] {
        let (found, _, count) = page(&acme, &arguments).await;
        assert_eq!((found.as_str(), count), (names, total), "{arguments}");
    }
    let (_, info, _) = page(&acme, "first: 0").await;
    assert_eq!(info["hasNextPage"], true, "an empty page of a non-empty list");
}

#[tokio::test]
async fn page_sizes_out_of_range_and_invalid_cursors_are_bad_user_input() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    for arguments in [
        "first: 101",
        "first: -1",
        "last: 101",
        "last: -1",
        "first: 1, last: 1",
        "after: \"\"",
        "after: \"x\"",
        "before: \"é\"",
        "first: 2147483647",
    ] {
        let answer = acme.owner.reads(&format!("{{ account {{ operators({arguments}) {{ totalCount }} }} }}")).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{arguments}");
    }
}

#[tokio::test]
async fn a_field_that_fails_does_not_affect_its_siblings() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (bob, cy) = (acme.limited("bob").await, acme.inactive("cy").await);

    let query = "mutation($me: ID!, $other: ID!) {
        forbidden: activateOperator(input: { operatorId: $other }) { operator { name } userErrors { __typename } }
        granted: updateOperator(input: { operatorId: $me, name: \"Robert\" }) { operator { name } userErrors { __typename } }
    }";
    let answer = bob.run(query, json!({ "me": bob.id, "other": cy.id })).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.codes(), ["FORBIDDEN"]);
    assert_eq!(answer.body["errors"][0]["path"], json!(["forbidden"]));
    assert_eq!(
        answer.body["data"],
        json!({ "forbidden": null, "granted": { "operator": { "name": "Robert" }, "userErrors": [] } })
    );
    assert_eq!(app.db_operator(&bob).await.name, "Robert");
    assert!(!app.db_operator(&cy).await.is_active());
}

#[tokio::test]
async fn mutations_of_one_document_happen_in_their_order() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let people = acme.profiles(2).await;

    let query = "mutation($a: ID!, $b: ID!) {
        one: activateOperator(input: { operatorId: $a }) { userErrors { __typename } }
        two: activateOperator(input: { operatorId: $b }) { userErrors { __typename } }
        three: deactivateOperator(input: { operatorId: $a }) { userErrors { __typename } }
        four: activateOperator(input: { operatorId: $b }) { userErrors { __typename } operator { isActive } }
    }";
    let answer = acme.owner.run(query, json!({ "a": people[0].id, "b": people[1].id })).await;

    let expected = json!({
        "one": { "userErrors": [] }, "two": { "userErrors": [{ "__typename": "SeatLimitReached" }] },
        "three": { "userErrors": [] }, "four": { "userErrors": [], "operator": { "isActive": true } }
    });
    assert_eq!(answer.data(), &expected);
}

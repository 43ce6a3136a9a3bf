//! The texts of a profile, and their errors.

use serde_json::{Value, json};

use super::link_token;
use crate::support::{Answer, PASSWORD, TestApp, smtp::SmtpSink};

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
async fn an_address_is_accepted_as_people_copy_it_and_as_providers_issue_it() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
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

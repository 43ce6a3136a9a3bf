//! The reasons of refusals, as codes for clients that show their messages in another language.

use std::collections::BTreeSet;

use async_graphql::parser::types::TypeKind;
use deskbell::{password::PasswordPolicy, plans::Plans};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Person, TestApp, sdl::Sdl};

/// The values of an enum.
fn values(name: &str) -> BTreeSet<String> {
    match Sdl::committed().kind(name) {
        TypeKind::Enum(values) => values.values.iter().map(|value| value.node.value.node.to_string()).collect(),
        other => panic!("{name} is no enum: {other:?}"),
    }
}

/// The paths of invalid inputs, each with its reason and limit: `["name: TOO_LONG 100"]`.
fn reasons(answer: &Answer) -> Vec<String> {
    let invalid = answer.user_errors().iter().filter(|error| error["__typename"] == "InvalidInput");
    let shown = invalid.map(|error| {
        let text = |field: &Value| field.as_str().expect("text").to_owned();
        let limit = match &error["limit"] {
            Value::Null => String::new(),
            limit => format!(" {limit}"),
        };
        format!("{}: {}{limit}", text(&error["path"][0]), text(&error["reason"]))
    });
    shown.collect()
}

const PLANS: &str = r#"[
    {"code": "FREE", "name": "Free", "seats": 1}, {"code": "MINI", "name": "Mini", "minSeats": 2, "maxSeats": 3},
    {"code": "STANDARD", "name": "Standard"}, {"code": "PRO", "name": "Pro"}
]"#;

#[tokio::test]
async fn every_invalid_input_has_a_reason_with_its_limit() {
    let app = TestApp::start_with(|config| config.plans = Plans::from_json(PLANS).expect("plans")).await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    let invited = owner.does("addOperator", json!({ "name": "Cy", "email": "cy@acme.example" })).await.granted();
    let invited = owner.server().known(&invited.payload()["operator"]);
    let renamed = |name: Value| owner.does("updateAccount", json!({ "name": name }));
    let recovers = |email: String| owner.does("requestPasswordRecovery", json!({ "email": email }));
    let buys = |plan: &'static str, seats: i32| owner.does("changePlan", json!({ "plan": plan, "seats": seats }));
    let lost = acme.inactive("lost").await;
    db_loses_address(&app, &lost).await;
    let many = vec![owner.id.clone(); 101];

    let mut met = BTreeSet::new();
    for (refused, expected) in [
        (renamed(json!(" \t ")).await, "name: EMPTY"),
        (renamed(json!("\u{200b}\u{200d}")).await, "name: INVISIBLE"),
        (renamed(json!("x".repeat(101))).await, "name: TOO_LONG 100"),
        (renamed(json!("two\nlines")).await, "name: FORBIDDEN_CHARACTER"),
        (renamed(Value::Null).await, "name: MISSING"),
        (owner.updates(owner, json!({ "name": null })).await, "name: MISSING"),
        (owner.updates(owner, json!({ "email": null })).await, "email: MISSING"),
        (owner.updates(owner, json!({ "publicName": "\u{202e}evil" })).await, "publicName: FORBIDDEN_CHARACTER"),
        (owner.updates(owner, json!({ "description": "d".repeat(201) })).await, "description: TOO_LONG 200"),
        (recovers(" ".into()).await, "email: EMPTY"),
        (recovers("nobody".into()).await, "email: NOT_AN_EMAIL_ADDRESS"),
        (recovers(format!("{}@acme.example", "a".repeat(300))).await, "email: TOO_LONG 254"),
        (owner.changes_password(PASSWORD, &"ü".repeat(257)).await, "newPassword: TOO_LONG 256"),
        (buys("MINI", 1).await, "seats: BELOW_MINIMUM 2"),
        (buys("MINI", 4).await, "seats: ABOVE_MAXIMUM 3"),
        (buys("PRO", 10_001).await, "seats: ABOVE_MAXIMUM 10000"),
        (buys("FREE", 3).await, "seats: SEATS_INCLUDED 1"),
        (
            owner.does("changePlan", json!({ "plan": "PRO", "deactivateOperatorIds": many })).await,
            "deactivateOperatorIds: TOO_MANY 100",
        ),
        (owner.swaps(owner, owner).await, "toOperatorId: SAME_OPERATOR"),
        (
            owner.does("blockVisitor", json!({ "visitorId": "none", "until": "2020-01-01T00:00:00Z" })).await,
            "until: PAST",
        ),
        (owner.hands_over_to(&invited).await, "operatorId: NO_PASSWORD_YET"),
        (owner.hands_over_to(&lost).await, "operatorId: NO_ADDRESS"),
    ] {
        assert_eq!(reasons(&refused), [expected], "{:#}", refused.body);
        met.insert(refused.user_errors()[0]["reason"].as_str().expect("a reason").to_owned());
    }
    assert_eq!(met, values("InvalidInputReason"), "each of them occurs");
}

/// Removes an operator's address, as if its recipient had claimed it: that would need a relay.
async fn db_loses_address(app: &TestApp, person: &Person) {
    let work = app.app().begin().await.expect("the database answers");
    let mut row = app.db_operator(person).await.into_active_model();
    row.email_key = Set(None);
    row.update(&*work).await.expect("the operator exists");
    work.commit().await.expect("the database answers");
}

#[tokio::test]
async fn a_form_with_several_errors_gets_the_reason_of_each() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;

    let input = json!({ "accountName": " ", "name": "x".repeat(101), "email": "nobody", "password": "ü".repeat(257) });
    let refused = app.anonymous().does("signUp", input).await;
    assert_eq!(
        reasons(&refused),
        ["accountName: EMPTY", "name: TOO_LONG 100", "email: NOT_AN_EMAIL_ADDRESS", "password: TOO_LONG 256"]
    );

    let input = json!({ "name": "\u{3164}", "publicName": "", "email": "a@b@c", "description": "a\nb", "password": "ü".repeat(257) });
    let mut found = reasons(&acme.owner.does("addOperator", input).await);
    found.sort();
    let expected = [
        "description: FORBIDDEN_CHARACTER",
        "email: NOT_AN_EMAIL_ADDRESS",
        "name: INVISIBLE",
        "password: TOO_LONG 256",
        "publicName: EMPTY",
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_weak_password_has_a_reason_and_the_minimum_length() {
    let app = TestApp::start_with(|config| config.password.policy = PasswordPolicy::new(8).expect("in range")).await;
    let bob = app.account_named("wolkenkuckucksheim", 1).await.inactive("lovelace").await;

    let mut met = BTreeSet::new();
    for (password, expected) in [
        ("7 chars", &["TOO_SHORT"][..]),
        ("Wolkenkuckucksheim", &["GUESSABLE_BY_NAME_OR_ADDRESS"]),
        ("lovelacelovelace", &["GUESSABLE_BY_NAME_OR_ADDRESS", "REPETITION", "TOO_FEW_WORDS"]),
        ("password", &["COMMON", "TOO_FEW_WORDS"]),
        ("iloveyou2024", &["SIMILAR_TO_COMMON", "TOO_FEW_WORDS"]),
        ("Christopher1", &["NAME", "TOO_FEW_WORDS", "PREDICTABLE_CAPITALS"]),
        ("characteristic", &["SINGLE_WORD", "TOO_FEW_WORDS"]),
        ("qwertyuiop[]", &["KEYBOARD_PATTERN", "TOO_FEW_WORDS"]),
        ("abcdefghijkl", &["SEQUENCE", "TOO_FEW_WORDS"]),
        ("31.12.1999", &["DATE_OR_YEAR", "TOO_FEW_WORDS"]),
        ("p4ssw0rd1234", &["SIMILAR_TO_COMMON", "TOO_FEW_WORDS", "PREDICTABLE_SUBSTITUTION"]),
        ("drowssap1234", &["SIMILAR_TO_COMMON", "TOO_FEW_WORDS", "REVERSED_WORD"]),
    ] {
        let refused = bob.changes_password(PASSWORD, password).await;
        assert_eq!(refused.faults(), ["newPassword: WeakPassword"], "{password}");
        let weak = &refused.user_errors()[0];
        assert_eq!(weak["reasons"], json!(expected), "{password}");
        assert_eq!(weak["minimumLength"], 8, "{password}");
        assert!(!weak["suggestions"].as_array().expect("a list").is_empty(), "{weak:#}");
        met.extend(expected.iter().map(ToString::to_string));
    }
    assert_eq!(met, values("PasswordWeakness"), "each of them occurs");
}

//! Accounts: signing up, and the separation between accounts.

use deskbell::{
    access::identity::{Identity, ManageAccount, SignedIn},
    account::rules::{self as accounts, Changes},
    bus::Topic,
    config::SignUp,
    error::{Denied, Failure},
    graphql::id,
    input::Change,
    login::rules as login,
    password::PasswordPolicy,
};
use entity::{AccountId, OperatorId, mail::Language, session};
use insta::assert_json_snapshot;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Account, Answer, PASSWORD, Person, TestApp, refusals};

#[tokio::test]
async fn signing_up_creates_an_account_on_the_free_plan_with_an_active_owner() {
    let app = TestApp::start().await;
    let mut ada = app.anonymous();

    let answer = ada.signs_up("Acme & Söhne", "Ada", "Ada@Acme.example").await.granted();

    assert_json_snapshot!(answer.payload(), { ".token" => "[token]", ".**.id" => "[id]", ".account.widgetKey" => "[key]" }, @r#"
    {
      "account": {
        "id": "[id]",
        "name": "Acme & Söhne",
        "plan": {
          "code": "FREE"
        },
        "seats": {
          "free": 0,
          "limit": 1,
          "used": 1
        },
        "widgetKey": "[key]"
      },
      "token": "[token]",
      "userErrors": [],
      "viewer": {
        "accessLevel": "FULL",
        "description": null,
        "email": "Ada@Acme.example",
        "id": "[id]",
        "isActive": true,
        "isOwner": true,
        "name": "Ada",
        "publicName": "Ada"
      }
    }
    "#);
    let key = answer.text("signUp.account.widgetKey");
    assert!(key.starts_with("wk_"), "{key}");
}

#[tokio::test]
async fn signing_up_signs_the_owner_in() {
    let app = TestApp::start().await;
    let mut ada = app.anonymous();
    ada.signs_up("Acme", "Ada", "ada@acme.example").await.granted();

    let seen = ada.reads("{ viewer { name isOwner } account { name owner { name } operators { totalCount } } }").await;

    let expected = json!({
        "viewer": { "name": "Ada", "isOwner": true },
        "account": { "name": "Acme", "owner": { "name": "Ada" }, "operators": { "totalCount": 1 } }
    });
    assert_eq!(seen.data(), &expected);
}

#[tokio::test]
async fn sign_up_can_be_closed() {
    let app = TestApp::start_with(|config| config.sign_up = SignUp::Off).await;
    let mut ada = app.anonymous();

    let refused = ada.signs_up("Acme", "Ada", "ada@acme.example").await;
    assert_eq!(refused.refusals(), ["SignUpClosed"]);
    assert!(refused.at("signUp.account").is_null() && refused.at("signUp.token").is_null());

    // The administrator can still create accounts.
    let new = login::NewAccount {
        account_name: "Acme".into(),
        name: "Ada".into(),
        email: "ada@acme.example".into(),
        password: PASSWORD.into(),
        language: Language::En,
    };
    login::create_account(app.app(), new).await.expect("the command works while sign-up is closed");
    ada.signs_in("ada@acme.example", PASSWORD).await.granted();
    assert_eq!(
        ada.reads("{ viewer { isOwner isActive } }").await.data(),
        &json!({ "viewer": { "isOwner": true, "isActive": true } })
    );
}

#[tokio::test]
async fn an_anonymous_caller_reads_the_settings_that_the_sign_in_page_needs() {
    const SERVER: &str = "{ server { isSignUpOpen publicUrl passwordMinLength } }";
    let app =
        TestApp::start_with(|config| config.http.public_url = "https://chat.example.com/desk/".parse().expect("a URL"))
            .await;
    let seen = app.anonymous().reads(SERVER).await;
    let expected =
        json!({ "isSignUpOpen": true, "publicUrl": "https://chat.example.com/desk", "passwordMinLength": 12 });
    assert_eq!(seen.at("server"), &expected);

    let app = TestApp::start_with(|config| {
        config.sign_up = SignUp::Off;
        config.password.policy = PasswordPolicy::new(20).expect("in range");
    })
    .await;
    let acme = login::NewAccount {
        account_name: "Acme".into(),
        name: "Ada".into(),
        email: "ada@acme.example".into(),
        password: PASSWORD.into(),
        language: Language::En,
    };
    login::create_account(app.app(), acme).await.expect("the command works while sign-up is closed");
    let mut ada = app.anonymous();
    ada.signs_in("ada@acme.example", PASSWORD).await.granted();
    for person in [app.anonymous(), ada] {
        let seen = person.reads(SERVER).await;
        assert_eq!(
            seen.at("server"),
            &json!({ "isSignUpOpen": false, "publicUrl": app.url(), "passwordMinLength": 20 })
        );
    }
}

#[tokio::test]
async fn a_sign_up_reports_all_its_errors_at_once() {
    let app = TestApp::start().await;
    app.anonymous().signs_up("Acme", "Ada", "ada@acme.example").await.granted();

    let input = json!({ "accountName": " ", "name": "x".repeat(101), "email": "nobody", "password": "short", "transport": "TOKEN" });
    let refused = app.anonymous().does("signUp", input).await;
    assert_eq!(
        refused.faults(),
        ["accountName: InvalidInput", "name: InvalidInput", "email: InvalidInput", "password: WeakPassword"]
    );

    let input = json!({ "accountName": "", "name": "Ada", "email": "ADA@acme.example", "password": "password1234", "transport": "TOKEN" });
    let refused = app.anonymous().does("signUp", input).await;
    assert_eq!(refused.faults(), ["accountName: InvalidInput", "password: WeakPassword", "email: EmailTaken"]);
    let suggestions = refused.payload()["userErrors"][1]["suggestions"].as_array().expect("a list");
    assert!(!suggestions.is_empty(), "a weak password comes with suggestions");
}

#[tokio::test]
async fn a_password_is_checked_for_length_strength_and_personal_data() {
    let app = TestApp::start().await;
    let judged = |password: String| {
        let anonymous = app.anonymous();
        async move {
            let input = json!({
                "accountName": "Wolkenkuckucksheim", "name": "Ada Lovelace", "email": "ada@acme.example", "password": password
            });
            anonymous.does("signUp", input).await.faults().join(", ")
        }
    };

    assert_eq!(judged(String::new()).await, "password: InvalidInput", "an empty password is invalid, not weak");
    assert_eq!(judged("a1!Bz9qPk2x".into()).await, "password: WeakPassword", "eleven characters");
    assert_eq!(judged("wolkenkuckucksheim".into()).await, "password: WeakPassword", "the company's name");
    assert_eq!(judged("lovelacelovelace".into()).await, "password: WeakPassword", "the person's name, twice");
    assert_eq!(judged("passwordpassword".into()).await, "password: WeakPassword");
    assert_eq!(judged("ü".repeat(257)).await, "password: InvalidInput", "too long is invalid, not weak");
    assert_eq!(judged(format!("{PASSWORD}{}", "ü".repeat(256 - PASSWORD.chars().count()))).await, "");
}

#[tokio::test]
async fn an_address_signs_in_to_one_account_whatever_its_case() {
    let app = TestApp::start().await;
    app.anonymous().signs_up("Acme", "Ada", "Ada.Ödön@Acme.example").await.granted();
    let globex = app.account(1).await;

    for email in ["ada.ödön@acme.example", "ADA.ÖDÖN@ACME.EXAMPLE", " ada.o\u{308}do\u{308}n@acme.example "] {
        assert_eq!(app.anonymous().signs_up("Other", "Other", email).await.faults(), ["email: EmailTaken"], "{email}");
        let added =
            globex.owner.does("addOperator", json!({ "name": "Eve", "email": email, "password": PASSWORD })).await;
        assert_eq!(added.faults(), ["email: EmailTaken"], "{email}");
        let moved = globex.owner.updates(&globex.owner, json!({ "email": email })).await;
        assert_eq!(moved.faults(), ["email: EmailTaken"], "{email}");
    }
    assert_eq!(
        globex.owner.reads("{ account { operators { totalCount } } }").await.number("account.operators.totalCount"),
        1
    );
}

#[tokio::test]
async fn concurrent_sign_ups_with_one_address_create_one_account() {
    let app = TestApp::start().await;
    let sign_ups = (0..12).map(|number| {
        let mut person = app.anonymous();
        async move { person.signs_up(&format!("Company {number}"), "Ada", "ada@acme.example").await }
    });

    let answers = futures_util::future::join_all(sign_ups).await;

    assert_eq!(answers.iter().filter(|answer| answer.is_granted()).count(), 1);
    assert_eq!(refusals(&answers), ["EmailTaken"; 11]);
}

#[tokio::test]
async fn an_operator_with_full_access_renames_the_account() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(2).await, app.account(1).await);
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let name_seen_by =
        async |person: &Person| person.reads("{ account { name } }").await.text("account.name").to_owned();

    let renamed = ada.does("updateAccount", json!({ "name": "  Zoe\u{308} & Töchter " })).await.granted();
    assert_eq!(renamed.at("updateAccount.account"), &json!({ "id": acme.id, "name": "Zoë & Töchter" }));
    assert_eq!(name_seen_by(&bob).await, "Zoë & Töchter");
    assert_eq!(name_seen_by(&globex.owner).await, globex.name);

    let left_out = ada.does("updateAccount", json!({})).await.granted();
    assert_eq!(left_out.text("updateAccount.account.name"), "Zoë & Töchter");
    for bad in [json!(null), json!(" "), json!("\u{200b}"), json!("x".repeat(101)), json!("two\nlines")] {
        assert_eq!(ada.does("updateAccount", json!({ "name": bad })).await.faults(), ["name: InvalidInput"], "{bad}");
    }
    assert_eq!(bob.does("updateAccount", json!({ "name": "Bob & Co" })).await.code(), "FORBIDDEN");
    assert_eq!(app.anonymous().does("updateAccount", json!({ "name": "Anonymous" })).await.code(), "UNAUTHENTICATED");
    assert_eq!(name_seen_by(&ada).await, "Zoë & Töchter", "what was refused changed nothing");
}

#[tokio::test]
async fn permissions_are_checked_again_before_a_rename() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;
    let row = app.db_operator(&ada).await;
    let session = session::Entity::find().filter(session::COLUMN.operator_id.eq(row.id)).one(app.app().db()).await;
    let session = session.expect("the database answers").expect("ada is signed in");
    let proof = Identity::Operator(SignedIn::new(session.id, &row)).may::<ManageAccount>().expect("full access");
    let to_ada = Changes { name: Change::To("Ada & Co".to_owned()), ..Changes::default() };
    let renames = async || match accounts::update(app.app(), &proof, to_ada.clone()).await {
        Err(Failure::Denied(denied)) => denied,
        other => panic!("{other:?}"),
    };

    acme.owner.changes_access(&ada, "LIMITED").await.granted();
    assert_eq!(renames().await, Denied::Forbidden);
    acme.owner.removes(&ada).await.granted();
    assert_eq!(renames().await, Denied::Unauthenticated);
    assert_eq!(acme.owner.reads("{ account { name } }").await.text("account.name"), acme.name);
}

#[tokio::test]
async fn a_new_account_name_is_published_once_and_an_unchanged_one_never() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let version = acme.version().await;
    let account = app.db_version(&acme).await;
    let mut events = app.db_events(&acme);

    acme.owner.does("updateAccount", json!({ "name": format!(" {} ", acme.name) })).await.granted();
    acme.owner.does("updateAccount", json!({})).await.granted();
    assert_eq!(events.published(), []);

    acme.owner.does("updateAccount", json!({ "name": "Acme & Töchter" })).await.granted();
    assert_eq!(events.published(), [(Topic::Account(acme.db_key()), account + 1)]);
    assert_eq!(acme.version().await, version, "visitors are not shown it");
}

#[tokio::test]
async fn an_operator_with_full_access_switches_chat_off_and_on() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let watch = "subscription($key: String!) { availability(widgetKey: $key) { version isChatEnabled } }";
    let mut visitor = app.anonymous().watches(watch, json!({ "key": acme.widget_key })).await;
    let mut colleague = bob.watches("subscription { account { isChatEnabled } }", json!({})).await;
    let first = visitor.next().await;
    assert_eq!(first.at("availability.isChatEnabled"), true, "a new account begins with chat on");
    assert_eq!(colleague.next().await.at("account.isChatEnabled"), true);
    let version = first.number("availability.version");
    let of_operators = app.db_version(&acme).await;
    let mut events = app.db_events(&acme);

    for (changes, faults) in [
        (json!({ "isChatEnabled": null }), &["isChatEnabled: InvalidInput"][..]),
        (json!({ "isChatEnabled": null, "name": "" }), &["name: InvalidInput", "isChatEnabled: InvalidInput"]),
        (json!({ "isChatEnabled": false, "name": null }), &["name: InvalidInput"]),
        (json!({ "isChatEnabled": true }), &[]),
    ] {
        let answer = ada.does("updateAccount", changes.clone()).await;
        assert_eq!(answer.faults(), faults, "{changes}");
    }
    let missing = ada.does("updateAccount", json!({ "isChatEnabled": null })).await;
    assert_eq!(missing.payload()["userErrors"][0]["reason"], "MISSING");
    assert_eq!(bob.does("updateAccount", json!({ "isChatEnabled": false })).await.code(), "FORBIDDEN");
    assert_eq!(events.published(), [], "neither a refusal nor the same value changes anything");

    let switch = "mutation { updateAccount(input: { isChatEnabled: false }) { account { isChatEnabled } } }";
    assert_eq!(ada.reads(switch).await.at("updateAccount.account.isChatEnabled"), false);
    assert_eq!(
        events.published(),
        [(Topic::Availability(acme.db_key()), version + 1), (Topic::Account(acme.db_key()), of_operators + 1)]
    );
    let now = visitor.next().await;
    assert_eq!(now.at("availability"), &json!({ "version": version + 1, "isChatEnabled": false }));
    assert_eq!(colleague.next().await.at("account.isChatEnabled"), false);
    assert_eq!(acme.visited("isChatEnabled").await.at("availability.isChatEnabled"), false);
    let both = ada.does("updateAccount", json!({ "isChatEnabled": true, "name": "Acme Two" })).await.granted();
    assert_eq!(both.at("updateAccount.account.name"), "Acme Two");
    assert_eq!(visitor.next().await.at("availability"), &json!({ "version": version + 2, "isChatEnabled": true }));
}

/// Calls every mutation that takes an operator's id, with this id.
async fn everything_done_to(actor: &Person, own: &Person, id: &str) -> Vec<(&'static str, Answer)> {
    let id = json!(id);
    let inputs = [
        ("activateOperator", json!({ "operatorId": id })),
        ("deactivateOperator", json!({ "operatorId": id })),
        ("removeOperator", json!({ "operatorId": id })),
        ("transferOwnership", json!({ "operatorId": id })),
        ("changeAccessLevel", json!({ "operatorId": id, "accessLevel": "FULL" })),
        ("updateOperator", json!({ "operatorId": id, "name": "Mallory" })),
        ("updateOperator", json!({ "operatorId": id })),
        ("inviteOperator", json!({ "operatorId": id })),
        ("removeOperatorPhoto", json!({ "operatorId": id })),
        ("swapSeat", json!({ "fromOperatorId": id, "toOperatorId": own.id })),
        ("swapSeat", json!({ "fromOperatorId": own.id, "toOperatorId": id })),
        ("changePlan", json!({ "plan": "PRO", "seats": 3, "deactivateOperatorIds": [own.id, id] })),
    ];
    let mut answers = Vec::new();
    for (name, input) in inputs {
        answers.push((name, actor.does(name, input).await));
    }
    let mut target = own.clone();
    target.id = id.as_str().expect("text").to_owned();
    answers.push((
        "setOperatorPhoto",
        actor.uploads_photo(&target, include_bytes!("../fixtures/photos/100x100.png").to_vec()).await,
    ));
    answers
}

#[tokio::test]
async fn an_operator_of_another_account_answers_like_a_missing_one() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(3).await, app.account(3).await);
    let ada = acme.full_access("ada").await;
    let hank = globex.full_access("hank").await;
    let before = app.db_operator(&hank).await;
    let everything = "{ account { name plan { code } seats { limit used } operators { nodes { id name isActive accessLevel updatedAt } } } }";
    let (acme_before, globex_before) = (ada.reads(everything).await.body, hank.reads(everything).await.body);

    let made_up = id::operator(OperatorId::new());
    let unknown = everything_done_to(&acme.owner, &ada, &made_up).await;
    for (name, answer) in &unknown {
        assert_eq!(answer.refusals(), ["OperatorNotFound"], "{name}");
    }
    for foreign in [hank.id.as_str(), &globex.id, &acme.id, "b3AAAA", "1", ""] {
        for ((name, answer), (_, expected)) in everything_done_to(&acme.owner, &ada, foreign).await.iter().zip(&unknown)
        {
            assert_eq!((answer.status, &answer.body), (expected.status, &expected.body), "{name} with {foreign:?}");
        }
    }

    assert_eq!(ada.reads(everything).await.body, acme_before, "the caller's own operator is unchanged");
    assert_eq!(hank.reads(everything).await.body, globex_before);
    assert_eq!(app.db_operator(&hank).await, before);
}

async fn node(person: &Person, id: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { __typename id ... on Operator { name } ... on Account { name } } }";
    person.run(query, json!({ "id": id })).await.at("node").clone()
}

#[tokio::test]
async fn a_node_is_found_by_those_who_may_see_it() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(3).await, app.account(3).await);
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let hank = globex.full_access("hank").await;

    for person in [&ada, &bob] {
        assert_eq!(node(person, &bob.id).await, json!({ "__typename": "Operator", "id": bob.id, "name": "bob" }));
        assert_eq!(node(person, &acme.id).await, json!({ "__typename": "Account", "id": acme.id, "name": acme.name }));
        let nowhere =
            [&hank.id, &globex.id, &*id::operator(OperatorId::new()), &*id::account(AccountId::new()), "nonsense", ""];
        for id in nowhere {
            assert!(node(person, id).await.is_null(), "{id}");
        }
    }
    let anonymous = app.anonymous().run("query($id: ID!) { node(id: $id) { id } }", json!({ "id": bob.id })).await;
    assert_eq!(anonymous.code(), "UNAUTHENTICATED");
}

async fn names(person: &Person, arguments: &str) -> Vec<Value> {
    person
        .reads(&format!("{{ account {{ operators({arguments}) {{ nodes {{ name }} }} }} }}"))
        .await
        .each("account.operators.nodes", "name")
}

#[tokio::test]
async fn lists_and_searches_are_limited_to_the_account() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(3).await, app.account(3).await);
    let twins = async |account: &Account| account.adds("Twin", json!({ "publicName": "Sam", "isActive": true })).await;
    let (ours, theirs) = (twins(&acme).await, twins(&globex).await);

    for (arguments, expected) in [
        ("first: 100", &["Olive Owner", "Twin"][..]),
        ("last: 100", &["Olive Owner", "Twin"]),
        ("isActive: true", &["Twin"]),
        ("search: \"sam\"", &["Twin"]),
        ("search: \"example\"", &["Olive Owner", "Twin"]),
        ("search: \"twin@company1\"", &[]),
    ] {
        assert_eq!(names(&acme.owner, arguments).await, expected, "{arguments}");
    }
    // A cursor selects a position, not a list: the account's Twin was added after Globex's owner.
    let cursors = "{ account { operators { edges { cursor } } } }";
    let cursor = globex.owner.reads(cursors).await.text("account.operators.edges.0.cursor").to_owned();
    assert_eq!(names(&acme.owner, &format!("after: \"{cursor}\"")).await, ["Twin"]);
    assert_ne!(ours.id, theirs.id);
}

#[tokio::test]
async fn an_anonymous_caller_sees_no_operators() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;

    let seen = app.anonymous().reads("{ viewer { name } account { name } plans { code } }").await;

    assert_eq!(seen.at("viewer"), &Value::Null);
    assert_eq!(seen.at("account"), &Value::Null);
    assert_eq!(seen.each("plans", "code"), ["FREE", "MINI", "STANDARD", "PRO"]);
    let everything = everything_done_to(&app.anonymous(), &acme.owner, &acme.owner.id).await;
    for (name, answer) in everything {
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"], "{name}");
    }
}

//! The list of operators: its pages and its search.

use entity::operator;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::support::{Account, PASSWORD, Person, TestApp, email_of, eventually};

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

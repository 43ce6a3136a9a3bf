//! The limit on the complexity of an operation, and that our own clients stay below it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

const TOO_COMPLEX: &str = "Query is too complex.";
/// The documents of the dashboard, as listed by its code generator.
const DASHBOARD: &str = include_str!("../../web/dashboard/src/gql/gql.ts");
const WIDGET: &str = include_str!("../../web/widget/src/availability.ts");
const GRAPHIQL: &str = include_str!("../../web/graphiql/src/examples.graphql");

async fn is_too_complex(person: &Person, query: &str, variables: Value) -> bool {
    let answer = person.run(query, variables).await;
    answer.body["errors"][0]["message"] == TOO_COMPLEX
}

#[tokio::test]
async fn every_card_counts() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let visitor = app.anonymous();
    let key = json!({"key": acme.widget_key});
    let cards = |times: usize, first: i32| {
        let fields: Vec<_> = (0..times)
            .map(|n| {
                format!(
                    "a{n}: availability(widgetKey: $key) {{ operators(first: {first}) {{ id publicName description photoUrl(size: 64) }} }}"
                )
            })
            .collect();
        format!("query($key: String!) {{ {} }}", fields.concat())
    };
    assert!(!is_too_complex(&visitor, &cards(6, 100), key.clone()).await);
    assert!(is_too_complex(&visitor, &cards(7, 100), key.clone()).await);
    assert!(!is_too_complex(&visitor, &cards(19, 5), key.clone()).await);
    assert!(is_too_complex(&visitor, &cards(7, i32::MAX), key).await, "before the number is checked");
}

/// Operations and fragments by name, from the text of the dashboard's generated code.
fn documents() -> BTreeMap<String, String> {
    let literals =
        DASHBOARD.lines().filter_map(|line| line.trim().split_once(": typeof types.")).map(|(literal, _)| literal);
    let texts = literals.map(|literal| serde_json::from_str::<String>(literal).expect("a literal"));
    let name =
        |text: &str| text.split_whitespace().nth(1).expect("a name").split('(').next().unwrap_or_default().to_owned();
    texts.map(|text| (name(&text), text)).collect()
}

/// A document with all fragments that it uses.
fn with_fragments(documents: &BTreeMap<String, String>, name: &str) -> String {
    let (mut names, mut next) = (BTreeSet::new(), vec![name.to_owned()]);
    while let Some(name) = next.pop() {
        let spreads =
            documents[&name].split("...").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
        if names.insert(name.clone()) {
            next.extend(spreads.filter(|spread| documents.contains_key(*spread)).map(str::to_owned));
        }
    }
    names.iter().map(|name| documents[name].as_str()).collect()
}

#[tokio::test]
async fn documents_of_our_own_clients_are_never_too_complex() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = &acme.owner;
    let documents = documents();
    let mut asked = 0;
    for (name, text) in documents.iter().filter(|(_, text)| !text.trim_start().starts_with("fragment")) {
        // The complexity is checked before anything runs, and a query counts like a subscription.
        // Mutations are skipped, because they would need valid variables.
        if text.trim_start().starts_with("mutation") {
            continue;
        }
        let query = with_fragments(&documents, name).replacen("subscription ", "query ", 1);
        let variables = json!({"first": 100, "search": "x", "id": "b3ABogPDBTt3h7XtlZ5WSCvu"});
        assert!(!is_too_complex(ada, &query, variables).await, "{name}");
        asked += 1;
    }
    assert!(asked > 15, "{asked} documents were found");
    let literals =
        WIDGET.split("const DOCUMENT =").nth(1).and_then(|rest| rest.split(';').next()).expect("the widget's document");
    let widget: String = literals.split('\'').skip(1).step_by(2).collect();
    let answer = ada.run(&widget.replacen("subscription ", "query ", 1), json!({"key": acme.widget_key})).await;
    assert_eq!(answer.body.get("errors"), None);
    let examples = operations(GRAPHIQL);
    for query in &examples {
        assert!(!is_too_complex(ada, query, json!({})).await, "{query}");
    }
    assert!(examples.len() > 1, "{} examples were found", examples.len());
    let introspection = "{ __schema { types { kind name fields(includeDeprecated: true) { name args { name type { name kind ofType { name } } } \
                         type { name kind ofType { name kind ofType { name kind } } } } inputFields { name } enumValues { name } } } }";
    assert!(!is_too_complex(ada, introspection, json!({})).await);
}

/// The queries of a file of operations that need no variables.
fn operations(text: &str) -> Vec<String> {
    text.split("\nquery ")
        .skip(1)
        .map(|rest| rest.split("\n}\n").next().unwrap_or_default())
        .filter(|rest| !rest.lines().next().unwrap_or_default().contains('('))
        .map(|rest| format!("query {rest}\n}}\n"))
        .collect()
}

//! Documents that people write pass. Artificial documents are refused quickly.

use std::time::Duration;

use async_graphql::{
    Request, Variables,
    parser::types::{OperationType, Selection},
};
use serde_json::{Value as Json, json};

use super::{DocumentRefused, Introspection, validate};
use crate::{config::DocumentLimits, tests::quickest};

fn validated(document: &str) -> Result<OperationType, DocumentRefused> {
    validate(&mut Request::new(document), &DocumentLimits::default(), Introspection::Allowed)
        .map(|validated| validated.kind)
}

/// A text for each number below `n`, one after the other.
fn each(n: usize, text: impl Fn(usize) -> String) -> String {
    (0..n).map(text).collect::<Vec<_>>().concat()
}

fn refusal(document: &str) -> String {
    validated(document).expect_err("must be refused").to_string()
}

#[test]
fn variables_that_the_chosen_operation_does_not_declare_are_dropped() {
    let kept = |document: &str, name: Option<&str>| {
        let variables = Variables::from_json(json!({"a": 1, "b": ["x"], "c": null}));
        let mut request = Request::new(document).variables(variables);
        request.operation_name = name.map(str::to_owned);
        validate(&mut request, &DocumentLimits::default(), Introspection::Allowed).expect("it passes");
        request.variables.keys().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(kept("{ x }", None), "");
    assert_eq!(kept("query($a: Int, $c: Int, $d: Int) { x(a: $a, d: $d) }", None), "a c");
    let two = "query A($a: Int) { x(a: $a) } query B($b: [String!]) { x(b: $b) }";
    assert_eq!((kept(two, Some("A")), kept(two, Some("B"))), ("a".to_owned(), "b".to_owned()));
}

#[test]
fn a_variable_for_the_size_of_lists_may_be_omitted() {
    let sent = |document: &str| {
        let mut request = Request::new(document);
        validate(&mut request, &DocumentLimits::default(), Introspection::Allowed).expect("it passes");
        request.variables.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        sent("query($n: Int, $m: Int) { ...F } fragment F on Query { x { y(first: $n) { z(last: $m) } } }"),
        "m: null, n: null"
    );
    assert_eq!(sent("query($n: Int = 3) { y(first: $n) }"), "", "it has a value");
    // Omitted and null are different in other places.
    assert_eq!(sent("query($n: Int) { y(first: $n) z(input: {first: $n}) }"), "");
    assert_eq!(sent("query($n: Int) { ... @x(n: $n) { y(first: $n) } }"), "");
    assert_eq!(sent("query($n: Int) { y(size: $n) }"), "");
}

#[test]
fn documents_that_people_write_pass() {
    for (document, expected) in [
        ("{ viewer { name } }", OperationType::Query),
        ("query Q($a: Int = 1) @x { a(b: $a) ...F } fragment F on Query { c }", OperationType::Query),
        ("mutation { signIn(input: {email: \"a\", password: \"b\"}) { token } }", OperationType::Mutation),
        ("subscription { availability(widgetKey: \"k\") { version } }", OperationType::Subscription),
        (INTROSPECTION, OperationType::Query),
    ] {
        assert_eq!(validated(document), Ok(expected), "{document}");
    }
}

#[test]
fn the_document_stays_parsed_in_the_request() {
    let mut request = Request::new("{ a }");
    validate(&mut request, &DocumentLimits::default(), Introspection::Allowed).expect("passes");
    // Invalid text proves that it is not parsed again.
    request.query = "}".to_owned();
    assert!(request.parsed_query().is_ok());
}

#[test]
fn each_limit_accepts_its_figure_and_refuses_one_more() {
    let deep = |n: usize| format!("{}a{}", "{a".repeat(n - 1) + "{", "}".repeat(n));
    let aliases = |n| format!("{{ a {{ {} }} }}", each(n, |i| format!("x{i}: a ")));
    let repeats = |n: usize| format!("{{ a {{ {} }} }}", "a ".repeat(n + 1));
    let roots = |n| format!("{{ {} }}", each(n, |i| format!("x{i} ")));
    let directives = |n| format!("{{ {} }}", each(n, |i| format!("x{i} @skip(if: true) ")));
    let tokens = |n: usize| format!("{{ a(x: [{}]) }}", "1 ".repeat(n - 9));
    let bytes = |n: usize| format!("{{ a }}{}", " ".repeat(n - 5));
    // Fragment F has 100 nodes, and each field that spreads it two more.
    let fields = each(100, |i| format!("f{i} "));
    let nodes = |n: usize| {
        let spreads = each(n / 102, |i| format!("g{i} {{ ...F }} "));
        format!("{{ a {{ {spreads} }} }} fragment F on T {{ {fields} }}")
    };
    for (limit, at_limit, over, message) in [
        ("depth", deep(15), deep(16), "The document has fields nested more than 15 deep."),
        (
            "aliases",
            aliases(25),
            aliases(26),
            "The document uses more than 25 aliases or repeated fields after its fragments are expanded.",
        ),
        (
            "repeats",
            repeats(25),
            repeats(26),
            "The document uses more than 25 aliases or repeated fields after its fragments are expanded.",
        ),
        (
            "root fields",
            roots(25),
            roots(26),
            "The operation has more than 25 root fields after its fragments are expanded.",
        ),
        ("directives", directives(20), directives(21), "The document uses more than 20 directives."),
        ("tokens", tokens(2000), tokens(2001), "The document has more than 2000 tokens."),
        ("bytes", bytes(20_000), bytes(20_001), "The document is 20001 bytes long; at most 20000 are allowed."),
        (
            "nodes",
            nodes(9_800),
            nodes(10_200),
            "The document is larger than 10000 nodes after its fragments are expanded.",
        ),
    ] {
        assert!(validated(&at_limit).is_ok(), "{limit}: {:?}", validated(&at_limit));
        assert_eq!(refusal(&over), message, "{limit}");
    }
}

#[test]
fn doubling_fragments_are_refused_at_once() {
    let document = format!(
        "{{ ...F0 }} {} fragment F26 on Query {{ a }}",
        each(26, |i| format!("fragment F{i} on Query {{ ...F{n} ...F{n} }} ", n = i + 1))
    );
    let limits = DocumentLimits::default();
    let validated =
        || validate(&mut Request::new(document.clone()), &limits, Introspection::Allowed).expect_err("must be refused");
    assert_eq!(validated(), DocumentRefused::TooLarge { limit: limits.max_expanded_nodes });
    let took = quickest(validated);
    assert!(took < Duration::from_millis(50), "{took:?}");
}

#[test]
fn the_slowest_documents_within_the_text_limits_are_judged_in_fifty_milliseconds() {
    // The parser is a dependency, built without optimisation in debug: 20 times slower there.
    let allowed = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 50 });
    let flat = format!("{{ {} }}", "a ".repeat(1_998));
    let chain = format!("{{ ...F0 }}{}", each(240, |i| format!("fragment F{i} on Q{{...F{}}}", i + 1)));
    let values = format!("{{ a(x: [{}]) }}", "{a:1}".repeat(390));
    let strings = format!("{{ a(x: \"{}\") }}", "\\u0041".repeat(3_300));
    let comment = format!("{{ a }} #{}", "x".repeat(19_900));
    let open = "{a".repeat(64);
    let wrong = format!("{}{}", "{a(x:[".repeat(20), "1 ".repeat(900));
    for (name, document) in [
        ("flat", flat),
        ("chain", chain),
        ("values", values),
        ("strings", strings),
        ("comment", comment),
        ("open", open),
        ("wrong", wrong),
    ] {
        let took = quickest(|| validated(&document));
        assert!(took < allowed, "{name}: {took:?}");
    }
}

#[test]
fn cycles_are_refused() {
    for document in [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { b { ...B } } fragment B on Query { ...A }",
        "{ a } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ a } fragment A on Query { ... on Query { b { ...A } } }",
    ] {
        assert!(matches!(validated(document), Err(DocumentRefused::FragmentCycle { .. })), "{document}");
    }
}

#[test]
fn depth_includes_fragments_and_cached_fragments() {
    let nine = "a{a{a{a{a{a{a{a{a}}}}}}}}";
    let document = |around: &str, end: &str| format!("{{ {nine} {around} ...F {end} }} fragment F on Q {{ {nine} }}");
    assert!(validated(&document("b{b{b{b{b{b{", "}}}}}}")).is_ok());
    assert_eq!(refusal(&document("b{b{b{b{b{b{b{", "}}}}}}}")), "The document has fields nested more than 15 deep.");
}

#[test]
fn a_long_chain_of_fragments_is_refused_however_it_is_reached() {
    let chain = |n| {
        let links = each(n, |i| format!(" fragment F{i} on Q {{ ...F{} }}", i + 1));
        format!("fragment F{n} on Q {{ a }}{links}")
    };
    let message = "The document has selections nested more than 32 deep, fragments included.";
    assert_eq!(refusal(&format!("{{ ...F0 }} {}", chain(40))), message);
    // Measured from the end first, so that each fragment is cached when the next one spreads it.
    let backwards = each(41, |i| format!("...F{} ", 40 - i));
    assert_eq!(refusal(&format!("{{ a {backwards} }} {}", chain(40))), message);
    assert!(validated(&format!("{{ ...F0 }} {}", chain(25))).is_ok());
}

#[test]
fn a_directive_is_used_once_in_one_place() {
    assert_eq!(
        refusal("{ a @skip(if: true) @include(if: true) @skip(if: false) }"),
        "The directive \"@skip\" is used twice in the same place. Use it once."
    );
    assert!(validated("{ a @skip(if: true) b @skip(if: true) }").is_ok());
}

#[test]
fn only_the_server_creates_file_marks() {
    for document in [
        "mutation { a(photo: \"#__graphql_file__:0\") }",
        "mutation { a(photo: {b: [\"#__graphql_file__:x\"]}) }",
        "mutation($a: Upload = \"#__graphql_file__:7\") { a(b: $a) }",
        "{ a @x(y: \"#__graphql_file__:7\") }",
    ] {
        assert!(matches!(validated(document), Err(DocumentRefused::ReservedText { at: Some(_) })), "{document}");
    }
}

#[test]
fn syntax_errors_are_one_line_with_a_place() {
    for (document, message) in [
        ("{ a", "Syntax error: expected"),
        ("{ a(x: \"abc\n) }", "Syntax error: expected"),
        ("}", "Syntax error: expected"),
        ("{ a } { b }", "Syntax error: "),
        ("fragment F on Q { a }", "Syntax error: "),
        ("query A { a } query A { b }", "Syntax error: "),
        ("{ a(x: 1e999999) }", "Syntax error: "),
    ] {
        let refused = validated(document).expect_err("must be refused");
        let error = refused.clone().into_error();
        assert!(error.message.starts_with(message) && !error.message.contains('\n'), "{document}: {}", error.message);
    }
    assert_eq!(refusal("  \n"), "The request has no query.");
}

#[test]
fn introspection_can_be_disabled_without_losing_typename() {
    let off = |document: &str| {
        validate(&mut Request::new(document), &DocumentLimits::default(), Introspection::Disabled { prefix: "TOY_" })
    };
    for document in [
        INTROSPECTION,
        "{ x: __type(name: \"A\") { name } }",
        "{ ...F } fragment F on Query { __schema { types { name } } }",
    ] {
        assert_eq!(
            off(document).expect_err("off").to_string(),
            "Introspection is disabled on this server (TOY_INTROSPECTION)."
        );
    }
    assert!(off("{ __typename }").is_ok());
}

#[test]
fn the_operation_that_runs_is_the_one_that_is_named() {
    let named = |document: &str, name: Option<&str>| {
        let mut request = Request::new(document);
        request.operation_name = name.map(str::to_owned);
        validate(&mut request, &DocumentLimits::default(), Introspection::Allowed)
            .map(|validated| validated.kind)
            .map_err(|refused| refused.to_string())
    };
    let two = "query A { a } mutation B { b }";
    assert_eq!(named(two, Some("A")), Ok(OperationType::Query));
    assert_eq!(named(two, Some("B")), Ok(OperationType::Mutation));
    assert_eq!(named(two, Some("C")), Err("The document has no operation named \"C\".".to_owned()));
    assert!(named(two, None).is_err());
    assert_eq!(named("mutation B { b }", None), Ok(OperationType::Mutation));
}

fn judged_with(document: &str, variables: Json) -> Result<OperationType, String> {
    let mut request = Request::new(document).variables(Variables::from_json(variables));
    validate(&mut request, &DocumentLimits::default(), Introspection::Allowed)
        .map(|validated| validated.kind)
        .map_err(|refused| refused.to_string())
}

#[test]
fn a_variable_costs_its_size_wherever_it_is_used() {
    let ids = |n: usize| json!(vec!["b3BlcmF0b3I6MDE5MmYxYzItN2E"; n]);
    let text = |bytes: usize| json!("x".repeat(bytes));
    let uses = |n: usize| format!("query($a: X) {{ f(x: [{}]) }}", "$a ".repeat(n));
    let directives = "query($a: X) { f @skip(if: {a: $a}) g(x: {a: [{b: $a}]}) @x(y: [$a]) }";
    let spread =
        format!("query($a: X) {{ {} }} fragment F on Q {{ f(x: $a) }}", each(20, |i| format!("g{i} {{ ...F }} ")));
    let defaults = format!("query($a: X = [{}]) {{ f(x: [{}]) }}", "1 ".repeat(400), "$a ".repeat(100));
    for (why, document, variables) in [
        ("a hundred ids", uses(1), json!({"a": ids(100)})),
        ("a long text, again and again", uses(100), json!({"a": text(1_000)})),
        ("a body's worth of text, once", uses(1), json!({"a": text(1_040_000)})),
        ("in directives", directives.to_owned(), json!({"a": ids(1_000)})),
        ("spread", spread.clone(), json!({"a": ids(300)})),
        ("a default", defaults.replacen(&"$a ".repeat(100), "$a ", 1), json!({})),
    ] {
        assert!(judged_with(&document, variables).is_ok(), "{why}");
    }
    let message = "The document is larger than 10000 nodes after its variables are expanded at each use.";
    for (why, document, variables) in [
        ("a list", uses(50), json!({"a": ids(1_000)})),
        ("a text", uses(2), json!({"a": text(1_040_000)})),
        ("nested", uses(40), json!({"a": {"b": [{"c": ids(250)}]}})),
        ("in directives", directives.to_owned(), json!({"a": ids(4_000)})),
        ("in fragments, as often as they are spread", spread, json!({"a": ids(600)})),
        ("a default", defaults, json!({})),
        ("names are text too", uses(2), json!({"a": {"x".repeat(1_040_000): 1}})),
        (
            "used in an operation that does not run",
            format!("query R {{ f }} {}", uses(50).replacen("query", "query A", 1)),
            json!({"a": ids(1_000)}),
        ),
    ] {
        let mut request = Request::new(document).variables(Variables::from_json(variables));
        if why.ends_with("not run") {
            request.operation_name = Some("R".to_owned());
        }
        let refused = validate(&mut request, &DocumentLimits::default(), Introspection::Allowed)
            .map(|validated| validated.kind)
            .map_err(|refused| refused.to_string());
        assert_eq!(refused, Err(message.to_owned()), "{why}");
    }
    let many = judged_with("query($a: X) { f }", json!({"a": vec![1; 10_001]}));
    assert_eq!(many, Err("The variables have more than 10000 values.".to_owned()));
    assert!(judged_with("query($a: X) { f }", json!({"a": vec![1; 9_999]})).is_ok());
}

#[test]
fn introspection_does_not_multiply() {
    let message = "The document nests lists of fields, inputs, interfaces or possible types more than 2 deep.";
    for document in [
        "{ __type(name: \"A\") { possibleTypes { interfaces { possibleTypes { name } } } } }",
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "{ __type(name: \"A\") { a: inputFields { type { b: inputFields { type { c: inputFields { name } } } } } } }",
        "{ __type(name: \"A\") { ...F } } fragment F on __Type { ... { fields { type { ...G } } } } \
            fragment G on __Type { interfaces { possibleTypes { name } } }",
    ] {
        assert_eq!(refusal(document), message, "{document}");
    }
    for document in [
        "{ __type(name: \"A\") { possibleTypes { interfaces { name } } } }",
        "{ a { fields { fields { fields { name } } } } }",
        INTROSPECTION,
    ] {
        assert!(validated(document).is_ok(), "{document}");
    }
}

#[test]
fn a_subscription_has_one_root_field() {
    let one = "A subscription must have exactly one root field.";
    for (document, message) in [
        ("subscription { a b }", one),
        ("subscription { a x: a }", one),
        ("subscription { a(k: 1) { b } a(k: 2) { b } }", one),
        ("subscription { a ...F } fragment F on Subscription { b }", one),
        ("subscription { ... { a } ... on Subscription { ...F } } fragment F on Subscription { b }", one),
        ("query Q { a } subscription S { a b }", one),
        ("subscription { __typename }", "\"__typename\" cannot be the root field of a subscription."),
        ("subscription { ... { x: __typename } }", "\"__typename\" cannot be the root field of a subscription."),
        (
            "subscription($x: Boolean!) { a @skip(if: $x) }",
            "The root field of a subscription must not have @skip or @include.",
        ),
        (
            "subscription { ... @include(if: false) { a } }",
            "The root field of a subscription must not have @skip or @include.",
        ),
    ] {
        let mut request = Request::new(document);
        request.operation_name = document.starts_with("query Q").then(|| "S".to_owned());
        request.variables = Variables::from_json(json!({"x": true}));
        let refused = validate(&mut request, &DocumentLimits::default(), Introspection::Allowed).expect_err(document);
        assert_eq!(refused.to_string(), message, "{document}");
    }
    assert!(validated("subscription { a { b @skip(if: true) c __typename } }").is_ok());
}

#[test]
fn the_root_field_of_a_subscription_may_be_in_a_fragment() {
    for document in [
        "subscription { a { b c } }",
        "subscription { a { b } a { c } }",
        "subscription { ... on Subscription { a { b } } ... { a { c } } }",
        "subscription { ...F } fragment F on Subscription { a { b } ...G } fragment G on Subscription { a { c } }",
    ] {
        let mut request = Request::new(document);
        validate(&mut request, &DocumentLimits::default(), Introspection::Allowed).expect(document);
        let parsed = request.parsed_query().expect("parsed");
        let (_, operation) = parsed.operations.iter().next().expect("an operation");
        let fields: Vec<_> = operation
            .node
            .selection_set
            .node
            .items
            .iter()
            .filter(|item| matches!(item.node, Selection::Field(_)))
            .collect();
        let [field] = fields[..] else { panic!("{document}: {fields:?}") };
        let Selection::Field(field) = &field.node else { unreachable!() };
        assert_eq!((field.node.name.node.as_str(), field.node.selection_set.node.items.len()), ("a", 2), "{document}");
    }
}

/// The query of `GraphiQL` and code generators (graphql-js 16, with all options).
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } \
    subscriptionType { name kind } types { ...FullType } directives { name description isRepeatable locations \
    args(includeDeprecated: true) { ...InputValue } } } } \
    fragment FullType on __Type { kind name description specifiedByURL isOneOf fields(includeDeprecated: true) { name description \
    args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } \
    inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name \
    description isDeprecated deprecationReason } possibleTypes { ...TypeRef } } \
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason } \
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name \
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

#[test]
fn a_subscription_is_known_by_its_field_and_the_values_of_its_arguments() {
    for (query, variables, expected) in [
        ("subscription { a(k: \"1\") { b } }", json!({}), json!({"k": "1"})),
        ("subscription($v: String!) { a(k: $v) { b } }", json!({"v": "1"}), json!({"k": "1"})),
        ("subscription($v: String = \"1\") { x: a(k: $v) { b } }", json!({}), json!({"k": "1"})),
        (
            "subscription($v: String) { ...F } fragment F on Subscription { a(k: $v, n: {m: [$v]}) { b } }",
            json!({"v": "1"}),
            json!({"k": "1", "n": {"m": ["1"]}}),
        ),
        ("subscription($v: String) { a(k: $v) { b } }", json!({}), json!({})),
    ] {
        let mut request = Request::new(query).variables(Variables::from_json(variables));
        let validated =
            validate(&mut request, &DocumentLimits::default(), Introspection::Allowed).expect("let through");
        let to = validated.subscribes_to.expect("a subscription");
        let arguments: serde_json::Map<_, _> = to
            .arguments
            .iter()
            .map(|(name, value)| (name.to_string(), value.clone().into_json().expect("JSON")))
            .collect();
        assert_eq!((to.field.as_str(), serde_json::Value::Object(arguments)), ("a", expected), "{query}");
    }
}

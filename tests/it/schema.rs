//! Guard rails over the whole schema: what holds for every type and field, including later ones.

use std::collections::BTreeSet;

use async_graphql::{
    Positioned,
    parser::types::{FieldDefinition, InputValueDefinition, TypeKind},
};
use edge::code::Code;
use serde_json::json;

use crate::support::{
    TestApp,
    sdl::{Sdl, is_list, named},
};

/// Root fields that anonymous callers may use. Everything else is refused or null for them.
pub const PUBLIC: &[&str] = &[
    "Query.availability",
    "Query.chat",
    "Query.invitationLink",
    "Query.mailedLink",
    "Query.plans",
    "Query.server",
    "Mutation.confirmAddress",
    "Mutation.recoverPassword",
    "Mutation.releaseAddress",
    "Mutation.renewInvitation",
    "Mutation.requestPasswordRecovery",
    "Mutation.restoreAddress",
    "Mutation.signIn",
    "Mutation.signOut",
    "Mutation.signUp",
    "Subscription.availability",
    "Subscription.chat",
];

/// Mutations that only a visitor's token opens. Any program can make one.
pub const VISITORS: &[&str] = &[
    "Mutation.closeChat",
    "Mutation.markChatRead",
    "Mutation.sendChatMessage",
    "Mutation.updateChatVisitor",
    "Mutation.setChatTyping",
];

/// Fields of public mutations that only a caller with valid credentials gets. What they lead to is
/// not public.
const PROVEN: &[&str] = &[
    "ConfirmAddressPayload.operator",
    "RecoverPasswordPayload.viewer",
    "RestoreAddressPayload.operator",
    "SignInPayload.viewer",
    "SignUpPayload.account",
    "SignUpPayload.viewer",
];

/// Lists that are no connections, because they are small and closed, like the user errors of a
/// mutation.
const SMALL_LISTS: &[&str] = &[
    // Four plans.
    "Query.plans",
    // At most 100, and five by default.
    "Availability.operators",
    // Parts of a log, read from its end: at most 100.
    "Conversation.messages",
    "Conversation.notes",
    // Those who take part: a few active operators.
    "Conversation.participants",
    // The start of a list: at most 100. Pages of it are a connection.
    "ConversationList.nodes",
    // Those who type: at most 20.
    "Conversation.typingOperators",
    // At most 100, and 20 by default.
    "Visitor.conversations",
    // Parts of a log: at most 100 in one item of a subscription.
    "ChatUpdate.messages",
    "ConversationUpdate.messages",
    "ConversationUpdate.notes",
    // At most 100, and 50 by default.
    "Chat.messages",
    // At most 20, and three by default.
    "Chat.earlier",
    // The operators who take part in one conversation, at most 100.
    "Chat.operators",
    // What was written while a message was typed; a conversation has at most 10,000.
    "NewerMessages.messages",
    // A few suggestions, and at most as many codes.
    "WeakPassword.reasons",
    "WeakPassword.suggestions",
];

/// The message of `SeatLimitReached` with two seats.
const FULL: &str = "All 2 seats are in use. Deactivate an operator or add seats.";

#[test]
fn the_committed_schema_is_current() {
    assert_eq!(
        deskbell::schema::sdl(),
        include_str!("../../schema.graphql"),
        "run `cargo run -- schema > schema.graphql`"
    );
}

#[test]
fn everything_is_described() {
    let sdl = Sdl::committed();
    let mut bare = BTreeSet::new();
    let mut look = |what: String, description: &Option<Positioned<String>>| {
        let text = description.as_ref().map(|text| text.node.trim()).unwrap_or_default();
        // The library describes its scalars for programmers of servers.
        if text.is_empty() || text.starts_with("Implement ") {
            bare.insert(what);
        }
    };
    for (name, definition) in &sdl.0 {
        look(name.clone(), &definition.description);
        for field in sdl.fields(name) {
            look(format!("{name}.{}", field.name.node), &field.description);
            for argument in &field.arguments {
                look(format!("{name}.{}({})", field.name.node, argument.node.name.node), &argument.node.description);
            }
        }
        for field in sdl.inputs(name) {
            look(format!("{name}.{}", field.name.node), &field.description);
        }
        if let TypeKind::Enum(values) = &definition.kind {
            for value in &values.values {
                look(format!("{name}.{}", value.node.value.node), &value.node.description);
            }
        }
    }
    assert_eq!(bare, BTreeSet::new(), "not described");
}

#[test]
fn the_schema_fulfils_the_contract() {
    let (contract, sdl) = (Sdl::parse(include_str!("contract.graphql")), Sdl::committed());
    let mut broken = Vec::new();
    for (name, wanted) in &contract.0 {
        let Some(have) = sdl.0.get(name) else {
            broken.push(format!("{name} is missing"));
            continue;
        };
        match (&wanted.kind, &have.kind) {
            (TypeKind::Scalar, TypeKind::Scalar) => {}
            (TypeKind::Enum(wanted), TypeKind::Enum(have)) => {
                let values = |values: &async_graphql::parser::types::EnumType| {
                    values.values.iter().map(|value| value.node.value.node.to_string()).collect::<BTreeSet<_>>()
                };
                let missing: Vec<_> = values(wanted).difference(&values(have)).cloned().collect();
                broken.extend(missing.iter().map(|value| format!("{name}.{value} is missing")));
            }
            (TypeKind::InputObject(_), TypeKind::InputObject(_)) => {
                compare_inputs(name, &contract.inputs(name), &sdl.inputs(name), &mut broken);
            }
            (TypeKind::Object(_), TypeKind::Object(_)) | (TypeKind::Interface(_), TypeKind::Interface(_)) => {
                if let TypeKind::Object(wanted) = &wanted.kind {
                    let missing = wanted.implements.iter().filter(|interface| !sdl.implements(name, &interface.node));
                    broken.extend(missing.map(|interface| format!("{name} does not implement {}", interface.node)));
                }
                for wanted in contract.fields(name) {
                    compare_field(name, wanted, &sdl, &mut broken);
                }
            }
            (wanted, have) => broken.push(format!("{name} is another kind of type: {have:?} instead of {wanted:?}")),
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(contract.0.len() > 60, "the contract was read: {}", contract.0.len());
}

fn compare_field(of: &str, wanted: &FieldDefinition, sdl: &Sdl, broken: &mut Vec<String>) {
    let name = format!("{of}.{}", wanted.name.node);
    let Some(have) = sdl.fields(of).into_iter().find(|field| field.name.node == wanted.name.node) else {
        broken.push(format!("{name} is missing"));
        return;
    };
    if wanted.ty.node != have.ty.node {
        broken.push(format!("{name} is {} instead of {}", have.ty.node, wanted.ty.node));
    }
    let arguments =
        |field: &FieldDefinition| field.arguments.iter().map(|argument| argument.node.clone()).collect::<Vec<_>>();
    compare_inputs(
        &name,
        &arguments(wanted).iter().collect::<Vec<_>>(),
        &arguments(have).iter().collect::<Vec<_>>(),
        broken,
    );
}

fn compare_inputs(
    of: &str,
    wanted: &[&InputValueDefinition],
    have: &[&InputValueDefinition],
    broken: &mut Vec<String>,
) {
    let shown = |input: &InputValueDefinition| match &input.default_value {
        Some(default) => format!("{}: {} = {}", input.name.node, input.ty.node, default.node),
        None => format!("{}: {}", input.name.node, input.ty.node),
    };
    let have_shown: Vec<_> = have.iter().map(|input| shown(input)).collect();
    let missing = wanted.iter().map(|input| shown(input)).filter(|input| !have_shown.contains(input));
    broken.extend(missing.map(|input| format!("{of}({input}) is not among {have_shown:?}")));
    // Clients that only know the contract must be able to call it.
    let demanded = have.iter().filter(|input| !input.ty.node.nullable && input.default_value.is_none());
    let surplus = demanded.filter(|input| wanted.iter().all(|wanted| wanted.name.node != input.name.node));
    broken.extend(surplus.map(|input| format!("{of}({}) is demanded beyond the contract", input.name.node)));
}

#[test]
fn a_list_is_a_connection_or_small() {
    let sdl = Sdl::committed();
    let mut lists = BTreeSet::new();
    for name in sdl.0.keys() {
        for field in sdl.fields(name) {
            let in_connection = name.ends_with("Connection") && matches!(field.name.node.as_str(), "edges" | "nodes");
            let of_user_error = (sdl.implements(name, "UserError") || name == "UserError") && field.name.node == "path";
            let user_errors = name.ends_with("Payload") && field.name.node == "userErrors";
            if is_list(&field.ty.node) && !in_connection && !of_user_error && !user_errors {
                lists.insert(format!("{name}.{}", field.name.node));
            }
        }
    }
    assert_eq!(lists, SMALL_LISTS.iter().map(ToString::to_string).collect());
}

#[test]
fn every_connection_can_be_paged_from_both_ends() {
    let sdl = Sdl::committed();
    let mut found = 0;
    for name in sdl.0.keys() {
        for field in sdl.fields(name).into_iter().filter(|field| named(&field.ty.node).ends_with("Connection")) {
            found += 1;
            let arguments: Vec<_> = field
                .arguments
                .iter()
                .map(|argument| format!("{}: {}", argument.node.name.node, argument.node.ty.node))
                .collect();
            for wanted in ["first: Int", "after: String", "last: Int", "before: String"] {
                assert!(
                    arguments.iter().any(|argument| argument == wanted),
                    "{name}.{} has no {wanted}",
                    field.name.node
                );
            }
            let connection = named(&field.ty.node);
            let fields: Vec<_> = sdl.fields(connection).iter().map(|field| field.name.node.to_string()).collect();
            for wanted in ["edges", "nodes", "pageInfo", "totalCount"] {
                assert!(fields.iter().any(|field| field == wanted), "{connection} has no {wanted}");
            }
        }
    }
    assert!(found > 0);
}

#[test]
fn every_mutation_has_one_input_and_a_payload_with_user_errors() {
    let sdl = Sdl::committed();
    for field in sdl.fields("Mutation") {
        let name = field.name.node.as_str();
        let capital = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        assert_eq!(field.ty.node.to_string(), format!("{capital}Payload"), "{name} fails alone");
        let arguments: Vec<_> = field
            .arguments
            .iter()
            .map(|argument| format!("{}: {}", argument.node.name.node, argument.node.ty.node))
            .collect();
        if name == "signOut" {
            assert_eq!(arguments, [""; 0], "signOut takes no input");
            continue;
        }
        assert_eq!(arguments, [format!("input: {capital}Input!")], "{name}");
        let user_errors = sdl.field(&format!("{capital}Payload"), "userErrors");
        assert_eq!(user_errors.ty.node.to_string(), "[UserError!]!", "{name}");
        // The result of a mutation is null when it was refused.
        for field in sdl.fields(&format!("{capital}Payload")).into_iter().filter(|field| {
            // A number is 0 then.
            !matches!(field.name.node.as_str(), "userErrors" | "returnedConversations")
        }) {
            assert!(field.ty.node.nullable, "{capital}Payload.{} is null when it was refused", field.name.node);
        }
    }
}

#[test]
fn the_schema_has_no_unions() {
    let unions: Vec<_> =
        Sdl::committed().0.into_iter().filter(|(_, ty)| matches!(ty.kind, TypeKind::Union(_))).collect();
    assert!(unions.is_empty(), "a user error is a type that implements UserError: {unions:?}");
}

/// Documents from before `userErrors` was a list of the interface stay valid, and `message` and
/// `path` need no fragment.
#[tokio::test]
async fn user_errors_can_be_selected_with_fragments_and_without() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    acme.limited("ada").await;
    acme.limited("bob").await;
    let cy = acme.inactive("cy").await;
    for (selection, expected) in [
        (
            "__typename message path",
            json!({ "__typename": "SeatLimitReached", "message": FULL, "path": ["operatorId"] }),
        ),
        ("... on UserError { message path }", json!({ "message": FULL, "path": ["operatorId"] })),
        (
            "... on SeatLimitReached { message seats { used limit } } ... on OperatorNotFound { path }",
            json!({ "message": FULL, "seats": { "used": 2, "limit": 2 } }),
        ),
        ("... on OperatorNotFound { path } ... on PhotoRejected { reason }", json!({})),
    ] {
        let query = format!(
            "mutation($input: ActivateOperatorInput!) {{ activateOperator(input: $input) {{ operator {{ id }} \
             userErrors {{ {selection} }} }} }}"
        );
        let answer = acme.owner.run(&query, json!({ "input": { "operatorId": cy.id } })).await;
        assert_eq!(*answer.payload(), json!({ "operator": null, "userErrors": [expected] }), "{selection}");
    }
}

#[test]
fn what_can_be_read_without_signing_in_is_what_is_committed() {
    let sdl = Sdl::committed();
    let mut public = BTreeSet::new();
    let mut types: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for field in PUBLIC.iter().chain(VISITORS) {
        let (root, name) = field.split_once('.').expect("a field");
        types.push(named(&sdl.field(root, name).ty.node).to_owned());
        types.extend(user_errors_of(sdl.field(root, name)));
        public.insert((*field).to_owned());
    }
    while let Some(name) = types.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        for field in sdl.fields(&name) {
            let field_name = format!("{name}.{}", field.name.node);
            if !PROVEN.contains(&field_name.as_str()) {
                types.push(named(&field.ty.node).to_owned());
            }
            public.insert(field_name);
        }
    }
    let committed: BTreeSet<_> =
        include_str!("public_fields.txt").lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let added: Vec<_> = public.difference(&committed).collect();
    assert!(
        added.is_empty(),
        "new fields for anonymous callers; if intended, add them to public_fields.txt: {added:#?}"
    );
    let gone: Vec<_> = committed.difference(&public).collect();
    assert!(gone.is_empty(), "no longer public: {gone:#?}");
    for private in ["Account", "Operator", "OperatorConnection", "Node"] {
        assert!(!seen.contains(private), "{private} is public");
    }
}

/// The user errors in a mutation's description. A unit test compares them with its rule.
fn user_errors_of(mutation: &FieldDefinition) -> Vec<String> {
    let description = mutation.description.as_ref().map(|text| text.node.as_str()).unwrap_or_default();
    let list = description.rsplit_once("User errors: ").map(|(_, list)| list).unwrap_or_default();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn what_visitors_see_is_never_more_than_a_card() {
    let sdl = Sdl::committed();
    let fields = |name: &str| sdl.fields(name).iter().map(|field| field.name.node.to_string()).collect::<BTreeSet<_>>();
    assert_eq!(
        fields("Availability"),
        ["isAvailable", "isChatEnabled", "operators", "version"].map(str::to_owned).into()
    );
    assert_eq!(fields("OperatorCard"), ["description", "id", "photoUrl", "publicName"].map(str::to_owned).into());
}

#[tokio::test]
async fn a_page_of_operators_takes_as_many_statements_for_five_as_for_fifty() {
    let app = TestApp::start_with(|config| config.mail.poll = std::time::Duration::from_hours(1)).await;
    let (small, large) = (app.account(1).await, app.account(1).await);
    small.profiles(4).await;
    large.profiles(49).await;
    let query = "{ viewer { name } account { name plan { code } seats { used } owner { name } operators(first: 50) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { id name publicName email description photo { url(size: 64) } accessLevel isOwner isActive isInvited lastSeenAt }
        edges { cursor node { name photo { url } } } } } }";
    app.is_idle().await;
    let mut counts = Vec::new();
    for (account, operators) in [(&small, 5), (&large, 50)] {
        let before = app.app().statements.get();
        let answer = account.owner.run(query, json!({})).await;
        counts.push(app.app().statements.get() - before);
        assert_eq!(answer.number("account.operators.totalCount"), operators);
        assert_eq!(answer.each("account.operators.nodes", "id").len(), usize::try_from(operators).expect("few"));
    }
    assert_eq!(counts[0], counts[1], "statements for 5 and for 50 operators");
    assert!((3..=9).contains(&counts[0]), "{counts:?}");
}

#[test]
fn the_documentation_lists_every_code() {
    let document = include_str!("../../docs/api.md");
    let list = document
        .split("carry `extensions.code`:")
        .nth(1)
        .and_then(|rest| rest.split("and `extensions.requestId`").next());
    let listed: BTreeSet<&str> = list.expect("the list of codes").split('`').skip(1).step_by(2).collect();
    assert_eq!(listed, Code::ALL.iter().map(|code| code.as_str()).collect());
}

#[tokio::test]
async fn an_unknown_field_gets_a_suggestion_where_introspection_is_on() {
    let message = async |app: &TestApp, query: &str| {
        let answer = app.anonymous().reads(query).await;
        assert_eq!(answer.code(), Code::BadUserInput.as_str(), "{query}");
        answer.body["errors"][0]["message"].as_str().expect("a message").to_owned()
    };
    let open = TestApp::start().await;
    for (query, expected) in [
        ("{ viewer { emial } }", "Unknown field \"emial\" on type \"Operator\". Did you mean \"email\"?"),
        ("{ viwer { id } }", "Unknown field \"viwer\" on type \"Query\". Did you mean \"viewer\"?"),
        ("{ server { zzz } }", "Unknown field \"zzz\" on type \"Server\"."),
    ] {
        assert_eq!(message(&open, query).await, expected);
    }
    let closed = TestApp::start_with(|config| config.http.introspection = false).await;
    assert_eq!(message(&closed, "{ viewer { emial } }").await, "Unknown field \"emial\" on type \"Operator\".");
}

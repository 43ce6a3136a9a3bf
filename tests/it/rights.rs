//! Guard rails over every root field: who may use it, who may not, and what it answers to ids that
//! the caller may not know.

use std::collections::BTreeSet;

use async_graphql::parser::types::FieldDefinition;
use entity::{
    account, address_link, conversation, conversation_mark, held_address, mail, message, note, operator, participation,
    password_link, past_photo, photo, session, visitor, visitor_token,
};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait, QueryFilter as _, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    schema::{PUBLIC, VISITORS},
    support::{Account, Person, TestApp, sdl::Sdl, visitors_token},
};

const PHOTO: &[u8] = include_bytes!("../fixtures/photos/100x100.png");

/// An answer without the headers that identify the request.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Raw {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Raw {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The code of the error, or the kinds of the user errors, or `granted`.
    fn outcome(&self) -> String {
        let body = self.json();
        if let Some(errors) = body["errors"].as_array() {
            return errors[0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned();
        }
        let field =
            body["data"].as_object().and_then(|data| data.values().next()).unwrap_or_else(|| panic!("{self:?}"));
        let refusals = field["userErrors"].as_array().into_iter().flatten();
        let kinds: Vec<_> =
            refusals.map(|error| error["__typename"].as_str().expect("__typename is selected")).collect();
        match (field, &kinds[..]) {
            (Value::Null, _) => "null".to_owned(),
            (_, []) => "granted".to_owned(),
            (_, kinds) => kinds.join(" "),
        }
    }
}

/// Sends a call, with a file where it takes one.
async fn send(person: &Person, (query, variables): &(String, Value)) -> Raw {
    let body = json!({ "query": query, "variables": variables });
    let request = person.request(Method::POST, "/graphql");
    let request = if query.contains("SetOperatorPhotoInput") {
        let form = Form::new()
            .text("operations", body.to_string())
            .text("map", r#"{"file":["variables.input.photo"]}"#)
            .part("file", Part::bytes(PHOTO).file_name("photo.png"));
        request.header("graphql-require-preflight", "1").multipart(form)
    } else {
        request.json(&body)
    };
    let response = request.send().await.expect("the server answers");
    let status = response.status().as_u16();
    let named =
        response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()));
    let headers = named.filter(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id")).collect();
    let text = response.text().await.expect("text");
    let id = serde_json::from_str::<Value>(&text)
        .ok()
        .and_then(|body| Some(body.pointer("/errors/0/extensions/requestId")?.as_str()?.to_owned()));
    let body = id.map_or(text.clone(), |id| text.replace(&id, "REQUEST"));
    Raw { status, headers, body }
}

/// All rows of all tables.
pub async fn db_dump(app: &TestApp) -> String {
    async fn all<E: EntityTrait>(db: &impl ConnectionTrait, key: E::Column) -> String {
        let rows = E::find().order_by_asc(key).all(db).await.expect("the database answers");
        format!("{rows:#?}")
    }
    let db = app.app().db();
    [
        all::<account::Entity>(db, account::Column::Id).await,
        all::<operator::Entity>(db, operator::Column::Id).await,
        all::<session::Entity>(db, session::Column::Id).await,
        all::<password_link::Entity>(db, password_link::Column::TokenHash).await,
        all::<address_link::Entity>(db, address_link::Column::TokenHash).await,
        all::<held_address::Entity>(db, held_address::Column::Id).await,
        all::<mail::Entity>(db, mail::Column::Id).await,
        all::<photo::Entity>(db, photo::Column::OperatorId).await,
        all::<past_photo::Entity>(db, past_photo::Column::Hash).await,
        all::<visitor::Entity>(db, visitor::Column::Id).await,
        all::<visitor_token::Entity>(db, visitor_token::Column::TokenHash).await,
        all::<conversation::Entity>(db, conversation::Column::Id).await,
        all::<message::Entity>(db, message::Column::Revision).await,
        all::<participation::Entity>(db, participation::Column::Id).await,
        all::<conversation_mark::Entity>(db, conversation_mark::Column::OperatorId).await,
        all::<note::Entity>(db, note::Column::Id).await,
    ]
    .concat()
}

fn root_fields(sdl: &Sdl) -> Vec<(&'static str, &FieldDefinition)> {
    let roots = [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")];
    roots
        .into_iter()
        .flat_map(|(operation, root)| sdl.fields(root).into_iter().map(move |field| (operation, field)))
        .collect()
}

fn global(kind: [u8; 2], key: Uuid) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode([&kind[..], key.as_bytes()].concat())
}

#[tokio::test]
async fn an_anonymous_caller_and_a_visitor_are_refused_everything_that_is_not_public() {
    let app = TestApp::start().await;
    let acme = app.account(3).await;
    let bob = acme.limited("bob").await;
    let sdl = Sdl::committed();
    let id_at = |_: &str| bob.id.clone();
    let before = db_dump(&app).await;

    // A caller who never signed in, and one whose session has ended. An invalid token gets its own
    // error from every field.
    let (anonymous, visitor) = (app.anonymous(), app.anonymous().with_token(&visitors_token()));
    let gone = acme.limited("gone").await;
    acme.owner.removes(&gone).await.granted();
    let after_removal = db_dump(&app).await;
    assert_ne!(before, after_removal, "the dump sees changes");

    let mut tried = BTreeSet::new();
    for (operation, field) in root_fields(&sdl) {
        let capital = format!("{}{}", operation[..1].to_uppercase(), &operation[1..]);
        let name = format!("{capital}.{}", field.name.node);
        let call = sdl.call(operation, field, &id_at);
        tried.insert(name.clone());
        if operation == "subscription" {
            let is_public = PUBLIC.contains(&name.as_str());
            for caller in [&anonymous, &visitor] {
                let refused = caller.watches(&call.0, call.1.clone()).await.refused().await;
                // The call contains an unknown key.
                assert_eq!(refused.code(), if is_public { "NOT_FOUND" } else { "UNAUTHENTICATED" }, "{name}");
            }
            continue;
        }
        let dead = send(&gone, &call).await;
        assert_eq!((dead.status, dead.outcome().as_str()), (401, "UNAUTHENTICATED"), "{name}: {dead:?}");
        if PUBLIC.contains(&name.as_str()) {
            continue;
        }
        let answer = send(&anonymous, &call).await;
        let expected =
            if matches!(name.as_str(), "Query.viewer" | "Query.account") { "null" } else { "UNAUTHENTICATED" };
        assert_eq!(answer.outcome(), expected, "{name}: {answer:?}");
        assert_eq!(answer.json()["data"][field.name.node.as_str()], Value::Null, "{name}");
        let opened = send(&visitor, &call).await;
        if VISITORS.contains(&name.as_str()) {
            // The call contains an unknown key.
            let expected = if field.name.node == "sendChatMessage" { "ChatUnavailable" } else { "granted" };
            assert_eq!(opened.outcome(), expected, "{name}, as a visitor: {opened:?}");
        } else {
            assert_eq!(opened, answer, "{name}, as a visitor");
        }
    }
    assert!(PUBLIC.iter().all(|name| tried.contains(*name)), "each field of the public list exists");
    assert_eq!(db_dump(&app).await, after_removal, "nothing has changed");
}

#[tokio::test]
async fn an_anonymous_caller_may_use_what_is_public() {
    let app = TestApp::start().await;
    let sdl = Sdl::committed();
    let anonymous = app.anonymous();
    for (operation, field) in root_fields(&sdl) {
        let capital = format!("{}{}", operation[..1].to_uppercase(), &operation[1..]);
        if operation == "subscription" || !PUBLIC.contains(&format!("{capital}.{}", field.name.node).as_str()) {
            continue;
        }
        let answer =
            send(&anonymous, &sdl.call(operation, field, &|_| unreachable!("nothing public takes an id"))).await;
        let expected = match field.name.node.as_str() {
            "signIn" => "InvalidCredentials",
            "recoverPassword" | "confirmAddress" | "restoreAddress" | "releaseAddress" | "renewInvitation" => {
                "IncompleteLink"
            }
            // The call contains an unknown key or token.
            "availability" | "chat" | "invitationLink" | "mailedLink" => "null",
            _ => "granted",
        };
        assert_eq!(answer.outcome(), expected, "{}: {answer:?}", field.name.node);
    }
}

/// Every mutation, and its outcome when an operator with limited access calls it on themselves and
/// on a colleague.
const LIMITED: &[(&str, &str, &str)] = &[
    ("activateOperator", "FORBIDDEN", "FORBIDDEN"),
    ("addNote", "ConversationNotFound", "ConversationNotFound"),
    ("addOperator", "FORBIDDEN", "FORBIDDEN"),
    ("assignConversation", "ConversationNotFound", "ConversationNotFound"),
    ("blockVisitor", "VisitorNotFound", "VisitorNotFound"),
    ("changeAccessLevel", "FORBIDDEN", "FORBIDDEN"),
    ("changePassword", "granted", "granted"),
    ("changePlan", "FORBIDDEN", "FORBIDDEN"),
    ("closeChat", "UNAUTHENTICATED", "UNAUTHENTICATED"),
    ("closeConversation", "ConversationNotFound", "ConversationNotFound"),
    ("confirmAddress", "IncompleteLink", "IncompleteLink"),
    ("deactivateOperator", "FORBIDDEN", "FORBIDDEN"),
    ("inviteOperator", "FORBIDDEN", "FORBIDDEN"),
    ("joinConversation", "ConversationNotFound", "ConversationNotFound"),
    ("leaveConversation", "ConversationNotFound", "ConversationNotFound"),
    ("markChatRead", "UNAUTHENTICATED", "UNAUTHENTICATED"),
    ("markConversationRead", "ConversationNotFound", "ConversationNotFound"),
    ("recoverPassword", "IncompleteLink", "IncompleteLink"),
    ("releaseAddress", "IncompleteLink", "IncompleteLink"),
    ("removeOperator", "FORBIDDEN", "FORBIDDEN"),
    ("removeOperatorPhoto", "granted", "FORBIDDEN"),
    ("renewInvitation", "IncompleteLink", "IncompleteLink"),
    ("reopenConversation", "ConversationNotFound", "ConversationNotFound"),
    ("requestAddressConfirmation", "granted", "FORBIDDEN"),
    ("requestPasswordRecovery", "granted", "granted"),
    ("restoreAddress", "IncompleteLink", "IncompleteLink"),
    ("sendChatMessage", "UNAUTHENTICATED", "UNAUTHENTICATED"),
    ("sendMessage", "ConversationNotFound", "ConversationNotFound"),
    ("setChatTyping", "UNAUTHENTICATED", "UNAUTHENTICATED"),
    ("setOperatorPhoto", "granted", "FORBIDDEN"),
    ("setTyping", "ConversationNotFound", "ConversationNotFound"),
    ("signIn", "InvalidCredentials", "InvalidCredentials"),
    ("signOut", "granted", "granted"),
    ("signUp", "granted", "granted"),
    ("swapSeat", "FORBIDDEN", "FORBIDDEN"),
    ("transferOwnership", "FORBIDDEN", "FORBIDDEN"),
    ("unblockVisitor", "VisitorNotFound", "VisitorNotFound"),
    ("updateAccount", "FORBIDDEN", "FORBIDDEN"),
    ("updateChatVisitor", "UNAUTHENTICATED", "UNAUTHENTICATED"),
    ("updateOperator", "granted", "FORBIDDEN"),
];

#[tokio::test]
async fn limited_access_covers_personal_mutations_only() {
    let sdl = Sdl::committed();
    let known: Vec<_> = LIMITED.iter().map(|(name, ..)| *name).collect();
    let all: Vec<_> = sdl.fields("Mutation").iter().map(|field| field.name.node.as_str()).collect();
    assert_eq!(known, all, "the table has every mutation");

    let app = TestApp::start().await;
    for is_active in [true, false] {
        for (name, own, colleagues) in LIMITED {
            // A new account each time: some mutations make allowed changes or end the session.
            let acme = app.account(5).await;
            let bob = if is_active { acme.limited("bob").await } else { acme.inactive("bob").await };
            let cy = acme.inactive("cy").await;
            for (whom, expected) in [(&cy, *colleagues), (&bob, *own)] {
                app.all_is_sent().await;
                let before = db_dump(&app).await;
                let (document, variables) = sdl.call("mutation", sdl.field("Mutation", name), &|_| whom.id.clone());
                // An address that no other account has received.
                let variables = variables.to_string().replace("@elsewhere.example", &format!("@{}.test", acme.name));
                let variables = serde_json::from_str(&variables).expect("the variables");
                let answer = send(&bob, &(document, variables)).await;
                assert_eq!(answer.outcome(), expected, "{name} by bob on {}: {answer:?}", whom.name);
                if expected != "granted" {
                    assert_eq!(db_dump(&app).await, before, "{name} has changed something");
                }
                // A mutation with equal outcomes takes no id, and may have ended the session.
                if own == colleagues && expected == "granted" {
                    break;
                }
            }
        }
    }
}

/// The ids of a conversation of an account, and of its visitor.
async fn db_conversation(app: &TestApp, of: &Account) -> (String, String) {
    let visitor = app.anonymous().with_token(&visitors_token());
    let input = json!({ "widgetKey": of.widget_key, "clientMessageId": "1", "text": "Hello" });
    visitor.does("sendChatMessage", input).await.granted();
    let conversations = conversation::Entity::find().filter(conversation::COLUMN.account_id.eq(of.db_key()));
    let found = conversations.one(app.app().db()).await.expect("read").expect("it has begun");
    (global(*b"cv", found.id.0), global(*b"vi", found.visitor_id.0))
}

#[tokio::test]
async fn an_id_of_another_account_answers_like_one_that_never_existed() {
    let app = TestApp::start().await;
    let (acme, other) = (app.account(5).await, app.account(5).await);
    let own = acme.limited("own").await;
    let removed = acme.inactive("removed").await;
    acme.owner.removes(&removed).await.granted();
    let foreign = other.limited("foreign").await;
    let (foreign_conversation, foreign_visitor) = db_conversation(&app, &other).await;
    let foreign_ids = [
        ("another account's conversation", foreign_conversation),
        ("another account's visitor", foreign_visitor),
        ("another account's operator", foreign.id.clone()),
        ("another account's owner", other.owner.id.clone()),
        ("another account", other.id.clone()),
        ("an operator that never existed", global(*b"op", Uuid::now_v7())),
        ("an account that never existed", global(*b"ac", Uuid::now_v7())),
        ("a conversation that never existed", global(*b"cv", Uuid::now_v7())),
        ("a visitor who never existed", global(*b"vi", Uuid::now_v7())),
        ("a note that never existed", global(*b"no", Uuid::now_v7())),
        ("an operator that was removed", removed.id.clone()),
        ("an unknown kind", global(*b"zz", Uuid::nil())),
        ("garbage", "'; DROP TABLE operator; --".to_owned()),
        ("a bare key", foreign.db_key().0.to_string()),
        ("nothing", String::new()),
        ("another spelling", format!("{}=", own.id)),
        ("a very long id", "A".repeat(4000)),
        ("the caller's account in place of an operator", acme.id.clone()),
    ];
    let sdl = Sdl::committed();
    let before = db_dump(&app).await;
    let mut tried = 0;
    for (operation, field) in root_fields(&sdl) {
        let arguments: Vec<_> = field.arguments.iter().map(|argument| &argument.node).collect();
        for tested in sdl.id_paths(&arguments, "") {
            tried += 1;
            let mut answers = Vec::new();
            for (what, id) in &foreign_ids {
                // `node` accepts an account as well as an operator.
                if tested == "id" && *id == acme.id {
                    continue;
                }
                let id_at = |path: &str| if path == tested { id.clone() } else { own.id.clone() };
                let (query, variables) = sdl.call(operation, field, &id_at);
                if operation == "subscription" {
                    let query =
                        if tested == "assigneeId" { query.replace("{ __typename }", "{ totalCount }") } else { query };
                    let mut stream = acme.owner.watches(&query, variables).await;
                    // A list of the conversations of nobody is empty.
                    if tested == "assigneeId" {
                        let item = stream.next().await;
                        assert_eq!(item.at("conversations.totalCount"), &json!(0), "{what}: {item:?}");
                    } else {
                        assert_eq!(stream.refused().await.code(), "NOT_FOUND", "{}({tested}): {what}", field.name.node);
                    }
                    continue;
                }
                answers.push((what, send(&acme.owner, &(query, variables)).await));
            }
            if operation == "subscription" {
                continue;
            }
            let (_, first) = &answers[0];
            for (what, answer) in &answers {
                assert_eq!(answer, first, "{}({tested}) distinguishes {what}", field.name.node);
            }
            let (.., limited) = LIMITED.iter().find(|(name, ..)| *name == field.name.node).unwrap_or(&("", "", ""));
            let expected = match operation {
                "query" => "null",
                // Of a conversation and an operator that are unknown, the conversation is named.
                _ if limited.ends_with("NotFound") => limited,
                _ => "OperatorNotFound",
            };
            assert_eq!(first.outcome(), expected, "{}({tested}): {first:?}", field.name.node);
            assert_eq!(first.status, 200);
        }
    }
    assert!(tried >= 12, "{tried} places for an id");
    assert_eq!(db_dump(&app).await, before, "nothing has changed, in any account");
}

#[tokio::test]
async fn limited_access_does_not_distinguish_ids_either() {
    let app = TestApp::start().await;
    let (acme, other) = (app.account(5).await, app.account(5).await);
    let (bob, cy) = (acme.limited("bob").await, acme.limited("cy").await);
    let ids =
        [cy.id.clone(), other.owner.id.clone(), global(*b"op", Uuid::now_v7()), "garbage".to_owned(), acme.id.clone()];
    let sdl = Sdl::committed();
    for field in sdl.fields("Mutation") {
        let arguments: Vec<_> = field.arguments.iter().map(|argument| &argument.node).collect();
        for tested in sdl.id_paths(&arguments, "") {
            let mut answers = Vec::new();
            for id in &ids {
                let id_at = |path: &str| if path == tested { id.clone() } else { bob.id.clone() };
                answers.push(send(&bob, &sdl.call("mutation", field, &id_at)).await);
            }
            for answer in &answers {
                assert_eq!(answer, &answers[0], "{}({tested})", field.name.node);
            }
            // Conversations and visitors are open to limited access, and no id here is one of them.
            let (.., expected) = LIMITED.iter().find(|(name, ..)| *name == field.name.node).expect("in the table");
            let expected = if expected.ends_with("NotFound") { expected } else { "FORBIDDEN" };
            assert_eq!(answers[0].outcome(), expected, "{}({tested})", field.name.node);
        }
    }
}

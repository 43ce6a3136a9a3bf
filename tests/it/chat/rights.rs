//! Who may do what in a conversation, and that a visitor reaches nothing but their own chat.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Scene;
use crate::{
    rights::db_dump,
    support::{
        Answer, Person, TestApp,
        chat::{Visitor, as_visitor},
        visitors_token,
    },
};

/// The mutations of the operators' side, in an order in which each has an effect, with what an
/// inactive operator gets.
fn mutations(scene: &Scene, visitor_id: &Value) -> Vec<(&'static str, Value, Option<&'static str>)> {
    let inactive = Some("OperatorInactive");
    let talk = &scene.talk;
    let conversation = || json!({ "conversationId": talk });
    vec![
        ("joinConversation", conversation(), inactive),
        ("sendMessage", json!({ "conversationId": talk, "clientMessageId": "1", "text": "Hi" }), inactive),
        ("addNote", json!({ "conversationId": talk, "text": "A note" }), None),
        ("markConversationRead", json!({ "conversationId": talk, "upTo": 1 }), None),
        ("setTyping", json!({ "conversationId": talk, "isTyping": true }), inactive),
        // Who does not take part has nothing to leave.
        ("leaveConversation", conversation(), None),
        ("assignConversation", json!({ "conversationId": talk, "operatorId": scene.ada.id }), inactive),
        ("assignConversation", json!({ "conversationId": talk, "operatorId": null }), inactive),
        ("closeConversation", conversation(), inactive),
        ("reopenConversation", conversation(), inactive),
        ("blockVisitor", json!({ "visitorId": visitor_id }), inactive),
        ("unblockVisitor", json!({ "visitorId": visitor_id }), inactive),
    ]
}

const WATCH: &str = "subscription($id: ID!) { conversation(id: $id) { conversation { id } messages { text } } }";

impl Scene {
    async fn visitor_id(&self) -> Value {
        self.ada.talk(&self.talk).await["visitor"]["id"].clone()
    }

    async fn node(&self, who: &Person, id: &Value) -> Answer {
        who.run("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await
    }
}

#[tokio::test]
async fn every_access_level_may_chat_while_the_operator_is_active() {
    let scene = Scene::begin().await;
    let visitor_id = scene.visitor_id().await;
    for who in [&scene.ada, &scene.bob] {
        for (name, mut input, _) in mutations(&scene, &visitor_id) {
            if name == "sendMessage" {
                input["clientMessageId"] = json!(who.name);
            }
            who.chats(name, input).await.granted();
        }
        assert_eq!(scene.node(who, &json!(scene.talk)).await.at("node.id"), scene.talk.as_str());
        assert_eq!(scene.node(who, &visitor_id).await.at("node.id"), &visitor_id);
        assert_eq!(who.notes_of(&scene.talk).await[0]["text"], "A note");
    }
}

#[tokio::test]
async fn an_inactive_operator_reads_writes_notes_and_does_nothing_else() {
    let scene = Scene::begin().await;
    let visitor_id = scene.visitor_id().await;
    let people =
        [scene.acme.inactive("dan").await, scene.acme.inactive_full_access("eve").await, scene.acme.owner.clone()];
    for who in &people {
        for (name, input, refusal) in mutations(&scene, &visitor_id) {
            let before = db_dump(&scene.app).await;
            let answer = who.chats(name, input.clone()).await;
            assert_eq!(answer.refusals(), Vec::from_iter(refusal), "{name} by {}", who.name);
            if refusal.is_some() {
                assert_eq!(db_dump(&scene.app).await, before, "{name} by {}", who.name);
            }
        }
        assert_eq!(who.log_of(&scene.talk).await, ["visitor: Hello"]);
        assert_eq!(who.follows(&scene.talk).await.state, who.talk(&scene.talk).await);
        assert_eq!(scene.node(who, &visitor_id).await.at("node.id"), &visitor_id);
    }
    // Also in a conversation that is over.
    scene.ada.closes(&scene.talk).await.granted();
    for (name, input, _) in mutations(&scene, &visitor_id) {
        let answer = people[0].chats(name, input.clone()).await;
        if ["addNote", "markConversationRead", "leaveConversation"].contains(&name) {
            answer.granted();
        } else {
            assert!(answer.refusals().contains(&"OperatorInactive"), "{name}: {:#}", answer.body);
        }
    }
}

#[tokio::test]
async fn for_operators_of_another_account_a_conversation_does_not_exist() {
    let scene = Scene::begin().await;
    let visitor_id = scene.visitor_id().await;
    let globex = scene.app.account(2).await;
    let people = [globex.full_access("eve").await, globex.inactive("fay").await];
    let unknown = Visitor::of(&globex);
    unknown.writes("Hello").await.granted();
    let before = db_dump(&scene.app).await;
    for who in &people {
        for (name, input, _) in mutations(&scene, &visitor_id) {
            let answer = who.chats(name, input.clone()).await;
            let expected = if name.ends_with("lockVisitor") { "VisitorNotFound" } else { "ConversationNotFound" };
            assert_eq!(answer.refusals(), [expected], "{name} by {}", who.name);
            let field = if name.ends_with("lockVisitor") { "visitorId" } else { "conversationId" };
            assert_eq!(answer.faults(), [format!("{field}: {expected}")], "{name}");
        }
        for id in [json!(scene.talk), visitor_id.clone()] {
            assert_eq!(scene.node(who, &id).await.at("node"), &Value::Null);
        }
        let refused = who.watches(WATCH, json!({ "id": scene.talk })).await.refused().await;
        assert_eq!(refused.code(), "NOT_FOUND");
        let list = who.reads("{ account { conversations { totalCount nodes { id } } } }").await;
        assert_eq!(list.at("account.conversations.totalCount"), 1);
        assert_ne!(list.at("account.conversations.nodes.0.id"), scene.talk.as_str());
    }
    assert_eq!(db_dump(&scene.app).await, before);
}

#[tokio::test]
async fn a_visitor_an_anonymous_caller_and_a_removed_operator_are_no_operators() {
    let scene = Scene::begin().await;
    let visitor_id = scene.visitor_id().await;
    let gone = scene.acme.inactive("gone").await;
    scene.ada.removes(&gone).await.granted();
    let before = db_dump(&scene.app).await;
    let callers = [scene.app.anonymous(), scene.vera.person.clone(), Visitor::of(&scene.acme).person, gone.clone()];
    for who in &callers {
        for (name, input, _) in mutations(&scene, &visitor_id) {
            assert_eq!(who.chats(name, input).await.code(), "UNAUTHENTICATED", "{name}");
        }
        assert_eq!(scene.node(who, &json!(scene.talk)).await.code(), "UNAUTHENTICATED");
        if who.token != gone.token {
            let refused = who.watches(WATCH, json!({ "id": scene.talk })).await.refused().await;
            assert_eq!(refused.code(), "UNAUTHENTICATED");
        }
    }
    assert_eq!(db_dump(&scene.app).await, before);
}

#[tokio::test]
async fn an_operator_who_is_removed_gets_nothing_more_of_a_conversation() {
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    bob.joins(talk).await.granted();
    let mut stream = bob.watches(WATCH, json!({ "id": talk })).await;
    stream.next().await;

    ada.removes(bob).await.granted();
    vera.writes("A secret").await.granted();

    loop {
        // The events up to the removal may still come.
        match crate::support::in_time("the end", stream.item_or_end()).await {
            Ok(item) => assert!(!item.body.to_string().contains("A secret"), "{:#}", item.body),
            Err(code) => break assert_ne!(code, 1006, "it is closed, not broken"),
        }
    }
}

#[tokio::test]
async fn a_visitor_reaches_the_own_chat_and_no_other() {
    let scene = Scene::begin().await;
    let (vera, walt) = (&scene.vera, Visitor::of(&scene.acme));
    scene.ada.answers(&scene.talk, "Hi Vera").await.granted();
    assert_eq!(walt.chat().await, Value::Null);
    let before = db_dump(&scene.app).await;
    for (name, input) in others() {
        assert!(walt.does(name, input).await.granted().payload()["chat"].is_null(), "{name}");
    }
    assert_eq!(db_dump(&scene.app).await, before, "without a chat, nothing happens");

    walt.sends("1", "Good morning").await.granted();
    let veras = vera.chat().await;
    for (name, input) in others() {
        let answer = walt.does(name, input).await.granted();
        assert!(name == "setChatTyping" || answer.payload()["chat"] == walt.chat().await, "{name}");
        assert_eq!(vera.chat().await, veras, "{name}");
    }
    assert_eq!(walt.log().await, ["visitor: Good morning", "closed"]);
    let seen = format!("{} {:?}", walt.chat().await, walt.messages().await);
    for secret in ["Hello", "Hi Vera", "ada", veras["id"].as_str().expect("an id")] {
        assert!(!seen.contains(secret), "{secret} in {seen}");
    }
}

/// The mutations of the visitor's side that begin no conversation.
fn others() -> [(&'static str, Value); 4] {
    [
        ("markChatRead", json!({ "upTo": 100 })),
        ("setChatTyping", json!({ "isTyping": true })),
        ("updateChatVisitor", json!({ "name": "Eve", "email": "eve@home.example" })),
        ("closeChat", json!({})),
    ]
}

#[tokio::test]
async fn under_another_key_the_same_token_is_another_visitor() {
    let scene = Scene::begin().await;
    let globex = scene.app.account(1).await;
    let eve = globex.full_access("eve").await;
    let there = scene.vera.at(&globex);
    assert_eq!(there.chat().await, Value::Null);
    let here = scene.vera.chat().await;

    // Also with the id of a message here.
    there.sends("1", "Good day").await.granted();
    scene.vera.sends("1", "Another text").await.granted();
    assert_ne!(there.chat().await["id"], here["id"]);
    let talk = there.db_conversation(&scene.app, &globex).await;
    eve.answers(&talk, "Welcome").await.granted();
    there.does("updateChatVisitor", json!({ "name": "Vera" })).await.granted();
    there.closes().await.granted();

    assert_eq!(there.log().await, ["visitor: Good day", "eve joined", "eve: Welcome", "closed"]);
    scene.shows("PENDING waits", &["visitor: Another text"]).await;
    assert_eq!(scene.vera.chat().await["visitor"]["name"], Value::Null);
    let visitor = eve.talk(&talk).await["visitor"]["id"].clone();
    assert_ne!(visitor, scene.visitor_id().await);
    eve.chats("blockVisitor", json!({ "visitorId": visitor })).await.granted();
    scene.vera.writes("Not blocked here").await.granted();
}

#[tokio::test]
async fn without_a_visitors_token_there_is_no_chat() {
    let scene = Scene::begin().await;
    let operator = scene.app.anonymous().with_token(scene.ada.token.as_deref().expect("signed in"));
    let cookie = format!("deskbell_session={}", scene.ada.token.as_deref().expect("signed in"));
    let send = ("sendChatMessage", json!({ "clientMessageId": "1", "text": "Hello" }));
    let before = db_dump(&scene.app).await;
    for person in [scene.app.anonymous(), operator, scene.app.anonymous().with_cookie(&cookie)] {
        let caller = scene.vera.as_caller(person);
        assert_eq!(caller.chat().await, Value::Null);
        for (name, input) in others().into_iter().chain([send.clone()]) {
            assert_eq!(caller.does(name, input).await.code(), "UNAUTHENTICATED", "{name}");
        }
        let replica = caller.follows().await;
        assert_eq!((&replica.state, replica.messages.len()), (&Value::Null, 0));
    }
    assert_eq!(db_dump(&scene.app).await, before);
}

#[tokio::test]
async fn an_unknown_widget_key_has_no_chat() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let known = Visitor::of(&acme);
    known.writes("Hello").await.granted();
    let before = db_dump(&app).await;
    for key in ["", "wk_unknown", "\0", &acme.widget_key.to_uppercase(), &acme.id, &"k".repeat(10_000)] {
        for token in [known.person.clone(), app.anonymous().with_token(&visitors_token())] {
            let lost = Visitor { person: token, widget_key: key.to_owned() };
            assert_eq!(lost.chat().await, Value::Null, "{key:?}");
            assert_eq!(lost.writes("Hello").await.refusals(), ["ChatUnavailable"], "{key:?}");
            for (name, input) in others() {
                let answer = lost.does(name, input).await;
                assert!(answer.granted().payload()["chat"].is_null(), "{name} {key:?}");
            }
            let document = "subscription($key: String!) { chat(widgetKey: $key) { cursor } }";
            let refused = lost.person.watches(document, json!({ "key": key })).await.refused().await;
            assert_eq!(refused.code(), "NOT_FOUND", "{key:?}");
        }
    }
    assert_eq!(db_dump(&app).await, before);
}

#[tokio::test]
async fn nothing_on_the_visitors_side_takes_an_id() {
    let app = TestApp::start().await;
    let fields = "fields { name args { name type { name ofType { name inputFields { name type { name ofType { name } } } } } } }";
    let query = format!(
        "{{ __schema {{ queryType {{ {fields} }} mutationType {{ {fields} }} subscriptionType {{ {fields} }} }} }}"
    );
    let schema = app.anonymous().reads(&query).await;
    let mut seen = BTreeSet::new();
    for root in ["queryType", "mutationType", "subscriptionType"] {
        for field in schema.at(&format!("__schema.{root}.fields")).as_array().expect("a list") {
            let text = field["args"].to_string();
            let name = field["name"].as_str().expect("a name");
            if text.contains("\"widgetKey\"") {
                assert!(!text.contains("\"ID\""), "{name} takes an id: {text}");
                seen.insert(name);
            }
        }
    }
    for name in ["chat", "sendChatMessage", "markChatRead", "setChatTyping", "updateChatVisitor", "closeChat"] {
        assert!(seen.contains(name), "{name} is missing in {seen:?}");
    }
}

#[tokio::test]
async fn visitors_and_operators_have_types_of_their_own() {
    let scene = Scene::begin().await;
    scene.ada.answers(&scene.talk, "Hi").await.granted();
    // What operators see is in no field of a chat, and of an operator only the card.
    for field in
        ["assignee { id }", "participants { id }", "notes { text }", "visitor { id }", "waitingSince", "page { url }"]
    {
        let query = as_visitor(&format!("query($key: String!) {{ chat(widgetKey: $key) {{ {field} }} }}"));
        let answer = scene.vera.person.run(&query, json!({ "key": scene.vera.widget_key })).await;
        assert!(!answer.codes().is_empty() && answer.body["data"].is_null(), "{field}: {:#}", answer.body);
    }
    let card = scene.vera.messages().await[2]["operator"]["id"].clone();
    assert_ne!(card, scene.ada.id.as_str());
    assert_eq!(scene.node(&scene.bob, &card).await.at("node"), &Value::Null);
    let input = json!({ "conversationId": scene.talk, "operatorId": card });
    assert_eq!(scene.bob.chats("assignConversation", input).await.refusals(), ["OperatorNotFound"]);
}

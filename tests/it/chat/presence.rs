//! Typing, and whether the visitor is here.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Account, Answer, Person, Stream, TestApp, eventually, visitors_token};

const WATCH: &str = "subscription($id: ID!) { conversation(id: $id) { cursor messages { text }
    conversation { isVisitorTyping isVisitorHere typingOperators { name } } } }";
const CHAT: &str = "subscription($key: String!) { chat(widgetKey: $key) { cursor messages { text }
    chat { isOperatorTyping } } }";

/// A visitor who has written, and two operators.
struct Scene {
    app: TestApp,
    acme: Account,
    ada: Person,
    bob: Person,
    vera: Person,
    talk: String,
}

impl Scene {
    async fn begin() -> Self {
        let app = TestApp::start_with(|config| {
            config.rate_limits.enabled = false;
            config.mail.poll = Duration::from_hours(1);
            config.session.recheck = Duration::from_hours(1);
        })
        .await;
        let acme = app.account(2).await;
        let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
        let vera = app.anonymous().with_token(&visitors_token());
        let mut scene = Self { app, acme, ada, bob, vera, talk: String::new() };
        scene.writes("Hello").await;
        let nodes = scene.ada.reads("{ account { conversations { nodes { id } } } }").await;
        nodes.text("account.conversations.nodes.0.id").clone_into(&mut scene.talk);
        scene
    }

    async fn writes(&self, text: &str) {
        let input = json!({ "widgetKey": self.acme.widget_key, "clientMessageId": text, "text": text });
        self.vera.does("sendChatMessage", input).await.granted();
    }

    async fn answers(&self, who: &Person, text: &str) {
        let input = json!({ "conversationId": self.talk, "clientMessageId": text, "text": text });
        who.does("sendMessage", input).await.granted();
    }

    async fn vera_types(&self, is_typing: bool) -> Answer {
        let input = json!({ "widgetKey": self.acme.widget_key, "isTyping": is_typing });
        self.vera.does("setChatTyping", input).await
    }

    async fn types(&self, who: &Person, is_typing: bool) -> Answer {
        who.does("setTyping", json!({ "conversationId": self.talk, "isTyping": is_typing })).await
    }

    async fn follows(&self, who: &Person) -> Stream {
        let mut stream = who.watches(WATCH, json!({ "id": self.talk })).await;
        stream.next().await;
        stream
    }

    async fn chat(&self) -> Stream {
        let mut stream = self.vera.watches(CHAT, json!({ "key": self.acme.widget_key })).await;
        stream.next().await;
        stream
    }
}

/// What an operator sees: whether the visitor types and is here, and who types.
fn seen(item: &Answer) -> (bool, bool, Vec<Value>) {
    let of = "conversation.conversation";
    let is = |field: &str| item.at(&format!("{of}.{field}")) == true;
    (is("isVisitorTyping"), is("isVisitorHere"), item.each(&format!("{of}.typingOperators"), "name"))
}

#[tokio::test]
async fn operators_see_that_the_visitor_types_and_is_here() {
    let scene = Scene::begin().await;
    let mut ada = scene.ada.watches(WATCH, json!({ "id": scene.talk })).await;
    let first = ada.next().await;
    assert_eq!(seen(&first), (false, false, vec![]));
    let chat = scene.chat().await;
    let here = ada.next().await;
    assert_eq!(seen(&here), (false, true, vec![]));
    assert_eq!(here.at("conversation.messages"), &json!([]));
    assert_eq!(here.at("conversation.cursor"), first.at("conversation.cursor"), "nothing was written");

    scene.vera_types(true).await.granted();
    assert_eq!(seen(&ada.next().await), (true, true, vec![]));
    let read = "query($id: ID!) { node(id: $id) { ... on Conversation { isVisitorTyping isVisitorHere } } }";
    let read = scene.bob.run(read, json!({ "id": scene.talk })).await;
    assert_eq!(read.at("node"), &json!({ "isVisitorTyping": true, "isVisitorHere": true }));
    scene.vera_types(false).await.granted();
    assert_eq!(seen(&ada.next().await), (false, true, vec![]));
    // A message ends typing.
    scene.vera_types(true).await.granted();
    assert_eq!(seen(&ada.next().await), (true, true, vec![]));
    scene.writes("Anyone?").await;
    let wrote =
        ada.until(|item| item.body.pointer("/data/conversation/messages/0/text") == Some(&json!("Anyone?"))).await;
    let ended = if seen(&wrote).0 { ada.next().await } else { wrote };
    assert_eq!(seen(&ended), (false, true, vec![]));

    // So does the end of the connection, and the visitor is here a little longer.
    scene.vera_types(true).await.granted();
    assert_eq!(seen(&ada.next().await), (true, true, vec![]));
    drop(chat);
    let left = Instant::now();
    assert_eq!(seen(&ada.next().await), (false, true, vec![]));
    assert!(left.elapsed() < Duration::from_secs(3), "typing does not wait for its time");
    assert_eq!(seen(&ada.next().await), (false, false, vec![]));
    assert!(left.elapsed() > Duration::from_secs(4), "{:?}", left.elapsed());
}

#[tokio::test]
async fn a_visitor_sees_that_an_operator_types_until_it_expires() {
    let scene = Scene::begin().await;
    let mut chat = scene.chat().await;
    let mut bob = scene.follows(&scene.bob).await;
    let bob_sees = |item: &Answer| seen(item).2;

    scene.types(&scene.ada, true).await.granted();
    let shown = chat.next().await;
    assert_eq!(shown.at("chat.chat"), &json!({ "isOperatorTyping": true }), "not who");
    assert_eq!(shown.at("chat.messages"), &json!([]));
    assert_eq!(bob_sees(&bob.until(|item| !bob_sees(item).is_empty()).await), ["ada"]);
    // Colleagues see both, and the visitor sees no difference.
    scene.types(&scene.bob, true).await.granted();
    assert_eq!(bob_sees(&bob.next().await), ["ada", "bob"]);
    scene.answers(&scene.ada, "Hi").await;
    bob.until(|item| bob_sees(item) == ["bob"]).await;
    let answer = chat.next().await;
    assert_eq!(answer.at("chat.chat"), &json!({ "isOperatorTyping": true }), "bob still types");
    let began = Instant::now();
    let ended = chat.next().await;
    assert_eq!(ended.at("chat.chat"), &json!({ "isOperatorTyping": false }));
    assert_eq!(ended.at("chat.messages"), &json!([]));
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    bob.until(|item| bob_sees(item).is_empty()).await;
}

#[tokio::test]
async fn typing_is_for_active_operators_and_for_visitors_with_a_chat() {
    let scene = Scene::begin().await;
    let other = scene.app.account(1).await;
    let cy = other.full_access("cy").await;
    assert_eq!(scene.types(&cy, true).await.refusals(), ["ConversationNotFound"], "of another account");
    // Also while the conversation is known in memory.
    scene.types(&scene.ada, true).await.granted();
    assert_eq!(scene.types(&cy, true).await.refusals(), ["ConversationNotFound"]);
    let unknown = json!({ "conversationId": "none", "isTyping": true });
    assert_eq!(scene.ada.does("setTyping", unknown).await.refusals(), ["ConversationNotFound"]);
    scene.ada.deactivates(&scene.bob).await.granted();
    assert_eq!(scene.types(&scene.bob, true).await.refusals(), ["OperatorInactive"]);
    for stranger in [&scene.vera, &scene.app.anonymous()] {
        assert_eq!(scene.types(stranger, true).await.code(), "UNAUTHENTICATED");
    }
    let typing = |who: Person, key: String| async move {
        who.does("setChatTyping", json!({ "widgetKey": key, "isTyping": true })).await
    };
    for stranger in [scene.ada.clone(), scene.app.anonymous()] {
        assert_eq!(typing(stranger, scene.acme.widget_key.clone()).await.code(), "UNAUTHENTICATED");
    }
    let silent = scene.app.anonymous().with_token(&visitors_token());
    for (who, key) in [(&silent, &scene.acme.widget_key), (&scene.vera, &other.widget_key)] {
        typing(who.clone(), key.clone()).await.granted();
    }
    typing(scene.vera.clone(), "wk_unknown".to_owned()).await.granted();
    let mut bob = scene.follows(&scene.ada).await;
    scene.vera_types(true).await.granted();
    assert!(seen(&bob.next().await).0);
}

#[tokio::test]
async fn typing_runs_no_statement_beyond_authentication() {
    let scene = Scene::begin().await;
    let _chat = scene.chat().await;
    let mut ada = scene.follows(&scene.ada).await;
    scene.app.is_idle().await;
    let statements = || scene.app.app().statements.get();
    let before = statements();
    for is_typing in [true, false, true, false] {
        scene.vera_types(is_typing).await.granted();
        ada.until(|item| seen(item).0 == is_typing).await;
    }
    assert_eq!(statements(), before, "of a visitor");
    for _ in 0..3 {
        scene.types(&scene.bob, true).await.granted();
    }
    ada.until(|item| !seen(item).2.is_empty()).await;
    let taken = statements() - before;
    assert!((3..=4).contains(&taken), "{taken}: three requests were authenticated, and one operator was read");
}

#[tokio::test]
async fn a_list_shows_typing_without_a_statement_and_only_to_those_who_select_it() {
    let scene = Scene::begin().await;
    let select = |fields: &str| format!("subscription {{ conversations {{ nodes {{ id {fields} }} }} }}");
    let mut list = scene.ada.watches(&select("isVisitorTyping isVisitorHere"), json!({})).await;
    let mut plain = scene.ada.watches(&select("lastSequence"), json!({})).await;
    list.next().await;
    plain.next().await;
    scene.app.is_idle().await;
    let before = scene.app.app().statements.get();
    scene.vera_types(true).await.granted();
    list.until(|item| item.at("conversations.nodes.0.isVisitorTyping") == true).await;
    scene.vera_types(false).await.granted();
    list.until(|item| item.at("conversations.nodes.0.isVisitorTyping") == false).await;
    let taken = scene.app.app().statements.get() - before;
    assert!(taken <= 1, "{taken}: the conversation of the token was read");
    let chat = scene.chat().await;
    list.until(|item| item.at("conversations.nodes.0.isVisitorHere") == true).await;
    drop(chat);
    list.until(|item| item.at("conversations.nodes.0.isVisitorHere") == false).await;
    scene.writes("More").await;
    assert_eq!(plain.next().await.number("conversations.nodes.0.lastSequence"), 2, "nothing came before");
}

#[tokio::test]
async fn a_visitor_types_once_in_three_seconds() {
    let limited = TestApp::start_with(|config| config.rate_limits.enabled = true).await;
    let acme = limited.account(1).await;
    let ada = acme.full_access("ada").await;
    let vera = limited.anonymous().with_token(&visitors_token());
    let input = json!({ "widgetKey": acme.widget_key, "clientMessageId": "1", "text": "Hello" });
    vera.does("sendChatMessage", input).await.granted();
    let read = async || {
        let read = ada.reads("{ account { conversations { nodes { isVisitorTyping } } } }").await;
        read.at("account.conversations.nodes.0.isVisitorTyping").clone()
    };
    let types = async |is_typing: bool| {
        let input = json!({ "widgetKey": acme.widget_key, "isTyping": is_typing });
        vera.does("setChatTyping", input).await.granted();
    };
    types(true).await;
    assert_eq!(read().await, true);
    types(false).await;
    assert_eq!(read().await, false, "an end always counts");
    types(true).await;
    assert_eq!(read().await, false, "ignored, and not refused");
    limited.later(chrono::TimeDelta::seconds(3));
    types(true).await;
    assert_eq!(read().await, true);
    eventually("it expires", async || read().await == false).await;
}

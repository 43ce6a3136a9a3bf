//! Chats in which nothing happens: their subscriptions rest, and nobody notices.

use std::time::Duration;

use deskbell::{
    access::identity,
    bus::{GONE, Topic},
};
use serde_json::{Value, json};

use super::Scene;
use crate::support::{Answer, chat::Visitor};

const CHAT: &str = "subscription($key: String!, $after: String) { chat(widgetKey: $key, after: $after) {
    chat { id status isOperatorTyping } messages { text event } cursor isReset } }";

/// A server whose subscriptions rest whenever they can, and that does nothing by itself.
async fn scene() -> Scene {
    Scene::with(|config| {
        config.chat.rest_after = Duration::ZERO;
        config.session.recheck = Duration::from_hours(1);
    })
    .await
}

fn texts(item: &Answer) -> Vec<Value> {
    item.each("chat.messages", "text")
}

#[tokio::test]
async fn a_chat_that_rests_goes_on_with_each_change_that_its_visitor_sees() {
    let scene = scene().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    let mut chat = vera.person.watches(CHAT, json!({ "key": vera.widget_key })).await;
    let first = chat.next().await;
    assert_eq!(texts(&first), ["Hello"]);

    // What colleagues see only wakes nobody.
    scene.app.is_idle().await;
    ada.notes(talk, "Careful").await.granted();
    ada.answers(talk, "Good morning").await.granted();
    let item = chat.next().await;
    assert_eq!((texts(&item), item.at("chat.isReset")), (vec![Value::Null, json!("Good morning")], &json!(false)));

    scene.app.is_idle().await;
    ada.does("setTyping", json!({ "conversationId": talk, "isTyping": true })).await.granted();
    let item = chat.until(|item| *item.at("chat.chat.isOperatorTyping") == true).await;
    assert_eq!(texts(&item), Vec::<Value>::new());
    ada.does("setTyping", json!({ "conversationId": talk, "isTyping": false })).await.granted();
    chat.until(|item| *item.at("chat.chat.isOperatorTyping") == false).await;

    scene.app.is_idle().await;
    ada.closes(talk).await.granted();
    assert_eq!(*chat.next().await.at("chat.chat.status"), "CLOSED");
    scene.app.is_idle().await;
    vera.writes("One more question").await.granted();
    let item = chat.next().await;
    assert_eq!((item.text("chat.chat.status"), texts(&item).len()), ("PENDING", 2));
}

#[tokio::test]
async fn a_chat_that_rests_goes_on_with_the_next_conversation() {
    let scene = scene().await;
    let (vera, talk) = (&scene.vera, scene.talk.as_str());
    let mut chat = vera.person.watches(CHAT, json!({ "key": vera.widget_key })).await;
    let first = chat.next().await;
    scene.ada.closes(talk).await.granted();
    chat.next().await;
    scene.app.is_idle().await;
    scene.app.later(chrono::TimeDelta::hours(25));
    vera.writes("Hello again").await.granted();
    let item = chat.next().await;
    assert_eq!((texts(&item), item.at("chat.isReset")), (vec![json!("Hello again")], &json!(true)));
    assert_ne!(item.at("chat.chat.id"), first.at("chat.chat.id"));
}

#[tokio::test]
async fn who_has_not_written_costs_no_periodic_statement() {
    let scene = scene().await;
    let (walt, other) = (Visitor::of(&scene.acme), scene.app.account(1).await);
    let mut chat = walt.person.watches(CHAT, json!({ "key": walt.widget_key })).await;
    assert_eq!(*chat.next().await.at("chat.chat"), Value::Null);
    scene.app.is_idle().await;

    // A server compares what is followed with the database in rounds.
    let token = identity::Visitor::of(walt.person.token.as_deref().expect("a token")).expect("a token");
    let (app, topic) = (scene.app.app(), Topic::VisitorToken(token.key_at(scene.acme.db_key())));
    let statements = app.statements.get();
    for _ in 0..5 {
        app.bus.compare(topic, GONE);
        tokio::task::yield_now().await;
    }
    scene.app.is_idle().await;
    assert_eq!(app.statements.get(), statements, "the token has no visitor");

    // The same token with another account is another visitor.
    walt.at(&other).writes("Hello").await.granted();
    walt.writes("Good morning").await.granted();
    let item = chat.next().await;
    assert_eq!((texts(&item), item.at("chat.isReset")), (vec![json!("Good morning")], &json!(false)));
}

//! What a send costs: statements, and nothing that the server repeats by itself.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Scene;
use crate::support::{Person, chat::Visitor};

/// The most statements of a send from request to answer, without BEGIN and COMMIT.
const PLAIN: u64 = 7;
/// The most of one that begins a conversation, joins or reopens.
const MORE: u64 = 10;

const VISITOR: &str = "mutation($input: SendChatMessageInput!) {
    sendChatMessage(input: $input) { message { sequence } userErrors { message } }
}";
const OPERATOR: &str = "mutation($input: SendMessageInput!) {
    sendMessage(input: $input) { message { sequence } userErrors { message } }
}";

/// A scene in which the server reads nothing by itself.
async fn quiet() -> Scene {
    let scene = Scene::with(|config| {
        config.mail.poll = Duration::from_hours(1);
        config.session.recheck = Duration::from_hours(1);
    })
    .await;
    scene.app.is_idle().await;
    scene
}

impl Scene {
    /// Runs a send, and checks how many statements it took.
    async fn costs(&self, what: &str, most: u64, who: &Person, document: &str, input: Value) {
        let before = self.app.app().statements.get();
        who.run(document, json!({ "input": input })).await.granted();
        let taken = self.app.app().statements.get() - before;
        assert!(taken > 0 && taken <= most, "{what}: {taken} statements, {most} at most");
        // Also after the answer, nothing more is read for it.
        self.app.is_idle().await;
        let taken = self.app.app().statements.get() - before;
        assert!(taken <= most, "{what}: {taken} statements, {most} at most");
    }

    async fn visitor_sends(&self, what: &str, most: u64, vera: &Visitor) {
        let input = json!({
            "widgetKey": vera.widget_key, "clientMessageId": what, "text": what,
            "page": { "url": format!("https://shop.example/{}", what.len()) }, "visitor": { "name": "Vera" },
        });
        self.costs(what, most, &vera.person, VISITOR, input).await;
    }

    async fn operator_sends(&self, what: &str, most: u64, who: &Person) {
        let input = json!({ "conversationId": self.talk, "clientMessageId": what, "text": what });
        self.costs(what, most, who, OPERATOR, input).await;
    }
}

#[tokio::test]
async fn a_send_takes_few_statements() {
    let scene = quiet().await;
    scene.visitor_sends("a visitor sets a name", PLAIN, &scene.vera).await;
    scene.visitor_sends("a visitor goes on", PLAIN, &scene.vera).await;
    scene.visitor_sends("a visitor goes on", PLAIN, &scene.vera).await;
    scene.operator_sends("an operator joins", MORE, &scene.ada).await;
    scene.operator_sends("an operator goes on", PLAIN, &scene.ada).await;
    scene.operator_sends("an operator goes on", PLAIN, &scene.ada).await;
    scene.operator_sends("another joins", MORE, &scene.bob).await;
    scene.visitor_sends("a visitor answers", PLAIN, &scene.vera).await;
    scene.visitor_sends("a visitor begins", MORE, &Visitor::of(&scene.acme)).await;
    scene.ada.closes(&scene.talk).await.granted();
    scene.visitor_sends("a visitor reopens", MORE, &scene.vera).await;
    scene.ada.closes(&scene.talk).await.granted();
    scene.app.later(TimeDelta::hours(25));
    scene.visitor_sends("a visitor begins another", MORE, &scene.vera).await;
}

#[tokio::test]
async fn an_open_chat_in_which_nothing_happens_is_not_read() {
    let scene = quiet().await;
    let (stranger, vera) = (Visitor::of(&scene.acme), &scene.vera);
    let _followers = (stranger.follows().await, vera.follows().await, vera.follows().await);
    scene.app.is_idle().await;
    let before = scene.app.app().statements.get();
    // A change of another visitor's chat.
    Visitor::of(&scene.acme).writes("Good morning").await.granted();
    let sent = scene.app.app().statements.get() - before;
    assert!(sent <= MORE, "{sent} statements");
    scene.app.is_idle().await;
    assert_eq!(scene.app.app().statements.get() - before, sent, "no follower reads");
}

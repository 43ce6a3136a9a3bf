//! Sending: a message is stored once, in the order of its sequence, whatever is repeated, and
//! whatever happens at the same time.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::{conversation, message, visitor, visitor_token};
use futures_util::future::join_all;
use sea_orm::{EntityTrait, PaginatorTrait as _};
use serde_json::{Value, json};

use super::Scene;
use crate::support::{
    Answer, Person, TestApp,
    chat::{Visitor, line, sequence},
};

/// The numbers of visitors, of their tokens, of conversations and of messages.
async fn db_counts(app: &TestApp) -> [u64; 4] {
    let db = app.app().db();
    [
        visitor::Entity::find().count(db).await,
        visitor_token::Entity::find().count(db).await,
        conversation::Entity::find().count(db).await,
        message::Entity::find().count(db).await,
    ]
    .map(|count| count.expect("the database answers"))
}

fn message(answer: &Answer) -> Value {
    let message = answer.payload()["message"].clone();
    assert!(message.is_object(), "{:#}", answer.body);
    message
}

/// The conversation or chat that an answer is about, by its id.
fn place(answer: &Answer) -> Value {
    let payload = answer.payload();
    let place = if payload["chat"].is_null() { &payload["conversation"]["id"] } else { &payload["chat"]["id"] };
    assert!(place.is_string(), "{:#}", answer.body);
    place.clone()
}

#[tokio::test]
async fn a_first_message_begins_a_chat_and_both_sides_see_the_message() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let vera = Visitor::of(&acme);
    assert_eq!(vera.chat().await, Value::Null);
    assert_eq!(db_counts(&app).await, [0, 0, 0, 0], "nothing is stored before the first message");

    let sent = vera.sends("first", "Hello").await.granted();

    let shown = message(&sent);
    let expected = json!({
        "sequence": 1, "clientMessageId": "first", "author": "VISITOR", "operator": null, "text": "Hello",
        "event": null, "sentAt": shown["sentAt"],
    });
    assert_eq!(shown, expected);
    let chat = vera.chat().await;
    assert_eq!(sent.payload()["chat"], chat);
    let expected = json!({
        "id": chat["id"], "status": "PENDING", "closedBy": null, "startedAt": shown["sentAt"], "lastSequence": 1,
        "unreadCount": 0, "readUpTo": chat["readUpTo"], "readByOperatorUpTo": 0, "operators": [],
        "visitor": { "name": null, "email": null },
    });
    assert_eq!(chat, expected);
    assert_eq!(vera.messages().await, [shown]);
    assert_eq!(db_counts(&app).await, [1, 1, 1, 1]);
    let talk = vera.db_conversation(&app, &acme).await;
    assert_eq!(acme.owner.log_of(&talk).await, ["visitor: Hello"]);
    assert_eq!(acme.owner.talk(&talk).await["unreadCount"], 1);
}

#[tokio::test]
async fn a_repeated_send_of_a_visitor_is_answered_with_the_first_message_whatever_happened_since() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    let first = vera.sends("again", "It\r\nis\u{301} late").await.granted();
    assert_eq!(message(&first)["text"], "It\ni\u{15b} late");
    let counts = db_counts(&scene.app).await;
    let repeats = async |why: &str| {
        // A page and a name are ignored on a repeat, and so is how the text was typed.
        let input = json!({
            "clientMessageId": "again", "text": "It\ri\u{15b} late",
            "page": { "url": "https://shop.example/" }, "visitor": { "name": "Vera" },
        });
        let repeated = vera.does("sendChatMessage", input).await.granted();
        assert_eq!((message(&repeated), place(&repeated)), (message(&first), place(&first)), "{why}");
        let other = vera.sends("again", "It is very late").await;
        assert_eq!(other.refusals(), ["ClientMessageIdReused"], "{why}");
        let seen = ada.talk(talk).await;
        assert_eq!((&seen["page"], &seen["visitor"]["name"]), (&Value::Null, &Value::Null), "{why}");
    };

    repeats("at once").await;
    assert_eq!(db_counts(&scene.app).await, counts);
    ada.answers(talk, "Sorry").await.granted();
    repeats("after more was written").await;
    ada.closes(talk).await.granted();
    repeats("after it was closed").await;
    assert_eq!(ada.shape_of(talk).await, "CLOSED by OPERATOR (ada)", "a repeat does not reopen it");
    ada.does("updateAccount", json!({ "isChatEnabled": false })).await.granted();
    repeats("after chat was switched off").await;
    assert_eq!(vera.writes("New").await.refusals(), ["ChatUnavailable"]);
    ada.does("updateAccount", json!({ "isChatEnabled": true })).await.granted();
    scene.app.later(TimeDelta::hours(25));
    vera.writes("Hello again").await.granted();
    assert_ne!(vera.chat().await["id"], place(&first));
    repeats("after another conversation began").await;
    let visitor = ada.talk(talk).await["visitor"]["id"].clone();
    ada.chats("blockVisitor", json!({ "visitorId": visitor })).await.granted();
    repeats("after the visitor was blocked").await;
    assert_eq!(vera.writes("New").await.refusals(), ["ChatUnavailable"]);
}

#[tokio::test]
async fn a_repeated_send_of_an_operator_is_answered_with_the_first_message_whatever_happened_since() {
    let scene = Scene::begin().await;
    let (ada, bob, talk) = (&scene.ada, &scene.bob, scene.talk.as_str());
    let first = bob.answers_as(talk, "again", "Hi").await.granted();
    let repeats = async |why: &str| {
        // `ifLastSequence` is ignored on a repeat.
        let input = json!({ "conversationId": talk, "clientMessageId": "again", "text": "Hi", "ifLastSequence": 0 });
        let repeated = bob.chats("sendMessage", input).await.granted();
        assert_eq!((message(&repeated), place(&repeated)), (message(&first), json!(talk)), "{why}");
        let other = bob.answers_as(talk, "again", "hi").await;
        assert_eq!(other.refusals(), ["ClientMessageIdReused"], "{why}");
    };

    repeats("at once").await;
    scene.vera.writes("My order").await.granted();
    repeats("after more was written").await;
    bob.leaves(talk).await.granted();
    repeats("after leaving").await;
    assert_eq!(ada.shape_of(talk).await, "PENDING waits", "a repeat does not join");
    ada.closes(talk).await.granted();
    repeats("after it was closed").await;
    assert_eq!(bob.answers(talk, "New").await.refusals(), ["ConversationClosed"]);
    ada.deactivates(bob).await.granted();
    repeats("after becoming inactive").await;
    let other = bob.answers(talk, "New").await;
    assert!(other.refusals().contains(&"OperatorInactive"), "{:#}", other.body);

    // The id is another operator's, too.
    ada.reopens(talk).await.granted();
    ada.answers_as(talk, "again", "Hello").await.granted();
    // And of another conversation.
    let walt = Visitor::of(&scene.acme);
    walt.sends("again", "Good morning").await.granted();
    let other = walt.db_conversation(&scene.app, &scene.acme).await;
    ada.answers_as(&other, "again", "Good morning!").await.granted();
    assert_eq!(walt.log().await, ["visitor: Good morning", "ada joined", "ada: Good morning!"]);
}

#[tokio::test]
async fn a_refused_send_stores_nothing_and_leaves_its_id_free() {
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    let counts = db_counts(&scene.app).await;

    assert_eq!(vera.sends("1", " \n").await.refusals(), ["InvalidInput"]);
    ada.does("updateAccount", json!({ "isChatEnabled": false })).await.granted();
    assert_eq!(vera.sends("1", "off").await.refusals(), ["ChatUnavailable"]);
    assert_eq!(Visitor::of(&scene.acme).sends("1", "off").await.refusals(), ["ChatUnavailable"]);
    ada.does("updateAccount", json!({ "isChatEnabled": true })).await.granted();
    let input =
        |text: &str| json!({ "conversationId": talk, "clientMessageId": "1", "text": text, "ifLastSequence": 0 });
    assert_eq!(ada.chats("sendMessage", input("newer")).await.refusals(), ["NewerMessages"]);
    ada.deactivates(bob).await.granted();
    assert_eq!(bob.answers_as(talk, "1", "inactive").await.refusals(), ["OperatorInactive"]);
    ada.activates(bob).await.granted();
    let before_closing = db_counts(&scene.app).await;
    assert_eq!(before_closing, counts, "nothing is stored");

    for (sent, text) in
        [(vera.sends("1", "Other").await, "visitor: Other"), (bob.answers_as(talk, "1", "Hi").await, "bob: Hi")]
    {
        assert_eq!(line(&message(&sent.granted())), text);
    }
    scene.shows("OPEN bob*", &["visitor: Other", "bob joined", "bob: Hi"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_equal_sends_at_once_one_is_stored_and_all_get_it() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let (ada, vera) = (acme.full_access("ada").await, Visitor::of(&acme));

    let answers = join_all((0..32).map(|_| vera.sends("first", "Hello"))).await;
    let same: BTreeSet<_> = answers.into_iter().map(|answer| message(&answer.granted()).to_string()).collect();
    assert_eq!((same.len(), db_counts(&app).await), (1, [1, 1, 1, 1]), "{same:?}");

    let answers = join_all((0..32).map(|_| vera.sends("second", "Anyone?"))).await;
    let same: BTreeSet<_> = answers.into_iter().map(|answer| message(&answer.granted()).to_string()).collect();
    assert_eq!((same.len(), vera.log().await), (1, vec!["visitor: Hello".to_owned(), "visitor: Anyone?".to_owned()]));

    // The first of these joins.
    let talk = vera.db_conversation(&app, &acme).await;
    let answers = join_all((0..32).map(|_| ada.answers_as(&talk, "first", "Hi"))).await;
    let same: BTreeSet<_> = answers.into_iter().map(|answer| message(&answer.granted()).to_string()).collect();
    assert_eq!(same.len(), 1);
    assert_eq!(ada.log_of(&talk).await[2..], ["ada joined", "ada: Hi"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_sends_at_once_with_one_id_and_two_texts_those_with_one_text_are_refused() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let vera = Visitor::of(&acme);

    let answers = join_all((0..32).map(|n| vera.sends("first", if n % 2 == 0 { "Hello" } else { "Hi" }))).await;

    let refused: Vec<_> = answers.iter().flat_map(Answer::refusals).collect();
    assert_eq!(refused, ["ClientMessageIdReused"; 16]);
    let same: BTreeSet<_> =
        answers.iter().filter(|answer| answer.is_granted()).map(|answer| message(answer).to_string()).collect();
    assert_eq!((same.len(), db_counts(&app).await), (1, [1, 1, 1, 1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_first_messages_at_once_with_one_token_all_are_in_one_conversation() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let vera = Visitor::of(&acme);

    let texts: BTreeSet<_> = (1..=32).map(|number| format!("Question {number}")).collect();
    let answers = join_all(texts.iter().map(|text| vera.sends(text, text))).await;

    assert_eq!(db_counts(&app).await, [1, 1, 1, 32]);
    let messages = vera.messages().await;
    for answer in &answers {
        let sent = message(&answer.clone().granted());
        assert_eq!(messages[usize::try_from(sequence(&sent) - 1).expect("positive")], sent);
    }
    assert_eq!(
        messages.iter().map(|message| message["text"].as_str().expect("text").to_owned()).collect::<BTreeSet<_>>(),
        texts
    );
    // Their order is also the order of their times.
    assert!(messages.is_sorted_by_key(|message| message["sentAt"].as_str().expect("a time").to_owned()));
}

#[tokio::test]
async fn an_answer_to_what_the_operator_has_not_seen_is_refused_with_what_was_written() {
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    let sends = async |who: &Person, text: &str, last: i64| {
        let input = json!({ "conversationId": talk, "clientMessageId": text, "text": text, "ifLastSequence": last });
        who.chats("sendMessage", input).await
    };
    let newer = |answer: &Answer| -> Vec<String> {
        assert_eq!(answer.refusals(), ["NewerMessages"]);
        answer.user_errors()[0]["messages"].as_array().expect("a list").iter().map(line).collect()
    };

    assert_eq!(newer(&sends(ada, "Hi", 0).await), ["visitor: Hello"]);
    sends(ada, "Hi", 1).await.granted();
    // Events do not count, one's own messages do.
    bob.joins(talk).await.granted();
    sends(bob, "Me, too", 3).await.granted();
    vera.writes("Great").await.granted();
    assert_eq!(newer(&sends(ada, "What is it?", 3).await), ["bob: Me, too", "visitor: Great"]);
    assert_eq!(newer(&sends(ada, "What is it?", 1).await), ["ada: Hi", "bob: Me, too", "visitor: Great"]);
    sends(ada, "What is it?", 6).await.granted();
    bob.leaves(talk).await.granted();
    sends(ada, "Well?", 7).await.granted();
    // More than there is.
    sends(ada, "Still there?", 1_000).await.granted();
    let log = scene.cy.log_of(talk).await;
    assert_eq!(log[5..], ["visitor: Great", "ada: What is it?", "bob left", "ada: Well?", "ada: Still there?"]);
}

#[tokio::test]
async fn of_many_newer_messages_the_last_hundred_are_given() {
    let scene = Scene::begin().await;
    let (ada, bob, talk) = (&scene.ada, &scene.bob, scene.talk.as_str());
    for number in 1..=101 {
        bob.answers(talk, &number.to_string()).await.granted();
    }
    let input = json!({ "conversationId": talk, "clientMessageId": "late", "text": "Hi", "ifLastSequence": 0 });
    let refused = ada.chats("sendMessage", input).await;
    assert_eq!(refused.refusals(), ["NewerMessages"]);
    let given: Vec<_> = refused.user_errors()[0]["messages"].as_array().expect("a list").iter().map(line).collect();
    let expected: Vec<_> = (2..=101).map(|number| format!("bob: {number}")).collect();
    assert_eq!(given, expected, "the newest ones, oldest first");
}

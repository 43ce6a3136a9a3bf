//! Notes leave no trace in what a visitor receives, and people are shown as they were when they
//! joined.

use serde_json::{Value, json};

use super::Scene;
use crate::support::{
    Answer, Replica, TestApp,
    chat::{Visitor, line},
};

const PHOTO: &[u8] = include_bytes!("../../fixtures/photos/100x100.png");
const OTHER_PHOTO: &[u8] = include_bytes!("../../fixtures/photos/photo.jpg");

/// Replaces ids, cursors and times by their lengths. The ids of messages have a number that other
/// stories count as well.
fn redacted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let hide = |(name, value): (&String, &Value)| {
                let is_random = ["id", "cursor", "sentAt", "startedAt"].contains(&name.as_str());
                let shown = match value.as_str() {
                    Some(_) if name == "clientMessageId" => json!("of a client"),
                    Some(text) if is_random => json!(text.len()),
                    _ => redacted(value),
                };
                (name.clone(), shown)
            };
            Value::Object(fields.iter().map(hide).collect())
        }
        Value::Array(items) => items.iter().map(redacted).collect(),
        other => other.clone(),
    }
}

/// What a visitor receives in a chat in which operators write notes or do not.
async fn received(has_notes: bool) -> Vec<Value> {
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    let notes = async |text: &str| {
        if has_notes {
            ada.notes(talk, text).await.granted();
            bob.notes(talk, text).await.granted();
            // A colleague's mark that is not the greatest.
            bob.marks_read(talk, 1).await.granted();
        }
    };
    ada.marks_read(talk, 1).await.granted();
    notes("Before she connects").await;
    let mut follower = vera.follows().await;
    let mut items = vec![follower.state.clone()];
    let mut next = async |answer: Answer| {
        answer.granted();
        items.push(follower.next().await);
    };
    for text in ["One", "Two", "Three"] {
        notes("A customer of ours").await;
        next(vera.writes(text).await).await;
        notes("She pays late").await;
        next(ada.answers(talk, text).await).await;
        notes("Careful").await;
    }
    next(ada.marks_read(talk, 3).await).await;
    notes("Done").await;
    next(ada.closes(talk).await).await;
    notes("Also when it is over").await;
    next(vera.writes("Four").await).await;
    notes("The last").await;
    items.push(vera.chat().await);
    items.extend(vera.messages().await);
    items.push(vera.follows().await.state);
    items.iter().map(redacted).collect()
}

#[tokio::test]
async fn a_visitor_receives_the_same_with_and_without_notes() {
    let (with, without) = tokio::join!(received(true), received(false));
    assert_eq!(with, without);
    assert!(with.len() > 20 && with[1]["messages"][0]["text"] == "One", "{with:#?}");
}

#[tokio::test]
async fn a_note_changes_no_byte_and_no_cursor_of_a_visitor() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    let look = async || {
        let afresh: Replica = vera.follows().await;
        let document = "subscription($key: String!, $after: String) { chat(widgetKey: $key, after: $after) {
            chat { lastSequence } messages { text } cursor isReset } }";
        let variables = json!({ "key": vera.widget_key, "after": afresh.cursor });
        let resumed = vera.person.watches(document, variables).await.next().await;
        format!("{} {:?} {:?} {}", vera.chat().await, vera.messages().await, afresh.cursor, resumed.body)
    };
    let before = look().await;
    let row = scene.db_row().await;

    ada.notes(talk, "A customer of ours").await.granted();

    assert_eq!(look().await, before);
    let now = scene.db_row().await;
    assert_eq!((now.visitor_revision, now.last_sequence), (row.visitor_revision, row.last_sequence));
    assert_eq!(now.revision, row.revision + 1, "operators are notified");
}

#[tokio::test]
async fn operators_receive_notes_in_their_order_with_their_authors() {
    let scene = Scene::begin().await;
    let (ada, bob, talk) = (&scene.ada, &scene.bob, scene.talk.as_str());
    let dan = scene.acme.inactive("dan").await;
    let mut follower = bob.follows(talk).await;

    for (who, text) in [(ada, "One"), (bob, "Two"), (&dan, "Three")] {
        let note = who.notes(talk, text).await.granted().payload()["note"].clone();
        assert_eq!((&note["operator"]["id"], &note["text"]), (&json!(who.id), &json!(text)));
        let item = follower.next().await;
        assert_eq!((&item["notes"], &item["messages"]), (&json!([note]), &json!([])));
        follower.catches_up().await;
    }
    // A note moves nothing, and is no message.
    scene.shows("PENDING waits", &[]).await;
    ada.closes(talk).await.granted();
    ada.notes(talk, "Also when it is over").await.granted();
    follower.catches_up().await;
    let texts: Vec<_> = bob.notes_of(talk).await.iter().map(|note| note["text"].clone()).collect();
    assert_eq!(texts, ["One", "Two", "Three", "Also when it is over"]);
}

#[tokio::test]
async fn pages_of_notes_have_50_by_default_and_100_at_most() {
    let scene = Scene::begin().await;
    let (ada, talk) = (&scene.ada, scene.talk.as_str());
    for number in 1..=101 {
        ada.notes(talk, &number.to_string()).await.granted();
    }
    let page = async |arguments: &str| {
        let query =
            format!("query($id: ID!) {{ node(id: $id) {{ ... on Conversation {{ notes{arguments} {{ text }} }} }} }}");
        ada.run(&query, json!({ "id": talk })).await
    };
    for (arguments, first, count) in [("", "52", 50), ("(last: 1)", "101", 1), ("(last: 100)", "2", 100)] {
        let texts = page(arguments).await.each("node.notes", "text");
        assert_eq!((texts.len(), &texts[0], &texts[count - 1]), (count, &json!(first), &json!("101")), "{arguments}");
    }
    assert_eq!(page("(last: 0)").await.each("node.notes", "text"), Vec::<Value>::new());
    for arguments in ["(last: 101)", "(last: -1)"] {
        assert_eq!(page(arguments).await.code(), "BAD_USER_INPUT", "{arguments}");
    }
}

/// The cards of a chat: of those who take part, and of each message.
async fn cards(vera: &Visitor) -> (Vec<Value>, Vec<Value>) {
    let of = |card: &Value| json!([card["publicName"], card["description"]]);
    let (chat, messages) = (vera.chat().await, vera.messages().await);
    let people = chat["operators"].as_array().expect("a list").iter().map(of).collect();
    let authors = messages.iter().map(|message| &message["operator"]).filter(|card| card.is_object()).map(of).collect();
    (people, authors)
}

#[tokio::test]
async fn a_visitor_sees_an_operator_as_of_the_time_when_the_operator_joined() {
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    ada.updates(bob, json!({ "publicName": "Bob", "description": "Support" })).await.granted();
    bob.answers(talk, "Hi").await.granted();
    let mut follower = vera.follows().await;
    let before = json!(["Bob", "Support"]);
    assert_eq!(cards(vera).await, (vec![before.clone()], vec![before.clone(); 2]));

    ada.updates(bob, json!({ "name": "Robert", "publicName": "Rob", "description": null })).await.granted();
    bob.answers(talk, "I am Rob").await.granted();
    follower.catches_up().await;
    assert_eq!(cards(vera).await, (vec![before.clone()], vec![before.clone(); 3]), "history is not rewritten");
    assert_eq!(ada.log_of(talk).await[1..], ["Robert joined", "Robert: Hi", "Robert: I am Rob"]);

    bob.leaves(talk).await.granted();
    bob.answers(talk, "Back again").await.granted();
    follower.catches_up().await;
    let after = json!(["Rob", null]);
    let mut authors = vec![before; 4];
    authors.extend([after.clone(), after.clone()]);
    assert_eq!(cards(vera).await, (vec![after], authors), "who joins again is shown as of now");
    let ids: Vec<_> = vera.messages().await[1..].iter().map(|message| message["operator"]["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "the card has one id");
}

/// The status of a photo's URL.
async fn status(url: &str) -> u16 {
    reqwest::get(url).await.expect("the server answers").status().as_u16()
}

#[tokio::test]
async fn photos_stay_while_a_chat_shows_them_and_end_with_the_operator() {
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    bob.uploads_photo(bob, PHOTO.to_vec()).await.granted();
    bob.answers(talk, "Hi").await.granted();
    let url = async || vera.messages().await[2]["operator"]["photoUrl"].as_str().map(str::to_owned);
    let first = url().await.expect("a photo");
    assert_eq!(status(&first).await, 200, "{first}");

    bob.uploads_photo(bob, OTHER_PHOTO.to_vec()).await.granted();
    assert_eq!((url().await.as_ref(), status(&first).await), (Some(&first), 200), "replaced");
    bob.does("removeOperatorPhoto", json!({ "operatorId": bob.id })).await.granted();
    assert_eq!((url().await.as_ref(), status(&first).await), (Some(&first), 200), "removed");
    bob.leaves(talk).await.granted();
    bob.answers(talk, "Without a photo").await.granted();
    let messages = vera.messages().await;
    let photos: Vec<_> = messages[1..].iter().map(|message| message["operator"]["photoUrl"].is_string()).collect();
    assert_eq!(photos, [true, true, true, false, false]);

    ada.removes(bob).await.granted();
    let messages = vera.messages().await;
    let shown: Vec<_> = messages[1..].iter().map(|message| &message["operator"]).collect();
    assert!(shown.iter().all(|card| card["photoUrl"].is_null() && card["publicName"] == "bob"), "{shown:#?}");
    assert_eq!(status(&first).await, 404, "{first}");
}

#[tokio::test]
async fn a_removed_operator_still_has_a_name_in_messages_events_and_notes() {
    let scene = Scene::begin().await;
    let (ada, bob, cy, talk) = (&scene.ada, &scene.bob, &scene.cy, scene.talk.as_str());
    bob.answers(talk, "Hi").await.granted();
    bob.notes(talk, "A customer of ours").await.granted();
    let mut follower = cy.follows(talk).await;

    ada.removes(bob).await.granted();

    follower.catches_up().await;
    scene.shows("PENDING", &["bob joined", "bob: Hi", "bob left"]).await;
    let notes = cy.notes_of(talk).await;
    assert_eq!((&notes[0]["operator"]["id"], &notes[0]["operator"]["name"]), (&json!(bob.id), &json!("bob")));
    // By name only.
    let query = "query($id: ID!) { node(id: $id) { ... on Conversation { messages { operator { email description isActive photo { width } } } } } }";
    let read = ada.run(query, json!({ "id": talk })).await;
    let shown = &read.at("node.messages")[2]["operator"];
    assert_eq!(shown, &json!({ "email": null, "description": null, "isActive": false, "photo": null }));
    let query = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(ada.run(query, json!({ "id": bob.id })).await.at("node"), &Value::Null);
}

#[tokio::test]
async fn a_closed_conversation_names_an_assignee_who_was_removed() {
    let scene = Scene::begin().await;
    let (ada, bob, talk) = (&scene.ada, &scene.bob, scene.talk.as_str());
    bob.answers(talk, "Bye").await.granted();
    bob.closes(talk).await.granted();
    ada.removes(bob).await.granted();
    scene.shows("CLOSED by OPERATOR (bob)", &["bob joined", "bob: Bye", "closed"]).await;
    ada.reopens(talk).await.granted();
    scene.shows("PENDING", &["bob joined", "bob: Bye", "closed", "reopened"]).await;
}

#[tokio::test]
async fn a_page_of_messages_has_50_by_default_and_100_at_most() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let vera = Visitor::of(&acme);
    for number in 1..=101 {
        vera.writes(&number.to_string()).await.granted();
    }
    let talk = vera.db_conversation(&app, &acme).await;
    let page = async |arguments: &str| {
        let query = format!(
            "query($key: String!) {{ chat(widgetKey: $key) {{ messages{arguments} {{ sequence author text event }} }} }}"
        );
        let seen = vera.person.run(&query, json!({ "key": vera.widget_key })).await;
        let query = format!(
            "query($id: ID!) {{ node(id: $id) {{ ... on Conversation {{ messages{arguments} {{ sequence author text event }} }} }} }}"
        );
        let operators = acme.owner.run(&query, json!({ "id": talk })).await;
        (seen, operators)
    };
    for (arguments, first, count) in [
        ("", "52", 50),
        ("(last: 100)", "2", 100),
        ("(last: 3, before: 101)", "98", 3),
        ("(before: 11)", "1", 10),
        ("(last: 5, before: 1000)", "97", 5),
    ] {
        let (seen, operators) = page(arguments).await;
        let messages = seen.at("chat.messages").as_array().expect("a list");
        assert_eq!(messages, operators.at("node.messages").as_array().expect("a list"), "{arguments}");
        assert_eq!((messages.len(), line(&messages[0])), (count, format!("visitor: {first}")), "{arguments}");
    }
    for arguments in ["(last: 0)", "(before: 1)", "(before: 0)", "(before: -5)"] {
        let (seen, operators) = page(arguments).await;
        assert_eq!((seen.at("chat.messages"), operators.at("node.messages")), (&json!([]), &json!([])), "{arguments}");
    }
    for arguments in ["(last: 101)", "(last: -1)"] {
        let (seen, operators) = page(arguments).await;
        assert_eq!((seen.code(), operators.code()), ("BAD_USER_INPUT", "BAD_USER_INPUT"), "{arguments}");
    }
}

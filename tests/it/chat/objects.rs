//! What operators read of one conversation, its visitor, messages and notes.

use deskbell::graphql::id;
use entity::{conversation::Status, message::Event};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use super::rows::{Rows, id_of};
use crate::support::{Answer, Person, TestApp};

const CONVERSATION: &str = "
    query($id: ID!, $last: Int, $before: Int) { node(id: $id) { ... on Conversation {
        id status visitor { name email isBlocked blockedUntil conversations { id } }
        assignee { name email isInvited photo { url } } participants { name } closedBy closedAt waitingSince lastSequence
        lastMessage { sequence text operator { name } clientMessageId author event }
        readUpTo readByVisitorUpTo unreadCount page { url title referrer }
        messages(last: $last, before: $before) { sequence text event author operator { name } }
        notes { text operator { name } } } } }";

async fn reads(who: &Person, id: &str, last: Option<i32>, before: Option<i32>) -> Answer {
    let mut variables = json!({ "id": id, "before": before });
    if let Some(last) = last {
        variables["last"] = json!(last);
    }
    who.run(CONVERSATION, variables).await
}

#[tokio::test]
async fn an_operator_reads_a_conversation_and_those_who_are_gone_keep_their_names() {
    let app = TestApp::start().await;
    let acme = app.account(4).await;
    let (ada, bob, cy) = (acme.full_access("ada").await, acme.limited("bob").await, acme.limited("cy").await);
    // The rows stay as they are: whoever loses a seat would leave the conversation.
    acme.owner.deactivates(&bob).await.granted();
    let rows = Rows::of(&app, &acme);
    let row = rows
        .db_conversation(|row| {
            row.status = Set(Status::Open);
            row.assignee_id = Set(Some(bob.db_key()));
            row.last_sequence = Set(4);
            row.last_message_sequence = Set(Some(3));
            row.visitor_messages = Set(5);
            row.visitor_read_up_to = Set(2);
            row.page_url = Set(Some("https://shop.example/".to_owned()));
            row.page_title = Set(Some("Shop".to_owned()));
        })
        .await;
    rows.db_message(&row, 1, None, "Hello?").await;
    rows.db_event(&row, 2, Event::OperatorJoined, Some(&bob)).await;
    rows.db_message(&row, 3, Some(&bob), "Hi!").await;
    rows.db_event(&row, 4, Event::OperatorLeft, Some(&cy)).await;
    rows.db_joined(&row, bob.db_key(), None).await;
    rows.db_joined(&row, cy.db_key(), Some(rows.now)).await;
    rows.db_joined(&row, ada.db_key(), None).await;
    rows.db_mark(&row, ada.db_key(), 3, 2).await;
    rows.db_note(&row, cy.db_key(), "Friendly", 5).await;
    rows.db_note(&row, bob.db_key(), "Impatient", 6).await;
    acme.owner.removes(&bob).await.granted();

    let id = id_of(&row);
    let answer = reads(&ada, &id, None, None).await;
    let messages = answer.at("node.messages").as_array().expect("a list").clone();
    let shown = |message: &Value| {
        format!("{} {} {} {}", message["sequence"], message["text"], message["event"], message["operator"]["name"])
    };
    assert_eq!(
        messages.iter().map(shown).collect::<Vec<_>>(),
        [
            "1 \"Hello?\" null null",
            "2 null \"OPERATOR_JOINED\" \"bob\"",
            "3 \"Hi!\" null \"bob\"",
            "4 null \"OPERATOR_LEFT\" \"cy\"",
        ]
    );
    let mut rest = answer.at("node").clone();
    rest.as_object_mut().expect("an object").remove("messages");
    assert_eq!(
        rest,
        json!({
            "id": id, "status": "OPEN",
            "visitor": { "name": "Vera", "email": null, "isBlocked": false, "blockedUntil": null, "conversations": [{ "id": id }] },
            "assignee": { "name": "bob", "email": null, "isInvited": false, "photo": null },
            "participants": [{ "name": "bob" }, { "name": "ada" }],
            "closedBy": null, "closedAt": null, "waitingSince": null, "lastSequence": 4,
            "lastMessage": {
                "sequence": 3, "text": "Hi!", "operator": { "name": "bob" }, "clientMessageId": "m3", "author": "OPERATOR", "event": null
            },
            "readUpTo": 3, "readByVisitorUpTo": 2, "unreadCount": 3,
            "page": { "url": "https://shop.example/", "title": "Shop", "referrer": null },
            "notes": [{ "text": "Friendly", "operator": { "name": "cy" } }, { "text": "Impatient", "operator": { "name": "bob" } }],
        })
    );
    let sequences = async |last, before| {
        let answer = reads(&ada, &id, last, before).await;
        answer
            .each("node.messages", "sequence")
            .into_iter()
            .map(|sequence| sequence.as_i64().expect("a number"))
            .collect::<Vec<_>>()
    };
    assert_eq!(sequences(Some(2), None).await, [3, 4]);
    assert_eq!(sequences(Some(2), Some(3)).await, [1, 2]);
    assert_eq!(sequences(None, Some(1)).await, [0; 0]);
    assert_eq!(sequences(Some(0), None).await, [0; 0]);
    for last in [-1, 101] {
        assert_eq!(reads(&ada, &id, Some(last), None).await.code(), "BAD_USER_INPUT", "{last}");
    }
    // Marks are of one operator.
    assert_eq!(reads(&cy, &id, None, None).await.number("node.unreadCount"), 5);
}

#[tokio::test]
async fn a_visitor_is_blocked_until_a_time() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let rows = Rows::of(&app, &acme);
    let visitor_id = rows.db_visitor("Vic").await;
    let until = rows.now + chrono::TimeDelta::hours(1);
    let work = app.app().begin().await.expect("a transaction");
    let row =
        entity::visitor::ActiveModel { id: Set(visitor_id), blocked_until: Set(Some(until)), ..Default::default() };
    sea_orm::ActiveModelTrait::update(row, &*work).await.expect("updated");
    work.commit().await.expect("committed");
    let query = "query($id: ID!) { node(id: $id) { id ... on Visitor { name isBlocked blockedUntil } } }";
    let id = id::visitor(visitor_id).to_string();
    let answer = acme.owner.run(query, json!({ "id": id })).await;
    assert_eq!((answer.text("node.name"), answer.at("node.isBlocked")), ("Vic", &json!(true)));
    assert!(answer.at("node.blockedUntil").is_string());
    app.later(chrono::TimeDelta::hours(1));
    let answer = acme.owner.run(query, json!({ "id": id })).await;
    assert_eq!(*answer.at("node"), json!({ "id": id, "name": "Vic", "isBlocked": false, "blockedUntil": null }));
}

#[tokio::test]
async fn another_accounts_conversation_visitor_and_note_are_unknown() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(1).await, app.account(1).await);
    let rows = Rows::of(&app, &acme);
    let row = rows.db_active(Status::Pending, 1).await;
    let note = rows.db_note(&row, acme.owner.db_key(), "Mine", 1).await;
    let node = async |who: &Person, id: &str| {
        who.run("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await.at("node").clone()
    };
    let (conversation, visitor) = (id_of(&row), id::visitor(row.visitor_id).to_string());
    for id in [&conversation, &visitor] {
        assert_eq!(node(&acme.owner, id).await, json!({ "id": id }));
        assert_eq!(node(&globex.owner, id).await, Value::Null);
    }
    // Notes are read with their conversation only.
    assert_eq!(node(&acme.owner, id::note(note.id).as_ref()).await, Value::Null);
}

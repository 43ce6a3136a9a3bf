//! The logs that visitors and operators follow: nothing is skipped, a client continues where it was
//! (G4 to G6), notes leave no trace (G9), and a message is read once for all its followers.

mod talk;

use std::time::Duration;

use deskbell::graphql::id;
use entity::{ConversationId, message};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};

use self::talk::{CHAT, CONVERSATION, Talk};
use crate::support::{Answer, EventStream, Stream, TestApp, in_time, visitors_token};

/// A server that reads nothing by itself.
async fn quiet() -> TestApp {
    TestApp::start_with(|config| {
        config.mail.poll = Duration::from_hours(1);
        config.session.recheck = Duration::from_hours(1);
    })
    .await
}

fn sequences(item: &Answer, field: &str) -> Vec<i64> {
    item.each(&format!("{field}.messages"), "sequence").iter().map(|n| n.as_i64().expect("a number")).collect()
}

fn cursor(item: &Answer, field: &str) -> String {
    item.text(&format!("{field}.cursor")).to_owned()
}

#[tokio::test]
async fn a_message_is_read_once_for_all_its_followers() {
    let app = quiet().await;
    let acme = app.account(2).await;
    let mut talk = Talk::db_begins(&app, &acme, &visitors_token()).await;
    talk.db_answers(&acme.owner, "hi").await;
    app.is_idle().await;
    let statements = || app.app().statements.get();
    let before = statements();
    talk.db_answers(&acme.owner, "without a follower").await;
    let own = statements() - before;

    let mut chats: Vec<Stream> = Vec::new();
    let mut conversations: Vec<Stream> = Vec::new();
    for followers in [1, 20] {
        while chats.len() < followers {
            let mut chat = talk.chat(None).await;
            chat.next().await;
            chats.push(chat);
            let mut conversation = talk.conversation_of(&acme.owner, None).await;
            conversation.next().await;
            conversations.push(conversation);
        }
        // What operators look like is read with the first message, and kept.
        talk.db_answers(&acme.owner, "first").await;
        for stream in &mut chats {
            stream.next().await;
        }
        for stream in &mut conversations {
            stream.next().await;
        }
        app.is_idle().await;

        let before = statements();
        talk.db_answers(&acme.owner, "counted").await;
        for stream in &mut chats {
            let item = in_time("the message", stream.next()).await;
            assert_eq!(item.each("chat.messages", "text"), ["counted"]);
            // Of all messages, only the first one and the event are not an operator's.
            let sequence = item.number("chat.chat.lastSequence");
            assert_eq!(item.number("chat.chat.unreadCount"), sequence - 2);
        }
        for stream in &mut conversations {
            let item = in_time("the message", stream.next()).await;
            assert_eq!(item.each("conversation.messages", "text"), ["counted"]);
            assert_eq!(item.text("conversation.conversation.lastMessage.operator.name"), "Olive Owner");
        }
        app.is_idle().await;
        assert_eq!(statements() - before - own, 1, "with {followers} followers of each side");
    }
}

#[tokio::test]
async fn a_log_comes_in_pages_and_continues_from_each_of_their_cursors() {
    let app = quiet().await;
    let acme = app.account(2).await;
    let mut talk = Talk::db_begins(&app, &acme, &visitors_token()).await;
    let first = [
        cursor(&talk.chat(None).await.next().await, "chat"),
        cursor(&talk.conversation_of(&acme.owner, None).await.next().await, "conversation"),
    ];
    for _ in 0..7 {
        talk.db_write_many(50).await;
    }
    let notes: Vec<String> = (0..130).map(|n| n.to_string()).collect();
    talk.db_notes(&acme.owner, &notes.iter().map(String::as_str).collect::<Vec<_>>()).await;

    let mut chat = talk.chat(Some(&first[0])).await;
    let mut cursors = vec![first[0].clone()];
    let mut received = Vec::new();
    for expected in [100, 100, 100, 50] {
        let item = chat.next().await;
        assert_eq!((sequences(&item, "chat").len(), item.at("chat.isReset")), (expected, &json!(false)));
        assert_eq!(item.number("chat.chat.lastSequence"), 351, "the state is today's");
        received.extend(sequences(&item, "chat"));
        cursors.push(cursor(&item, "chat"));
    }
    assert_eq!(received, (2..=351).collect::<Vec<i64>>());
    talk.db_writes("live").await;
    assert_eq!(sequences(&chat.next().await, "chat"), [352]);
    for (page, cursor) in cursors.iter().enumerate() {
        let next = sequences(&talk.chat(Some(cursor)).await.next().await, "chat");
        let begin = 352.min(2 + 100 * i64::try_from(page).expect("few"));
        assert_eq!(next, (begin..=352.min(begin + 99)).collect::<Vec<i64>>(), "after page {page}");
    }

    let mut log = talk.conversation_of(&acme.owner, Some(&first[1])).await;
    let (mut messages, mut texts) = (Vec::new(), Vec::new());
    while texts.len() < notes.len() || messages.len() < 351 {
        let item = log.next().await;
        let (new, written) = (sequences(&item, "conversation"), item.each("conversation.notes", "text"));
        assert!(new.len() <= 100 && written.len() <= 100 && new.len() + written.len() > 0);
        assert_eq!(*item.at("conversation.isReset"), false);
        // All but the last message came before the first note.
        assert!(written.is_empty() || messages.len() + new.len() >= 350, "cut at one revision");
        // A client that connects again receives the same.
        let next = talk.conversation_of(&acme.owner, Some(&cursor(&item, "conversation"))).await.next().await;
        assert!(!sequences(&next, "conversation").iter().any(|sequence| new.contains(sequence)));
        messages.extend(new);
        texts.extend(written);
    }
    assert_eq!(messages, (2..=352).collect::<Vec<i64>>());
    assert_eq!(texts, notes.iter().map(|note| json!(note)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cursor_continues_or_the_client_begins_again() {
    let app = quiet().await;
    let acme = app.account(2).await;
    let mut talk = Talk::db_begins(&app, &acme, &visitors_token()).await;
    let other = Talk::db_begins(&app, &acme, &visitors_token()).await;
    talk.db_write_many(59).await;
    let mine = cursor(&talk.chat(None).await.next().await, "chat");
    let of_operators = cursor(&talk.conversation_of(&acme.owner, None).await.next().await, "conversation");
    let of_other = cursor(&other.chat(None).await.next().await, "chat");
    let before_all = {
        let stranger = app.anonymous().with_token(&visitors_token());
        cursor(&stranger.watches(CHAT, json!({ "key": acme.widget_key, "after": null })).await.next().await, "chat")
    };

    // Nothing was written: the state comes, and no message.
    let item = talk.chat(Some(&mine)).await.next().await;
    assert_eq!((sequences(&item, "chat").len(), item.at("chat.isReset")), (0, &json!(false)));
    assert_eq!(cursor(&item, "chat"), mine);
    talk.db_writes("later").await;
    let item = talk.chat(Some(&mine)).await.next().await;
    assert_eq!((sequences(&item, "chat"), item.at("chat.isReset")), (vec![61], &json!(false)));
    let ahead = cursor(&item, "chat");

    let latest: Vec<i64> = (12..=61).collect();
    for (what, after) in [
        ("no cursor", "nonsense"),
        ("empty", ""),
        ("another conversation's", of_other.as_str()),
        ("the other side's", of_operators.as_str()),
    ] {
        let item = talk.chat(Some(after)).await.next().await;
        assert_eq!((sequences(&item, "chat"), item.at("chat.isReset")), (latest.clone(), &json!(true)), "{what}");
    }
    let item = talk.conversation_of(&acme.owner, Some(&mine)).await.next().await;
    assert_eq!((sequences(&item, "conversation"), item.at("conversation.isReset")), (latest.clone(), &json!(true)));
    let item = talk.conversation_of(&acme.owner, Some(&of_operators)).await.next().await;
    assert_eq!((sequences(&item, "conversation"), item.at("conversation.isReset")), (vec![61], &json!(false)));
    let item = talk.chat(None).await.next().await;
    assert_eq!((sequences(&item, "chat"), item.at("chat.isReset")), (latest, &json!(false)));

    // The client was told that there was no conversation: it receives the first one from its start.
    let mut chat = talk.chat(Some(&before_all)).await;
    let item = chat.next().await;
    assert_eq!((sequences(&item, "chat"), item.at("chat.isReset")), ((1..=61).collect(), &json!(false)));

    // A backup is restored: the log ends before the cursor, and later has other messages there.
    db_loses_the_last(&mut talk).await;
    let Talk { token, account_id, row, operators, .. } = talk;
    let app = TestApp::start_on(app.stop().await, |_| {}).await;
    let mut talk = Talk { app: &app, acme: &acme, token, account_id, row, operators };
    let item = talk.chat(Some(&ahead)).await.next().await;
    assert_eq!((sequences(&item, "chat").len(), item.at("chat.isReset")), (50, &json!(true)), "ahead");
    talk.db_writes("another").await;
    talk.db_writes("and another").await;
    let item = talk.chat(Some(&ahead)).await.next().await;
    assert_eq!((sequences(&item, "chat").len(), item.at("chat.isReset")), (50, &json!(true)), "outgrown");
    let item = talk.chat(Some(&mine)).await.next().await;
    assert_eq!((sequences(&item, "chat"), item.at("chat.isReset")), (vec![61, 62], &json!(false)), "before the loss");
}

/// The database is the one before the last message.
async fn db_loses_the_last(talk: &mut Talk<'_>) {
    let work = talk.work().await;
    message::Entity::delete_by_id((talk.row.id, talk.row.last_sequence)).exec(&*work).await.expect("deleted");
    talk.row.last_sequence -= 1;
    talk.row.revision -= 1;
    talk.row.visitor_revision -= 1;
    talk.row.last_message_sequence = Some(talk.row.last_sequence);
    talk.row.visitor_messages -= 1;
    talk.row.clone().into_active_model().reset_all().update(&*work).await.expect("saved");
    work.commit().await.expect("committed");
}

#[tokio::test]
async fn notes_and_marks_of_colleagues_leave_no_trace_for_the_visitor() {
    let app = quiet().await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let mut talk = Talk::db_begins(&app, &acme, &visitors_token()).await;
    talk.db_answers(&acme.owner, "hi").await;
    let mut chat = talk.chat(None).await;
    let before = chat.next().await;
    let mut operators = talk.conversation_of(&bob, None).await;
    operators.next().await;

    talk.db_notes(&bob, &["between us"]).await;
    assert_eq!(operators.next().await.each("conversation.notes", "text"), ["between us"]);
    talk.db_reads_quietly(&bob).await;
    let item = operators.next().await;
    assert_eq!((item.number("conversation.conversation.readUpTo"), sequences(&item, "conversation").len()), (3, 0));
    assert_eq!(talk.chat(None).await.next().await.body, before.body, "to the byte");
    let item = talk.chat(Some(&cursor(&before, "chat"))).await.next().await;
    assert_eq!((cursor(&item, "chat"), sequences(&item, "chat").len()), (cursor(&before, "chat"), 0));

    talk.db_writes("next").await;
    let next = chat.next().await;
    assert_eq!(next.each("chat.messages", "text"), ["next"], "nothing came in between");
    talk.db_notes(&bob, &["and again"]).await;
    let again = talk.chat(Some(&cursor(&before, "chat"))).await.next().await;
    assert_eq!(again.body, next.body, "to the byte");
}

#[tokio::test]
async fn a_subscription_goes_on_from_the_token_to_the_first_conversation_and_the_next() {
    let app = quiet().await;
    let acme = app.account(2).await;
    let token = visitors_token();
    let visitor = app.anonymous().with_token(&token);
    let mut chat = visitor.watches(CHAT, json!({ "key": acme.widget_key, "after": null })).await;
    let none = chat.next().await;
    assert_eq!((none.at("chat.chat"), none.at("chat.isReset")), (&Value::Null, &json!(false)));

    let mut talk = Talk::db_begins(&app, &acme, &token).await;
    let item = chat.next().await;
    assert_eq!((sequences(&item, "chat"), item.at("chat.isReset")), (vec![1], &json!(false)));
    let first = item.text("chat.chat.id").to_owned();
    let of_first = cursor(&item, "chat");

    talk.db_begins_again().await;
    let item = chat.until(|item| *item.at("chat.chat.id") != json!(first)).await;
    assert_eq!((sequences(&item, "chat"), item.at("chat.isReset")), (vec![1], &json!(true)));
    for after in [of_first, cursor(&none, "chat")] {
        let item = talk.chat(Some(&after)).await.next().await;
        assert_eq!((sequences(&item, "chat"), item.at("chat.isReset")), (vec![1], &json!(true)));
    }

    talk.db_deletes_visitor().await;
    let item = chat.next().await;
    assert_eq!((item.at("chat.chat"), item.at("chat.isReset")), (&Value::Null, &json!(true)));
    assert_eq!(cursor(&item, "chat"), cursor(&none, "chat"));
    let _again = Talk::db_begins(&app, &acme, &token).await;
    let item = chat.next().await;
    assert_eq!((sequences(&item, "chat"), item.at("chat.isReset")), (vec![1], &json!(false)));
}

#[tokio::test]
async fn who_has_no_visitors_token_has_no_chat() {
    let app = quiet().await;
    let acme = app.account(2).await;
    let talk = Talk::db_begins(&app, &acme, &visitors_token()).await;
    let variables = json!({ "key": acme.widget_key, "after": null });
    for person in [app.anonymous(), acme.owner.clone(), app.anonymous().with_token(&visitors_token())] {
        let mut stream = person.watches(CHAT, variables.clone()).await;
        assert_eq!(*stream.next().await.at("chat.chat"), Value::Null);
    }
    // The same token with another account is another visitor.
    let other = app.account(1).await;
    let mut stream: EventStream = talk.visitor().listens(CHAT, json!({ "key": other.widget_key })).await;
    assert_eq!(*stream.next().await.at("chat.chat"), Value::Null);
    let unknown = talk.visitor().watches(CHAT, json!({ "key": "unknown" })).await.refused().await;
    assert_eq!(unknown.code(), "NOT_FOUND");

    let theirs = talk.conversation_of(&other.owner, None).await.refused().await;
    let missing = json!({ "id": id::conversation(ConversationId::new()) });
    let missing = acme.owner.watches(CONVERSATION, missing).await.refused().await;
    for refused in [&theirs, &missing] {
        assert_eq!(refused.code(), "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_removed_operator_receives_nothing_more() {
    let app = quiet().await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let mut talk = Talk::db_begins(&app, &acme, &visitors_token()).await;
    for number in 0..5 {
        let dan = acme.inactive(&format!("dan{number}")).await;
        let mut stream = talk.conversation_of(&dan, None).await;
        stream.next().await;
        let mut colleague = talk.conversation_of(&bob, None).await;
        colleague.next().await;
        acme.owner.removes(&dan).await.granted();
        talk.db_writes("secret").await;
        let item = colleague.until(|item| !item.each("conversation.messages", "text").is_empty()).await;
        assert_eq!(item.each("conversation.messages", "text"), ["secret"]);
        let ended = in_time("the end", stream.item_or_end()).await;
        assert_eq!(ended.map(|item| item.body).expect_err("no item"), 4403);
    }
}

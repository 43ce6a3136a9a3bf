//! What keeps visitors from filling the server: limits of rates, of a day, and of a conversation,
//! and blocking.

use chrono::TimeDelta;
use deskbell::{access::identity, config::Rate};
use entity::visitor;
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait as _, IntoActiveModel};
use serde_json::{Value, json};

use super::Scene;
use crate::support::{
    Answer,
    chat::{Visitor, sequence},
    eventually, is_postgres,
};

/// A scene with limits of visitors, behind a proxy of this machine.
async fn limited(visitor: u32, client: u32, start: u32) -> Scene {
    Scene::with(|config| {
        config.rate_limits.enabled = true;
        config.rate_limits.chat_message_visitor = Rate::of(visitor, 60);
        config.rate_limits.chat_message_client = Rate::of(client, 60);
        config.rate_limits.chat_start_client = Rate::of(start, 600);
        config.http.trusted_proxies = vec!["127.0.0.1".parse::<std::net::IpAddr>().expect("an address").into()];
    })
    .await
}

fn at(visitor: &Visitor, address: &str) -> Visitor {
    visitor.as_caller(visitor.person.clone().with_header("x-forwarded-for", address))
}

/// The seconds until the next attempt, of a send whose only error is a limit.
fn wait_of(answer: &Answer) -> i64 {
    assert_eq!(answer.refusals(), ["TooManyAttempts"], "{:#}", answer.body);
    assert_eq!((&answer.payload()["message"], &answer.payload()["chat"]), (&Value::Null, &Value::Null));
    answer.user_errors()[0]["retryAfterSeconds"].as_i64().expect("a number")
}

#[tokio::test]
async fn a_visitor_sends_so_many_messages_a_minute_and_operators_any_number() {
    let scene = limited(4, 1_000, 1_000).await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    for number in 2..=4 {
        vera.sends(&number.to_string(), "Hm").await.granted();
    }
    let wait = wait_of(&vera.sends("5", "Hm").await);
    assert!((1..=15).contains(&wait), "{wait}");
    wait_of(&at(vera, "203.0.113.7").sends("5", "Hm").await);
    // A repeat counts, too.
    wait_of(&vera.sends("2", "Hm").await);
    for _ in 0..10 {
        ada.answers(talk, "Ah").await.granted();
    }
    Visitor::of(&scene.acme).writes("Another visitor").await.granted();

    scene.app.later(TimeDelta::seconds(wait));
    vera.sends("5", "Of the same id").await.granted();
    let log = vera.log().await;
    assert_eq!((log.len(), log[15].as_str()), (16, "visitor: Of the same id"));
}

#[tokio::test]
async fn the_visitors_of_a_client_send_so_many_messages_a_minute_in_all() {
    let scene = limited(1_000, 4, 1_000).await;
    let walt = Visitor::of(&scene.acme);
    let (vera, far) = (&scene.vera, "203.0.113.7");
    for who in [vera, &walt, vera] {
        who.writes("Hm").await.granted();
    }
    for who in [vera, &walt, &Visitor::of(&scene.acme)] {
        wait_of(&who.writes("Hm").await);
    }
    at(vera, far).writes("From elsewhere").await.granted();
    scene.ada.answers(&scene.talk, "Ah").await.granted();
    scene.app.later(TimeDelta::minutes(1));
    walt.writes("Again").await.granted();
}

#[tokio::test]
async fn the_visitors_of_a_client_begin_so_many_conversations() {
    let scene = limited(1_000, 1_000, 3).await;
    let vera = &scene.vera;
    for _ in 0..2 {
        Visitor::of(&scene.acme).writes("Hello").await.granted();
    }
    let late = Visitor::of(&scene.acme);
    wait_of(&late.sends("1", "Hello").await);
    assert_eq!(late.chat().await, Value::Null);
    // To go on, and to reopen, is not to begin.
    vera.writes("Hm").await.granted();
    vera.closes().await.granted();
    vera.writes("Wait").await.granted();
    at(&Visitor::of(&scene.acme), "203.0.113.7").writes("Hello").await.granted();
    scene.app.later(TimeDelta::minutes(10));
    late.sends("1", "Hello after all").await.granted();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_first_messages_at_once_none_is_refused_by_the_default_limits() {
    let scene = Scene::with(|config| config.rate_limits.enabled = true).await;
    let vera = Visitor::of(&scene.acme);
    let app = scene.app.app();
    scene.app.is_idle().await;
    // All of them find no visitor before the first one writes.
    let work = app.begin().await.expect("a transaction");
    if is_postgres() {
        work.execute_unprepared("LOCK TABLE visitor IN EXCLUSIVE MODE").await.expect("locked");
    }
    let before = app.statements.get();
    let release = async {
        eventually("32 senders", async || app.statements.get() >= before + 32).await;
        drop(work);
    };
    let (answers, ()) = tokio::join!(join_all((0..32).map(|_| vera.writes("Hello"))), release);
    for answer in answers {
        answer.granted();
    }
    assert_eq!(vera.log().await.len(), 32);
}

#[tokio::test]
async fn beyond_the_ceiling_of_an_account_addresses_that_began_one_are_refused_first() {
    let scene = limited(1_000, 1_000, 1_000).await;
    let throttle = &scene.app.app().throttle;
    let exhaust = || while throttle.new_visitor(scene.acme.db_key(), [10, 0, 0, 7].into()).is_ok() {};
    exhaust();
    let from = async |address: &str| at(&Visitor::of(&scene.acme), address).writes("Hello").await;
    from("203.0.113.7").await.granted();
    for known in ["203.0.113.7", "10.0.0.7"] {
        // One more is allowed every 0.7 s, which may pass before the send on a busy machine.
        let mut refused = false;
        for _ in 0..20 {
            exhaust();
            let answer = from(known).await;
            if !answer.is_granted() {
                assert!((1..=3_600).contains(&wait_of(&answer)));
                refused = true;
                break;
            }
        }
        assert!(refused, "{known}");
    }
    from("203.0.113.8").await.granted();
    // Visitors who have written before, and other accounts, notice nothing.
    scene.vera.writes("Hm").await.granted();
    let globex = scene.app.account(1).await;
    at(&Visitor::of(&globex), "10.0.0.7").writes("Hello").await.granted();
}

#[tokio::test]
async fn a_conversation_closes_at_10_000_messages_and_the_next_message_begins_another() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    ada.joins(talk).await.granted();
    let work = scene.app.app().begin().await.expect("a transaction");
    let mut row = scene.db_row().await.into_active_model();
    row.last_sequence = Set(9_998);
    row.update(&*work).await.expect("the row is updated");
    work.commit().await.expect("committed");

    let sent = vera.writes("Hm").await.granted();
    assert_eq!((sequence(&sent.payload()["message"]), &sent.payload()["chat"]["status"]), (9_999, &json!("OPEN")));
    let sent = ada.answers(talk, "Ah").await.granted();
    assert_eq!(sequence(&sent.payload()["message"]), 10_000);
    let state = &sent.payload()["conversation"];
    assert_eq!(
        (&state["status"], &state["closedBy"], &state["lastSequence"]),
        (&json!("CLOSED"), &Value::Null, &json!(10_001))
    );
    assert_eq!(ada.answers(talk, "Oh").await.refusals(), ["ConversationClosed"]);

    vera.writes("Hello again").await.granted();
    assert_eq!(vera.log().await, ["visitor: Hello again"]);
}

impl Scene {
    /// Changes the visitor's row.
    async fn db_change(&self, change: impl FnOnce(&mut visitor::ActiveModel)) {
        let token = self.vera.person.token.as_deref().expect("a token");
        let holder = identity::Visitor::of(token).expect("a visitor's token");
        let found = deskbell::visitor::queries::find_by_token(self.app.app().db(), self.acme.db_key(), &holder).await;
        let mut row = found.expect("read").expect("a visitor").into_active_model();
        change(&mut row);
        let work = self.app.app().begin().await.expect("a transaction");
        row.update(&*work).await.expect("the row is updated");
        work.commit().await.expect("committed");
    }
}

#[tokio::test]
async fn a_visitor_sends_500_messages_and_1_mib_a_day() {
    let scene = Scene::begin().await;
    let vera = &scene.vera;
    scene.db_change(|row| row.day_messages = Set(498)).await;
    vera.writes("499").await.granted();
    let last = vera.sends("last", "500").await.granted();
    let wait = wait_of(&vera.sends("one more", "501").await);
    assert!((23 * 3_600..=24 * 3_600).contains(&wait), "{wait}");
    assert_eq!(vera.sends("last", "500").await.granted().payload()["message"], last.payload()["message"], "a repeat");
    assert_eq!(vera.log().await.len(), 3);

    scene.app.later(TimeDelta::hours(24));
    vera.sends("one more", "501").await.granted();
    scene.db_change(|row| row.day_bytes = Set((1 << 20) - 3)).await;
    wait_of(&vera.writes("four").await);
    vera.writes("\u{20ac}").await.granted();
    wait_of(&vera.writes("a").await);
    scene.app.later(TimeDelta::hours(24));
    vera.writes("a").await.granted();
    // Operators write any number.
    scene.db_change(|row| row.day_messages = Set(500)).await;
    scene.ada.answers(&scene.talk, "Hi").await.granted();
}

#[tokio::test]
async fn a_blocked_visitor_cannot_tell_it_from_a_chat_that_is_off() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    let visitor = ada.talk(talk).await["visitor"]["id"].clone();
    ada.does("updateAccount", json!({ "isChatEnabled": false })).await.granted();
    let off = vera.writes("Hm").await;
    ada.does("updateAccount", json!({ "isChatEnabled": true })).await.granted();
    let mut follower = vera.follows().await;

    ada.chats("blockVisitor", json!({ "visitorId": visitor })).await.granted();

    let blocked = vera.writes("Hm").await;
    assert_eq!(blocked.refusals(), ["ChatUnavailable"]);
    assert_eq!(blocked.body, off.body, "not told apart");
    // The visitor still reads what there is, and what operators write.
    ada.answers(talk, "Goodbye").await.granted();
    follower.catches_up().await;
    assert_eq!(vera.log().await, ["visitor: Hello", "ada joined", "ada: Goodbye"]);

    ada.chats("unblockVisitor", json!({ "visitorId": visitor })).await.granted();
    vera.writes("Thanks").await.granted();
    let until = scene.app.app().clock.now() + TimeDelta::hours(1);
    ada.chats("blockVisitor", json!({ "visitorId": visitor, "until": until.to_rfc3339() })).await.granted();
    assert_eq!(vera.writes("Hm").await.refusals(), ["ChatUnavailable"]);
    scene.app.later(TimeDelta::minutes(61));
    vera.writes("An hour later").await.granted();
}

#[tokio::test]
async fn a_blocked_visitor_reaches_no_operator() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    let visitor = ada.talk(talk).await["visitor"]["id"].clone();
    ada.answers(talk, "Goodbye").await.granted();
    // Known in memory, once without and once with a subscription.
    let types = async |is_typing: bool| {
        vera.does("setChatTyping", json!({ "isTyping": is_typing })).await.granted();
    };
    let read = async |query: &str| ada.run(query, json!({ "id": talk })).await;
    let in_node = "query($id: ID!) { node(id: $id) { ... on Conversation { isVisitorTyping } } }";
    let in_list = "{ account { conversations { nodes { isVisitorTyping } } } }";
    let is_typing = async || {
        let in_node = read(in_node).await.at("node.isVisitorTyping").clone();
        assert_eq!(read(in_list).await.at("account.conversations.nodes.0.isVisitorTyping"), &in_node);
        in_node
    };
    types(true).await;
    let _follower = vera.follows().await;
    types(true).await;
    let watch =
        "subscription($id: ID!) { conversation(id: $id) { messages { text } conversation { isVisitorTyping } } }";
    let mut follower = ada.watches(watch, json!({ "id": talk })).await;
    assert_eq!(follower.next().await.at("conversation.conversation.isVisitorTyping"), true);
    assert_eq!(is_typing().await, true);

    ada.chats("blockVisitor", json!({ "visitorId": visitor })).await.granted();

    assert_eq!(follower.next().await.at("conversation.conversation.isVisitorTyping"), false);
    assert_eq!(is_typing().await, false, "typing ends with the block");
    types(true).await;
    assert_eq!(is_typing().await, false);
    let (before, chat) = (scene.db_row().await, vera.chat().await);
    for (name, input) in [("updateChatVisitor", json!({ "name": "Call me: 555" })), ("closeChat", json!({}))] {
        let answer = vera.does(name, input).await.granted();
        assert_eq!(answer.payload()["chat"], chat, "{name} has no effect");
    }
    assert_eq!((scene.db_row().await, vera.chat().await), (before, chat));
    assert_eq!(ada.talk(talk).await["visitor"]["name"], Value::Null);

    ada.chats("unblockVisitor", json!({ "visitorId": visitor })).await.granted();
    types(true).await;
    assert_eq!(is_typing().await, true);
    vera.does("updateChatVisitor", json!({ "name": "Vera" })).await.granted();
    assert_eq!(ada.talk(talk).await["visitor"]["name"], "Vera");
    vera.closes().await.granted();
    assert_eq!(ada.shape_of(talk).await, "CLOSED by VISITOR (ada)");
}

#[tokio::test]
async fn operators_see_who_is_blocked() {
    let scene = Scene::begin().await;
    let (ada, bob) = (&scene.ada, &scene.bob);
    let visitor = ada.talk(&scene.talk).await["visitor"]["id"].clone();
    let query = "query($id: ID!) { node(id: $id) { ... on Visitor { isBlocked blockedUntil } } }";
    let is_blocked = async || bob.run(query, json!({ "id": visitor })).await.at("node").clone();
    assert_eq!(is_blocked().await, json!({ "isBlocked": false, "blockedUntil": null }));

    let until = scene.app.app().clock.now() + TimeDelta::hours(1);
    let input = json!({ "visitorId": visitor, "until": until.to_rfc3339() });
    bob.chats("blockVisitor", input).await.granted();
    let seen = is_blocked().await;
    let shown = seen["blockedUntil"].as_str().and_then(|time| time.parse::<chrono::DateTime<chrono::Utc>>().ok());
    assert_eq!((&seen["isBlocked"], shown), (&json!(true), Some(until)));
    scene.app.later(TimeDelta::minutes(61));
    assert_eq!(is_blocked().await["isBlocked"], false);
    bob.chats("blockVisitor", json!({ "visitorId": visitor })).await.granted();
    assert_eq!(is_blocked().await, json!({ "isBlocked": true, "blockedUntil": null }), "without an end");
    bob.chats("unblockVisitor", json!({ "visitorId": visitor })).await.granted();
    assert_eq!(is_blocked().await, json!({ "isBlocked": false, "blockedUntil": null }));
    let input = json!({ "visitorId": visitor, "until": scene.app.app().clock.now().to_rfc3339() });
    assert_eq!(bob.chats("blockVisitor", input).await.faults(), ["until: InvalidInput"], "it is over");
}

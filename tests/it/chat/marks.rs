//! How far each side has read, and what is unread.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use super::Scene;
use crate::support::{
    Person,
    chat::{Visitor, sequence},
};

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[tokio::test]
async fn marks_only_grow_and_end_at_the_newest_message() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    ada.answers(talk, "Hi").await.granted();
    ada.answers(talk, "What is it?").await.granted();
    let read = async |asked: i64| {
        let seen = ada.marks_read(talk, asked).await.granted().payload()["conversation"].clone();
        assert_eq!(seen, ada.talk(talk).await, "the payload is the state");
        let chat = vera.reads_up_to(asked).await.granted().payload()["chat"].clone();
        assert_eq!(chat, vera.chat().await, "the payload is the state");
        let seen = ada.talk(talk).await;
        assert_eq!(chat["readUpTo"], seen["readByVisitorUpTo"]);
        assert_eq!(chat["readByOperatorUpTo"], seen["readUpTo"]);
        (
            number(&chat["readUpTo"]),
            number(&chat["unreadCount"]),
            number(&seen["readUpTo"]),
            number(&seen["unreadCount"]),
        )
    };

    // Hello, ada joined, Hi, What is it?
    for (asked, expected) in [
        (0, (0, 2, 0, 1)),
        (1, (1, 2, 1, 0)),
        (2, (2, 2, 2, 0)),
        (3, (3, 1, 3, 0)),
        (2, (3, 1, 3, 0)),
        (0, (3, 1, 3, 0)),
        (i64::from(i32::MAX), (4, 0, 4, 0)),
    ] {
        assert_eq!(read(asked).await, expected, "up to {asked}");
    }
    vera.writes("My order").await.granted();
    assert_eq!(read(4).await, (4, 0, 4, 1), "what came later is unread");
    for asked in [-1, i64::from(i32::MIN)] {
        assert_eq!(vera.reads_up_to(asked).await.faults(), ["upTo: InvalidInput"]);
        assert_eq!(ada.marks_read(talk, asked).await.faults(), ["upTo: InvalidInput"]);
    }
}

#[tokio::test]
async fn each_operator_has_a_mark_and_the_visitor_sees_the_greatest() {
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    let dan = scene.acme.inactive("dan").await;
    for text in ["One", "Two", "Three"] {
        vera.writes(text).await.granted();
    }
    let unread = async |who: &Person| number(&who.talk(talk).await["unreadCount"]);
    let seen = async || number(&vera.chat().await["readByOperatorUpTo"]);

    ada.marks_read(talk, 2).await.granted();
    assert_eq!((unread(ada).await, unread(bob).await, unread(&dan).await, seen().await), (2, 4, 4, 2));
    bob.marks_read(talk, 1).await.granted();
    assert_eq!((unread(ada).await, unread(bob).await, unread(&dan).await, seen().await), (2, 3, 4, 2));
    // Neither active nor joined.
    dan.marks_read(talk, 3).await.granted();
    assert_eq!((unread(ada).await, unread(bob).await, unread(&dan).await, seen().await), (2, 3, 1, 3));
    ada.removes(&dan).await.granted();
    assert_eq!(seen().await, 3, "it does not go back");
}

#[tokio::test]
async fn a_mark_sets_nothing_else() {
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    scene.has_no_effect(ada.marks_read(talk, 0)).await;
    scene.has_no_effect(vera.reads_up_to(0)).await;
    ada.marks_read(talk, 1).await.granted();
    scene.has_no_effect(ada.marks_read(talk, 1)).await;
    vera.reads_up_to(1).await.granted();
    scene.has_no_effect(vera.reads_up_to(1)).await;

    // A colleague's mark that is not the greatest does not reach the visitor's side.
    let before = scene.db_row().await;
    bob.marks_read(talk, 1).await.granted();
    let after = scene.db_row().await;
    assert!(after.revision > before.revision && after.visitor_revision == before.visitor_revision);
    scene.shows("PENDING waits", &[]).await;
}

/// Counts from the log what is unread after a mark.
fn recount(log: &[Value], author: &str, read_up_to: i64) -> i64 {
    let unread = log.iter().filter(|message| message["author"] == author && sequence(message) > read_up_to);
    i64::try_from(unread.count()).expect("few")
}

#[tokio::test]
async fn after_any_operations_what_is_unread_is_what_the_log_says() {
    let scene = Scene::begin().await;
    let (vera, talk) = (&scene.vera, scene.talk.as_str());
    let dan = scene.acme.inactive("dan").await;
    let people = [&scene.ada, &scene.bob, &scene.cy, &dan];
    let mut random = StdRng::seed_from_u64(7);
    let mut marks = [0_i64; 5];
    let mut total = 0;
    for step in 0..120 {
        let who = people[random.random_range(0..people.len())];
        let asked = random.random_range(0..step + 2);
        let answer = match random.random_range(0..10) {
            0..3 => vera.writes("Hm").await.granted(),
            3..5 => who.answers(talk, "Ah").await,
            5 => who.leaves(talk).await,
            6 if step % 3 == 0 => who.closes(talk).await,
            6 => who.reopens(talk).await,
            7 => vera.reads_up_to(asked).await.granted(),
            _ => who.marks_read(talk, asked).await.granted(),
        };
        let refusals = answer.refusals();
        assert!(refusals.iter().all(|kind| ["OperatorInactive", "ConversationClosed"].contains(kind)), "{refusals:?}");
        if step % 4 != 0 {
            continue;
        }
        let (chat, log) = (vera.chat().await, vera.messages().await);
        let visitor_read = number(&chat["readUpTo"]);
        assert_eq!(chat["unreadCount"], recount(&log, "OPERATOR", visitor_read), "step {step}: {chat:#}");
        let mut greatest = 0;
        for (who, mark) in people.iter().zip(&mut marks) {
            let seen = who.talk(talk).await;
            let read = number(&seen["readUpTo"]);
            assert_eq!(seen["unreadCount"], recount(&log, "VISITOR", read), "step {step}: {seen:#}");
            assert_eq!(seen["readByVisitorUpTo"], visitor_read);
            let listed = who.reads("{ account { conversations { nodes { id unreadCount readUpTo } } } }").await;
            let expected = json!([{ "id": talk, "unreadCount": seen["unreadCount"], "readUpTo": read }]);
            assert_eq!(listed.at("account.conversations.nodes"), &expected, "step {step}");
            assert!(read >= *mark, "marks only grow");
            *mark = read;
            greatest = greatest.max(read);
            total += number(&seen["unreadCount"]);
        }
        assert_eq!(chat["readByOperatorUpTo"], greatest, "step {step}");
        assert!(visitor_read >= marks[4] && visitor_read <= number(&chat["lastSequence"]));
        marks[4] = visitor_read;
    }
    assert!(total > 50 && marks.iter().all(|mark| *mark > 5), "the walk was too short: {total} {marks:?}");
    let newcomer = Visitor::of(&scene.acme);
    newcomer.writes("Hello").await.granted();
    assert_eq!(newcomer.chat().await["unreadCount"], 0);
}

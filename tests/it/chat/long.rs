//! The longest texts: each item of a subscription stays small enough to be sent.

use serde_json::json;

use super::Scene;
use crate::support::chat::Visitor;

/// The longest text, and the largest: 4,000 code points of 4 bytes.
fn otters() -> String {
    "🦦".repeat(4_000)
}

#[tokio::test]
async fn logs_of_the_longest_texts_come_whole_in_small_items() {
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    let (mut early, mut away) = (vera.follows().await, ada.follows(talk).await);
    away.is_cut();
    for _ in 0..20 {
        vera.writes(&otters()).await.granted();
        ada.answers(talk, &otters()).await.granted();
        bob.notes(talk, &otters()).await.granted();
    }

    // Those who were there, who were away, and who come with nothing.
    early.catches_up().await;
    away.resumes().await;
    away.catches_up().await;
    assert_eq!((early.messages.len(), away.messages.len(), away.notes.len()), (42, 42, 20));
    let (mut visitor, mut operator) = (vera.follows().await, ada.follows(talk).await);
    assert_eq!((visitor.messages.len(), operator.messages.len(), operator.notes.len()), (4, 4, 4));
    vera.writes("Short").await.granted();
    for replica in [&mut early, &mut away, &mut visitor, &mut operator] {
        replica.catches_up().await;
        assert_eq!(replica.resets, 0);
    }
}

#[tokio::test]
async fn a_list_of_conversations_with_the_longest_texts_is_followed() {
    let scene = Scene::begin().await;
    let list = "subscription { conversations(first: 50) { totalCount nodes { lastMessage { text } } } }";
    let mut follows = scene.ada.watches(list, json!({})).await;
    for _ in 0..50 {
        Visitor::of(&scene.acme).writes(&otters()).await.granted();
    }
    loop {
        let list = follows.next().await;
        if list.at("conversations.totalCount") == 51 {
            assert_eq!(list.each("conversations.nodes", "lastMessage").len(), 50);
            break;
        }
    }
}

//! What a transaction locks, and in which order. One that is paused shows it: the story holds a row
//! that it needs. On PostgreSQL only, because with SQLite one transaction writes at a time.

use deskbell::graphql::id;
use serde_json::{Value, json};

use super::Scene;
use crate::support::{chat::Visitor, eventually, is_postgres, locks::Held};

impl Scene {
    async fn db_hold_talk(&self, talk: &str) -> Held {
        self.app.db_hold("conversation", id::conversation_key(&talk.into()).expect("an id").0).await
    }
}

fn photo() -> Vec<u8> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/photos/100x100.png");
    std::fs::read(file).expect("a photo")
}

#[tokio::test]
async fn a_photo_that_changes_while_the_operator_joins_stays_where_it_is_shown() {
    if !is_postgres() {
        return;
    }
    let scene = Scene::begin().await;
    let (ada, bob, cy) = (&scene.ada, &scene.bob, &scene.cy);
    for (who, is_assigned) in [(bob, false), (cy, true)] {
        who.uploads_photo(who, photo()).await.granted();
        let vera = Visitor::of(&scene.acme);
        vera.writes("Hello").await.granted();
        let talk = vera.db_conversation(&scene.app, &scene.acme).await;
        let held = scene.db_hold_talk(&talk).await;

        let joins = async { if is_assigned { ada.assigns(&talk, who).await } else { who.joins(&talk).await } };
        let changes = async {
            scene.app.db_wait(1).await;
            let removal = who.does("removeOperatorPhoto", json!({ "operatorId": who.id }));
            let release = async {
                scene.app.db_wait(2).await;
                drop(held);
            };
            tokio::join!(removal, release).0
        };
        let (joined, removed) = tokio::join!(joins, changes);

        joined.granted();
        removed.granted();
        let chat = vera.chat().await;
        let url =
            chat["operators"][0]["photoUrl"].as_str().expect("the visitor sees the operator of the time of joining");
        assert_eq!(reqwest::get(url).await.expect("an answer").status(), 200, "{url}");
    }
}

#[tokio::test]
async fn ownership_is_transferred_without_a_lock_on_the_later_of_two_operators_first() {
    if !is_postgres() {
        return;
    }
    let scene = Scene::begin().await;
    let (owner, ada) = (&scene.acme.owner, &scene.ada);
    owner.hands_over_to(ada).await.granted();
    assert!(owner.db_key() < ada.db_key(), "the owner came first");
    let held = scene.app.db_hold("operator", owner.db_key().0).await;
    let look = async {
        scene.app.db_wait(1).await;
        let is_free = held.takes("operator", ada.db_key().0).await;
        drop(held);
        is_free
    };

    let (given, is_free) = tokio::join!(ada.hands_over_to(owner), look);

    given.granted();
    assert!(is_free, "it waits for the first one without a lock on the second one");
}

#[tokio::test]
async fn an_available_assignee_who_is_busy_elsewhere_stays_responsible_when_a_visitor_reopens() {
    if !is_postgres() {
        return;
    }
    let scene = Scene::begin().await;
    let (bob, vera, talk) = (&scene.bob, &scene.vera, scene.talk.as_str());
    bob.answers(talk, "Hi").await.granted();
    bob.closes(talk).await.granted();
    // As a send in another conversation does.
    let held = scene.app.db_hold("operator", bob.db_key().0).await;
    let release = async {
        scene.app.db_wait(1).await;
        let is_free = held.takes("visitor", scene.db_row().await.visitor_id.0).await;
        drop(held);
        is_free
    };

    let (sent, is_free) = tokio::join!(vera.writes("One more question"), release);

    sent.granted();
    assert!(is_free, "operators come before visitors");
    let log = ["bob joined", "bob: Hi", "closed", "reopened", "visitor: One more question"];
    scene.shows("PENDING (bob) waits", &log).await;
}

#[tokio::test]
async fn a_conversation_that_closes_while_its_visitor_writes_keeps_its_assignee() {
    if !is_postgres() {
        return;
    }
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    bob.joins(talk).await.granted();
    scene.app.is_idle().await;
    let (busy, held) = (scene.app.db_hold("operator", bob.db_key().0).await, scene.db_hold_talk(talk).await);
    let statements = || scene.app.app().statements.get();
    let writes = async {
        scene.app.db_wait(1).await;
        let before = statements();
        let release = async {
            // The visitor's message has found the conversation open, and comes after the close.
            eventually("a statement", async || statements() > before).await;
            drop(held);
            scene.app.db_wait(1).await;
            drop(busy);
        };
        tokio::join!(vera.writes("One more question"), release).0
    };

    let (closed, sent) = tokio::join!(ada.closes(talk), writes);

    closed.granted();
    sent.granted();
    scene.shows("PENDING (bob) waits", &["bob joined", "closed", "reopened", "visitor: One more question"]).await;
}

#[tokio::test]
async fn the_sweeper_skips_a_conversation_that_is_changing() {
    if !is_postgres() {
        return;
    }
    let scene = Scene::begin().await;
    let (other, second) = (Visitor::of(&scene.acme), Visitor::of(&scene.acme));
    for visitor in [&other, &second] {
        visitor.writes("Hello").await.granted();
    }
    let talks = [scene.talk.clone(), other.db_conversation(&scene.app, &scene.acme).await];
    for talk in &talks {
        scene.ada.answers(talk, "Hi").await.granted();
    }
    scene.app.later(chrono::TimeDelta::days(2));
    let held = scene.db_hold_talk(&talks[0]).await;
    let sweep = async || deskbell::conversation::rules::close_silent(scene.app.app()).await.expect("swept");

    sweep().await;

    let status = async |talk: &str| scene.ada.talk(talk).await["status"].clone();
    assert_eq!([status(&talks[0]).await, status(&talks[1]).await], [json!("OPEN"), json!("CLOSED")]);
    drop(held);
    scene.vera.writes("Wait").await.granted();
    sweep().await;
    assert_eq!(status(&talks[0]).await, json!("OPEN"), "the visitor waits since");
    assert_eq!(scene.ada.talk(&talks[0]).await["closedAt"], Value::Null);
}

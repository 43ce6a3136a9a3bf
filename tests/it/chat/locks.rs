//! What a transaction locks, and in which order. One that is paused shows it: the story holds a row
//! that it needs. On PostgreSQL only, because with SQLite one transaction writes at a time.

use deskbell::graphql::id;
use serde_json::json;

use super::Scene;
use crate::support::{chat::Visitor, is_postgres, locks::Held};

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

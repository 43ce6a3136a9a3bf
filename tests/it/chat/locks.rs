//! What a transaction locks, and in which order. One that is paused shows it: the story holds a row
//! that it needs. On PostgreSQL only, because with SQLite one transaction writes at a time.

use super::Scene;
use crate::support::is_postgres;

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

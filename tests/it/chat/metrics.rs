//! The metrics of conversations.

use chrono::TimeDelta;
use deskbell::serve::Sweeper;

use super::Scene;
use crate::support::{chat::Visitor, eventually};

impl Scene {
    /// The value of a metric, with its labels; zero if it was never counted.
    fn figure(&self, name: &str) -> f64 {
        let text = self.app.app().metrics.render();
        let line = text.lines().find_map(|line| line.strip_prefix("deskbell_")?.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |number| number.parse().expect("a number"))
    }

    #[track_caller]
    fn figures(&self, expected: &[(&str, f64)]) {
        for (name, value) in expected {
            assert!((self.figure(name) - value).abs() < 0.01, "{name} is {} and not {value}", self.figure(name));
        }
    }
}

#[tokio::test]
async fn messages_followers_conversations_and_deliveries_are_counted() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    scene.figures(&[("chat_messages_total{side=\"visitor\"}", 1.0), ("chat_messages_total{side=\"operator\"}", 0.0)]);

    let (mut page, mut desk, other) = (vera.follows().await, ada.follows(talk).await, scene.bob.follows(talk).await);
    scene.figures(&[("chat_followers{side=\"visitor\"}", 1.0), ("chat_followers{side=\"operator\"}", 2.0)]);
    ada.answers_as(talk, "1", "Zdravíme").await.granted();
    ada.answers_as(talk, "1", "Zdravíme").await.granted();
    vera.writes("Thanks").await.granted();
    page.catches_up().await;
    desk.catches_up().await;
    scene.figures(&[("chat_messages_total{side=\"visitor\"}", 2.0), ("chat_messages_total{side=\"operator\"}", 1.0)]);
    // A delivery is counted when the state that follows it has replaced it everywhere.
    drop((page, desk, other));
    eventually("no follower", async || scene.figure("chat_followers{side=\"operator\"}") < 0.5).await;
    eventually("both deliveries", async || scene.figure("chat_delivery_seconds_count") > 1.5).await;
    scene.figures(&[("chat_followers{side=\"visitor\"}", 0.0), ("chat_delivery_seconds_count", 2.0)]);
    assert!(scene.figure("chat_delivery_seconds_sum") < 60.0);

    Visitor::of(&scene.acme).writes("Hello").await.granted();
    let walt = Visitor::of(&scene.acme);
    walt.writes("Bye").await.granted();
    walt.closes().await.granted();
    scene.app.later(TimeDelta::minutes(2));
    Sweeper::default().sweep(scene.app.app()).await;
    scene.figures(&[
        ("conversations{status=\"pending\"}", 1.0),
        ("conversations{status=\"open\"}", 1.0),
        ("conversations{status=\"closed\"}", 1.0),
        ("chat_bytes", 28.0),
    ]);
}

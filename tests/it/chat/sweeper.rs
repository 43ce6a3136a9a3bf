//! What the sweeper does with conversations each minute.

use chrono::TimeDelta;
use deskbell::conversation::{
    queries::stranded_any_account,
    rules::{close_silent, repair},
};
use entity::{conversation, operator};
use futures_util::{StreamExt as _, stream};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbBackend, IntoActiveModel, QueryTrait as _, Statement,
};

use super::Scene;
use crate::support::{Person, chat::Visitor};

impl Scene {
    /// Takes an operator's seat away, as a server of the previous version does.
    async fn db_unseat(&self, who: &Person) {
        let mut row = self.app.db_operator(who).await.into_active_model();
        row.activated_at = Set(None);
        self.db_write(row).await;
    }

    async fn db_write(&self, row: operator::ActiveModel) {
        let work = self.app.app().begin().await.expect("a transaction");
        row.update(&*work).await.expect("the row is updated");
        work.commit().await.expect("committed");
    }

    /// Sets the sequence of a conversation, whose next message is then one that exists.
    async fn db_set_sequence(&self, of: &conversation::Model, last_sequence: i32) {
        let row = conversation::ActiveModel { id: Set(of.id), last_sequence: Set(last_sequence), ..Default::default() };
        let work = self.app.app().begin().await.expect("a transaction");
        row.update(&*work).await.expect("the row is updated");
        work.commit().await.expect("committed");
    }

    async fn another_talk(&self) -> (Visitor, String) {
        let visitor = Visitor::of(&self.acme);
        visitor.writes("Hello").await.granted();
        let talk = visitor.db_conversation(&self.app, &self.acme).await;
        (visitor, talk)
    }
}

#[tokio::test]
async fn what_a_server_of_the_previous_version_left_is_repaired() {
    let scene = Scene::begin().await;
    let (ada, bob, cy, talk) = (&scene.ada, &scene.bob, &scene.cy, scene.talk.as_str());
    let (kept_by, kept) = scene.another_talk().await;
    let (_, closed) = scene.another_talk().await;
    for who in [bob, ada] {
        who.joins(talk).await.granted();
    }
    bob.joins(&kept).await.granted();
    kept_by.closes().await.granted();
    kept_by.writes("One more thing").await.granted();
    bob.joins(&closed).await.granted();
    bob.closes(&closed).await.granted();
    scene.db_unseat(bob).await;
    assert_eq!(ada.shape_of(talk).await, "OPEN ada bob* waits", "it was not noticed");

    repair(scene.app.app()).await.expect("repaired");

    scene.shows("OPEN ada* waits", &["bob joined", "ada joined", "bob left"]).await;
    assert_eq!(cy.shape_of(&kept).await, "PENDING waits");
    assert_eq!(cy.shape_of(&closed).await, "CLOSED by OPERATOR (bob)");
    let before = scene.db_row().await;
    repair(scene.app.app()).await.expect("repaired");
    assert_eq!(scene.db_row().await, before, "nothing is left to repair");
}

#[tokio::test]
async fn an_account_that_cannot_be_repaired_does_not_keep_others_from_it() {
    let scene = Scene::begin().await;
    let (ada, talk) = (&scene.ada, scene.talk.as_str());
    let (_, other) = scene.another_talk().await;
    // Either may be the first to be repaired.
    for (broken, broken_talk, whole, whole_talk) in
        [(&scene.bob, talk, &scene.cy, &*other), (&scene.cy, &*other, &scene.bob, talk)]
    {
        broken.joins(broken_talk).await.granted();
        whole.joins(whole_talk).await.granted();
        let row = scene.db_row_of(broken_talk).await;
        scene.db_set_sequence(&row, row.last_sequence - 1).await;
        scene.db_unseat(broken).await;
        scene.db_unseat(whole).await;

        repair(scene.app.app()).await.expect("repaired");

        assert_eq!(ada.shape_of(whole_talk).await, "PENDING waits");
        let row = scene.db_row_of(broken_talk).await;
        scene.db_set_sequence(&row, row.last_sequence + 1).await;
        repair(scene.app.app()).await.expect("repaired");
        assert_eq!(ada.shape_of(broken_talk).await, "PENDING waits", "once nothing is in the way");
        for who in [broken, whole] {
            ada.activates(who).await.granted();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_sweepers_close_more_than_a_hundred_conversations_each_once() {
    let scene = Scene::begin().await;
    let silent: Vec<_> = stream::iter(0..105)
        .map(|_| async {
            let (visitor, talk) = scene.another_talk().await;
            scene.ada.answers(&talk, "Hi").await.granted();
            (visitor, talk)
        })
        .buffer_unordered(8)
        .collect()
        .await;
    scene.app.later(TimeDelta::days(2));
    let (waits, waiting) = scene.another_talk().await;

    let (one, other) = tokio::join!(close_silent(scene.app.app()), close_silent(scene.app.app()));

    one.and(other).expect("swept");
    for (visitor, talk) in &silent {
        assert_eq!(visitor.log().await, ["visitor: Hello", "ada joined", "ada: Hi", "closed"]);
        assert_eq!(scene.ada.shape_of(talk).await, "CLOSED by SILENCE (ada)");
    }
    assert_eq!(scene.ada.shape_of(&waiting).await, "PENDING waits");
    assert_eq!(waits.log().await, ["visitor: Hello"]);
}

#[tokio::test]
async fn a_conversation_that_cannot_be_closed_does_not_keep_others_from_it() {
    let scene = Scene::begin().await;
    let (_, other) = scene.another_talk().await;
    let talks = [scene.talk.as_str(), &*other];
    for talk in talks {
        scene.ada.answers(talk, "Hi").await.granted();
    }
    scene.app.later(TimeDelta::days(2));
    let row = scene.db_row().await;
    scene.db_set_sequence(&row, row.last_sequence - 1).await;

    close_silent(scene.app.app()).await.expect("swept");

    assert_eq!(scene.ada.shape_of(&other).await, "CLOSED by SILENCE (ada)");
    assert_eq!(scene.ada.shape_of(talks[0]).await, "OPEN ada*");
    scene.db_set_sequence(&row, row.last_sequence).await;
    close_silent(scene.app.app()).await.expect("swept");
    assert_eq!(scene.ada.shape_of(talks[0]).await, "CLOSED by SILENCE (ada)");
}

#[tokio::test]
async fn operators_to_repair_are_found_among_those_who_take_part_now() {
    let scene = Scene::begin().await;
    let work = scene.app.app().begin().await.expect("a transaction");
    let backend = work.get_database_backend();
    let sql = stranded_any_account().build(backend).to_string();
    let (explain, column) = match backend {
        DbBackend::Postgres => {
            // The tables are almost empty.
            work.execute_unprepared("SET LOCAL enable_seqscan = off").await.expect("set");
            ("EXPLAIN", "QUERY PLAN")
        }
        _ => ("EXPLAIN QUERY PLAN", "detail"),
    };
    let rows = work.query_all_raw(Statement::from_string(backend, format!("{explain} {sql}"))).await.expect("a plan");
    let plan: Vec<String> = rows.iter().map(|row| row.try_get("", column).expect("text")).collect();
    let reads: Vec<_> = plan.iter().filter(|line| line.contains("participation")).collect();
    assert!(!reads.is_empty() && reads.iter().all(|line| line.contains("participation_present_")), "{plan:#?}");
}

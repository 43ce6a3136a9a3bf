//! An operator who loses the seat leaves every conversation that is not closed, in the same step.

use serde_json::{Value, json};

use super::Scene;
use crate::support::{Answer, Person, chat::Visitor};

impl Scene {
    /// Runs a mutation that takes seats away, and returns how many conversations it returned.
    async fn returned(&self, name: &str, input: Value) -> Value {
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let document = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ returnedConversations userErrors {{ __typename message }} }} }}"
        );
        let answer: Answer = self.ada.run(&document, json!({ "input": input })).await.granted();
        answer.payload()["returnedConversations"].clone()
    }

    /// Another visitor's conversation.
    async fn another(&self) -> (Visitor, String) {
        let visitor = Visitor::of(&self.acme);
        visitor.writes("Good morning").await.granted();
        let talk = visitor.db_conversation(&self.app, &self.acme).await;
        (visitor, talk)
    }

    /// Five conversations of Bob: alone, with Ada, as Ada's colleague, where he is responsible
    /// without taking part, and one that is closed.
    async fn busy(bob: &Person, scene: &Self) -> [(Visitor, String); 5] {
        let talks = [
            scene.another().await,
            scene.another().await,
            scene.another().await,
            scene.another().await,
            scene.another().await,
        ];
        let ada = &scene.ada;
        let [(_, alone), (_, led), (_, joined), (kept_by, kept), (_, closed)] = &talks;
        bob.answers(alone, "Hi").await.granted();
        bob.joins(led).await.granted();
        ada.joins(led).await.granted();
        ada.joins(joined).await.granted();
        bob.joins(joined).await.granted();
        bob.joins(kept).await.granted();
        kept_by.closes().await.granted();
        kept_by.writes("One more thing").await.granted();
        bob.answers(closed, "Bye").await.granted();
        bob.closes(closed).await.granted();
        talks
    }

    /// Checks that Bob has left these conversations.
    async fn bob_has_left(&self, talks: &[(Visitor, String); 5]) {
        let ada = &self.ada;
        let expected = [
            ("PENDING", "bob left"),
            ("OPEN ada* waits", "bob left"),
            ("OPEN ada* waits", "bob left"),
            // He did not take part, so no event tells of him.
            ("PENDING waits", "visitor: One more thing"),
            ("CLOSED by OPERATOR (bob)", "closed"),
        ];
        for ((visitor, talk), (shape, last)) in talks.iter().zip(expected) {
            let log = ada.log_of(talk).await;
            assert_eq!((ada.shape_of(talk).await.as_str(), log.last().expect("a log").as_str()), (shape, last));
            assert_eq!(visitor.log().await, log);
        }
        let list = ada.run(
            "query($id: ID!) { account { conversations(assigneeId: $id, status: [PENDING, OPEN]) { totalCount } } }",
            json!({ "id": self.bob.id }),
        );
        assert_eq!(list.await.at("account.conversations.totalCount"), 0);
    }
}

#[tokio::test]
async fn deactivation_returns_conversations_and_reports_how_many() {
    let scene = Scene::begin().await;
    let talks = Scene::busy(&scene.bob, &scene).await;
    let mut follower = talks[0].0.follows().await;
    let mut colleague = scene.ada.follows(&talks[0].1).await;

    assert_eq!(scene.returned("deactivateOperator", json!({ "operatorId": scene.bob.id })).await, 4);

    scene.bob_has_left(&talks).await;
    follower.catches_up().await;
    colleague.catches_up().await;
    assert_eq!(scene.returned("deactivateOperator", json!({ "operatorId": scene.bob.id })).await, 0);
    // An operator who returns takes part in nothing.
    scene.ada.activates(&scene.bob).await.granted();
    scene.bob_has_left(&talks).await;
}

#[tokio::test]
async fn an_assignee_who_does_not_take_part_hands_over_to_one_who_does() {
    let scene = Scene::begin().await;
    let talk = scene.talk.as_str();
    scene.bob.joins(talk).await.granted();
    scene.vera.closes().await.granted();
    scene.vera.writes("One more thing").await.granted();
    scene.cy.joins(talk).await.granted();
    scene.ada.joins(talk).await.granted();
    assert_eq!(scene.ada.shape_of(talk).await, "OPEN (bob) ada cy waits");

    assert_eq!(scene.returned("deactivateOperator", json!({ "operatorId": scene.bob.id })).await, 1);

    let log = ["bob joined", "closed", "reopened", "visitor: One more thing", "cy joined", "ada joined"];
    scene.shows("OPEN ada cy* waits", &log).await;
}

#[tokio::test]
async fn removal_returns_conversations_and_reports_how_many() {
    let scene = Scene::begin().await;
    let talks = Scene::busy(&scene.bob, &scene).await;
    assert_eq!(scene.returned("removeOperator", json!({ "operatorId": scene.bob.id })).await, 4);
    scene.bob_has_left(&talks).await;
}

#[tokio::test]
async fn a_swap_returns_conversations_and_gives_them_to_no_other() {
    let scene = Scene::begin().await;
    let dan = scene.acme.inactive("dan").await;
    let talks = Scene::busy(&scene.bob, &scene).await;
    let input = json!({ "fromOperatorId": scene.bob.id, "toOperatorId": dan.id });
    assert_eq!(scene.returned("swapSeat", input).await, 4);
    scene.bob_has_left(&talks).await;
    assert_eq!(dan.talk(&talks[0].1).await["assignee"], Value::Null);
    dan.answers(&talks[0].1, "Hello").await.granted();
}

#[tokio::test]
async fn a_smaller_plan_returns_the_conversations_of_all_who_lose_their_seats() {
    let scene = Scene::begin().await;
    let (_, cys) = scene.another().await;
    scene.cy.joins(&cys).await.granted();
    let talks = Scene::busy(&scene.bob, &scene).await;
    // Both take part in this one, which counts once.
    scene.bob.joins(&scene.talk).await.granted();
    scene.cy.joins(&scene.talk).await.granted();

    let input = json!({ "plan": "FREE", "deactivateOperatorIds": [scene.bob.id, scene.cy.id] });
    assert_eq!(scene.returned("changePlan", input).await, 6);

    scene.bob_has_left(&talks).await;
    assert_eq!(scene.ada.shape_of(&cys).await, "PENDING waits");
    let log = scene.ada.log_of(&scene.talk).await;
    assert_eq!(scene.ada.shape_of(&scene.talk).await, "PENDING waits");
    let mut left = log[3..].to_vec();
    left.sort();
    assert_eq!(
        (log[..3].join(", "), left.join(", ")),
        ("visitor: Hello, bob joined, cy joined".into(), "bob left, cy left".into())
    );
    assert_eq!(scene.returned("changePlan", json!({ "plan": "MINI" })).await, 0);
}

#[tokio::test]
async fn a_step_that_is_refused_returns_nothing() {
    let scene = Scene::begin().await;
    let talk = scene.talk.as_str();
    scene.bob.joins(talk).await.granted();
    let before = scene.db_row().await;
    // Cy would still be active.
    let input = json!({ "plan": "FREE", "deactivateOperatorIds": [scene.bob.id] });
    assert_eq!(scene.ada.does("changePlan", input).await.refusals(), ["TooManyActiveOperators"]);
    assert_eq!(scene.db_row().await, before);
    scene.shows("OPEN bob* waits", &["bob joined"]).await;
}

#[tokio::test]
async fn an_operator_who_leaves_many_conversations_leaves_each_once() {
    let scene = Scene::begin().await;
    let mut talks = Vec::new();
    for _ in 0..30 {
        let (visitor, talk) = scene.another().await;
        scene.bob.joins(&talk).await.granted();
        talks.push((visitor, talk));
    }
    assert_eq!(scene.returned("deactivateOperator", json!({ "operatorId": scene.bob.id })).await, 30);
    for (visitor, talk) in &talks {
        assert_eq!(visitor.log().await, ["visitor: Good morning", "bob joined", "bob left"]);
        assert_eq!(scene.ada.shape_of(talk).await, "PENDING waits");
    }
}

//! Subscriptions with a single subscriber: those that rest, and the items that are needed.

use std::sync::atomic::Ordering;

use serde_json::{Value as Json, json};

use super::{
    super::toy::{TestServer, VISITOR, eventually},
    socket::{Socket, next, ready, stranger},
};

const RESTING: &str = "subscription { resting }";

impl TestServer {
    async fn rests(&self, count: i64) {
        eventually("the subscriptions rest", || self.world.at_rest.get() == count).await;
    }

    fn shows_next(&self, number: usize) {
        self.world.shown.send_replace(number);
    }
}

fn item(number: usize) -> Json {
    next("1", &json!({"resting": number}))
}

async fn follows(server: &TestServer) -> Socket {
    let mut socket = stranger(server).await;
    socket.ask("1", RESTING).await;
    assert_eq!(socket.next().await, item(0));
    socket
}

#[tokio::test]
async fn a_subscription_that_rests_goes_on_where_it_was() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut sockets = [follows(&server).await, follows(&server).await];
        for number in 1..4 {
            server.rests(2).await;
            server.shows_next(number);
            for socket in &mut sockets {
                assert_eq!(socket.next().await, item(number));
            }
        }
        assert_eq!(server.world.resting_runs.load(Ordering::SeqCst), 2 * 4, "each has its own executions");
        server.rests(2).await;
        let [mut stays, leaves] = sockets;
        drop(leaves);
        server.rests(1).await;
        server.shows_next(100);
        assert_eq!(stays.next().await, json!({"type": "complete", "id": "1"}));
        assert_eq!(server.world.resting_runs.load(Ordering::SeqCst), 2 * 4, "it ends without another execution");
        eventually("nothing is kept", || server.figure("subscription_bytes") == 0).await;
    }
}

#[tokio::test]
async fn what_a_document_selects_is_the_same_after_a_rest() {
    for server in TestServer::each_writer(|_| {}).await {
        for (number, document) in [
            "subscription { ...F } fragment F on Subscriptions { resting }",
            "subscription { ... on Subscriptions { resting } resting }",
        ]
        .into_iter()
        .enumerate()
        {
            let mut socket = stranger(&server).await;
            socket.ask("1", document).await;
            assert_eq!(socket.next().await, item(number));
            server.rests(1).await;
            server.shows_next(number + 1);
            assert_eq!(socket.next().await, item(number + 1), "{document}");
            drop(socket);
            server.rests(0).await;
        }
    }
}

#[tokio::test]
async fn a_rest_that_panics_is_reported() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = follows(&server).await;
        server.rests(1).await;
        server.shows_next(98);
        let broken = socket.next().await;
        assert_eq!(broken["payload"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{broken}");
    }
}

#[tokio::test]
async fn a_resting_subscription_keeps_its_text_only_and_waits_for_room() {
    let query = format!("subscription {{ resting }} #{}", " ".repeat(5_000));
    for server in TestServer::each_writer(|config| config.max_client_subscription_bytes = 100_000).await {
        let mut socket = stranger(&server).await;
        for id in ["1", "2", "3"] {
            socket.ask(id, &query).await;
            assert_eq!(socket.next().await["payload"]["data"]["resting"], 0, "others rest, so there is room");
            server.rests(id.parse().expect("a number")).await;
        }
        assert!((15_000..16_000).contains(&server.figure("subscription_bytes")));

        let filling = format!("subscription {{ quiet }} #{}", " ".repeat(4_500));
        socket.ask("4", &filling).await;
        assert_eq!(socket.next().await["id"], "4");
        server.shows_next(1);
        server.rests(0).await;
        socket.ask("5", "{ hello }").await;
        assert_eq!(socket.next().await["id"], "5", "no item comes before there is room");
        assert_eq!(socket.next().await, json!({"type": "complete", "id": "5"}));
        assert_eq!(server.world.resting_runs.load(Ordering::SeqCst), 3, "there is no room");
        socket.say(&json!({"type": "complete", "id": "4"})).await;
        for _ in 0..3 {
            assert_eq!(socket.next().await["payload"]["data"]["resting"], 1);
        }
    }
}

#[tokio::test]
async fn subscriptions_with_their_own_executions_are_limited_for_each_client_and_subject() {
    for server in TestServer::each_writer(|_| {}).await {
        let init = json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {VISITOR}")}});
        let mut visitor = ready(&server, init.clone()).await;
        for n in 0..20 {
            visitor.ask(&n.to_string(), RESTING).await;
            assert_eq!(visitor.next().await["type"], "next", "equal ones count as well");
        }
        let mut other = ready(&server, init).await;
        other.ask("1", RESTING).await;
        assert_eq!(other.next().await["payload"][0]["extensions"]["code"], "TOO_MANY_REQUESTS");
        other.ask("2", "subscription ourOwn { resting }").await;
        assert_eq!(other.next().await["type"], "next", "documents of our own pages count apart");
        let mut anonymous = stranger(&server).await;
        for n in 0..25 {
            anonymous.ask(&n.to_string(), RESTING).await;
            assert_eq!(anonymous.next().await["type"], "next", "it has no subject");
        }
        drop(visitor);
        server.rests(26).await;
        other.ask("1", RESTING).await;
        assert_eq!(other.next().await["type"], "next");
    }
}

#[tokio::test]
async fn an_item_that_fails_or_is_too_large_ends_a_subscription_whose_items_are_needed() {
    for server in TestServer::each_writer(|config| config.max_answer_bytes = 100_000).await {
        let mut socket = stranger(&server).await;
        for (fails, code) in [(0, json!("INTERNAL_SERVER_ERROR")), (100_000, json!("RESPONSE_TOO_LARGE"))] {
            socket.ask("1", &format!("subscription {{ lengths(of: [50000, {fails}, 1]) }}")).await;
            assert_eq!(socket.next().await["type"], "next");
            let failed = socket.next().await;
            assert_eq!((&failed["type"], &failed["payload"][0]["extensions"]["code"]), (&json!("error"), &code));
        }
        socket.ask("1", "subscription { lengths(of: [1]) }").await;
        assert_eq!(socket.next().await["type"], "next", "the id is free");
        assert_eq!(socket.next().await["type"], "complete");
    }
}

//! Operations over a socket.

use std::time::Duration;

use serde_json::json;

use super::{
    super::toy::{SLOW, STUCK, TestServer, eventually, keep_spans},
    socket::{next, open, ready, stranger},
};

#[tokio::test]
async fn an_operation_is_answered_and_completed() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        socket.ask("1", "{ hello }").await;
        assert_eq!(socket.next().await, next("1", &json!({"hello": "world"})));
        assert_eq!(socket.next().await, json!({"type": "complete", "id": "1"}));
        // The id is free again.
        socket.ask("1", "subscription { count(to: 2) }").await;
        assert_eq!(socket.next().await, next("1", &json!({"count": 1})));
        assert_eq!(socket.next().await, next("1", &json!({"count": 2})));
        assert_eq!(socket.next().await, json!({"type": "complete", "id": "1"}));
        socket.ask("2", "mutation { bump }").await;
        assert_eq!(socket.next().await, next("2", &json!({"bump": 1})));
        assert!(server.metrics().contains("toy_websockets 1"));
        drop(socket);
        eventually("it is counted out", || server.metrics().contains("toy_websockets 0")).await;
    }
}

#[tokio::test]
async fn an_operation_that_never_ran_is_an_error_message() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        let deep = format!("{}hello{}", "{ again ".repeat(16), "}".repeat(16));
        for (query, code) in [
            ("{ nothing }", "BAD_USER_INPUT"),
            ("{", "BAD_USER_INPUT"),
            (deep.as_str(), "BAD_USER_INPUT"),
            ("subscription { refused }", "FORBIDDEN"),
            ("{ panics }", "INTERNAL_SERVER_ERROR"),
        ] {
            socket.ask("1", query).await;
            let message = socket.next().await;
            assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{message}");
            let extensions = &message["payload"][0]["extensions"];
            assert_eq!(extensions["code"], code, "{message}");
            assert!(extensions["requestId"].is_string());
        }
        socket.ask("1", "subscription { panicking }").await;
        assert_eq!(socket.next().await, next("1", &json!({"panicking": 1})));
        assert_eq!(socket.next().await, next("1", &json!({"panicking": 2})));
        let message = socket.next().await;
        assert_eq!(message["type"], "error");
        socket.ask("1", "{ hello }").await;
        assert_eq!(socket.next().await["type"], "next", "the socket stays open");
    }
}

#[tokio::test]
async fn operations_do_not_wait_for_each_other_nor_the_reader_for_them() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        socket.ask("flood", "subscription { flood(bytes: 100) }").await;
        socket.ask("slow", "{ slow(ms: 60000) }").await;
        socket.ask("quick", "{ hello }").await;
        socket.say(&json!({"type": "ping"})).await;
        let (mut answered, mut ponged) = (false, false);
        for _ in 0..500 {
            let message = socket.next().await;
            answered |= message["id"] == "quick" && message["type"] == "next";
            ponged |= message["type"] == "pong";
            if answered && ponged {
                break;
            }
        }
        assert!(answered && ponged, "starved: {answered} {ponged}");
        socket.say(&json!({"type": "complete", "id": "flood"})).await;
        eventually("the flood has ended", || server.metrics().contains("toy_subscriptions 0")).await;
    }
}

#[tokio::test]
async fn a_mutation_survives_its_complete_and_its_socket() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        socket.ask("1", "mutation { bump(ms: 200) }").await;
        socket.say(&json!({"type": "complete", "id": "1"})).await;
        socket.say(&json!({"type": "ping"})).await;
        assert_eq!(socket.next().await, json!({"type": "pong"}));
        eventually("it is finished", || server.done() == 1).await;
        socket.ask("1", "mutation { bump(ms: 200) }").await;
        socket.say(&json!({"type": "ping"})).await;
        socket.next().await;
        drop(socket);
        eventually("it is finished", || server.done() == 2).await;
    }
}

#[tokio::test]
async fn a_completed_operation_sends_nothing_more_when_its_id_is_reused() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        for _ in 0..50 {
            socket.ask("1", "subscription { flood(bytes: 10) }").await;
            socket.say(&json!({"type": "complete", "id": "1"})).await;
        }
        socket.ask("1", "{ hello }").await;
        loop {
            let message = socket.next().await;
            if message["payload"]["data"].get("hello").is_some() {
                break;
            }
        }
        assert_eq!(socket.next().await, json!({"type": "complete", "id": "1"}));
    }
}

#[tokio::test]
async fn a_large_answer_arrives_whole() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        socket.ask("1", "{ big(bytes: 1000000) }").await;
        let answer = socket.next().await;
        assert_eq!(answer["payload"]["data"]["big"].as_str().map(str::len), Some(1_000_000));
    }
}

#[tokio::test]
async fn a_received_mutation_runs_although_its_client_disconnects() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket =
            ready(&server, json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {SLOW}")}}))
                .await;
        socket.ask("1", "mutation { bump }").await;
        drop(socket);
        eventually("the mutation has run", || server.done() == 1).await;
    }
}

#[tokio::test]
async fn a_timeout_of_the_session_lookup_is_an_internal_error() {
    for server in TestServer::each_writer(|config| config.ws_init_timeout = Duration::from_secs(1)).await {
        let mut socket = open(&server).await;
        socket.say(&json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {STUCK}")}})).await;
        assert_eq!(socket.closed().await.0, 1011);
    }
}

#[tokio::test]
async fn log_events_of_a_socket_carry_its_request() {
    keep_spans();
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        for query in ["{ spans }", "subscription { spans: spanned }"] {
            socket.ask("1", query).await;
            assert_eq!(socket.next().await, next("1", &json!({"spans": "request operation"})));
            socket.next().await;
        }
    }
}

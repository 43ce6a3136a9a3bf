//! Server-sent events.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::StreamExt;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    toy::{ADA, TestServer, eventually, keep_spans},
    websocket::{sharing::SHARED, socket::stranger},
};

const SOON: Duration = Duration::from_secs(10);

fn ask(server: &TestServer, query: &str) -> RequestBuilder {
    Client::new().post(server.url("/graphql")).header("accept", "text/event-stream").json(&json!({"query": query}))
}

async fn opened(request: RequestBuilder) -> Response {
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response
}

async fn whole(request: RequestBuilder) -> String {
    timeout(SOON, opened(request).await.text()).await.expect("in time").expect("text")
}

/// Reads until the text has arrived.
async fn until(response: &mut Response, text: &str) -> String {
    let mut read = String::new();
    while !read.contains(text) {
        let chunk = timeout(SOON, response.chunk()).await.expect("in time").expect("no break");
        read.push_str(&String::from_utf8_lossy(&chunk.unwrap_or_else(|| panic!("ended after {read}"))));
    }
    read
}

#[tokio::test]
async fn results_come_as_events_and_then_complete() {
    let server = TestServer::start().await;
    assert_eq!(
        whole(ask(&server, "subscription { count(to: 2) }")).await,
        "event: next\ndata: {\"data\":{\"count\":1}}\n\nevent: next\ndata: {\"data\":{\"count\":2}}\n\nevent: complete\ndata:\n\n"
    );
    assert_eq!(
        whole(ask(&server, "{ hello }")).await,
        "event: next\ndata: {\"data\":{\"hello\":\"world\"}}\n\nevent: complete\ndata:\n\n"
    );
    assert!(whole(ask(&server, "mutation { bump }")).await.contains("{\"bump\":1}"));
    let get = Client::new()
        .get(server.url("/graphql"))
        .header("accept", "text/event-stream")
        .query(&[("query", "subscription { count(to: 1) }")]);
    assert!(whole(get).await.ends_with("event: complete\ndata:\n\n"));
    let get = Client::new()
        .get(server.url("/graphql"))
        .header("accept", "text/event-stream")
        .query(&[("query", "mutation { bump }")]);
    assert_eq!(get.send().await.expect("an answer").status(), 405);
    assert_eq!(server.done(), 1);
}

#[tokio::test]
async fn refusals_are_events() {
    let server = TestServer::start().await;
    let deep = format!("subscription {{ a {}hello{} }}", "{ again ".repeat(16), "}".repeat(16));
    for (query, code) in [
        ("subscription { nothing }", "BAD_USER_INPUT"),
        ("subscription {", "BAD_USER_INPUT"),
        ("subscription { refused }", "FORBIDDEN"),
        (deep.as_str(), "BAD_USER_INPUT"),
    ] {
        let text = whole(ask(&server, query)).await;
        assert!(text.starts_with("event: next\ndata: {\"errors\":[{\"message\":"), "{text}");
        assert!(text.contains(code) && text.ends_with("\n\nevent: complete\ndata:\n\n"), "{text}");
    }
    let text = whole(ask(&server, "subscription { panicking }")).await;
    assert!(text.contains("{\"panicking\":2}") && text.contains("INTERNAL_SERVER_ERROR"), "{text}");
}

#[tokio::test]
async fn a_client_that_takes_both_gets_events_for_subscriptions_only() {
    let server = TestServer::start().await;
    let both = "application/graphql-response+json, text/event-stream";
    let ask =
        |query: &str| Client::new().post(server.url("/graphql")).header("accept", both).json(&json!({"query": query}));
    assert_eq!(
        ask("{ hello }").send().await.expect("an answer").text().await.expect("text"),
        r#"{"data":{"hello":"world"}}"#
    );
    assert!(whole(ask("subscription { count(to: 1) }")).await.contains("event: complete"));
}

#[tokio::test]
async fn an_idle_stream_sends_heartbeats() {
    let server = TestServer::with(|config| config.sse_keepalive = Duration::from_millis(20)).await;
    let mut response = opened(ask(&server, "subscription { quiet }")).await;
    until(&mut response, "\n\n:\n\n").await;
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let server = TestServer::start().await;
    let mut response = opened(ask(&server, "subscription { quiet }").bearer_auth(ADA)).await;
    until(&mut response, "{\"quiet\":true}").await;
    assert!(server.metrics().contains("toy_event_streams 1"));
    server.world.end_session(ADA);
    let end = until(&mut response, "event: complete").await;
    assert!(end.contains("UNAUTHENTICATED") && end.contains("You signed out"), "{end}");
    eventually("the stream is counted out", || server.metrics().contains("toy_event_streams 0")).await;
}

#[tokio::test]
async fn streams_count_among_a_clients_sockets() {
    let server = TestServer::with(|config| config.max_sockets_per_client = 2).await;
    let first = opened(ask(&server, "subscription { quiet }")).await;
    let _second = opened(ask(&server, "subscription { quiet }")).await;
    assert_eq!(ask(&server, "subscription { quiet }").send().await.expect("an answer").status(), 429);
    drop(first);
    let deadline = tokio::time::Instant::now() + SOON;
    while ask(&server, "{ hello }").send().await.expect("an answer").status() != 200 {
        assert!(tokio::time::Instant::now() < deadline, "the slot was not released");
    }
}

#[tokio::test]
async fn a_stream_breaks_off_without_complete_when_the_server_stops() {
    let server = TestServer::start().await;
    let mut response = opened(ask(&server, "subscription { quiet }")).await;
    until(&mut response, "true").await;
    server.shutdown.cancel();
    let rest = timeout(SOON, response.text()).await.expect("in time").unwrap_or_default();
    assert!(!rest.contains("complete"), "{rest}");
    eventually("the server has stopped", || server.running.is_finished()).await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_disconnected() {
    let server = TestServer::with(|config| config.send_timeout = Duration::from_millis(300)).await;
    let mut silent = TcpStream::connect(server.address).await.expect("a connection");
    let body = r#"{"query":"subscription { flood(bytes: 200000) }"}"#;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    silent.write_all(head.as_bytes()).await.expect("sent");
    eventually("the stream is open", || server.metrics().contains("toy_event_streams 1")).await;
    eventually("the peer is disconnected", || server.metrics().contains("toy_event_streams 0")).await;
    let pulled = server.world.pulled.load(Ordering::SeqCst);
    assert!(pulled < 100, "{pulled} items of 200 kB were computed for a peer that does not read");
    let mut rest = Vec::new();
    let _ = timeout(SOON, silent.read_to_end(&mut rest)).await.expect("the connection ended");
}

#[tokio::test]
async fn three_hundred_streams_come_and_go() {
    let server = TestServer::with(|config| config.max_sockets_per_client = 1_000).await;
    let streams: Vec<Response> = futures_util::stream::iter(0..300)
        .map(|_| async { opened(ask(&server, "subscription { quiet }")).await })
        .buffer_unordered(50)
        .collect()
        .await;
    assert!(server.metrics().contains("toy_event_streams 300"));
    drop(streams);
    eventually("all are gone", || {
        let text = server.metrics();
        text.contains("toy_event_streams 0") && text.contains("toy_subscriptions 0")
    })
    .await;
}

#[tokio::test]
async fn log_events_of_a_stream_carry_its_request() {
    keep_spans();
    let server = TestServer::start().await;
    for query in ["{ spans }", "subscription { spans: spanned }"] {
        assert!(
            whole(ask(&server, query)).await.contains("{\"spans\":\"request\"}"),
            "{query}: {}",
            whole(ask(&server, query)).await
        );
    }
}

#[tokio::test]
async fn the_field_of_a_subscription_may_be_in_a_fragment() {
    let server = TestServer::start().await;
    for query in [
        "subscription { ... on Subscriptions { count(to: 1) } }",
        "subscription { ... { count(to: 1) } }",
        "subscription { ...F } fragment F on Subscriptions { ...G } fragment G on Subscriptions { count(to: 1) }",
    ] {
        assert_eq!(
            whole(ask(&server, query)).await,
            "event: next\ndata: {\"data\":{\"count\":1}}\n\nevent: complete\ndata:\n\n",
            "{query}"
        );
    }
    for query in [
        "subscription { ... on Query { count(to: 1) } }",
        "subscription { count(to: 1) x: count(to: 1) }",
        "subscription { __typename }",
    ] {
        let refused = whole(ask(&server, query)).await;
        assert!(
            refused.contains("BAD_USER_INPUT") && refused.matches("event: next").count() == 1,
            "{query}: {refused}"
        );
    }
}

#[tokio::test]
async fn equal_subscriptions_of_a_stream_and_a_socket_share_one_execution() {
    let server = TestServer::start().await;
    let (mut one, mut two) = (opened(ask(&server, SHARED)).await, opened(ask(&server, SHARED)).await);
    let mut socket = stranger(&server).await;
    socket.ask("1", SHARED).await;
    for number in [0, 1] {
        server.world.shown.send_replace(number);
        let data = format!("{{\"data\":{{\"shared\":{{\"number\":{number}}}}}}}");
        until(&mut one, &data).await;
        until(&mut two, &data).await;
        assert_eq!(socket.next().await["payload"]["data"]["shared"]["number"], number);
    }
    assert_eq!(server.world.shared_runs.load(Ordering::SeqCst), 1);
    // It ends for both at once.
    server.world.shown.send_replace(100);
    until(&mut one, "event: complete").await;
    until(&mut two, "event: complete").await;
    assert_eq!(socket.next().await["type"], "complete");
}

#[tokio::test]
async fn a_document_too_many_is_refused() {
    let server = TestServer::start().await;
    let ask = |n: usize| ask(&server, &format!("subscription D{n} {{ shared {{ number }} }}"));
    let mut streams = Vec::new();
    for n in 0..20 {
        let mut stream = opened(ask(n)).await;
        until(&mut stream, "number").await;
        streams.push(stream);
    }
    let refused = ask(20).send().await.expect("an answer");
    assert_eq!(refused.status(), 429);
    assert!(refused.text().await.expect("text").contains("TOO_MANY_REQUESTS"));
    drop(streams);
    eventually("they are released", || server.metrics().contains("toy_subscriptions 0\n")).await;
    until(&mut opened(ask(20)).await, "number").await;
}

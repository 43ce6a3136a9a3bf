//! Turns: operations that execute and operations that wait.

use std::net::{IpAddr, Ipv4Addr};

use axum::{
    body::Body,
    extract::{Request, State},
};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, StatusCode};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use crate::{
    Identity as _,
    backend::Backend,
    caller::RequestId,
    config::HttpConfig,
    graphql,
    ledger::Who,
    peer::{Ends, Peer},
    shared::Edge,
    tests::{
        http::{answer, code, post},
        toy::{ADA, TestServer, Toy, eventually},
        websocket::socket::{ada, stranger},
    },
};

const SLOW: &str = "{ slow(ms: 600000) }";

/// One operation of a client at a time, and two in its queue.
fn narrow(config: &mut HttpConfig) {
    config.max_client_executing = 1;
    config.max_client_waiting = 2;
}

#[tokio::test]
async fn operations_above_the_limit_wait_in_the_clients_queue() {
    let server = TestServer::with(narrow).await;
    let first = tokio::spawn(post(&server, SLOW).send());
    eventually("the first executes", || server.begun() == 1).await;
    let second = tokio::spawn(post(&server, SLOW).send());
    eventually("the second waits", || server.waiting() == 1).await;
    let change = tokio::spawn(post(&server, "mutation { bump }").send());
    eventually("the third waits", || server.waiting() == 2).await;
    let (status, refused) = answer(post(&server, "{ hello }")).await;
    assert_eq!((status, code(&refused)), (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS"));
    let request = Client::new().post(server.url("/graphql")).json(&json!({"query": "{ hello }"}));
    assert_eq!(answer(request).await.0, StatusCode::TOO_MANY_REQUESTS, "for all media types");
    assert_eq!((server.executing(), server.begun()), (1, 1));
    // An account is counted separately from its address, and from other accounts.
    assert_eq!(answer(post(&server, "{ hello }").bearer_auth(ADA)).await.0, StatusCode::OK);
    // A query whose client disconnects leaves the queue. A mutation whose client disconnects runs
    // when its turn comes.
    second.abort();
    eventually("the second has left", || server.waiting() == 1).await;
    change.abort();
    first.abort();
    eventually("the mutation has run", || server.done() == 1).await;
    eventually("nothing is left", || server.executing() + server.waiting() == 0).await;
    assert_eq!(server.begun(), 2, "the second never began");
}

#[tokio::test]
async fn operations_of_sockets_and_event_streams_wait_in_the_same_queue() {
    for server in TestServer::each_writer(narrow).await {
        let mut socket = stranger(&server).await;
        socket.ask("slow", SLOW).await;
        eventually("it executes", || server.begun() == 1).await;
        socket.ask("change", "mutation { bump }").await;
        eventually("the mutation waits", || server.waiting() == 1).await;
        let mut events = Client::new().post(server.url("/graphql")).header("accept", "text/event-stream");
        events = events.json(&json!({"query": "{ hello }"}));
        let waiting = tokio::spawn(events.try_clone().expect("a request").send());
        eventually("the query waits", || server.waiting() == 2).await;
        socket.ask("more", "{ hello }").await;
        let refused = socket.next().await;
        assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("more")));
        assert_eq!(refused["payload"][0]["extensions"]["code"], "TOO_MANY_REQUESTS");
        let refused = events.send().await.expect("an answer").text().await.expect("text");
        assert!(refused.contains("TOO_MANY_REQUESTS") && refused.ends_with("event: complete\ndata:\n\n"), "{refused}");
        let mut other = ada(&server).await;
        other.ask("1", "{ hello }").await;
        assert_eq!(other.next().await["type"], "next", "an account is counted separately");
        socket.say(&json!({"type": "complete", "id": "slow"})).await;
        assert_eq!(socket.next().await["payload"]["data"]["bump"], 1);
        let answered = waiting.await.expect("no panic").expect("an answer").text().await.expect("text");
        assert!(answered.contains("world"), "{answered}");
    }
}

#[tokio::test]
async fn beginning_a_subscription_takes_a_turn_and_joining_does_not() {
    for server in TestServer::each_writer(narrow).await {
        let (mut follows, mut joins) = (stranger(&server).await, stranger(&server).await);
        follows.ask("1", "subscription { shared { number } }").await;
        assert_eq!(follows.next().await["type"], "next");
        eventually("its turn has ended", || server.executing() == 0).await;
        let mut busy = stranger(&server).await;
        busy.ask("slow", SLOW).await;
        eventually("a query executes", || server.begun() == 1).await;
        joins.ask("1", "subscription { shared { number } }").await;
        assert_eq!(joins.next().await["type"], "next", "a running broadcast is joined at once");
        joins.ask("2", "subscription { shared(half: true) { number } }").await;
        eventually("another document waits", || server.waiting() == 1).await;
        let mut events = Client::new().post(server.url("/graphql")).header("accept", "text/event-stream");
        events = events.json(&json!({"query": "subscription { count(to: 2) }"}));
        let waiting = tokio::spawn(events.try_clone().expect("a request").send());
        eventually("so does a private one", || server.waiting() == 2).await;
        joins.ask("3", "subscription { count(to: 2) }").await;
        assert_eq!(joins.next().await["payload"][0]["extensions"]["code"], "TOO_MANY_REQUESTS");
        assert_eq!(events.send().await.expect("an answer").status(), StatusCode::TOO_MANY_REQUESTS);
        busy.say(&json!({"type": "complete", "id": "slow"})).await;
        assert_eq!(joins.next().await["payload"]["data"]["shared"]["number"], 0);
        let counted = waiting.await.expect("no panic").expect("an answer").text().await.expect("text");
        assert!(counted.ends_with("data: {\"data\":{\"count\":2}}\n\nevent: complete\ndata:\n\n"), "{counted}");
    }
}

#[tokio::test]
async fn a_client_that_closes_its_socket_leaves_the_queue() {
    for server in TestServer::each_writer(narrow).await {
        let (mut busy, mut leaves) = (stranger(&server).await, stranger(&server).await);
        busy.ask("slow", SLOW).await;
        eventually("it executes", || server.begun() == 1).await;
        leaves.ask("1", "{ hello }").await;
        leaves.ask("2", "subscription { count(to: 1) }").await;
        eventually("both wait", || server.waiting() == 2).await;
        leaves.0.send(Message::Close(None)).await.expect("sent");
        while leaves.0.next().await.is_some() {}
        eventually("both have left", || server.waiting() == 0).await;
        assert_eq!(server.executing(), 1);
    }
}

#[tokio::test]
async fn joining_takes_no_turn_to_execute_when_it_needs_parsing() {
    const QUERY: &str = "subscription { shared { number } }";
    for server in TestServer::each_writer(narrow).await {
        let mut follows = stranger(&server).await;
        follows.ask("1", QUERY).await;
        assert_eq!(follows.next().await["type"], "next");
        eventually("its turn has ended", || server.executing() == 0).await;
        let (mut busy, mut joins) = (stranger(&server).await, stranger(&server).await);
        busy.ask("slow", SLOW).await;
        eventually("a query executes", || server.begun() == 1).await;
        // Not declared, so it is not the same request as before.
        let payload = json!({"query": QUERY, "variables": {"junk": 1}});
        joins.say(&json!({"type": "subscribe", "id": "1", "payload": payload})).await;
        assert_eq!(joins.next().await["payload"]["data"]["shared"]["number"], 0);
        let events = Client::new().post(server.url("/graphql")).header("accept", "text/event-stream");
        let mut events = events.json(&json!({"query": QUERY})).send().await.expect("an answer");
        let first = events.chunk().await.expect("no error").expect("an event");
        assert!(first.starts_with(b"event: next"), "{first:?}");
        assert_eq!((server.executing(), server.waiting()), (1, 0));
    }
}

#[tokio::test]
async fn a_client_that_disconnects_before_its_event_stream_leaves_the_queue() {
    let server = TestServer::with(narrow).await;
    let busy = tokio::spawn(post(&server, SLOW).send());
    eventually("it executes", || server.begun() == 1).await;
    let events = Client::new().post(server.url("/graphql")).header("accept", "text/event-stream");
    let leaves = tokio::spawn(events.json(&json!({"query": "subscription { count(to: 1) }"})).send());
    eventually("it waits", || server.waiting() == 1).await;
    leaves.abort();
    eventually("it has left", || server.waiting() == 0).await;
    assert!(server.metrics().contains("toy_event_streams 0\n"));
    assert_eq!(server.executing(), 1);
    busy.abort();
}

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

/// Serves a request, and checks that reading it takes `turns` turns of `who`: each time it waits
/// for one while no other is free.
async fn is_read_in(edge: &Edge<Toy>, who: Who, turns: usize, mut request: Request) {
    request.extensions_mut().insert(Peer { address: CLIENT });
    request.extensions_mut().insert(RequestId::new());
    request.extensions_mut().insert(Ends(CancellationToken::new()));
    let mut held = edge.reading.enter(who).await.expect("a turn");
    let answer = tokio::spawn(graphql::serve(State(edge.clone()), request));
    for _ in 0..turns {
        eventually("it waits", || edge.reading.waiting(who) == 1).await;
        let lines = edge.reading.clone();
        let behind = tokio::spawn(async move { lines.enter(who).await.expect("a turn") });
        eventually("the test waits behind it", || edge.reading.waiting(who) == 2).await;
        drop(held);
        held = behind.await.expect("no panic");
    }
    assert_eq!(answer.await.expect("no panic").status(), StatusCode::OK);
    drop(held);
}

#[tokio::test]
async fn requests_are_parsed_and_validated_in_turns_of_the_client() {
    let toy = Toy::new(HttpConfig { max_client_executing: 1, ..HttpConfig::default() });
    let account = toy.authenticate(ADA, CLIENT).await.expect("an answer").expect("a session").who(CLIENT);
    let (edge, client) = (Edge::new(toy), Who::client(CLIENT));
    let post = || Request::post("/graphql").header("content-type", "application/json");
    let ask = |query: &str| Body::from(json!({"query": query}).to_string());
    is_read_in(&edge, client, 1, Request::get("/graphql?query=%7Bhello%7D").body(Body::empty()).expect("a request"))
        .await;
    let long = format!("/graphql?query=%7Bhello%7D{}", "%20".repeat(2_000));
    is_read_in(&edge, client, 2, Request::get(long).body(Body::empty()).expect("a request")).await;
    is_read_in(&edge, client, 1, post().body(ask("{ hello }")).expect("a request")).await;
    let events = post().header("accept", "text/event-stream");
    is_read_in(&edge, client, 1, events.body(ask("{ hello }")).expect("a request")).await;
    // The session is read before a large body is.
    let large = json!({"query": "{ hello }", "more": "x".repeat(70_000)}).to_string();
    let large = post()
        .header("content-length", large.len())
        .header("authorization", format!("Bearer {ADA}"))
        .body(Body::from(large));
    is_read_in(&edge, account, 2, large.expect("a request")).await;
    // The document is validated a second time before its file is stored.
    let operations = json!({"query": "mutation($file: Upload!) { upload(file: $file) }", "variables": {"file": null}});
    let parts = [
        ("operations", operations.to_string()),
        ("map", r#"{"0":["variables.file"]}"#.to_owned()),
        ("0\"; filename=\"a", String::new()),
    ];
    let parts =
        parts.map(|(name, text)| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"));
    let upload = Request::post("/graphql")
        .header("content-type", "multipart/form-data; boundary=b")
        .header("graphql-require-preflight", "1");
    let upload = upload
        .header("authorization", format!("Bearer {ADA}"))
        .body(Body::from(format!("{}--b--\r\n", parts.concat())));
    is_read_in(&edge, account, 3, upload.expect("a request")).await;
}

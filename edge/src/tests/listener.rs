//! Connections: slow ones, too many, and shutdown.

use std::time::Duration;

use reqwest::Client;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

use super::toy::{TestServer, eventually};

const SOON: Duration = Duration::from_secs(10);

async fn ended(mut connection: TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    let _ = timeout(SOON, connection.read_to_end(&mut read)).await.expect("the connection must end");
    read
}

#[tokio::test]
async fn slow_headers_time_out_while_others_are_served() {
    let server = TestServer::with(|config| config.read_timeout = Duration::from_secs(5)).await;
    let mut slow = Vec::new();
    for sent in ["", "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nhost: a\r\nx-"].repeat(20) {
        let mut connection = TcpStream::connect(server.address).await.expect("a connection");
        connection.write_all(sent.as_bytes()).await.expect("sent");
        slow.push(connection);
    }
    let started = Instant::now();
    assert_eq!(Client::new().get(server.url("/healthz")).send().await.expect("an answer").status(), 200);
    assert!(started.elapsed() < Duration::from_secs(3), "it waited for the others");
    for connection in slow {
        ended(connection).await;
    }
    eventually("all are counted out", || server.metrics().contains("toy_connections 0")).await;
}

#[tokio::test]
async fn invalid_http_is_refused() {
    let server = TestServer::start().await;
    for sent in [
        "nonsense\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}".to_owned(),
        "GET /graphql HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello".to_owned(),
        "POST /graphql HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(100_000)),
        format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(500)),
    ] {
        let mut connection = TcpStream::connect(server.address).await.expect("a connection");
        let _ = connection.write_all(sent.as_bytes()).await;
        let _ = connection.shutdown().await;
        let answer = String::from_utf8_lossy(&ended(connection).await).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert_eq!(Client::new().get(server.url("/healthz")).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let server = TestServer::with(|config| config.max_connections = 2).await;
    let first = TcpStream::connect(server.address).await.expect("a connection");
    let _second = TcpStream::connect(server.address).await.expect("a connection");
    eventually("two are open", || server.metrics().contains("toy_connections 2")).await;
    let url = server.url("/healthz");
    let third = tokio::spawn(async move { Client::new().get(url).send().await.expect("an answer").status() });
    tokio::task::yield_now().await;
    assert!(!third.is_finished());
    drop(first);
    assert_eq!(timeout(SOON, third).await.expect("in time").expect("no panic"), 200);
}

#[tokio::test]
async fn a_stopping_server_drains_and_accepts_nothing_new() {
    let server = TestServer::start().await;
    let idle = TcpStream::connect(server.address).await.expect("a connection");
    let request = Client::new().post(server.url("/graphql")).json(&json!({"query": "mutation { bump(ms: 300) }"}));
    let under_way = tokio::spawn(async move { request.send().await.expect("an answer").text().await.expect("text") });
    eventually("it has begun", || server.begun() == 1).await;
    server.shutdown.cancel();
    assert_eq!(timeout(SOON, under_way).await.expect("in time").expect("no panic"), r#"{"data":{"bump":1}}"#);
    ended(idle).await;
    eventually("the server has stopped", || server.running.is_finished()).await;
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn draining_has_a_timeout() {
    let server = TestServer::with(|config| config.drain_timeout = Duration::from_millis(200)).await;
    let request = Client::new().post(server.url("/graphql")).json(&json!({"query": "{ slow(ms: 60000) }"}));
    let stuck = tokio::spawn(request.send());
    eventually("it has begun", || server.begun() == 1).await;
    server.shutdown.cancel();
    eventually("the server has stopped", || server.running.is_finished()).await;
    assert!(timeout(SOON, stuck).await.expect("in time").expect("no panic").is_err());
}

#[tokio::test]
async fn connections_per_client_are_limited() {
    let server = TestServer::with(|config| config.max_connections_per_client = 2).await;
    let first = TcpStream::connect(server.address).await.expect("a connection");
    let _second = TcpStream::connect(server.address).await.expect("a connection");
    eventually("two are open", || server.metrics().contains("toy_connections 2")).await;
    let third = TcpStream::connect(server.address).await.expect("a connection");
    assert!(ended(third).await.is_empty(), "closed at once, without an answer");
    let somebody_else = tokio::net::TcpSocket::new_v4().expect("a socket");
    somebody_else.bind(([127, 0, 0, 2], 0).into()).expect("all of 127/8 is loopback");
    let _somebody_else = somebody_else.connect(server.address).await.expect("a connection");
    eventually("another client is served", || server.metrics().contains("toy_connections 3")).await;
    drop(first);
    eventually("one is closed", || server.metrics().contains("toy_connections 2")).await;
    let _third = TcpStream::connect(server.address).await.expect("a connection");
    eventually("another takes its place", || server.metrics().contains("toy_connections 3")).await;

    let server = TestServer::with(|config| {
        config.max_connections_per_client = 2;
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let mut connections = Vec::new();
    for _ in 0..5 {
        connections.push(TcpStream::connect(server.address).await.expect("a connection"));
    }
    eventually("a trusted proxy has no limit", || server.metrics().contains("toy_connections 5")).await;
}

#[tokio::test]
async fn ambiguous_requests_are_refused() {
    let server = TestServer::start().await;
    let chunked = "\r\ncontent-type: application/json\r\n\r\n11\r\n{\"query\":\"{ hello }\"}\r\n0\r\n\r\n";
    for (sent, status) in [
        ("GET /healthz HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("GET /healthz HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n".to_owned(), "400"),
        ("GET /healthz HTTP/1.0\r\nhost: a\r\nhost: a\r\n\r\n".to_owned(), "400"),
        (format!("POST /graphql HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked{chunked}"), "501"),
        (
            format!(
                "POST /graphql HTTP/1.1\r\nhost: a\r\ntransfer-encoding: identity\r\ntransfer-encoding: chunked{chunked}"
            ),
            "501",
        ),
        ("GET /healthz HTTP/1.0\r\n\r\n".to_owned(), "200"),
        ("GET /healthz HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n".to_owned(), "200"),
    ] {
        let mut connection = TcpStream::connect(server.address).await.expect("a connection");
        connection.write_all(sent.as_bytes()).await.expect("sent");
        let answer = String::from_utf8_lossy(&ended(connection).await).into_owned();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{sent}\n{answer}");
    }
}

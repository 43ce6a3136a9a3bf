//! Bytes: answers that are too large, and answers that are not read.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::{
    config::SocketWriter,
    tests::{
        http::{answer, code, post},
        toy::{TestServer, eventually},
        websocket::socket::{SOON, open, stranger},
    },
};

/// A connection that reads almost nothing, with a request that came from this client through a
/// proxy.
async fn unread(server: &TestServer, client: &str, accept: &str, query: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4 << 10).expect("a small buffer");
    let mut stream = socket.connect(server.address).await.expect("a connection");
    let body = json!({"query": query}).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-forwarded-for: {client}\r\naccept: {accept}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
}

/// All that arrives until the connection ends.
async fn rest(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    // A connection that is cut may end with an error.
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut all)).await.expect("in time");
    String::from_utf8_lossy(&all).into_owned()
}

/// An answer that a client reads as it arrives.
async fn read(server: &TestServer, client: &str, accept: &str, query: &str) -> String {
    let request = Client::new().post(server.url("/graphql")).header("x-forwarded-for", client).header("accept", accept);
    request.json(&json!({"query": query})).send().await.expect("an answer").text().await.expect("text")
}

const MEGABYTE: &str = "{ big(bytes: 1000000) }";

#[tokio::test]
async fn an_answer_that_is_too_large_is_an_error_on_every_transport() {
    for server in TestServer::each_writer(|_| {}).await {
        let (status, body) = answer(post(&server, "{ big(bytes: 1048600) }")).await;
        assert_eq!((status, code(&body), body.get("data")), (StatusCode::OK, "RESPONSE_TOO_LARGE", Some(&json!(null))));
        let mut socket = stranger(&server).await;
        for query in ["{ big(bytes: 1048600) }", "subscription { shared(bytes: 1048600) { padding } }"] {
            socket.ask(query, query).await;
            let message = loop {
                let message = socket.next().await;
                if message["id"] == query {
                    break message;
                }
            };
            assert_eq!((&message["type"], &message["payload"]["data"]), (&json!("next"), &json!(null)));
            assert_eq!(message["payload"]["errors"][0]["extensions"]["code"], "RESPONSE_TOO_LARGE");
        }
        let events = Client::new().post(server.url("/graphql")).header("accept", "text/event-stream");
        let events = events.json(&json!({"query": "{ big(bytes: 1048600) }"})).send().await.expect("an answer");
        assert!(events.text().await.expect("text").contains("RESPONSE_TOO_LARGE"));
    }
}

#[tokio::test]
async fn answers_that_are_not_read_are_counted_for_their_client() {
    for accept in ["application/json", "text/event-stream"] {
        let server = TestServer::with(|config| {
            config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
            config.max_client_bytes_in_flight = 2_500_000;
        })
        .await;
        let first = unread(&server, "203.0.113.9", accept, MEGABYTE).await;
        let _second = unread(&server, "203.0.113.9", accept, MEGABYTE).await;
        eventually("both are held", || server.bytes_in_flight() > 2_000_000).await;
        let third = read(&server, "203.0.113.9", accept, MEGABYTE).await;
        assert!(third.contains("TOO_MANY_REQUESTS"), "{third}");
        let other = read(&server, "203.0.113.8", accept, MEGABYTE).await;
        assert!(other.len() > 1_000_000, "another client is counted separately");
        drop(first);
        eventually("the bytes of its connection are released", || server.bytes_in_flight() < 1_100_000).await;
    }
}

#[tokio::test]
async fn pages_that_are_not_read_are_counted_for_their_client() {
    let server = TestServer::with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        config.max_client_bytes_in_flight = 2_500_000;
        config.send_timeout = Duration::from_mins(10);
    })
    .await;
    let get = async |client: &str| {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4 << 10).expect("a small buffer");
        let mut stream = socket.connect(server.address).await.expect("a connection");
        let head =
            format!("GET /picture HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-forwarded-for: {client}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        stream
    };
    let first = get("203.0.113.9").await;
    let _second = get("203.0.113.9").await;
    eventually("both are held", || server.bytes_in_flight() == 2_000_000).await;
    let third = rest(get("203.0.113.9").await).await;
    assert!(third.starts_with("HTTP/1.1 429 "), "{third}");
    let other = rest(get("203.0.113.8").await).await;
    assert!(
        other.len() > 1_000_000 && other.contains("content-length: 1000000\r\n"),
        "another client is counted apart"
    );
    drop(first);
    eventually("the bytes of its connection are released", || server.bytes_in_flight() == 1_000_000).await;
}

#[tokio::test]
async fn the_largest_holder_is_cut_first_and_a_small_answer_is_always_sent() {
    for accept in ["application/json", "text/event-stream"] {
        let server = TestServer::with(|config| {
            config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
            config.max_bytes_in_flight = 1_500_000;
            config.send_timeout = Duration::from_mins(10);
        })
        .await;
        let large = unread(&server, "203.0.113.1", accept, MEGABYTE).await;
        eventually("it is held", || server.bytes_in_flight() > 1_000_000).await;
        let small = read(&server, "203.0.113.2", accept, "{ big(bytes: 60000) }").await;
        assert!(small.len() > 60_000, "{} bytes", small.len());
        let middle = read(&server, "203.0.113.3", accept, "{ big(bytes: 700000) }").await;
        assert!(middle.len() > 700_000, "{} bytes", middle.len());
        assert!(rest(large).await.len() < 1_000_000, "it was cut");
        eventually("nothing is held", || server.bytes_in_flight() == 0).await;
    }
}

#[tokio::test]
async fn the_socket_of_the_largest_holder_is_closed_when_its_bytes_are_needed() {
    let servers = TestServer::each_writer(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        config.max_bytes_in_flight = 1_500_000;
        config.send_timeout = Duration::from_mins(10);
    })
    .await;
    for server in servers {
        for query in ["subscription { shared(bytes: 1000000) { padding } }", MEGABYTE] {
            let mut large = slow_reader(&server, "203.0.113.1").await;
            let asked = json!({"type": "subscribe", "id": "1", "payload": {"query": query}});
            large.write_all(&masked(&asked.to_string())).await.expect("sent");
            eventually("it is held", || server.bytes_in_flight() > 900_000).await;
            let middle = read(&server, "203.0.113.3", "application/json", "{ big(bytes: 700000) }").await;
            assert!(middle.len() > 700_000, "{} bytes", middle.len());
            eventually(
                &format!("the socket of {query} is closed by {:?}", server.world.config().websocket_writer),
                || server.metrics().contains("toy_websockets 0\n"),
            )
            .await;
            eventually("nothing is held", || server.bytes_in_flight() == 0).await;
        }
    }
}

#[tokio::test]
async fn frames_that_are_not_read_are_counted_for_their_client() {
    let [server, _] = TestServer::each_writer(|config| {
        config.max_client_bytes_in_flight = 2_500_000;
        config.send_timeout = Duration::from_mins(10);
    })
    .await;
    assert_eq!(server.world.config().websocket_writer, SocketWriter::Direct);
    let mut sockets = Vec::new();
    for open in 1..=2 {
        let mut socket = slow_reader(&server, "203.0.113.1").await;
        socket
            .write_all(&masked(
                r#"{"type":"subscribe","id":"1","payload":{"query":"subscription { shared(bytes: 1000000) { padding } }"}}"#,
            ))
            .await
            .expect("sent");
        eventually("its frame waits", || server.bytes_in_flight() > open * 900_000).await;
        sockets.push(socket);
    }
    let mut third = slow_reader(&server, "203.0.113.1").await;
    third
        .write_all(&masked(r#"{"type":"subscribe","id":"1","payload":{"query":"subscription { shared(bytes: 1000000) { padding } }"}}"#))
        .await
        .expect("sent");
    eventually("the third is closed", || server.metrics().contains("toy_websockets 2\n")).await;
    drop(sockets);
    eventually("all is released", || server.bytes_in_flight() == 0).await;
}

#[tokio::test]
async fn a_message_that_arrives_too_slowly_ends_its_socket() {
    let [server, _] = TestServer::each_writer(|config| config.send_timeout = Duration::from_millis(300)).await;
    let mut idle = open(&server).await;
    let mut slow = slow_reader(&server, "203.0.113.1").await;
    let message = masked(&format!(r#"{{"type":"ping","payload":{{"x":"{}"}}}}"#, "x".repeat(40_000)));
    slow.write_all(&message[..30_000]).await.expect("sent");
    eventually("the received bytes are counted", || server.bytes_in_flight() == 30_000).await;
    let dripping = async {
        for byte in &message[30_000..] {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if slow.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = dripping => {}
        () = eventually("it is closed", || server.metrics().contains("toy_websockets 1\n")) => {}
    }
    assert_eq!(server.bytes_in_flight(), 0);
    idle.say(&json!({"type": "ping"})).await;
    assert_eq!(idle.next().await["type"], "pong", "an idle socket is not slow");
}

/// A text frame with a mask of zeros.
fn masked(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    if text.len() <= 125 {
        frame.extend(u8::try_from(0x80 + text.len()));
    } else {
        frame.push(0xFE);
        frame.extend(u16::try_from(text.len()).expect("a small message").to_be_bytes());
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// A socket of a client behind a proxy, with a small buffer, that is acknowledged and not read
/// further.
async fn slow_reader(server: &TestServer, client: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4 << 10).expect("a small buffer");
    let mut stream = socket.connect(server.address).await.expect("a connection");
    let head = format!(
        "GET /graphql HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\
         x-forwarded-for: {client}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream.write_all(&masked(r#"{"type":"connection_init"}"#)).await.expect("sent");
    let mut seen = String::new();
    let mut bytes = [0; 1024];
    while !seen.contains("connection_ack") {
        let count = tokio::time::timeout(SOON, stream.read(&mut bytes)).await.expect("in time").expect("bytes");
        assert!(count > 0, "closed after {seen}");
        seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    stream
}

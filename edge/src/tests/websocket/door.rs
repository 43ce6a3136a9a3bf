//! The door for widgets next to the HTTP library: a request gets the same answer from both. An
//! empty line before it, which servers ignore (RFC 9112, section 2.2), leads it past the door.

use std::{collections::BTreeMap, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    super::toy::{ADA, TestServer, eventually},
    socket::SOON,
};

const HOST: &str = "host: chat.example.org";
const UPGRADE: &str = "upgrade: websocket";
const CONNECTION: &str = "connection: Upgrade";
const VERSION: &str = "sec-websocket-version: 13";
const KEY: &str = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
const PROTOCOL: &str = "sec-websocket-protocol: graphql-transport-ws";

const VALID: &[&str] = &[HOST, UPGRADE, CONNECTION, VERSION, KEY, PROTOCOL];
const INIT: &[u8] = b"\x81\x9a\0\0\0\0{\"type\":\"connection_init\"}";
const ACK: &[u8] = b"\x81\x19{\"type\":\"connection_ack\"}";

fn request(first: &str, lines: &[&str]) -> Vec<u8> {
    format!("{first}\r\n{}\r\n\r\n", lines.join("\r\n")).into_bytes()
}

/// A valid upgrade without one line, and with others.
fn changed(without: &str, with: &[&str]) -> Vec<u8> {
    let lines: Vec<_> = VALID.iter().copied().filter(|line| *line != without).chain(with.iter().copied()).collect();
    request("GET /graphql HTTP/1.1", &lines)
}

#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: String,
    headers: BTreeMap<String, Vec<String>>,
    body: String,
}

impl Answer {
    /// Whether the library has written it.
    fn has_date(&self) -> bool {
        self.headers.contains_key("date")
    }

    /// Without what differs between two answers to the same request.
    fn comparable(mut self) -> Self {
        self.headers.remove("date");
        let id = self.headers.remove("x-request-id");
        assert_eq!(id.is_some(), !self.status.contains("400 Bad Request") || self.headers.len() > 2, "{self:?}");
        // Errors contain the id of their request.
        if let Some([id]) = id.as_deref() {
            self.body = self.body.replace(id, "ID");
        }
        self
    }
}

async fn read(connection: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let byte = timeout(SOON, connection.read_u8()).await.expect("in time");
        match byte {
            Ok(byte) => bytes.push(byte),
            Err(_) => break,
        }
    }
    let head = String::from_utf8(bytes).expect("text");
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default().to_owned();
    let mut headers = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length[0].parse().expect("a number"));
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.expect("a body");
    Answer { status, headers, body: String::from_utf8(body).expect("text") }
}

async fn whole(server: &TestServer, request: &[u8]) -> Answer {
    let mut connection = TcpStream::connect(server.address).await.expect("a connection");
    connection.write_all(request).await.expect("sent");
    read(&mut connection).await
}

async fn past_the_door(server: &TestServer, request: &[u8]) -> Answer {
    whole(server, &[b"\r\n", request].concat()).await
}

#[tokio::test]
async fn the_door_answers_an_upgrade_as_the_library_does() {
    let server = TestServer::start().await;
    let bearer = format!("authorization: Bearer {ADA}");
    for request in [
        request("GET /graphql HTTP/1.1", VALID),
        changed(CONNECTION, &["Connection: keep-alive, Upgrade"]),
        changed(UPGRADE, &["UPGRADE: WebSocket"]),
        changed(PROTOCOL, &["sec-websocket-protocol: other, graphql-transport-ws"]),
        changed(PROTOCOL, &["sec-websocket-protocol: other", PROTOCOL]),
        changed("", &["origin: https://chat.example.org", "cookie: a=b; c=\u{e9}", "user-agent: x"]),
        changed("", &["origin: https://shop.example"]),
        changed("", &["x-forwarded-for: 203.0.113.7", "sec-websocket-extensions: permessage-deflate", &bearer]),
    ] {
        let (ours, libraries) = (whole(&server, &request).await, past_the_door(&server, &request).await);
        let text = String::from_utf8_lossy(&request).into_owned();
        assert!(!ours.has_date() && libraries.has_date(), "{text}");
        assert!(ours.status.starts_with("HTTP/1.1 101"), "{text}");
        assert_eq!(ours.comparable(), libraries.comparable(), "{text}");
    }
}

#[tokio::test]
async fn what_does_not_pass_the_door_is_answered_by_the_library() {
    let server = TestServer::start().await;
    let many: Vec<String> = (0..70).map(|n| format!("x-{n}: {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let long = format!("cookie: {}", "x".repeat(5_000));
    let bearer = format!("authorization: Bearer {ADA}");
    for request in [
        changed(HOST, &[]),
        changed("", &[HOST]),
        changed("", &["content-length: 0"]),
        changed("", &["content-length: 0", "transfer-encoding: chunked"]),
        changed("", &["transfer-encoding: gzip"]),
        changed("", &["expect: 100-continue"]),
        changed("", &[" folded: x"]),
        changed("", &["bad header"]),
        changed("", &many),
        changed("", &[&long]),
        changed("", &["origin: https://shop.example", &bearer]),
        changed(UPGRADE, &["upgrade: h2c"]),
        changed(UPGRADE, &[UPGRADE, UPGRADE]),
        changed(CONNECTION, &["connection: close"]),
        changed(VERSION, &["sec-websocket-version: 12"]),
        changed(VERSION, &[]),
        changed(KEY, &[]),
        changed(PROTOCOL, &[]),
        changed(PROTOCOL, &["sec-websocket-protocol: graphql-ws"]),
        request("GET /graphql?a=b HTTP/1.1", VALID),
        request("GET /other HTTP/1.1", VALID),
        request("GET /page HTTP/1.1", &[HOST]),
        request("GET /graphql HTTP/1.0", VALID),
        request("get /graphql HTTP/1.1", VALID),
        request("POST /graphql HTTP/1.1", VALID),
    ] {
        let (ours, libraries) = (whole(&server, &request).await, past_the_door(&server, &request).await);
        let text = String::from_utf8_lossy(&request[..request.len().min(400)]).into_owned();
        assert!(ours.has_date(), "{text}\n{ours:?}");
        assert_eq!(ours.comparable(), libraries.comparable(), "{text}");
    }
}

#[tokio::test]
async fn a_client_above_its_limit_is_refused_by_the_library() {
    let server = TestServer::with(|config| config.max_sockets_per_client = 1).await;
    let mut first = TcpStream::connect(server.address).await.expect("a connection");
    first.write_all(&request("GET /graphql HTTP/1.1", VALID)).await.expect("sent");
    assert!(!read(&mut first).await.has_date());
    let refused = whole(&server, &request("GET /graphql HTTP/1.1", VALID)).await;
    assert!(refused.status.starts_with("HTTP/1.1 429") && refused.has_date(), "{refused:?}");
    drop(first);
    eventually("the slot is free", || server.metrics().contains("toy_websockets 0")).await;
    assert!(server.metrics().contains("toy_connections "));
    assert!(whole(&server, &request("GET /graphql HTTP/1.1", VALID)).await.status.starts_with("HTTP/1.1 101"));
    eventually("all connections are counted out", || server.metrics().contains("toy_connections 0")).await;
}

#[tokio::test]
async fn messages_may_follow_the_request_at_once() {
    let server = TestServer::start().await;
    let mut connection = TcpStream::connect(server.address).await.expect("a connection");
    let sent = [request("GET /graphql HTTP/1.1", VALID), INIT.to_vec()].concat();
    connection.write_all(&sent).await.expect("sent");
    assert!(!read(&mut connection).await.has_date());
    let mut ack = vec![0; ACK.len()];
    timeout(SOON, connection.read_exact(&mut ack)).await.expect("in time").expect("an answer");
    assert_eq!(ack, ACK);
}

#[tokio::test]
async fn a_connection_without_a_request_ends_with_the_time_and_with_the_server() {
    let server = TestServer::with(|config| config.read_timeout = Duration::from_millis(100)).await;
    let mut silent = TcpStream::connect(server.address).await.expect("a connection");
    assert_eq!(timeout(SOON, silent.read(&mut [0; 1])).await.expect("in time").expect("closed"), 0);
    let server = TestServer::with(|config| config.read_timeout = 6 * SOON).await;
    let mut silent = TcpStream::connect(server.address).await.expect("a connection");
    eventually("it is accepted", || server.metrics().contains("toy_connections 1")).await;
    server.shutdown.cancel();
    assert_eq!(timeout(SOON, silent.read(&mut [0; 1])).await.expect("in time").expect("closed"), 0);
    eventually("the server has stopped", || server.running.is_finished()).await;
}

//! `graphql-transport-ws`.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        protocol::frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

use super::toy::{ADA, TestServer, eventually};

const SOON: Duration = Duration::from_secs(10);

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

async fn connect(server: &TestServer, headers: &[(&'static str, String)]) -> Result<Socket, Error> {
    let mut request = format!("ws://{}/graphql", server.address).into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a header"));
    }
    connect_async(request).await.map(|(socket, _)| Socket(socket))
}

async fn open(server: &TestServer) -> Socket {
    connect(server, &[]).await.expect("a socket")
}

async fn ready(server: &TestServer, init: Json) -> Socket {
    let mut socket = open(server).await;
    socket.say(&init).await;
    assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
    socket
}

async fn stranger(server: &TestServer) -> Socket {
    ready(server, json!({"type": "connection_init"})).await
}

async fn ada(server: &TestServer) -> Socket {
    ready(server, json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {ADA}")}})).await
}

impl Socket {
    async fn say(&mut self, message: &Json) {
        self.0.send(Message::text(message.to_string())).await.expect("sent");
    }

    async fn ask(&mut self, id: &str, query: &str) {
        self.say(&json!({"type": "subscribe", "id": id, "payload": {"query": query}})).await;
    }

    async fn frame(&mut self) -> Message {
        timeout(SOON, self.0.next()).await.expect("in time").expect("a frame").expect("no error")
    }

    /// The next message, pings and pongs apart.
    async fn next(&mut self) -> Json {
        loop {
            match self.frame().await {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?} instead of a message"),
            }
        }
    }

    /// Reads until it is closed, and gives the code and the reason.
    async fn closed(&mut self) -> (u16, String) {
        loop {
            match timeout(SOON, self.0.next()).await.expect("in time") {
                Some(Ok(Message::Close(Some(close)))) => {
                    return (close.code.into(), close.reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("{other:?} instead of a close"),
            }
        }
    }
}

fn next(id: &str, data: &Json) -> Json {
    json!({"type": "next", "id": id, "payload": {"data": data}})
}

#[tokio::test]
async fn an_operation_is_answered_and_completed() {
    let server = TestServer::start().await;
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
    assert!(server.metrics().contains("deskbell_websockets 1"));
    drop(socket);
    eventually("it is counted out", || server.metrics().contains("deskbell_websockets 0")).await;
}

#[tokio::test]
async fn an_operation_that_never_ran_is_an_error_message() {
    let server = TestServer::start().await;
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
    assert_eq!(socket.next().await["type"], "next", "the socket lives on");
}

#[tokio::test]
async fn whoever_breaks_the_rules_is_closed_with_the_code_for_it() {
    let server = TestServer::start().await;
    let init = r#"{"type":"connection_init"}"#;
    let subscribe = r#"{"type":"subscribe","id":"a","payload":{"query":"subscription { quiet }"}}"#;
    for (messages, code, reason) in [
        (&["nonsense"][..], 4400, "Invalid message: not a JSON object"),
        (&[init, "[]"], 4400, "Invalid message: not a JSON object"),
        (&[init, r#"{"type":"subscribe","id":"1","payload":{"query":7}}"#], 4400, "Invalid message: \"query\" must be a string."),
        (&[subscribe], 4401, "Unauthorized"),
        (&[init, subscribe, subscribe], 4409, "Subscriber for a already exists"),
        (&[init, init], 4429, "Too many initialisation requests"),
        (
            &[r#"{"type":"connection_init","payload":{"authorization":"Bearer wrong"}}"#],
            4403,
            "The session has ended or the token is wrong. Sign in again.",
        ),
        (&[r#"{"type":"connection_init","payload":{"authorization":"wrong"}}"#], 4403, "\"authorization\" must read \"Bearer <token>\""),
        (&[r#"{"type":"connection_init","payload":{"Authorization":7}}"#], 4400, "Invalid message: \"authorization\" must be a string"),
    ] {
        let mut socket = open(&server).await;
        for message in messages {
            socket.0.send(Message::text(*message)).await.expect("sent");
        }
        assert_eq!(socket.closed().await, (code, reason.to_owned()), "{messages:?}");
    }
}

#[tokio::test]
async fn frames_that_are_no_messages_close_the_socket() {
    let server = TestServer::start().await;
    let frame = |opcode, payload: &[u8], is_final| Message::Frame(Frame::message(payload.to_vec(), OpCode::Data(opcode), is_final));
    for (what, frames, code) in [
        ("binary", vec![Message::binary(br#"{"type":"ping"}"#.to_vec())], 4400),
        ("too large", vec![Message::text("x".repeat(65_537))], 1009),
        ("too large in pieces", vec![frame(Data::Text, &[b'x'; 40_000], false), frame(Data::Continue, &[b'x'; 40_000], true)], 1009),
        ("not UTF-8", vec![frame(Data::Text, &[0xff, 0xfe], true)], 1007),
        ("a continuation of nothing", vec![frame(Data::Continue, b"x", true)], 1002),
        ("a reserved opcode", vec![frame(Data::Reserved(3), b"x", true)], 1002),
    ] {
        let mut socket = stranger(&server).await;
        for frame in frames {
            socket.0.send(frame).await.expect("sent");
        }
        assert_eq!(socket.closed().await.0, code, "{what}");
    }
    // As large as may be, and in pieces, is fine.
    let mut socket = stranger(&server).await;
    let padded = format!("{{\"type\":\"ping\",\"payload\":{{\"x\":\"{}\"}}}}", "x".repeat(65_000));
    let (head, tail) = padded.as_bytes().split_at(30_000);
    socket.0.send(frame(Data::Text, head, false)).await.expect("sent");
    socket.0.send(frame(Data::Continue, tail, true)).await.expect("sent");
    assert_eq!(socket.next().await["type"], "pong");
}

#[tokio::test]
async fn initialising_has_a_time_that_pings_do_not_postpone() {
    let server = TestServer::with(|config| config.ws_init_timeout = Duration::from_millis(200)).await;
    let mut silent = open(&server).await;
    assert_eq!(silent.closed().await, (4408, "Connection initialisation timeout".to_owned()));
    let mut pinging = open(&server).await;
    let started = tokio::time::Instant::now();
    let closed = async {
        loop {
            if pinging.0.send(Message::text(r#"{"type":"ping"}"#)).await.is_err() {
                panic!("closed without a frame");
            }
            let _ = pinging.0.send(Message::Ping("x".into())).await;
            match pinging.frame().await {
                Message::Close(Some(close)) => return u16::from(close.code),
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    assert_eq!(timeout(SOON, closed).await.expect("in time"), 4408);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn pings_are_answered_with_what_they_carried() {
    let server = TestServer::start().await;
    let mut socket = open(&server).await;
    socket.say(&json!({"type": "ping"})).await;
    assert_eq!(socket.next().await, json!({"type": "pong"}));
    socket.say(&json!({"type": "ping", "payload": {"n": 1}})).await;
    assert_eq!(socket.next().await, json!({"type": "pong", "payload": {"n": 1}}));
    socket.say(&json!({"type": "pong"})).await;
    socket.say(&json!({"type": "complete", "id": "unknown"})).await;
    socket.0.send(Message::Ping("x".into())).await.expect("sent");
    assert_eq!(socket.frame().await, Message::Pong("x".into()));
}

#[tokio::test]
async fn a_peer_that_gives_no_sign_of_life_is_dropped_and_one_that_answers_is_kept() {
    let server = TestServer::with(|config| config.ws_keepalive = Duration::from_millis(50)).await;
    // This client answers pings only while it is read.
    let mut alive = stranger(&server).await;
    for _ in 0..5 {
        assert!(matches!(alive.frame().await, Message::Ping(_)));
    }
    let _dead = stranger(&server).await;
    assert!(server.metrics().contains("deskbell_websockets 2"));
    let reading = async {
        loop {
            alive.frame().await;
        }
    };
    tokio::select! {
        () = reading => {}
        () = eventually("the silent one is dropped", || server.metrics().contains("deskbell_websockets 1")) => {}
    }
}

#[tokio::test]
async fn the_upgrade_is_refused_to_whoever_speaks_another_protocol() {
    let server = TestServer::start().await;
    for protocol in ["graphql-ws", "mqtt", "graphql-transport-wss"] {
        match connect(&server, &[("sec-websocket-protocol", protocol.to_owned())]).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 400, "{protocol}"),
            other => panic!("{protocol}: {:?}", other.map(|_| ())),
        }
    }
    let mut request = format!("ws://{}/graphql", server.address).into_client_request().expect("a request");
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "graphql-ws, graphql-transport-ws".parse().expect("a header"));
    let (_, response) = connect_async(request).await.expect("one of the two is spoken");
    assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
    let request = format!("ws://{}/graphql", server.address).into_client_request().expect("a request");
    assert!(matches!(connect_async(request).await, Err(Error::Http(response)) if response.status() == 400));
}

#[tokio::test]
async fn a_client_has_so_many_sockets() {
    let server = TestServer::with(|config| config.max_sockets_per_client = 2).await;
    let first = open(&server).await;
    let _second = open(&server).await;
    match connect(&server, &[]).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 429),
        other => panic!("{:?}", other.map(|_| ())),
    }
    drop(first);
    eventually("the place is free", || server.metrics().contains("deskbell_websockets 1")).await;
    open(&server).await;
}

#[tokio::test]
async fn a_socket_has_so_many_operations() {
    let server = TestServer::with(|config| config.max_operations_per_socket = 3).await;
    let mut socket = stranger(&server).await;
    for id in ["a", "b", "c"] {
        socket.ask(id, "subscription { quiet }").await;
        assert_eq!(socket.next().await["type"], "next");
    }
    socket.ask("d", "{ hello }").await;
    let refused = socket.next().await;
    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("d")));
    assert_eq!(refused["payload"][0]["message"], "At most 3 operations may be under way on one socket.");
    socket.say(&json!({"type": "complete", "id": "a"})).await;
    eventually("it has ended", || server.metrics().contains("deskbell_subscriptions 2")).await;
    socket.ask("d", "{ hello }").await;
    assert_eq!(socket.next().await["type"], "next");
    // A mutation that is completed early still has its place, or there would be no bound.
    socket.next().await;
    socket.ask("m", "mutation { bump(ms: 300) }").await;
    socket.say(&json!({"type": "complete", "id": "m"})).await;
    socket.ask("n", "{ hello }").await;
    assert_eq!(socket.next().await["type"], "error");
    eventually("the mutation is finished", || server.done() == 1).await;
}

#[tokio::test]
async fn who_is_asking_comes_from_the_init_the_header_or_the_cookie() {
    let server = TestServer::start().await;
    let who = async |headers: &[(&'static str, String)], init: Json| {
        let mut socket = connect(&server, headers).await.expect("a socket");
        socket.say(&json!({"type": "connection_init", "payload": init})).await;
        match socket.frame().await {
            Message::Text(_) => {}
            Message::Close(Some(close)) => return json!(u16::from(close.code)),
            other => panic!("{other:?}"),
        }
        socket.ask("1", "{ who { token } }").await;
        socket.next().await["payload"]["data"]["who"]["token"].clone()
    };
    let cookie = ("cookie", format!("toy_session={ADA}"));
    let header = ("authorization", format!("Bearer {ADA}"));
    let foreign = ("origin", "https://shop.example.com".to_owned());
    let own = ("origin", "https://chat.example.org".to_owned());
    let token = json!({"authorization": format!("Bearer {ADA}")});
    assert_eq!(who(&[], json!({})).await, Json::Null);
    assert_eq!(who(&[], token.clone()).await, ADA);
    assert_eq!(who(std::slice::from_ref(&header), json!({})).await, ADA);
    assert_eq!(who(std::slice::from_ref(&cookie), json!({})).await, ADA);
    assert_eq!(who(&[cookie.clone(), own.clone()], json!({})).await, ADA);
    assert_eq!(who(&[cookie.clone(), foreign.clone()], json!({})).await, Json::Null, "cross-site hijacking");
    assert_eq!(who(std::slice::from_ref(&own), token.clone()).await, ADA);
    assert_eq!(who(std::slice::from_ref(&foreign), token).await, 4403);
    match connect(&server, &[header, foreign]).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[tokio::test]
async fn signing_out_is_answered_and_then_ends_the_socket() {
    let server = TestServer::start().await;
    let mut socket = ada(&server).await;
    let mut other = ada(&server).await;
    other.ask("s", "subscription { quiet }").await;
    assert_eq!(other.next().await["type"], "next");
    socket.ask("1", "mutation { signOut }").await;
    assert_eq!(socket.next().await, next("1", &json!({"signOut": true})));
    assert_eq!(socket.next().await, json!({"type": "complete", "id": "1"}));
    assert_eq!(socket.closed().await, (4403, "You signed out".to_owned()));
    assert_eq!(other.closed().await, (4403, "You signed out".to_owned()));
    let mut stranger = stranger(&server).await;
    stranger.ask("1", "{ hello }").await;
    assert_eq!(stranger.next().await["type"], "next");
}

#[tokio::test]
async fn operations_do_not_wait_for_each_other_nor_the_reader_for_them() {
    let server = TestServer::start().await;
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
    eventually("the flood has ended", || server.metrics().contains("deskbell_subscriptions 0")).await;
}

#[tokio::test]
async fn a_mutation_survives_its_complete_and_its_socket() {
    let server = TestServer::start().await;
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

#[tokio::test]
async fn a_completed_operation_says_nothing_more_even_if_its_id_is_used_again() {
    let server = TestServer::start().await;
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

#[tokio::test]
async fn a_peer_that_does_not_read_costs_little_and_is_disconnected() {
    let server = TestServer::with(|config| config.send_timeout = Duration::from_millis(300)).await;
    let mut socket = stranger(&server).await;
    socket.ask("1", "subscription { flood(bytes: 200000) }").await;
    eventually("it is disconnected", || server.metrics().contains("deskbell_websockets 0")).await;
    let pulled = server.world.pulled.load(Ordering::SeqCst);
    assert!(pulled < 100, "{pulled} items of 200 kB were computed for nobody");
    eventually("its subscription has ended", || server.metrics().contains("deskbell_subscriptions 0")).await;
}

#[tokio::test]
async fn sockets_are_told_that_the_server_stops() {
    let server = TestServer::start().await;
    let mut idle = open(&server).await;
    let mut busy = stranger(&server).await;
    busy.ask("1", "mutation { bump(ms: 200) }").await;
    busy.ask("2", "subscription { quiet }").await;
    assert_eq!(busy.next().await["id"], "2");
    server.shutdown.cancel();
    assert_eq!(idle.closed().await, (1001, "The server is stopping".to_owned()));
    assert_eq!(busy.next().await, next("1", &json!({"bump": 1})), "what was begun is answered");
    assert_eq!(busy.closed().await.0, 1001);
    eventually("the server has stopped", || server.running.is_finished()).await;
}

#[tokio::test]
async fn a_large_answer_arrives_whole() {
    let server = TestServer::start().await;
    let mut socket = stranger(&server).await;
    socket.ask("1", "{ big(bytes: 3000000) }").await;
    let answer = socket.next().await;
    assert_eq!(answer["payload"]["data"]["big"].as_str().map(str::len), Some(3_000_000));
}

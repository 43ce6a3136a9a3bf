//! Conformance to the protocol.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        protocol::{
            CloseFrame,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};

use super::{
    super::toy::{TestServer, eventually},
    socket::{SOON, connect, open, stranger},
};

#[tokio::test]
async fn a_protocol_error_closes_with_its_code() {
    for server in TestServer::each_writer(|_| {}).await {
        let init = r#"{"type":"connection_init"}"#;
        let subscribe = r#"{"type":"subscribe","id":"a","payload":{"query":"subscription { quiet }"}}"#;
        for (messages, code, reason) in [
            (&["nonsense"][..], 4400, "Invalid message: not a JSON object"),
            (&[init, "[]"], 4400, "Invalid message: not a JSON object"),
            (
                &[init, r#"{"type":"subscribe","id":"1","payload":{"query":7}}"#],
                4400,
                "Invalid message: \"query\" must be a string.",
            ),
            (&[subscribe], 4401, "Unauthorized"),
            (&[init, subscribe, subscribe], 4409, "Subscriber for a already exists"),
            (&[init, init], 4429, "Too many initialisation requests"),
            (
                &[r#"{"type":"connection_init","payload":{"authorization":"Bearer wrong"}}"#],
                4403,
                "The session has ended or the token is wrong. Sign in again.",
            ),
            (
                &[r#"{"type":"connection_init","payload":{"authorization":"wrong"}}"#],
                4403,
                "\"authorization\" must read \"Bearer <token>\"",
            ),
            (
                &[r#"{"type":"connection_init","payload":{"Authorization":7}}"#],
                4400,
                "Invalid message: \"authorization\" must be a string",
            ),
        ] {
            let mut socket = open(&server).await;
            for message in messages {
                socket.0.send(Message::text(*message)).await.expect("sent");
            }
            assert_eq!(socket.closed().await, (code, reason.to_owned()), "{messages:?}");
        }
    }
}

#[tokio::test]
async fn invalid_frames_close_the_socket() {
    for server in TestServer::each_writer(|_| {}).await {
        let frame = |opcode, payload: &[u8], is_final| {
            Message::Frame(Frame::message(payload.to_vec(), OpCode::Data(opcode), is_final))
        };
        for (what, frames, code) in [
            ("binary", vec![Message::binary(br#"{"type":"ping"}"#.to_vec())], 4400),
            ("too large", vec![Message::text("x".repeat(65_537))], 1009),
            (
                "too large in pieces",
                vec![frame(Data::Text, &[b'x'; 40_000], false), frame(Data::Continue, &[b'x'; 40_000], true)],
                1009,
            ),
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
        // A message of the maximum size, in fragments, is accepted.
        let mut socket = stranger(&server).await;
        let padded = format!("{{\"type\":\"ping\",\"payload\":{{\"x\":\"{}\"}}}}", "x".repeat(65_000));
        let (head, tail) = padded.as_bytes().split_at(30_000);
        socket.0.send(frame(Data::Text, head, false)).await.expect("sent");
        socket.0.send(frame(Data::Continue, tail, true)).await.expect("sent");
        assert_eq!(socket.next().await["type"], "pong");
    }
}

#[tokio::test]
async fn pings_are_answered_with_their_payload() {
    for server in TestServer::each_writer(|_| {}).await {
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
}

#[tokio::test]
async fn the_upgrade_to_another_subprotocol_is_refused() {
    for server in TestServer::each_writer(|_| {}).await {
        for protocol in ["graphql-ws", "mqtt", "graphql-transport-wss"] {
            match connect(&server, &[("sec-websocket-protocol", protocol.to_owned())]).await {
                Err(Error::Http(response)) => assert_eq!(response.status(), 400, "{protocol}"),
                other => panic!("{protocol}: {:?}", other.map(|_| ())),
            }
        }
        let mut request = format!("ws://{}/graphql", server.address).into_client_request().expect("a request");
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "graphql-ws, graphql-transport-ws".parse().expect("a header"));
        let (_, response) = connect_async(request).await.expect("one of the two is supported");
        assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
        let request = format!("ws://{}/graphql", server.address).into_client_request().expect("a request");
        assert!(matches!(connect_async(request).await, Err(Error::Http(response)) if response.status() == 400));
    }
}

#[tokio::test]
async fn a_client_that_closes_is_answered() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        socket.ask("1", "subscription { flood(bytes: 10) }").await;
        socket.next().await;
        let close = CloseFrame { code: 1000.into(), reason: "".into() };
        socket.0.send(Message::Close(Some(close))).await.expect("sent");
        assert_eq!(socket.closed().await.0, 1000);
        assert!(timeout(SOON, socket.0.next()).await.expect("in time").is_none_or(|end| end.is_err()));
        eventually("it is gone", || server.metrics().contains("toy_websockets 0")).await;
    }
}

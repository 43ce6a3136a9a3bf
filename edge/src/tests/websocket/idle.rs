//! Sockets whose task sleeps: their reads are made by the waker, and nothing may get lost or out of
//! order between the two.

use std::time::Duration;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{
    super::toy::{TestServer, eventually},
    socket::{PING, PONG, SOON, stranger},
};

/// More than a tick of the sweeper, which is an eighth of the time to initialise. No result depends
/// on these pauses: they let the waker take part, which cannot be seen from outside.
const A_TICK: Duration = Duration::from_millis(60);

async fn server() -> TestServer {
    TestServer::with(|config| config.ws_init_timeout = Duration::from_millis(400)).await
}

/// A text message, masked with zeros.
fn message(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("short");
    let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame
}

async fn expect(stream: &mut TcpStream, answers: &[&[u8]]) {
    let expected = answers.concat();
    let mut received = vec![0; expected.len()];
    timeout(SOON, stream.read_exact(&mut received)).await.expect("in time").expect("an answer");
    assert_eq!(String::from_utf8_lossy(&received), String::from_utf8_lossy(&expected));
}

#[tokio::test]
async fn whatever_arrives_while_the_task_sleeps_is_answered_in_order() {
    let server = server().await;
    let mut stream = stranger(&server).await.bare();
    let payload = |n: u32| message(&format!(r#"{{"type":"ping","payload":{{"n":{n}}}}}"#));
    let answer = |n: u32| {
        let text = format!(r#"{{"type":"pong","payload":{{"n":{n}}}}}"#);
        [&[0x81, u8::try_from(text.len()).expect("short")], text.as_bytes()].concat()
    };
    for n in 0..8 {
        sleep(A_TICK).await;
        // Alone: the waker answers.
        stream.write_all(PING).await.expect("sent");
        expect(&mut stream, &[PONG]).await;
        sleep(A_TICK).await;
        // With others, cut at each place of the first bytes.
        let all = [payload(n), PING.to_vec(), payload(n + 100), PING.repeat(20)].concat();
        let (first, rest) = all.split_at(usize::try_from(n).expect("small") * 5 + 1);
        stream.write_all(first).await.expect("sent");
        sleep(Duration::from_millis(5)).await;
        stream.write_all(rest).await.expect("sent");
        expect(&mut stream, &[&answer(n), PONG, &answer(n + 100), &PONG.repeat(20)]).await;
    }
}

/// What a client receives that goes on sending after the close frame.
#[tokio::test]
async fn nothing_follows_the_close_frame() {
    let server = server().await;
    let mut stream = stranger(&server).await.bare();
    stream.write_all(&message("nonsense")).await.expect("sent");
    sleep(A_TICK).await;
    for _ in 0..3 {
        stream.write_all(PING).await.expect("sent");
        sleep(A_TICK).await;
    }
    let mut received = Vec::new();
    timeout(SOON, stream.read_to_end(&mut received)).await.expect("in time").expect("no error");
    let reason = b"Invalid message: not a JSON object";
    let close = [&[0x88, u8::try_from(reason.len() + 2).expect("short"), 0x11, 0x30], reason.as_slice()].concat();
    assert_eq!(String::from_utf8_lossy(&received), String::from_utf8_lossy(&close));
}

#[tokio::test]
async fn a_ping_between_empty_fragments_is_no_message() {
    let server = server().await;
    let mut stream = stranger(&server).await.bare();
    stream.write_all(&[0x01, 0x80, 0, 0, 0, 0]).await.expect("sent");
    sleep(A_TICK).await;
    stream.write_all(PING).await.expect("sent");
    let mut received = [0; 4];
    timeout(SOON, stream.read_exact(&mut received)).await.expect("in time").expect("an answer");
    assert_eq!((received[0], &received[2..]), (0x88, &1002_u16.to_be_bytes()[..]));
}

#[tokio::test]
async fn messages_and_items_meet_at_a_sleeping_socket() {
    let server = server().await;
    let mut socket = stranger(&server).await;
    for n in 1..=20 {
        sleep(A_TICK / 4).await;
        socket.ask(&format!("{n}"), "subscription { shared { number } }").await;
        server.world.shown.send_replace(n);
        socket.say(&json!({"type": "ping", "payload": {"n": n}})).await;
        let (mut has_pong, mut has_item) = (false, false);
        while !has_pong || !has_item {
            let received = socket.next().await;
            match received["type"].as_str() {
                Some("pong") => has_pong = received["payload"]["n"] == n,
                _ => has_item |= received["payload"]["data"]["shared"]["number"] == n,
            }
        }
    }
}

#[tokio::test]
async fn the_end_of_a_sleeping_socket_is_noticed() {
    let server = server().await;
    let (closed, reset) = (stranger(&server).await.bare(), stranger(&server).await.bare());
    sleep(A_TICK).await;
    assert!(server.metrics().contains("toy_websockets 2"));
    drop(closed);
    eventually("the closed one has ended", || server.metrics().contains("toy_websockets 1")).await;
    socket2::SockRef::from(&reset).set_linger(Some(Duration::ZERO)).expect("an option");
    drop(reset);
    eventually("the reset one has ended", || server.metrics().contains("toy_websockets 0")).await;
    eventually("and its connection", || server.metrics().contains("toy_connections 0")).await;
}

//! Timeouts and limits.

use std::{
    io::{Read, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::SinkExt;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{
    super::toy::{TestServer, eventually},
    socket::{PING, PONG, SOON, Socket, connect, next, open, stranger},
};

#[tokio::test]
async fn initialising_has_a_time_that_pings_do_not_postpone() {
    for server in TestServer::each_writer(|config| config.ws_init_timeout = Duration::from_millis(200)).await {
        let mut silent = open(&server).await;
        assert_eq!(silent.closed().await, (4408, "Connection initialisation timeout".to_owned()));
        let mut pinging = open(&server).await;
        let started = tokio::time::Instant::now();
        let closed = async {
            loop {
                let sent = pinging.0.send(Message::text(r#"{"type":"ping"}"#)).await;
                assert!(sent.is_ok(), "closed without a frame");
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
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_disconnected() {
    for server in TestServer::each_writer(|config| config.ws_keepalive = Duration::from_millis(50)).await {
        // This client answers pings only while it is read.
        let mut alive = stranger(&server).await;
        for _ in 0..5 {
            assert!(matches!(alive.frame().await, Message::Ping(_)));
        }
        let _dead = stranger(&server).await;
        assert!(server.metrics().contains("toy_websockets 2"));
        let reading = async {
            loop {
                alive.frame().await;
            }
        };
        tokio::select! {
            () = reading => {}
            () = eventually("the silent one is dropped", || server.metrics().contains("toy_websockets 1")) => {}
        }
    }
}

#[tokio::test]
async fn a_silent_peer_gets_two_pings_before_it_is_disconnected() {
    for server in TestServer::each_writer(|config| config.ws_keepalive = Duration::from_millis(200)).await {
        let mut silent = stranger(&server).await.bare();
        let mut received = Vec::new();
        timeout(SOON, silent.read_to_end(&mut received)).await.expect("in time").expect("no error");
        assert_eq!(received, [0x89, 0, 0x89, 0]);
    }
}

#[tokio::test]
async fn a_peer_that_sends_its_own_pings_is_never_pinged() {
    for server in TestServer::each_writer(|config| config.ws_keepalive = SOON).await {
        let mut widget = stranger(&server).await.bare();
        for _ in 0..3 {
            widget.write_all(PING).await.expect("sent");
            let mut answer = [0; PONG.len()];
            timeout(SOON, widget.read_exact(&mut answer)).await.expect("in time").expect("an answer");
            assert_eq!(answer, PONG);
        }
        // Together with another one, and in two parts.
        widget.write_all(&[PING, PING, &PING[..9]].concat()).await.expect("sent");
        let mut answers = [0; 2 * PONG.len()];
        timeout(SOON, widget.read_exact(&mut answers)).await.expect("in time").expect("answers");
        widget.write_all(&PING[9..]).await.expect("sent");
        let mut answer = [0; PONG.len()];
        timeout(SOON, widget.read_exact(&mut answer)).await.expect("in time").expect("an answer");
        assert_eq!((answers.as_slice(), answer.as_slice()), (&*PONG.repeat(2), PONG));
    }
    for server in TestServer::each_writer(|config| config.ws_keepalive = Duration::from_secs(1)).await {
        let mut widget = stranger(&server).await.bare();
        let until = tokio::time::Instant::now() + Duration::from_millis(2_500);
        while tokio::time::Instant::now() < until {
            widget.write_all(PING).await.expect("sent");
            let mut answer = [0; PONG.len()];
            timeout(SOON, widget.read_exact(&mut answer)).await.expect("in time").expect("an answer");
            assert_eq!(answer, PONG, "a frame of another kind");
            // The rhythm of this client, ten times in a keep-alive time.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test]
async fn sockets_per_client_are_limited() {
    for server in TestServer::each_writer(|config| config.max_sockets_per_client = 2).await {
        let first = open(&server).await;
        let _second = open(&server).await;
        match connect(&server, &[]).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 429),
            other => panic!("{:?}", other.map(|_| ())),
        }
        drop(first);
        eventually("the place is free", || server.metrics().contains("toy_websockets 1")).await;
        open(&server).await;
    }
}

#[tokio::test]
async fn operations_per_socket_are_limited() {
    for server in TestServer::each_writer(|config| config.max_operations_per_socket = 3).await {
        let mut socket = stranger(&server).await;
        for id in ["a", "b", "c"] {
            socket.ask(id, "subscription { quiet }").await;
            assert_eq!(socket.next().await["type"], "next");
        }
        socket.ask("d", "{ hello }").await;
        let refused = socket.next().await;
        assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("d")));
        assert_eq!(refused["payload"][0]["message"], "At most 3 operations may be in flight on one socket.");
        assert_eq!(refused["payload"][0]["extensions"]["code"], "TOO_MANY_REQUESTS");
        socket.say(&json!({"type": "complete", "id": "a"})).await;
        eventually("it has ended", || server.metrics().contains("toy_subscriptions 2")).await;
        socket.ask("d", "{ hello }").await;
        assert_eq!(socket.next().await["type"], "next");
        // A mutation that is completed early keeps its place, because otherwise there would be no
        // bound.
        socket.next().await;
        socket.ask("m", "mutation { bump(ms: 2000) }").await;
        socket.say(&json!({"type": "complete", "id": "m"})).await;
        socket.ask("n", "{ hello }").await;
        assert_eq!(socket.next().await["type"], "error");
        eventually("the mutation is finished", || server.done() == 1).await;
    }
}

#[tokio::test]
async fn a_peer_that_does_not_read_costs_little_and_is_disconnected() {
    for server in TestServer::each_writer(|config| config.send_timeout = Duration::from_millis(300)).await {
        let mut socket = stranger(&server).await;
        socket.ask("1", "subscription { flood(bytes: 200000) }").await;
        eventually("it is disconnected", || server.metrics().contains("toy_websockets 0")).await;
        let pulled = server.world.pulled.load(Ordering::SeqCst);
        assert!(pulled < 100, "{pulled} items of 200 kB were computed for a peer that does not read");
        eventually("its subscription has ended", || server.metrics().contains("toy_subscriptions 0")).await;
    }
}

#[tokio::test]
async fn sockets_are_closed_when_the_server_stops() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut idle = open(&server).await;
        let mut busy = stranger(&server).await;
        busy.ask("1", "mutation { bump(ms: 2000) }").await;
        busy.ask("2", "subscription { quiet }").await;
        assert_eq!(busy.next().await["id"], "2");
        server.shutdown.cancel();
        assert_eq!(idle.closed().await, (1001, "The server is stopping".to_owned()));
        assert_eq!(busy.next().await, next("1", &json!({"bump": 1})), "operations in flight are answered");
        assert_eq!(busy.closed().await.0, 1001);
        eventually("the server has stopped", || server.running.is_finished()).await;
    }
}

/// Sends the same bytes from a separate thread until `stop` is set, and reads the answers. Ends by
/// itself after some time, because a test whose server is starved cannot set `stop`.
fn floods(socket: Socket, first: &'static [u8], then: &'static [u8], stop: &Arc<AtomicBool>) {
    let mut stream = socket.bare().into_std().expect("a socket");
    stream.set_nonblocking(false).expect("it blocks");
    let (mut reading, stop) = (stream.try_clone().expect("another handle"), Arc::clone(stop));
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while reading.read(&mut bytes).is_ok_and(|count| count > 0) {}
    });
    std::thread::spawn(move || {
        let until = std::time::Instant::now() + 2 * SOON;
        let _ = stream.write_all(first);
        while !stop.load(Ordering::SeqCst)
            && std::time::Instant::now() < until
            && stream.write_all(&then.repeat(1000)).is_ok()
        {}
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "a thread of the test waits, because the runtime may be starved")]
async fn peers_that_never_stop_sending_do_not_starve_the_server() {
    const PING: &[u8] = &[0x89, 0x80, 0, 0, 0, 0];
    const PONG: &[u8] = &[0x8a, 0x80, 0, 0, 0, 0];
    const BEGINNING: &[u8] = &[0x01, 0x80, 0, 0, 0, 0];
    const MORE: &[u8] = &[0x00, 0x80, 0, 0, 0, 0];
    for server in TestServer::each_writer(|_| {}).await {
        for (first, then) in [(PING, PING), (PONG, PONG), (BEGINNING, MORE)] {
            let stop = Arc::new(AtomicBool::new(false));
            for _ in 0..3 {
                floods(stranger(&server).await, first, then, &stop);
            }
            let url = server.url("/healthz");
            // From outside this runtime, whose threads the server uses.
            let answered = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(async { timeout(SOON, reqwest::get(url)).await.is_ok_and(|answer| answer.is_ok()) })
            });
            let deadline = std::time::Instant::now() + SOON;
            while !answered.is_finished() && std::time::Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(10));
            }
            stop.store(true, Ordering::SeqCst);
            assert!(answered.join().expect("no panic"), "not answered during {then:?}");
        }
    }
}

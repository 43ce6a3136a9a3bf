//! Subscriptions that share one execution.

use std::{sync::atomic::Ordering, time::Duration};

use serde_json::{Value as Json, json};
use tokio::{io::AsyncReadExt, time::timeout};
use tokio_tungstenite::MaybeTlsStream;

use super::{
    super::toy::{ADA_TOO, TestServer, eventually},
    socket::{SOON, Socket, ada, open, ready, stranger},
};

pub(in crate::tests) const SHARED: &str = "subscription { shared { number } }";

impl TestServer {
    fn shows(&self, number: usize) {
        self.world.shown.send_replace(number);
    }

    fn runs(&self) -> usize {
        self.world.shared_runs.load(Ordering::SeqCst)
    }
}

fn number(message: &Json) -> u64 {
    message["payload"]["data"]["shared"]["number"].as_u64().unwrap_or_else(|| panic!("{message}"))
}

#[tokio::test]
async fn equal_subscriptions_of_all_callers_share_one_execution() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut crowd = Vec::new();
        for n in 0..20 {
            let mut socket = if n % 2 == 0 { stranger(&server).await } else { ada(&server).await };
            socket.ask(&format!("id {}", n % 3), SHARED).await;
            crowd.push(socket);
        }
        for socket in &mut crowd {
            assert_eq!(number(&socket.next().await), 0);
        }
        server.shows(1);
        for (n, socket) in crowd.iter_mut().enumerate() {
            let message = socket.next().await;
            assert_eq!((number(&message), &message["id"]), (1, &json!(format!("id {}", n % 3))));
        }
        assert_eq!(server.runs(), 1);
        // Another document is another execution.
        let mut other = stranger(&server).await;
        other.ask("1", "subscription { shared(half: true) { number } }").await;
        assert_eq!((number(&other.next().await), server.runs()), (0, 2));
        assert!(server.metrics().contains("toy_subscriptions 21"));
        eventually("all are counted", || server.metrics().contains("toy_pushes_total 41\n")).await;
        drop(crowd);
        eventually("only one is left", || server.metrics().contains("toy_subscriptions 1\n")).await;
        // A broadcast without followers is dropped.
        let mut again = stranger(&server).await;
        again.ask("1", SHARED).await;
        assert_eq!((number(&again.next().await), server.runs()), (1, 3));
    }
}

#[tokio::test]
async fn a_message_that_is_known_by_its_text_follows_the_same_rules() {
    const OWN: &str = "subscription ourOwn { shared { number } }";
    let server = TestServer::with(|config| config.max_operations_per_socket = 2).await;
    let mut crowd = Vec::new();
    for _ in 0..4 {
        let mut socket = stranger(&server).await;
        socket.ask("1", OWN).await;
        assert_eq!(number(&socket.next().await), 0);
        crowd.push(socket);
    }
    server.shows(1);
    for socket in &mut crowd {
        let message = socket.next().await;
        assert_eq!((number(&message), &message["id"]), (1, &json!("1")));
    }
    assert_eq!(server.runs(), 1);
    crowd[0].say(&json!({"type": "complete", "id": "1"})).await;
    crowd[0].ask("1", OWN).await;
    assert_eq!(number(&crowd[0].next().await), 1, "the id is free again");

    let [first, second, third, _] = &mut crowd[..] else { unreachable!("four") };
    first.ask("1", OWN).await;
    assert_eq!(first.closed().await, (4409, "Subscriber for 1 already exists".to_owned()));
    second.ask("2", "subscription { quiet }").await;
    second.next().await;
    second.say(&json!({"type": "complete", "id": "1"})).await;
    second.ask("3", "subscription { quiet }").await;
    second.next().await;
    second.ask("1", OWN).await;
    assert_eq!(second.next().await["payload"][0]["extensions"]["code"], "TOO_MANY_REQUESTS");
    let mut early = open(&server).await;
    early.ask("1", OWN).await;
    assert_eq!(early.closed().await, (4401, "Unauthorized".to_owned()));

    server.shows(100);
    assert_eq!(third.next().await, json!({"type": "complete", "id": "1"}));
    server.shows(2);
    third.ask("1", OWN).await;
    assert_eq!((number(&third.next().await), server.runs()), (2, 2), "another execution");
}

#[tokio::test]
async fn equal_items_are_sent_once() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        socket.ask("1", "subscription { shared(half: true) { number } }").await;
        assert_eq!(number(&socket.next().await), 0);
        for shown in 1..=4 {
            server.shows(shown);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(number(&socket.next().await), 1);
        assert_eq!(number(&socket.next().await), 2);
    }
}

#[tokio::test]
async fn a_refusal_or_end_of_a_shared_subscription_reaches_all_followers_and_can_be_retried() {
    for server in TestServer::each_writer(|_| {}).await {
        server.shows(99);
        for _ in 0..3 {
            let mut socket = stranger(&server).await;
            socket.ask("1", SHARED).await;
            let message = socket.next().await;
            assert_eq!(
                (&message["type"], &message["payload"][0]["message"]),
                (&json!("error"), &json!("not at this moment"))
            );
            // The id is free again.
            socket.ask("1", "{ hello }").await;
            assert_eq!(socket.next().await["type"], "next");
        }
        server.shows(1);
        let (mut one, mut two) = (stranger(&server).await, stranger(&server).await);
        for socket in [&mut one, &mut two] {
            socket.ask("1", SHARED).await;
            assert_eq!(number(&socket.next().await), 1);
        }
        server.shows(100);
        for socket in [&mut one, &mut two] {
            assert_eq!(socket.next().await, json!({"type": "complete", "id": "1"}));
        }
        server.shows(2);
        one.ask("1", SHARED).await;
        assert_eq!(number(&one.next().await), 2);
    }
}

#[tokio::test]
async fn a_completed_subscription_sends_nothing_more() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        for shown in 1..50 {
            socket.ask("1", SHARED).await;
            server.shows(shown);
            socket.say(&json!({"type": "complete", "id": "1"})).await;
            socket.ask("1", "{ hello }").await;
            while socket.next().await["type"] != "complete" {}
        }
        eventually("nothing is followed", || server.metrics().contains("toy_subscriptions 0")).await;
        server.shows(60);
        socket.say(&json!({"type": "ping"})).await;
        assert_eq!(socket.next().await, json!({"type": "pong"}));
    }
}

#[tokio::test]
async fn a_slow_follower_skips_to_the_latest_item_and_delays_no_other() {
    const LARGE: &str = "subscription { shared(bytes: 300000) { number padding } }";
    // A long timeout, so that the slow follower is not disconnected while it waits.
    for server in TestServer::each_writer(|config| config.send_timeout = Duration::from_mins(1)).await {
        let (mut slow, mut quick) = (stranger(&server).await, stranger(&server).await);
        for socket in [&mut slow, &mut quick] {
            socket.ask("1", LARGE).await;
            assert_eq!(number(&socket.next().await), 0);
        }
        for shown in 1..=80 {
            server.shows(shown);
            while number(&quick.next().await) < shown as u64 {}
        }
        let (mut seen, mut messages) = (0, 0);
        while seen < 80 {
            let next = number(&slow.next().await);
            assert!(next > seen, "{next} after {seen}");
            (seen, messages) = (next, messages + 1);
        }
        assert!(messages < 80, "24 MB were kept for a follower that did not read");
        // Both receive the next item.
        server.shows(81);
        assert_eq!((number(&slow.next().await), number(&quick.next().await)), (81, 81));
    }
}

#[tokio::test]
async fn a_follower_that_never_reads_is_disconnected() {
    for server in TestServer::each_writer(|config| config.send_timeout = Duration::from_millis(300)).await {
        let mut silent = stranger(&server).await;
        silent.ask("1", "subscription { shared(bytes: 1000000) { number padding } }").await;
        for shown in 1..=20 {
            server.shows(shown);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        eventually("it is disconnected", || server.metrics().contains("toy_websockets 0")).await;
        eventually("nothing is followed", || server.metrics().contains("toy_subscriptions 0")).await;
        let Socket(silent) = silent;
        let MaybeTlsStream::Plain(mut stream) = silent.into_inner() else { panic!("no TLS here") };
        let mut rest = Vec::new();
        let _ = timeout(SOON, stream.read_to_end(&mut rest)).await.expect("it ends");
    }
}

async fn ada_too(server: &TestServer) -> Socket {
    ready(server, json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {ADA_TOO}")}})).await
}

#[tokio::test]
async fn sessions_of_one_party_share_an_execution_and_an_ended_session_receives_nothing_more() {
    for server in TestServer::each_writer(|_| {}).await {
        let (mut one, mut other) = (ada(&server).await, ada_too(&server).await);
        for socket in [&mut one, &mut other] {
            for id in ["1", "2", "3"] {
                socket.ask(id, "subscription { mine }").await;
            }
            for _ in 0..3 {
                assert_eq!(socket.next().await["payload"]["data"]["mine"], 0);
            }
        }
        server.shows(1);
        for socket in [&mut one, &mut other] {
            for _ in 0..3 {
                assert_eq!(socket.next().await["payload"]["data"]["mine"], 1);
            }
        }
        let counts = || (server.world.mine_runs.load(Ordering::SeqCst), server.world.mine_items.load(Ordering::SeqCst));
        assert_eq!(counts(), (1, 2), "one execution, and one item a change");

        // The session that started it ends. The other one continues.
        server.world.end_session(super::super::toy::ADA);
        server.shows(2);
        for _ in 0..3 {
            assert_eq!(other.next().await["payload"]["data"]["mine"], 2);
        }
        let (code, _) = one.closed_without_message().await;
        assert_eq!((code, counts()), (4403, (1, 3)));
        // An anonymous caller does not share it.
        let mut stranger = stranger(&server).await;
        stranger.ask("1", "subscription { mine }").await;
        assert_eq!(stranger.next().await["type"], "error");
    }
}

#[tokio::test]
async fn a_client_follows_twenty_different_documents_about_one_subject() {
    let document = |n: usize, about: &str| format!("subscription D{n} {{ shared(about: \"{about}\") {{ number }} }}");
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        for n in 0..20 {
            socket.ask(&n.to_string(), &document(n, "a")).await;
            assert_eq!(number(&socket.next().await), 0);
        }
        // The limit holds across all sockets of a client, and for both kinds of start: a new
        // execution, and a running one.
        let (mut second, mut signed_in) = (stranger(&server).await, ada(&server).await);
        signed_in.ask("1", &document(20, "a")).await;
        assert_eq!(number(&signed_in.next().await), 0, "another client");
        for n in [20, 21] {
            second.ask("1", &document(n, "a")).await;
            let refused = second.next().await;
            assert_eq!(
                (&refused["type"], &refused["payload"][0]["extensions"]["code"]),
                (&json!("error"), &json!("TOO_MANY_REQUESTS"))
            );
        }
        second.ask("2", &document(7, "a")).await;
        assert_eq!(number(&second.next().await), 0, "a document that it already follows counts once");
        second.ask("3", &document(21, "b")).await;
        assert_eq!(number(&second.next().await), 0, "another subject");
        second.ask("4", "subscription ourOwn { shared(about: \"a\") { number } }").await;
        assert_eq!(number(&second.next().await), 0, "a document of our own pages");
        assert_eq!(server.runs(), 23);
        socket.say(&json!({"type": "complete", "id": "3"})).await;
        socket.ask("free", &document(21, "a")).await;
        assert_eq!(number(&socket.next().await), 0, "a released one is free again");
    }
}

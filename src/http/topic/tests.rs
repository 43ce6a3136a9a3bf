use std::sync::atomic::AtomicUsize;

use axum::http::HeaderMap;
use futures_util::{FutureExt, stream};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::*;
use crate::metrics::OutcomeLabel;

fn item(body: &str) -> Finished {
    Finished { body: body.to_owned(), refused: None, outcome: OutcomeLabel::Ok, headers: HeaderMap::new() }
}

fn topics() -> Topics {
    Topics::new(Counter::default())
}

fn key(query: &str) -> Key {
    Key::of(&async_graphql::Request::new(query))
}

/// Takes what it is offered while it is open.
#[derive(Debug, Default)]
struct Peer {
    seen: Mutex<Vec<u64>>,
    shut: std::sync::atomic::AtomicBool,
}

impl Peer {
    fn seen(&self) -> Vec<u64> {
        self.seen.lock().expect("not poisoned").clone()
    }
}

impl Push for Peer {
    fn offer(&self, latest: &Latest, _: &mut Scratch) -> Offered {
        let mut seen = self.seen.lock().expect("not poisoned");
        if seen.last().is_some_and(|last| *last >= latest.serial) || latest.serial == 0 {
            return Offered::Before;
        }
        if self.shut.load(Ordering::SeqCst) {
            return Offered::Later;
        }
        seen.push(latest.serial);
        Offered::Written
    }
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if holds() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("never: {what}");
}

#[tokio::test]
async fn a_topic_lasts_as_long_as_somebody_follows_it() {
    let topics = topics();
    let begun = AtomicUsize::new(0);
    let open = || {
        topics.open(key("a"), || {
            begun.fetch_add(1, Ordering::SeqCst);
            stream::once(async { item("1") }).chain(stream::pending())
        })
    };
    let (one, two) = (open(), open());
    assert!(Arc::ptr_eq(&one, &two));
    drop(one);
    assert!(topics.find(&key("a")).is_some());
    drop(two);
    assert!(topics.find(&key("a")).is_none());
    assert!(lock(&topics.index).is_empty(), "nothing is left of it");
    drop(open());
    assert_eq!(begun.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn whoever_comes_later_is_shown_the_latest_and_nothing_twice() {
    let topics = topics();
    let (sender, items) = mpsc::unbounded_channel();
    let topic = topics.open(key("a"), || UnboundedReceiverStream::new(items));
    let early: Vec<_> = (0..300).map(|_| Arc::new(Peer::default())).collect();
    let _early: Vec<_> = early.iter().map(|peer| topic.attach(peer)).collect();
    for body in ["1", "2", "2", "3"] {
        sender.send(item(body)).expect("it listens");
        until("it is shown", || topic.latest().item.is_some_and(|item| item.body == body)).await;
    }
    until("all have the third", || early.iter().all(|peer| peer.seen().last() == Some(&3))).await;
    let late = Arc::new(Peer::default());
    let _late = topic.attach(&late);
    assert_eq!(late.seen(), [3]);
    assert!(early.iter().all(|peer| peer.seen().is_sorted_by(|a, b| a < b)));
}

#[tokio::test]
async fn the_only_subscriber_of_a_topic_misses_nothing() {
    let topics = topics();
    let pulled = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&pulled);
    let numbers = stream::iter(1..=5).map(move |n| {
        counted.fetch_add(1, Ordering::SeqCst);
        item(&n.to_string())
    });
    let topic = topics.private(numbers);
    let peer = Arc::new(Peer::default());
    peer.shut.store(true, Ordering::SeqCst);
    let pushed = topic.attach(&peer);
    until("the first is there", || topic.latest().serial == 1).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(pulled.load(Ordering::SeqCst), 1, "nothing is computed before the first was taken");
    peer.shut.store(false, Ordering::SeqCst);
    pushed.topic().offer(&*peer);
    until("it is over", || topic.latest().over).await;
    assert_eq!(peer.seen(), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn those_who_pull_see_the_last_item_and_then_the_end() {
    let topics = topics();
    let topic = topics.private(stream::iter(["1", "1", "2"]).map(item));
    let bodies: Vec<_> = topic.items().map(|item| item.body.clone()).collect().await;
    assert_eq!(bodies, ["1", "1", "2"]);

    let (sender, items) = mpsc::unbounded_channel();
    let topic = topics.open(key("a"), || UnboundedReceiverStream::new(items));
    let mut following = std::pin::pin!(Arc::clone(&topic).items());
    assert!(following.next().now_or_never().is_none());
    for body in ["1", "2"] {
        sender.send(item(body)).expect("it listens");
    }
    drop(sender);
    until("it is over", || topic.latest().over).await;
    assert_eq!(following.next().await.expect("the latest").body, "2");
    assert!(following.next().await.is_none());
}

#[tokio::test]
async fn a_topic_that_is_over_is_begun_anew() {
    let topics = topics();
    let refused = || Finished { refused: Some("[]".to_owned()), ..item("") };
    let first = topics.open(key("a"), || stream::once(async move { refused() }));
    until("it is refused", || first.latest().over).await;
    assert!(topics.find(&key("a")).is_none());
    let second = topics.open(key("a"), || stream::once(async { item("1") }).chain(stream::pending()));
    drop(first);
    assert!(Arc::ptr_eq(&second, &topics.find(&key("a")).expect("the new one is found")));
}

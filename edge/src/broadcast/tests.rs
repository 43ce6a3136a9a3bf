#![expect(clippy::disallowed_methods, reason = "a test sends few items")]

use std::sync::atomic::AtomicUsize;

use axum::http::HeaderMap;
use futures_util::{FutureExt, stream};
use tokio::{
    sync::{mpsc, watch},
    time::Duration,
};
use tokio_stream::wrappers::{UnboundedReceiverStream, WatchStream};

use super::*;
use crate::metrics::{Metrics, OutcomeLabel};

fn item(body: &str) -> Finished {
    Finished {
        body: body.to_owned(),
        refused: None,
        outcome: OutcomeLabel::Ok,
        too_many: false,
        headers: HeaderMap::new(),
        lease: None,
    }
}

fn broadcasts() -> Broadcasts {
    Broadcasts::new(Counter::default(), Supervisor::new(&Metrics::new("toy")), 1_000)
}

fn key(query: &str) -> RequestKey {
    RequestKey::of(&async_graphql::Request::new(query))
}

fn plan(query: &str) -> Plan {
    Plan { key: key(query), counting: Counting::Uncounted, is_for_all: true }
}

/// Accepts what it is offered while it is open.
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
async fn a_broadcast_lasts_as_long_as_it_has_a_follower() {
    let broadcasts = broadcasts();
    let begun = AtomicUsize::new(0);
    let open = || {
        broadcasts.open(plan("a"), || {
            begun.fetch_add(1, Ordering::SeqCst);
            stream::once(async { item("1") }).chain(stream::pending())
        })
    };
    let (one, two) = (open(), open());
    assert!(Arc::ptr_eq(&one, &two));
    drop(one);
    assert!(broadcasts.find(&key("a")).is_some());
    drop(two);
    assert!(broadcasts.find(&key("a")).is_none());
    assert!(lock(&broadcasts.index).is_empty(), "its entry is removed");
    drop(open());
    assert_eq!(begun.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_later_subscriber_receives_the_latest_item_once() {
    let broadcasts = broadcasts();
    let (sender, items) = mpsc::unbounded_channel();
    let broadcast = broadcasts.open(plan("a"), || UnboundedReceiverStream::new(items));
    let early: Vec<_> = (0..300).map(|_| Arc::new(Peer::default())).collect();
    let _early: Vec<_> = early.iter().map(|peer| broadcast.attach(peer)).collect();
    for body in ["1", "2", "2", "3"] {
        sender.send(item(body)).expect("it listens");
        until("it is shown", || broadcast.latest().item.is_some_and(|item| item.body == body)).await;
    }
    until("all have the third", || early.iter().all(|peer| peer.seen().last() == Some(&3))).await;
    let late = Arc::new(Peer::default());
    let _late = broadcast.attach(&late);
    assert_eq!(late.seen(), [3]);
    assert!(early.iter().all(|peer| peer.seen().is_sorted_by(|a, b| a < b)));
}

/// The items 1 to 5, and how many of them were computed.
fn five_numbers() -> (impl Stream<Item = Finished> + Send + 'static, Arc<AtomicUsize>) {
    let pulled = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&pulled);
    let numbers = stream::iter(1..=5).map(move |n| {
        counted.fetch_add(1, Ordering::SeqCst);
        item(&n.to_string())
    });
    (numbers, pulled)
}

#[tokio::test]
async fn the_only_subscriber_of_a_broadcast_misses_nothing() {
    let broadcasts = broadcasts();
    let (numbers, pulled) = five_numbers();
    let broadcast = broadcasts.private(numbers);
    let peer = Arc::new(Peer::default());
    peer.shut.store(true, Ordering::SeqCst);
    let pushed = broadcast.attach(&peer);
    until("the first is there", || broadcast.latest().serial == 1).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(pulled.load(Ordering::SeqCst), 1, "no item is computed before the first was received");
    peer.shut.store(false, Ordering::SeqCst);
    pushed.broadcast().offer(&*peer);
    until("it is over", || broadcast.latest().over).await;
    assert_eq!(peer.seen(), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn subscribers_that_pull_receive_the_last_item_and_then_the_end() {
    let broadcasts = broadcasts();
    let broadcast = broadcasts.private(stream::iter(["1", "1", "2"]).map(item));
    let bodies: Vec<_> = broadcast.items().map(|item| item.body.clone()).collect().await;
    assert_eq!(bodies, ["1", "1", "2"]);

    let (sender, items) = mpsc::unbounded_channel();
    let broadcast = broadcasts.open(plan("a"), || UnboundedReceiverStream::new(items));
    let mut following = std::pin::pin!(Arc::clone(&broadcast).items());
    assert!(following.next().now_or_never().is_none());
    for body in ["1", "2"] {
        sender.send(item(body)).expect("it listens");
    }
    drop(sender);
    until("it is over", || broadcast.latest().over).await;
    assert_eq!(following.next().await.expect("the latest").body, "2");
    assert!(following.next().await.is_none());
}

#[tokio::test]
async fn a_broadcast_that_is_over_is_begun_again() {
    let broadcasts = broadcasts();
    let refused = || Finished { refused: Some("[]".to_owned()), ..item("") };
    let first = broadcasts.open(plan("a"), || stream::once(async move { refused() }));
    until("it is refused", || first.latest().over).await;
    assert!(broadcasts.find(&key("a")).is_none());
    let second = broadcasts.open(plan("a"), || stream::once(async { item("1") }).chain(stream::pending()));
    drop(first);
    assert!(Arc::ptr_eq(&second, &broadcasts.find(&key("a")).expect("the new one is found")));
}

/// Panics at its first offers, then accepts what it is offered.
#[derive(Debug)]
struct Fragile {
    panics: AtomicUsize,
    peer: Peer,
}

impl Push for Fragile {
    fn offer(&self, latest: &Latest, scratch: &mut Scratch) -> Offered {
        let panics = latest.serial > 0
            && self.panics.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        assert!(!panics, "as the test wants");
        self.peer.offer(latest, scratch)
    }
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_that_panics_is_resumed_and_shows_missed_items() {
    let broadcasts = broadcasts();
    let (sender, items) = mpsc::unbounded_channel();
    let broadcast = broadcasts.open(plan("a"), || UnboundedReceiverStream::new(items));
    let fragile = Arc::new(Fragile { panics: AtomicUsize::new(1), peer: Peer::default() });
    let sound = Arc::new(Peer::default());
    let _attached = (broadcast.attach(&fragile), broadcast.attach(&sound));
    sender.send(item("1")).expect("it listens");
    // The restart waits a moment.
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!((fragile.peer.seen(), sound.seen()), (vec![1], vec![1]));
    sender.send(item("2")).expect("it listens");
    until("both have the second", || fragile.peer.seen() == [1, 2] && sound.seen() == [1, 2]).await;
    let remarks = broadcasts.supervisor.remarks();
    assert!(remarks.len() == 1 && remarks[0].starts_with("task broadcasts: restarted 1 time, last "), "{remarks:?}");
    assert!(!broadcast.latest().over);
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_that_panics_repeatedly_ends_with_an_error() {
    let broadcasts = broadcasts();
    let begun = AtomicUsize::new(0);
    let open = || {
        broadcasts.open(plan("a"), || {
            let nth = begun.fetch_add(1, Ordering::SeqCst);
            stream::once(async { item("1") }).chain(stream::once(async move {
                assert!(nth > 0, "as the test wants");
                item("2")
            }))
        })
    };
    let bodies: Vec<_> =
        open().items().map(|item| item.refused.clone().unwrap_or_else(|| item.body.clone())).collect().await;
    let [.., last] = &bodies[..] else { panic!("{bodies:?}") };
    assert!(last.contains("INTERNAL_SERVER_ERROR"), "{bodies:?}");
    let bodies: Vec<_> = open().items().map(|item| item.body.clone()).collect().await;
    assert_eq!(bodies.last().map(String::as_str), Some("2"), "the next subscriber begins it again");
}

#[tokio::test]
async fn the_fastest_of_several_subscribers_sets_the_pace() {
    let broadcasts = broadcasts();
    let (numbers, pulled) = five_numbers();
    let broadcast = broadcasts.open(Plan { is_for_all: false, ..plan("a") }, || numbers);
    let (stuck, quick) = (Arc::new(Peer::default()), Arc::new(Peer::default()));
    for peer in [&stuck, &quick] {
        peer.shut.store(true, Ordering::SeqCst);
    }
    let pushed = [broadcast.attach(&stuck), broadcast.attach(&quick)];
    until("the first is there", || broadcast.latest().serial == 1).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(pulled.load(Ordering::SeqCst), 1, "no item is computed before a subscriber has received the first");
    quick.shut.store(false, Ordering::SeqCst);
    pushed[1].broadcast().offer(&*quick);
    until("it is over", || broadcast.latest().over).await;
    assert_eq!((quick.seen(), stuck.seen()), (vec![1, 2, 3, 4, 5], vec![]));
}

#[tokio::test(start_paused = true)]
async fn beyond_fifty_documents_a_subject_is_refreshed_at_most_once_a_second() {
    let broadcasts = broadcasts();
    let changes = watch::Sender::new(0_u32);
    let executed: Vec<_> = (0..60).map(|_| Arc::new(AtomicUsize::new(0))).collect();
    let follow = |n: usize, counting| {
        let executed = Arc::clone(&executed[n]);
        let items = WatchStream::new(changes.subscribe()).map(move |change| {
            executed.fetch_add(1, Ordering::SeqCst);
            item(&change.to_string())
        });
        broadcasts.open(Plan { counting, ..plan(&format!("document {n}")) }, || items)
    };
    let counted = Counting::Counted(Subject(7));
    let mut followed: Vec<_> = (0..55).map(|n| follow(n, counted)).collect();
    followed.push(follow(55, Counting::Uncounted));
    followed.push(follow(56, Counting::Counted(Subject(8))));
    tokio::time::sleep(Duration::from_millis(10)).await;
    for change in 1..=9 {
        changes.send_replace(change);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let times = |n: usize| executed[n].load(Ordering::SeqCst);
    assert!((0..50).all(|n| times(n) == 10), "the first item and each change");
    assert!((50..55).all(|n| times(n) == 1), "one item, and the next not within a second");
    assert_eq!((times(55), times(56)), (10, 10), "a document of our own pages, and another subject");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(
        (50..55).all(|n| times(n) == 2 && followed[n].latest().item.is_some_and(|item| item.body == "9")),
        "the last change shows"
    );

    // One of the fifty leaves, and another takes its slot.
    followed.remove(0);
    for change in 10..=19 {
        changes.send_replace(change);
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
    let before = times(50);
    for change in 20..=29 {
        changes.send_replace(change);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let quick = (50..55).filter(|n| times(*n) >= before + 9).count();
    assert_eq!(quick, 1);
    drop(followed);
    until("nothing is left", || broadcasts.paces.is_empty()).await;
}

#[tokio::test]
async fn a_state_that_is_too_long_ends_its_broadcast() {
    let broadcasts = broadcasts();
    let states = || stream::iter([500, 1_001, 1]).map(|bytes| item(&"x".repeat(bytes)));
    let items: Vec<_> = broadcasts.open(plan("a"), states).items().collect().await;
    let last = items.last().expect("an item");
    assert!(last.refused.as_ref().is_some_and(|errors| errors.contains("RESPONSE_TOO_LARGE")), "{last:?}");
    assert!(items.iter().all(|item| item.body.len() <= 1_000));
    // With a single subscriber, an item is an answer like others, which was bounded before.
    assert_eq!(broadcasts.private(states()).items().count().await, 3);
}

#[tokio::test]
async fn a_message_is_known_by_its_text_while_its_broadcast_runs() {
    let all = broadcasts();
    let id: Arc<str> = "1".into();
    let open = |counting, is_for_all| {
        let plan = Plan { key: key(&format!("{counting:?} {is_for_all}")), counting, is_for_all };
        all.open(plan, stream::pending::<Finished>)
    };
    let widgets = open(Counting::Uncounted, true);
    all.remember("text", &id, &widgets);
    let known = all.known("text").expect("known");
    assert!(Arc::ptr_eq(&known.broadcast, &widgets) && known.id == id);
    assert!(all.known("text ").is_none());

    // What others invent is not kept, nor what is long or much.
    for (counting, is_for_all) in
        [(Counting::Uncounted, false), (Counting::Own(Subject(1)), true), (Counting::Counted(Subject(1)), true)]
    {
        let other = open(counting, is_for_all);
        all.remember("other", &id, &other);
        assert!(all.known("other").is_none(), "{counting:?} {is_for_all}");
    }
    let long = "x".repeat(1_025);
    all.remember(&long, &id, &widgets);
    assert!(all.known(&long).is_none());
    for n in 0..20 {
        all.remember(&format!("text {n}"), &id, &widgets);
    }
    let kept: Vec<_> = (0..20).filter(|n| all.known(&format!("text {n}")).is_some()).collect();
    assert_eq!(kept, [12, 13, 14, 15, 16, 17, 18, 19]);
    all.remember("text", &id, &widgets);

    drop((known, widgets));
    assert!(all.known("text").is_none(), "it has ended");
    let again = open(Counting::Uncounted, true);
    assert!(all.known("text").is_none(), "nobody has joined this one by it");
    all.remember("text", &id, &again);
    assert!(all.known("text").is_some());
}

#[tokio::test]
async fn a_broadcast_that_is_over_is_not_known() {
    let all = broadcasts();
    let (end, items) = mpsc::unbounded_channel::<Finished>();
    let broadcast = all.open(plan("a"), move || UnboundedReceiverStream::new(items));
    all.remember("text", &"1".into(), &broadcast);
    drop(end);
    until("it is over", || broadcast.is_over()).await;
    assert!(all.known("text").is_none());
}

#[test]
fn a_broadcast_in_which_nothing_happens_is_small() {
    // Each of thousands of open chats has one. A change that raises this bound needs a reason.
    let items = stream::pending::<Finished>().boxed();
    let driver = size_of_val(&Arc::new(broadcasts().inner(false, true)).drive(items));
    let broadcast = size_of::<Broadcast>() + size_of::<Inner>();
    assert!(driver + broadcast <= 448, "{driver} + {broadcast} bytes");
}

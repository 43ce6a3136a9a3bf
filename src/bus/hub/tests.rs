use entity::{AccountId, SessionId};
use futures_util::FutureExt;

use super::*;
use crate::bus::GONE;

#[tokio::test]
async fn a_topic_hears_its_own_events_only_and_leaves_nothing_behind() {
    let bus = Bus::default();
    let (ours, theirs) = (AccountId::new(), AccountId::new());
    let mut private = bus.listen(Topic::Account(ours));
    let mut public = bus.listen(Topic::Availability(ours));
    assert_eq!(bus.followed()[&TopicKind::Account], [ours.0]);
    assert_eq!(bus.followed()[&TopicKind::Availability], [ours.0]);

    bus.publish(Topic::Account(theirs).at(9));
    bus.publish(Topic::Session(SessionId(ours.0)).gone());
    bus.publish(Topic::Availability(ours).at(2));
    assert_eq!(public.next().now_or_never(), Some(Delivery::Version(2)));
    assert_eq!(private.next().now_or_never(), None);
    bus.publish(Topic::Account(ours).at(3));
    assert_eq!(public.next().now_or_never(), None);
    assert_eq!(private.next().now_or_never(), Some(Delivery::Version(3)));

    drop(public);
    assert_eq!(bus.followed().into_keys().collect::<Vec<_>>(), [TopicKind::Account]);
    let another = bus.listen(Topic::Account(ours));
    drop(private);
    assert_eq!(bus.followed()[&TopicKind::Account], [ours.0]);
    drop(another);
    assert!(bus.channels().is_empty());
}

#[tokio::test]
async fn a_listener_that_fell_behind_is_told_to_look_again() {
    let bus = Bus::default();
    let account = Topic::Account(AccountId::new());
    let mut listener = bus.listen(account);
    for version in 0..=3 {
        bus.publish(account.at(version));
    }
    assert_eq!(listener.next().await, Delivery::Lagged);
    assert_eq!(listener.next().await, Delivery::Version(2), "the last ones are there");
    listener.catch_up();
    assert_eq!(listener.next().now_or_never(), None);
}

#[tokio::test]
async fn each_listener_receives_what_it_waits_for_and_what_waits_for_it_in_order() {
    let bus = Bus::default();
    let account = Topic::Account(AccountId::new());
    let (mut waiting, mut busy) = (bus.listen(account), bus.listen(account));
    let heard = tokio::spawn(async move { (waiting.next().await, waiting.next().await) });
    // The task waits now.
    tokio::task::yield_now().await;
    for version in 1..=2 {
        bus.publish(account.at(version));
    }
    let both = (Delivery::Version(1), Delivery::Version(2));
    assert_eq!(heard.await.unwrap(), both);
    assert_eq!((busy.next().await, busy.next().await), both);
    let mut late = bus.listen(account);
    assert_eq!(late.next().now_or_never(), None, "not what happened before");
}

#[tokio::test]
async fn a_comparison_wakes_those_who_were_not_notified_of_the_version() {
    let bus = Bus::default();
    let account = Topic::Account(AccountId::new());
    let mut listener = bus.listen(account);
    let mut heard = || listener.next().now_or_never();

    bus.compare(account, 7);
    assert_eq!(heard(), Some(Delivery::Version(7)), "nothing is known of a new subscriber");
    bus.compare(account, 7);
    assert_eq!(heard(), None);
    bus.publish(account.at(8));
    assert_eq!(heard(), Some(Delivery::Version(8)));
    bus.compare(account, 8);
    assert_eq!(heard(), None, "the commit has notified them");
    bus.compare(account, 9);
    assert_eq!(heard(), Some(Delivery::Version(9)));
    // A restored backup.
    bus.compare(account, 5);
    assert_eq!(heard(), Some(Delivery::Version(5)));
    for mark in [-3, -3] {
        bus.compare_mark(account, mark);
    }
    assert_eq!((heard(), heard()), (Some(Delivery::Lagged), None));
}

#[tokio::test]
async fn a_version_that_another_server_made_up_hides_no_right_one() {
    let bus = Bus::default();
    let account = Topic::Account(AccountId::new());
    let mut listener = bus.listen(account);
    for version in [9, i64::MAX] {
        bus.hear(account, version);
        assert_eq!(listener.next().now_or_never(), Some(Delivery::Version(version)));
        bus.hear(account, 9);
        assert_eq!(listener.next().now_or_never(), Some(Delivery::Version(9)), "the right one");
        bus.compare(account, 9);
        assert_eq!(listener.next().now_or_never(), Some(Delivery::Version(9)), "the right one, from the database");
        bus.compare(account, 8);
        let _ = listener.next().now_or_never();
    }
}

#[tokio::test]
async fn a_commit_in_doubt_makes_everyone_look_again() {
    let bus = Bus::shared(&Metrics::new("deskbell"));
    let session = Topic::Session(SessionId::new());
    let mut listener = bus.listen(session);
    bus.doubt(&session.gone());
    assert_eq!(listener.next().now_or_never(), Some(Delivery::Lagged));
    let facts = bus.unsent().expect("shared").take();
    assert_eq!(facts, [crate::bus::remote::Fact::LookAgain(None)]);
    bus.compare(session, GONE);
    assert_eq!(listener.next().now_or_never(), Some(Delivery::Version(GONE)));
}

#[test]
fn each_kind_of_topic_has_a_number_of_its_own() {
    let key = AccountId::new().0;
    for kind in TopicKind::ALL {
        assert_eq!(TopicKind::from_number(kind.number()), Some(*kind));
        assert_eq!((kind.of(key).kind(), kind.of(key).key()), (*kind, key));
    }
    assert_eq!(TopicKind::from_number(0), None);
}

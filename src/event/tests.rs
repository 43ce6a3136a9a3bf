use futures_util::FutureExt;

use super::*;

#[tokio::test]
async fn an_account_hears_its_own_events_only_and_leaves_nothing_behind() {
    let bus = Bus::default();
    let (ours, theirs) = (AccountId::new(), AccountId::new());
    let mut listener = bus.listen(ours);

    bus.publish(Event::AccountChanged { account_id: theirs });
    bus.publish(Event::AvailabilityChanged { account_id: ours, version: 2 });

    let Delivery::Event(event) = listener.next().await else { panic!("nothing was missed") };
    assert_eq!(event, Event::AvailabilityChanged { account_id: ours, version: 2 });
    drop(listener);
    assert!(bus.accounts().is_empty());
}

#[tokio::test]
async fn a_listener_that_fell_behind_is_told_to_look_again() {
    let bus = Bus::default();
    let account_id = AccountId::new();
    let mut listener = bus.listen(account_id);
    for _ in 0..=BACKLOG {
        bus.publish(Event::AccountChanged { account_id });
    }
    assert!(matches!(listener.next().await, Delivery::Lagged));
}

#[tokio::test]
async fn whoever_listens_to_availability_hears_nothing_else() {
    let bus = Bus::default();
    let account_id = AccountId::new();
    let mut public = bus.listen_availability(account_id);
    let private = bus.listen(account_id);
    assert_eq!(bus.listened(), Listened { availability: vec![account_id], everything: vec![account_id] });

    bus.publish(Event::AccountChanged { account_id });
    assert!(public.next().now_or_never().is_none());
    bus.publish(Event::AvailabilityChanged { account_id, version: 2 });
    assert!(public.next().now_or_never().is_some());

    drop(public);
    assert_eq!(bus.listened(), Listened { availability: vec![], everything: vec![account_id] });
    drop(private);
    assert!(bus.accounts().is_empty());
}

#[tokio::test]
async fn those_who_listen_to_everything_are_woken_by_another_mark_only() {
    let bus = Bus::default();
    let account_id = AccountId::new();
    let mut public = bus.listen_availability(account_id);
    let mut private = bus.listen(account_id);

    bus.learn_version(account_id, 7);
    assert!(public.next().now_or_never().is_some());
    assert!(private.next().now_or_never().is_none(), "their mark is compared");
    bus.compare_mark(account_id, "as it is".to_owned());
    assert!(private.next().now_or_never().is_some());
    bus.compare_mark(account_id, "as it is".to_owned());
    assert!(private.next().now_or_never().is_none());
    bus.compare_mark(account_id, "otherwise".to_owned());
    assert!(private.next().now_or_never().is_some());
    assert!(public.next().now_or_never().is_none(), "its version is compared");
}

#[tokio::test]
async fn a_wrong_version_does_not_hide_the_right_ones() {
    let bus = Bus::default();
    let account_id = AccountId::new();
    let mut public = bus.listen_availability(account_id);
    for version in [i32::MAX, 8] {
        bus.learn_version(account_id, version);
        assert!(public.next().now_or_never().is_some(), "{version}");
    }
}

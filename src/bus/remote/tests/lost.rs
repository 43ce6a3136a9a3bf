//! Messages and connections that are lost, and servers that stop.

use super::*;

#[tokio::test(start_paused = true)]
async fn what_one_server_says_all_others_hear_once() {
    let (world, [a, b, c]) = servers().await;
    world.repeats.store(true, Ordering::Relaxed);
    let session = Topic::Session(SessionId::new());
    let [mut at_a, mut at_b, mut at_c] = [&a, &b, &c].map(|server| server.bus.listen(session));

    let ended = session.gone();
    a.bus.publish(ended.clone());

    assert_eq!(at_a.next().now_or_never(), Some(Delivery::Version(GONE)), "local subscribers receive it at once");
    for listener in [&mut at_b, &mut at_c] {
        hears(listener, &ended).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    for listener in [&mut at_a, &mut at_b, &mut at_c] {
        assert!(listener.next().now_or_never().is_none(), "it is delivered once");
    }
    let token = BucketId { attempt: 0, bucket: 1, key: 7 };
    a.bus.took(token);
    settled().await;
    assert_eq!(*b.server.1.lock().unwrap(), [(token, 1)]);
    assert_eq!(*a.server.1.lock().unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_lost_is_noticed() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Availability(account_id));
    let changed = Topic::Availability(account_id).at(2);

    world.db_changes(Topic::Availability(account_id), 2);
    world.lose.store(1, Ordering::Relaxed);
    a.bus.publish(changed.clone());

    hears(&mut listener, &changed).await;
    assert_eq!(b.status().gaps.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_killed_between_its_commit_and_the_word_of_it_is_noticed() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Availability(account_id));

    world.db_changes(Topic::Availability(account_id), 2);
    world.cuts(&a);
    hears(&mut listener, &Topic::Availability(account_id).at(2)).await;

    // The server may only be cut off, so its further changes must be found as well.
    settled().await;
    world.db_changes(Topic::Availability(account_id), 3);
    hears(&mut listener, &Topic::Availability(account_id).at(3)).await;
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_worries_nobody() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Account(account_id));
    let changed = Topic::Account(account_id).at(2);
    let statements = world.statements.load(Ordering::Relaxed);

    a.bus.publish(changed.clone());
    a.says_goodbye().await;

    hears(&mut listener, &changed).await;
    settled().await;
    assert_eq!(b.status().gaps.get(), 0);
    assert_eq!(b.status().peers(), 0);
    assert_eq!(world.statements.load(Ordering::Relaxed), statements);
    let started = RunningServer::starts(&world, 2);
    settled().await;
    assert!(started.status().connected());
    assert_eq!(b.status().gaps.get(), 0, "a new server has sent no earlier messages");
}

#[tokio::test(start_paused = true)]
async fn while_the_broker_is_away_the_database_is_asked_and_then_all_is_as_before() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let (mut public, mut private) =
        (b.bus.listen(Topic::Availability(account_id)), b.bus.listen(Topic::Account(account_id)));

    world.goes_down();
    settled().await;
    assert!(!a.status().connected() && !b.status().connected());
    world.db_changes(Topic::Availability(account_id), 2);
    world.db_changes(Topic::Account(account_id), 7);
    a.bus.publish(Topic::Availability(account_id).at(2));
    hears(&mut public, &Topic::Availability(account_id).at(2)).await;
    hears(&mut private, &Topic::Account(account_id).at(7)).await;
    settled().await;
    private.catch_up();
    let statements = world.statements.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(private.next().now_or_never().is_none(), "nothing has changed");
    let statements = world.statements.load(Ordering::Relaxed) - statements;
    assert!((22..=38).contains(&statements), "three a second, and the other server has no subscribers: {statements}");

    world.comes_back();
    settled().await;
    assert!(a.status().connected() && b.status().connected());
    let changed = Topic::Account(account_id).at(8);
    a.bus.publish(changed.clone());
    hears(&mut private, &changed).await;
}

#[tokio::test(start_paused = true)]
async fn a_line_that_looks_fine_and_carries_nothing_is_given_up() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Availability(account_id));

    world.cuts(&b);
    tokio::time::sleep(PROMISED).await;
    assert!(!b.status().connected() && a.status().connected());
    world.db_changes(Topic::Availability(account_id), 2);
    a.bus.publish(Topic::Availability(account_id).at(2));
    hears(&mut listener, &Topic::Availability(account_id).at(2)).await;

    world.heals();
    tokio::time::sleep(PROMISED).await;
    assert!(b.status().connected());
    assert_eq!(a.status().peers(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_went_into_a_line_that_broke_is_noticed() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Availability(account_id));

    // Only one of two connections breaks, and the last message is lost with it. The server
    // reconnects before its peer notices the silence.
    world.db_changes(Topic::Availability(account_id), 2);
    world.lose.store(1, Ordering::Relaxed);
    a.bus.publish(Topic::Availability(account_id).at(2));
    tokio::task::yield_now().await;
    world.lines.lock().unwrap().retain(|(index, _)| *index != a.index);

    hears(&mut listener, &Topic::Availability(account_id).at(2)).await;
    settled().await;
    assert!(a.status().connected() && b.status().connected());
}

#[tokio::test(start_paused = true)]
async fn a_link_or_a_round_that_panics_is_restarted_and_loses_nothing() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Availability(account_id));

    // The message is taken out of the queue, and lost with its task.
    world.db_changes(Topic::Availability(account_id), 2);
    world.panic.store(1, Ordering::Relaxed);
    a.bus.publish(Topic::Availability(account_id).at(2));
    hears(&mut listener, &Topic::Availability(account_id).at(2)).await;
    settled().await;
    assert!(a.status().connected() && b.status().connected());
    assert_eq!((a.status().peers(), b.status().peers()), (1, 1));
    assert_eq!(a.status().gaps.get(), 1, "messages in the meantime were missed");
    let [remark] = &a.supervisor.remarks()[..] else { panic!("{:?}", a.supervisor.remarks()) };
    assert!(remark.starts_with("task bus: restarted 1 time, last "), "{remark}");

    // Waits until no other cause requests rounds.
    tokio::time::sleep(Duration::from_secs(65)).await;
    world.db_changes(Topic::Availability(account_id), 3);
    world.panic_statements.store(1, Ordering::Relaxed);
    b.status().missed();
    hears(&mut listener, &Topic::Availability(account_id).at(3)).await;
    let remarks = b.supervisor.remarks();
    assert!(remarks.iter().any(|remark| remark.starts_with("task rounds: restarted 1 time, last ")), "{remarks:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_starts_without_its_broker() {
    let world = Arc::<World>::default();
    world.goes_down();
    let server = RunningServer::starts(&world, 0);
    let account_id = AccountId::new();
    let mut listener = server.bus.listen(Topic::Availability(account_id));
    world.db_changes(Topic::Availability(account_id), 5);
    hears(&mut listener, &Topic::Availability(account_id).at(5)).await;

    // A server of the previous version may change something, and cannot be heard.
    let mut private = server.bus.listen(Topic::Account(account_id));
    world.marks.lock().unwrap().insert(account_id, -1);
    looks_again(&mut private).await;
    settled().await;
    private.catch_up();
    world.marks.lock().unwrap().insert(account_id, -2);
    looks_again(&mut private).await;
    world.comes_back();
    tokio::time::sleep(PROMISED).await;
    assert!(server.status().connected());
}

#[tokio::test(start_paused = true)]
async fn many_accounts_are_looked_at_with_few_statements() {
    let world = Arc::<World>::default();
    world.goes_down();
    let server = RunningServer::starts(&world, 0);
    let listeners: Vec<_> = (0..10_000)
        .map(|_| {
            let account_id = AccountId::new();
            world.db_changes(Topic::Availability(account_id), 1);
            server.bus.listen(Topic::Availability(account_id))
        })
        .collect();
    settled().await;
    world.statements.store(0, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let statements = world.statements.load(Ordering::Relaxed);
    assert!((80..=110).contains(&statements), "ten a second: {statements}");

    // The marks of as many accounts take ten seconds, and delay no versions.
    let accounts: Vec<_> = (0..10_000).map(|_| server.bus.listen(Topic::Account(AccountId::new()))).collect();
    let account_id = AccountId::new();
    let mut listener = server.bus.listen(Topic::Availability(account_id));
    for version in 1..8 {
        tokio::time::sleep(PROMISED / 2).await;
        world.db_changes(Topic::Availability(account_id), version);
        hears(&mut listener, &Topic::Availability(account_id).at(version)).await;
    }
    drop((listeners, accounts));
}

#[tokio::test(start_paused = true)]
async fn a_command_tells_what_it_did_and_leaves_no_trace() {
    let (world, [a]) = servers().await;
    let session = Topic::Session(SessionId::new());
    let mut listener = a.bus.listen(session);
    let bus = Bus::shared(&Metrics::new("deskbell"));
    let ended = session.gone();
    bus.publish(ended.clone());
    let link = |bus: &Bus| {
        let status = Arc::clone(bus.status().expect("shared"));
        Link::new(
            PaperBroker(Arc::clone(&world), 1),
            bus.clone(),
            status,
            Arc::new(TestServer(Arc::clone(&world), Arc::default(), Arc::default())),
        )
    };
    link(&bus).tell_once().await.expect("told");
    hears(&mut listener, &ended).await;
    settled().await;
    assert_eq!((a.status().peers(), a.status().gaps.get()), (0, 0));

    world.goes_down();
    link(&bus).tell_once().await.expect_err("there is no broker");
}

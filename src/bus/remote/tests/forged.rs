//! Messages of a client that can write to the bus.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_writer_to_the_bus_who_takes_a_number_first_delays_nothing() {
    let (world, [a, b]) = servers().await;
    let (account_id, session) = (AccountId::new(), Topic::Session(SessionId::new()));
    let (mut private, mut public) = (b.bus.listen(session), b.bus.listen(Topic::Availability(account_id)));
    let (mut line, from, number) = writer(&world, &a).await;
    let statements = || world.statements.load(Ordering::Relaxed);

    // Forges every number before the server uses it.
    for ahead in 1..500 {
        forge(&mut line, from, number + ahead, Vec::new()).await;
    }
    let (gaps, looked) = (b.status().gaps.get(), statements());
    let ended = session.gone();
    a.bus.publish(ended.clone());
    hears_at_once(&mut private, &ended).await;
    world.db_changes(Topic::Availability(account_id), 2);
    let changed = Topic::Availability(account_id).at(2);
    a.bus.publish(changed.clone());
    hears_at_once(&mut public, &changed).await;
    settled().await;
    assert!(b.status().gaps.get() > gaps && statements() > looked, "the subscribed accounts were compared");

    // A thousand requests within a second result in four rounds at most.
    let looked = statements();
    for back in 0..1_000 {
        forge(&mut line, from, number + 2_000 - back, vec![Fact::LookAgain(Some(AccountId::new()))]).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let looked = statements() - looked;
    assert!((2..=2 * 6).contains(&looked), "two statements a round: {looked}");
}

#[tokio::test(start_paused = true)]
async fn what_comes_under_a_number_that_was_there_counts_no_attempt_and_no_goodbye() {
    let (world, [a, b]) = servers().await;
    let (mut line, from, number) = writer(&world, &a).await;
    let token = BucketId { attempt: 0, bucket: 1, key: 7 };
    forge(&mut line, from, number, vec![Fact::Taken(token, 3), Fact::Leaving]).await;
    settled().await;
    for server in [&a, &b] {
        assert_eq!(*server.server.1.lock().unwrap(), [], "of {}", server.index);
        assert_eq!(server.status().peers(), 1, "of {}", server.index);
    }

    // Sent between two heartbeats, after which there are none.
    tokio::time::sleep(BEAT / 2).await;
    forge(&mut line, from, number, vec![Fact::Leaving]).await;
    world.cuts(&a);
    tokio::time::sleep(BEAT / 4).await;
    let gaps = b.status().gaps.get();
    settled().await;
    assert_eq!(b.status().gaps.get(), gaps + 1, "its silence is detected");
}

#[tokio::test(start_paused = true)]
async fn a_forged_echo_is_no_sign_that_the_line_works() {
    let (world, [a, b]) = servers().await;
    let (mut line, from, number) = writer(&world, &b).await;
    // The server's messages are no longer delivered, and the writer forges their echoes.
    world.muted.lock().unwrap().push(b.index);
    for ahead in 1..20 {
        forge(&mut line, from, number + ahead, Vec::new()).await;
        tokio::time::sleep(BEAT / 2).await;
    }
    assert!(!b.status().connected());
    assert!(a.status().connected());
}

#[tokio::test(start_paused = true)]
async fn garbage_is_counted_and_nothing_else() {
    let (world, [a]) = servers().await;
    let mut line = PaperBroker(Arc::clone(&world), 9).connect().await.expect("a line");
    for garbage in [&b""[..], b"\x01", b"hello, is this the right subject?", &[0xff; 300]] {
        line.send(Bytes::copy_from_slice(garbage)).await.expect("sent");
    }
    settled().await;
    assert_eq!(a.status().ignored.get(), 4);
    assert_eq!((a.status().gaps.get(), a.status().peers()), (0, 0));
    assert!(a.status().connected());
}

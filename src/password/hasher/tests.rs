use std::task::Poll;

use futures_util::poll;

use super::{
    super::tests::{GOOD, password},
    *,
};

const FAST: HashParams = HashParams { memory_kib: 64, passes: 1, lanes: 1 };

/// So slow that a hash is still being computed when the next line runs.
const SLOW: HashParams = HashParams { memory_kib: 128 * 1024, passes: 8, lanes: 1 };

#[test]
fn impossible_parameters_are_an_error() {
    for params in
        [HashParams { memory_kib: 1, ..FAST }, HashParams { passes: 0, ..FAST }, HashParams { lanes: 0, ..FAST }]
    {
        assert!(matches!(Hasher::new(params, 1, 0), Err(HashError::Broken(_))));
    }
}

#[tokio::test]
async fn the_right_password_is_right_and_every_salt_is_its_own() {
    let hasher = Hasher::new(FAST, 2, 8).unwrap();
    let (first, second) = (hasher.hash(password(GOOD)).await.unwrap(), hasher.hash(password(GOOD)).await.unwrap());
    assert!(first.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{first}");
    assert_ne!(first, second);

    let right = hasher.verify(password(GOOD), Some(first.clone())).await.unwrap();
    assert_eq!(right, Verdict::Right { rehash: false });
    let wrong = hasher.verify(password("mauve otter"), Some(first)).await.unwrap();
    assert_eq!(wrong, Verdict::Wrong);
}

/// A hasher that believes a hash takes one second.
fn slow_to_answer(permits: usize, queue: usize) -> Hasher {
    let mut hasher = Hasher::new(FAST, permits, queue).unwrap();
    Arc::get_mut(&mut hasher.0).expect("there is no clone").cost = Duration::from_secs(1);
    hasher
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_answered_after_twice_the_time_of_a_hash_whatever_is_stored() {
    let hasher = slow_to_answer(1, 0);
    let weaker = HashParams { memory_kib: 8, passes: 1, lanes: 1 };
    let weak = Hasher::new(weaker, 1, 0).unwrap().hash(password(GOOD)).await.unwrap();
    let today = hasher.hash(password(GOOD)).await.unwrap();
    for stored in [None, Some(weak.clone()), Some(today)] {
        let began = Instant::now();
        assert_eq!(hasher.verify(password("mauve otter"), stored.clone()).await.unwrap(), Verdict::Wrong);
        assert_eq!(began.elapsed(), Duration::from_secs(2), "{stored:?}");
    }
    let began = Instant::now();
    assert_eq!(hasher.verify(password(GOOD), Some(weak)).await.unwrap(), Verdict::Right { rehash: true });
    assert!(began.elapsed() < Duration::from_secs(1), "a right password is answered without a delay");
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_waits_its_time_from_its_permit_on() {
    let hasher = slow_to_answer(1, 1);
    let permit = hasher.permit().await.unwrap();
    let mut wrong = Box::pin(hasher.verify(password("mauve otter"), None));
    assert!(poll!(wrong.as_mut()).is_pending());
    tokio::time::advance(Duration::from_secs(10)).await;
    drop(permit);
    let began = Instant::now();
    assert_eq!(wrong.await.unwrap(), Verdict::Wrong);
    assert_eq!(began.elapsed(), Duration::from_secs(2), "however long the queue was");
}

#[tokio::test]
async fn an_answer_that_waits_holds_no_permit() {
    let hasher = slow_to_answer(1, 0);
    let mut wrong = Box::pin(hasher.verify(password("mauve otter"), None));
    assert!(poll!(wrong.as_mut()).is_pending());
    while hasher.running() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(poll!(wrong.as_mut()).is_pending(), "it waits for its time");
    hasher.hash(password(GOOD)).await.expect("the only permit is free");
}

#[tokio::test]
async fn nobody_has_no_password_not_even_the_decoy() {
    let hasher = Hasher::new(FAST, 1, 0).unwrap();
    for typed in ["", GOOD, "nobody's password"] {
        let verdict = hasher.verify(password(typed), None).await.unwrap();
        assert_eq!(verdict, Verdict::Wrong, "{typed}");
    }
}

#[tokio::test]
async fn a_hash_with_weaker_parameters_asks_to_be_made_again() {
    let stored_by = async |params| Hasher::new(params, 1, 0)?.hash(password(GOOD)).await;
    let today = HashParams { memory_kib: 128, passes: 2, lanes: 1 };
    let hasher = Hasher::new(today, 1, 0).unwrap();
    for (then, rehash) in [
        (today, false),
        (HashParams { lanes: 2, ..today }, false),
        (HashParams { memory_kib: 127, ..today }, true),
        (HashParams { passes: 1, ..today }, true),
        (HashParams { passes: 3, ..today }, false),
        (HashParams { memory_kib: 64, passes: 9, ..today }, true),
    ] {
        let stored = stored_by(then).await.unwrap();
        let verdict = hasher.verify(password(GOOD), Some(stored)).await.unwrap();
        assert_eq!(verdict, Verdict::Right { rehash }, "{then:?}");
    }
}

#[tokio::test]
async fn another_algorithm_is_still_right_and_made_again() {
    let hasher = Hasher::new(FAST, 1, 0).unwrap();
    let params = Params::new(64, 1, 1, None).unwrap();
    for old in [
        Argon2::new(Algorithm::Argon2i, Version::V0x13, params.clone()),
        Argon2::new(Algorithm::Argon2id, Version::V0x10, params),
    ] {
        let stored = old.hash_password(GOOD.as_bytes()).unwrap().to_string();
        let verdict = hasher.verify(password(GOOD), Some(stored)).await.unwrap();
        assert_eq!(verdict, Verdict::Right { rehash: true });
    }
}

#[tokio::test]
async fn a_stored_value_that_is_no_hash_is_broken_and_not_wrong() {
    let hasher = Hasher::new(FAST, 1, 0).unwrap();
    for stored in ["", "plain text", "$argon2id$v=19$m=64,t=1,p=1", "$2b$12$abc"] {
        let verdict = hasher.verify(password(GOOD), Some(stored.to_owned())).await;
        assert!(matches!(verdict, Err(HashError::Broken(_))), "{stored}: {verdict:?}");
    }
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let hasher = Hasher::new(SLOW, 1, 1).unwrap();
    let mut running = Box::pin(hasher.hash(password(GOOD)));
    let mut waiting = Box::pin(hasher.hash(password(GOOD)));
    assert!(poll!(running.as_mut()).is_pending());
    assert!(poll!(waiting.as_mut()).is_pending());
    assert_eq!((hasher.running(), hasher.waiting()), (1, 1));

    let mut third = Box::pin(hasher.hash(password(GOOD)));
    assert!(matches!(poll!(third.as_mut()), Poll::Ready(Err(HashError::Busy))));

    drop(waiting);
    assert_eq!(hasher.waiting(), 0, "a caller that left has released its slot");
    assert!(running.await.is_ok());
    assert_eq!(hasher.running(), 0);
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_let_a_second_hash_start() {
    let hasher = Hasher::new(SLOW, 1, 1).unwrap();
    let mut left = Box::pin(hasher.hash(password(GOOD)));
    assert!(poll!(left.as_mut()).is_pending());
    drop(left);
    assert_eq!(hasher.running(), 1, "its work continues");

    let mut next = Box::pin(hasher.hash(password(GOOD)));
    assert!(poll!(next.as_mut()).is_pending());
    assert_eq!((hasher.running(), hasher.waiting()), (1, 1));
    assert!(next.await.is_ok());
    assert_eq!((hasher.running(), hasher.waiting()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_within_the_queue_is_served() {
    let hasher = Hasher::new(FAST, 2, 30).unwrap();
    let all = (0..32).map(|_| {
        let hasher = hasher.clone();
        tokio::spawn(async move { hasher.hash(password(GOOD)).await })
    });
    for one in futures_util::future::join_all(all).await {
        assert!(one.unwrap().is_ok());
    }
    assert_eq!((hasher.running(), hasher.waiting()), (0, 0));
}

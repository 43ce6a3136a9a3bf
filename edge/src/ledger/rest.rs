//! Turns that are released while their holder waits for something that is bounded elsewhere.

use std::sync::{Mutex, PoisonError};

use super::Turn;

tokio::task_local! {
    /// The turn in which this task executes. `None` while it rests.
    static TURN: Mutex<Option<Turn>>;
}

/// Runs work in a turn, which ends with it.
pub(crate) async fn in_turn<T>(turn: Turn, work: impl Future<Output = T>) -> T {
    TURN.scope(Mutex::new(Some(turn)), work).await
}

/// Waits without the turn of this task, if it has one, so that other tasks of the same client can
/// use it. Continues when it is the client's turn again.
///
/// For waits that are bounded elsewhere, such as the queue for password hashes.
pub async fn rest<T>(waiting: impl Future<Output = T>) -> T {
    let put = |turn: Option<Turn>| {
        TURN.try_with(|held| std::mem::replace(&mut *held.lock().unwrap_or_else(PoisonError::into_inner), turn))
    };
    let Some(turn) = put(None).ok().flatten() else { return waiting.await };
    let resumption = turn.rest();
    let done = waiting.await;
    let turn = resumption.await;
    let _ = put(Some(turn));
    done
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::sync::oneshot;

    use super::{
        super::{Lines, tests::client},
        *,
    };

    #[tokio::test]
    async fn a_resting_task_leaves_its_turn_to_others() {
        let lines = Lines::new(1, usize::MAX, 1);
        let who = client("203.0.113.9");
        let (hashed, hashing) = oneshot::channel();
        let resting = in_turn(lines.enter(who).await.unwrap(), async {
            let done = rest(hashing).await;
            (done, lines.running(who))
        });
        let mut resting = std::pin::pin!(resting);
        assert!((&mut resting).now_or_never().is_none());
        assert_eq!(lines.running(who), 0);
        let other = lines.enter(who).now_or_never().expect("the turn is free").unwrap();
        let mut third = std::pin::pin!(lines.enter(who));
        assert!((&mut third).now_or_never().is_none(), "the line is full");
        hashed.send(7).unwrap();
        assert!((&mut resting).now_or_never().is_none(), "it waits for its turn again, though the line is full");
        assert_eq!((lines.running(who), lines.waiting(who)), (1, 2));
        drop(other);
        drop(third.now_or_never().expect("it came first").unwrap());
        assert_eq!(resting.now_or_never().expect("it continues"), (Ok(7), 1));
        assert_eq!(lines.running(who), 0);
    }

    #[tokio::test]
    async fn a_task_without_a_turn_waits_without_one() {
        assert_eq!(rest(async { 7 }).await, 7);
    }
}

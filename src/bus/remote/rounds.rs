//! Polls the database for the topics that have subscribers, at a rate that a database does not
//! notice.
//!
//! A round compares versions, up to [`VERSIONS_A_STATEMENT`] topics of a kind a statement, and only
//! subscribers of a topic with another version re-read it. So subscribers receive nothing while
//! nothing changes.
//!
//! Servers of the previous version do not count the versions of accounts. While one of them may
//! run, other rounds compare marks of accounts, which read everything that operators see. They take
//! longer, and delay no round of versions.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Server, Status};
use crate::bus::{Bus, GONE, TopicKind};

/// Time between two rounds while facts may be missing.
const WARY_EVERY: Duration = Duration::from_secs(1);
/// Time between two rounds otherwise: a last defence against unforeseen losses.
const DEFEND_EVERY: Duration = Duration::from_secs(30);
/// Shortest time between the starts of two requested rounds.
const AT_MOST_EVERY: Duration = Duration::from_millis(250);
/// A requested round starts after a random delay up to this: servers that notice the same gap do
/// not query the database together.
const SPREAD: Duration = Duration::from_millis(150);

/// A lookup by primary key of this many rows takes a database two or three milliseconds.
const VERSIONS_A_STATEMENT: usize = 1_000;
const VERSIONS_PAUSE: Duration = Duration::from_millis(10);
/// A mark reads all operators of its account: fifteen milliseconds for this many accounts with ten
/// operators each.
const MARKS_A_STATEMENT: usize = 50;
const MARKS_PAUSE: Duration = Duration::from_millis(50);
/// A pause is at least this many times as long as the statement took, so that a slow database is
/// queried less.
const IDLE_FOR_BUSY: u32 = 3;

/// Polls until cancelled.
pub async fn run<D: Server>(bus: Bus, status: Arc<Status>, server: Arc<D>, stop: CancellationToken) {
    let versions = repeat(&status, &status.versions_requested, || all_versions(&bus, &status, &*server));
    let marks = repeat(&status, &status.marks_requested, || all_marks(&bus, &status, &*server));
    tokio::select! {
        () = stop.cancelled() => {}
        ((), ()) = async { tokio::join!(versions, marks) } => {}
    }
}

/// Runs one kind of rounds for ever: when requested, and at intervals.
async fn repeat<R>(status: &Status, requested: &Notify, round: impl Fn() -> R)
where
    R: Future<Output = anyhow::Result<()>>,
{
    let mut began = Instant::now();
    loop {
        let due =
            began + if status.is_wary() { WARY_EVERY } else { DEFEND_EVERY.mul_f64(rand::random_range(0.8..1.0)) };
        tokio::select! {
            () = requested.notified() => {
                sleep_until(began + AT_MOST_EVERY).await;
                sleep(SPREAD.mul_f64(rand::random_range(0.0..1.0))).await;
            }
            () = sleep_until(due) => {}
        }
        began = Instant::now();
        if let Err(error) = round().await {
            tracing::warn!(error = format!("{error:#}"), "polling the database for changes failed; retrying");
            sleep_until(began + WARY_EVERY).await;
            requested.notify_one();
        }
    }
}

/// Compares the versions of all topics that have subscribers.
async fn all_versions<D: Server>(bus: &Bus, status: &Status, server: &D) -> anyhow::Result<()> {
    let followed = bus.followed();
    let compared = join_all(followed.iter().map(|(kind, keys)| versions(bus, status, server, *kind, keys)));
    // A failure for one kind must not leave the others stale.
    compared.await.into_iter().collect()
}

/// Compares the marks of all accounts that have subscribers, while that is necessary.
async fn all_marks<D: Server>(bus: &Bus, status: &Status, server: &D) -> anyhow::Result<()> {
    if !status.compares_marks() {
        return Ok(());
    }
    match bus.followed().get(&TopicKind::Account) {
        Some(accounts) => marks(bus, status, server, accounts).await,
        None => Ok(()),
    }
}

async fn versions<D: Server>(
    bus: &Bus,
    status: &Status,
    server: &D,
    kind: TopicKind,
    keys: &[Uuid],
) -> anyhow::Result<()> {
    if !kind.is_counted() {
        for key in keys {
            bus.look_again(kind.of(*key));
        }
        return Ok(());
    }
    let mut failed = Ok(());
    for keys in keys.chunks(VERSIONS_A_STATEMENT) {
        let began = Instant::now();
        status.polls.inc();
        match server.versions(kind, keys).await {
            Ok(versions) => {
                let versions: HashMap<_, _> = versions.into_iter().collect();
                for key in keys {
                    bus.compare(kind.of(*key), versions.get(key).copied().unwrap_or(GONE));
                }
            }
            // Nor a failure for some topics the others.
            Err(error) => failed = Err(error),
        }
        sleep(VERSIONS_PAUSE.max(began.elapsed() * IDLE_FOR_BUSY)).await;
    }
    failed
}

async fn marks<D: Server>(bus: &Bus, status: &Status, server: &D, accounts: &[Uuid]) -> anyhow::Result<()> {
    let mut failed = Ok(());
    for accounts in accounts.chunks(MARKS_A_STATEMENT) {
        let began = Instant::now();
        status.polls.inc();
        match server.marks(accounts).await {
            Ok(marks) => {
                for (account, mark) in marks {
                    bus.compare_mark(TopicKind::Account.of(account), mark);
                }
            }
            Err(error) => failed = Err(error),
        }
        sleep(MARKS_PAUSE.max(began.elapsed() * IDLE_FOR_BUSY)).await;
    }
    failed
}

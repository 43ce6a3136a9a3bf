//! Polls the database for the accounts that have subscribers, at a rate that a database does not
//! notice.
//!
//! For availability a round compares versions, up to [`VERSIONS_A_STATEMENT`] accounts a statement,
//! and only accounts with a greater version are read. For what operators see it compares marks, so
//! dashboards receive nothing while nothing changes.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Server, Status};
use crate::event::Bus;

/// Time between two rounds while facts may be missing.
const WARY_EVERY: Duration = Duration::from_secs(1);
/// Time between two rounds otherwise: a last defence against unforeseen losses.
const DEFEND_EVERY: Duration = Duration::from_secs(30);
/// Shortest time between the starts of two requested rounds.
const AT_MOST_EVERY: Duration = Duration::from_millis(250);
/// A requested round starts after a random delay up to this: servers that notice the same gap do
/// not query the database together.
const SPREAD: Duration = Duration::from_millis(150);

/// A lookup by primary key of this many accounts takes a database two or three milliseconds.
const VERSIONS_A_STATEMENT: usize = 1_000;
const VERSIONS_PAUSE: Duration = Duration::from_millis(10);
/// A mark reads all operators and sessions of its account: fifteen milliseconds for this many
/// accounts with ten operators each.
const MARKS_A_STATEMENT: usize = 50;
const MARKS_PAUSE: Duration = Duration::from_millis(50);
/// A pause is at least this many times as long as the statement took, so that a slow database is
/// queried less.
const IDLE_FOR_BUSY: u32 = 3;

/// Polls until cancelled.
pub async fn run<D: Server>(bus: Bus, status: Arc<Status>, server: Arc<D>, stop: CancellationToken) {
    let rounds = async {
        let mut began = Instant::now();
        loop {
            let due =
                began + if status.is_wary() { WARY_EVERY } else { DEFEND_EVERY.mul_f64(rand::random_range(0.8..1.0)) };
            tokio::select! {
                () = status.wants_look() => {
                    sleep_until(began + AT_MOST_EVERY).await;
                    sleep(SPREAD.mul_f64(rand::random_range(0.0..1.0))).await;
                }
                () = sleep_until(due) => {}
            }
            began = Instant::now();
            if let Err(error) = round(&bus, &status, &*server).await {
                tracing::warn!(error = format!("{error:#}"), "polling the database for changes failed; retrying");
                sleep_until(began + WARY_EVERY).await;
                status.look_again();
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = rounds => {}
    }
}

/// Polls once for all accounts that have subscribers.
async fn round<D: Server>(bus: &Bus, status: &Status, server: &D) -> anyhow::Result<()> {
    let listened = bus.listened();
    // A failure for some accounts, or for one of the two kinds, must not leave the others stale.
    let versions = async {
        let mut failed = Ok(());
        for accounts in listened.availability.chunks(VERSIONS_A_STATEMENT) {
            let began = Instant::now();
            status.polls.inc();
            match server.versions(accounts).await {
                Ok(versions) => {
                    for (account_id, version) in versions {
                        bus.learn_version(account_id, version);
                    }
                }
                Err(error) => failed = Err(error),
            }
            sleep(VERSIONS_PAUSE.max(began.elapsed() * IDLE_FOR_BUSY)).await;
        }
        failed
    };
    let marks = async {
        let mut failed = Ok(());
        for accounts in listened.everything.chunks(MARKS_A_STATEMENT) {
            let began = Instant::now();
            status.polls.inc();
            match server.marks(accounts).await {
                Ok(marks) => marks.into_iter().for_each(|(account_id, mark)| bus.compare_mark(account_id, mark)),
                Err(error) => failed = Err(error),
            }
            sleep(MARKS_PAUSE.max(began.elapsed() * IDLE_FOR_BUSY)).await;
        }
        failed
    };
    let (versions, marks) = tokio::join!(versions, marks);
    versions.and(marks)
}

//! Looks again at the accounts that are listened to, at a rate that a database does not notice, whatever made it necessary.
//!
//! For availability a round compares versions, [`VERSIONS_A_STATEMENT`] accounts at a time; only accounts with a greater one are
//! read. For what operators see it compares marks, so that dashboards show nothing twice while nothing changes.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Server, Status};
use crate::event::Bus;

/// Time between two rounds while facts may be missing.
const WARY_EVERY: Duration = Duration::from_secs(1);
/// The same while none are: the last defence against what nobody has thought of.
const DEFEND_EVERY: Duration = Duration::from_secs(30);
/// Rounds that are asked for in a row begin at least so far apart.
const AT_MOST_EVERY: Duration = Duration::from_millis(250);
/// A round that is asked for begins somewhere in this time: servers that notice the same do not ask the database together.
const SPREAD: Duration = Duration::from_millis(150);

/// A lookup by primary key of so many takes a database two or three milliseconds.
const VERSIONS_A_STATEMENT: usize = 1_000;
const VERSIONS_PAUSE: Duration = Duration::from_millis(10);
/// A mark reads all operators and sessions of its account: fifteen milliseconds for so many, with ten operators each.
const MARKS_A_STATEMENT: usize = 50;
const MARKS_PAUSE: Duration = Duration::from_millis(50);
/// A pause is at least so many times what the statement took: a database that is slow is asked less.
const IDLE_FOR_BUSY: u32 = 3;

/// Makes rounds until told to stop.
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
                tracing::warn!(error = format!("{error:#}"), "accounts could not be looked at again; trying again");
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

/// Looks once at everything that is listened to.
async fn round<D: Server>(bus: &Bus, status: &Status, server: &D) -> anyhow::Result<()> {
    let listened = bus.listened();
    // What fails for some accounts, or for one of the two, is no reason to leave the others with the past.
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

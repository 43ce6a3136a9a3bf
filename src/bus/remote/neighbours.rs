//! Detects servers that share a PostgreSQL database without a bus.
//!
//! Each server records a heartbeat in the database, and so sees the others. While there are others
//! it polls as it would while its bus is disconnected, so that their changes show within seconds.

use std::{pin::Pin, sync::Arc, time::Duration};

use entity::ServerId;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Register, Status, rounds};
use crate::bus::Bus;

/// Time between two heartbeats.
const BEAT_EVERY: Duration = Duration::from_secs(5);

/// Records heartbeats, and polls once a neighbour was seen, until cancelled.
pub async fn run<R: Register>(me: ServerId, bus: Bus, status: Arc<Status>, register: Arc<R>, stop: CancellationToken) {
    let mut beats = interval(BEAT_EVERY);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rounds: Option<Pin<Box<dyn Future<Output = ()> + Send>>> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = async { rounds.as_mut().expect("the branch is on").await }, if rounds.is_some() => break,
            _ = beats.tick() => match register.beat(me).await {
                Ok(others) => {
                    status.set_neighbours(others);
                    if others > 0 && rounds.is_none() {
                        tracing::warn!(
                            others,
                            "other servers use this database and no bus connects them: changes arrive late; set DESKBELL_BUS_URL on each"
                        );
                        // Neighbours may have changed something before they were detected.
                        status.look_again();
                        rounds = Some(Box::pin(rounds::run(bus.clone(), Arc::clone(&status), Arc::clone(&register), stop.clone())));
                    }
                }
                Err(error) => tracing::debug!(error = format!("{error:#}"), "the heartbeat could not be recorded; retrying"),
            },
        }
    }
    if let Err(error) = register.leave(me).await {
        tracing::debug!(
            error = format!("{error:#}"),
            "the end of this server could not be recorded; other servers notice it within seconds"
        );
    }
}

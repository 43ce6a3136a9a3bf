//! Notifies systemd, or another service manager with its protocol (`sd_notify(3)`): the server is
//! ready, it stops, it makes progress. Without `NOTIFY_SOCKET` nothing is sent.

use std::{convert::Infallible, time::Duration};

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::serve::Listening;

/// How long a start or a stop waits for a service manager that reads nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// The server opens its database, which may take long if it migrates.
pub async fn starting() {
    notify(NotifyState::Status("opening the database"), None).await;
}

/// The server listens, and its database is open and migrated.
pub async fn ready(listening: &Listening) {
    let status = format!("listening on {}, public URL {}", listening.address(), listening.app().config.http.public_url);
    notify(NotifyState::Status(&status), Some(NotifyState::Ready)).await;
}

/// The server accepts no more connections, and completes what it has begun.
pub async fn stopping() {
    notify(NotifyState::Status("completing what is in flight"), Some(NotifyState::Stopping)).await;
}

/// Pings the watchdog, if the service manager has one. Must be polled together with the server.
///
/// The pings stop when the server makes no progress: its future, which accepts connections, is
/// blocked; or no worker of the runtime is free, since the timer needs one; or no thread for
/// blocking calls is left. They are independent of the database, because a restart does not end its
/// outage.
pub async fn ping() -> Infallible {
    match sd_notify::watchdog_enabled().filter(|within| !within.is_zero()) {
        // As sd_watchdog_enabled(3) recommends.
        Some(within) => repeat(within / 2, async || send(NotifyState::Watchdog.to_string()).await).await,
        None => std::future::pending().await,
    }
}

async fn repeat(every: Duration, mut ping: impl AsyncFnMut()) -> Infallible {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        ping().await;
    }
}

async fn notify(status: NotifyState<'_>, state: Option<NotifyState<'_>>) {
    let message = std::iter::once(status).chain(state).map(|state| state.to_string()).collect::<Vec<_>>().join("\n");
    if timeout(PATIENCE, send(message)).await.is_err() {
        tracing::warn!("the service manager does not read its notifications");
    }
}

/// On a thread for blocking calls: the queue of the socket may be full.
async fn send(message: String) {
    let sent = tokio::task::spawn_blocking(move || sd_notify::notify(&[NotifyState::Custom(&message)])).await;
    if let Ok(Err(error)) = sent {
        tracing::warn!(%error, "the service manager cannot be notified");
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        pin::pin,
        sync::mpsc::{RecvTimeoutError, sync_channel},
    };

    use tokio::{runtime::Builder, sync::oneshot, time::sleep};

    use super::*;

    #[test]
    fn a_runtime_without_a_free_worker_sends_no_pings() {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let pings = Cell::new(0);
            let mut pinging = pin!(repeat(Duration::from_millis(1), async || pings.set(pings.get() + 1)));
            let mut at_least = async |count: u32| {
                while pings.get() < count {
                    tokio::select! {
                        never = &mut pinging => match never {},
                        () = sleep(Duration::from_millis(1)) => {}
                    }
                }
            };
            at_least(3).await;

            let (begins, has_begun) = oneshot::channel();
            let (_held, release) = sync_channel::<()>(0);
            let blocked = tokio::spawn(async move {
                begins.send(()).expect("the test waits");
                release.recv_timeout(Duration::from_millis(300))
            });
            has_begun.await.expect("the worker is free");
            let before = pings.get();
            let released = tokio::select! {
                biased;
                released = blocked => released.expect("no panic"),
                never = &mut pinging => match never {},
            };
            assert_eq!(released, Err(RecvTimeoutError::Timeout));
            // One was due before, and one is due after.
            assert!(pings.get() <= before + 2, "{} pings in 300 ms", pings.get() - before);
        });
    }
}

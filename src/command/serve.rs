//! `deskbell serve` and `deskbell migrate`.

use std::pin::pin;

use tokio::signal::unix::{SignalKind, signal};

use super::{first_run, output::print, service_manager};
use crate::{app::db::Db, config::Config, serve::Listening};

/// Serves until SIGTERM, SIGINT or SIGHUP.
pub async fn run(config: Config) -> anyhow::Result<()> {
    // Registered before anything starts, so that a signal during startup is not lost.
    let mut stop = pin!(stop_signal()?);
    raise_descriptor_limit();
    service_manager::starting().await;
    let lock = tokio::select! {
        lock = Listening::lock(&config) => lock?,
        () = &mut stop => return Ok(()),
    };
    let listening = Listening::start_locked(config, lock).await?;
    let metrics = listening.metrics_address().map(tracing::field::display);
    if let Some(plan) = listening.app().config.plans.single() {
        tracing::info!(plan = plan.name, "all accounts have the same plan (DESKBELL_PLANS)");
    }
    tracing::info!(address = %listening.address(), public_url = %listening.app().config.http.public_url, metrics, "listening");
    // Boxed: a database read would make every future that serves large.
    Box::pin(first_run::log(listening.app())).await;
    service_manager::ready(&listening).await;
    let stop = async {
        stop.await;
        service_manager::stopping().await;
    };
    tokio::select! {
        stopped = listening.run(stop) => stopped?,
        never = service_manager::ping() => match never {},
    }
    tracing::info!("stopped");
    Ok(())
}

/// Raises the limit on open descriptors as far as the system allows without privileges. Each socket
/// is a descriptor, and many systems start a process with 1,024.
fn raise_descriptor_limit() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::debug!(limit, "limit on open descriptors"),
        Err(error) => tracing::warn!(%error, "the limit on open descriptors could not be raised"),
    }
}

/// Resolves when the process receives SIGTERM, SIGINT or SIGHUP.
pub(super) fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // A process started with `nohup` must survive its terminal.
    let mut hang_up = if is_ignored(HANG_UP) == Some(false) { Some(signal(SignalKind::hangup())?) } else { None };
    Ok(async move {
        let hung_up = async {
            match &mut hang_up {
                Some(hang_up) => hang_up.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = terminate.recv() => tracing::info!("received SIGTERM, shutting down"),
            _ = interrupt.recv() => tracing::info!("received SIGINT, shutting down"),
            _ = hung_up => tracing::info!("received SIGHUP, shutting down"),
        }
    })
}

/// The number of SIGHUP, the same on every system.
const HANG_UP: u32 = 1;

/// Whether the process ignores a signal; `None` where the system does not provide this, and the
/// signal is then not handled.
fn is_ignored(signal: u32) -> Option<bool> {
    ignores(&std::fs::read_to_string("/proc/self/status").ok()?, signal)
}

/// Parses `SigIgn` of `/proc/PID/status` (proc(5)): a mask in hexadecimal, whose lowest bit is
/// signal 1.
fn ignores(status: &str, signal: u32) -> Option<bool> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    Some(u64::from_str_radix(mask.trim(), 16).ok()? >> (signal - 1) & 1 == 1)
}

/// Runs the pending migrations.
pub async fn migrate(config: Config) -> anyhow::Result<()> {
    Db::open(&config.database).await?.close().await?;
    print("The database is up to date.\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_read_from_the_mask() {
        let status = |mask: &str| {
            format!("Name:\tdeskbell\nSigBlk:\tffffffffffffffff\nSigIgn:\t{mask}\nSigCgt:\t0000000000000001\n")
        };
        assert_eq!(ignores(&status("0000000000001000"), HANG_UP), Some(false));
        assert_eq!(ignores(&status("0000000000001001"), HANG_UP), Some(true));
        assert_eq!(ignores(&status("0000000000001000"), 13), Some(true));
        assert_eq!(ignores(&status("nonsense"), HANG_UP), None);
        assert_eq!(ignores("Name:\tdeskbell\n", HANG_UP), None);
    }
}

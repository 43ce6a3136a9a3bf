//! `deskbell serve` and `deskbell migrate`.

use tokio::signal::unix::{SignalKind, signal};

use crate::{config::Config, db::Db, serve::Listening};

/// Serves until SIGTERM or SIGINT.
pub async fn run(config: Config) -> anyhow::Result<()> {
    // Listened for before anything starts: a signal during the start is not lost.
    let stop = stop_signal()?;
    raise_descriptor_limit();
    let listening = Listening::start(config).await?;
    tracing::info!(address = %listening.address(), public_url = %listening.app().config.http.public_url, "listening");
    listening.run(stop).await?;
    tracing::info!("stopped");
    Ok(())
}

/// A socket is a descriptor, and many systems start a process with 1,024: takes as many as may be had without asking.
fn raise_descriptor_limit() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::debug!(limit, "descriptors that may be open"),
        Err(error) => tracing::warn!(%error, "the limit on open descriptors could not be raised"),
    }
}

/// Resolves when the process is told to stop.
pub(super) fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => tracing::info!("told to stop (SIGTERM)"),
            _ = interrupt.recv() => tracing::info!("told to stop (SIGINT)"),
        }
    })
}

/// Brings the schema up to date.
pub async fn migrate(config: Config) -> anyhow::Result<()> {
    Db::open(&config.database).await?.close().await?;
    println!("The database is up to date.");
    Ok(())
}

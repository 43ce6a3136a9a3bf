//! Finds the sessions that ended without an event, and records the use of all others.
//!
//! One task per server reads the sessions that connections depend on, all of them together, every
//! [`recheck`](crate::config::SessionConfig::recheck). It finds what no event announces: lifetimes
//! that expired, and sessions that a command such as `operator reset-password` or a server without
//! a bus has ended. A connection that waits for a change uses its session, so the session is not
//! idle.

use std::collections::HashMap;

use entity::SessionId;
use tokio::{task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    live::{Connected, Live, RETRY_AFTER},
    queries, rules,
};
use crate::app::App;

/// The maximum number of sessions in one statement.
const AT_ONCE: usize = 1_000;

/// Polls until cancelled.
pub async fn run(app: App, live: Live, stop: CancellationToken) {
    let mut poll = Poll::new(live);
    let polling = async {
        let mut wait = app.config.session.recheck;
        loop {
            sleep(wait).await;
            wait = match poll.look(&app).await {
                Ok(()) => app.config.session.recheck,
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "connected sessions could not be read; retrying");
                    RETRY_AFTER
                }
            };
        }
    };
    stop.run_until_cancelled(polling).await;
}

/// Polls the sessions that connections of this server depend on.
#[derive(Debug)]
pub struct Poll {
    live: Live,
    /// Records the use of the sessions in the background, so that a write that waits does not delay
    /// the next look.
    recording: Option<JoinHandle<()>>,
}

impl Poll {
    #[must_use]
    pub fn new(live: Live) -> Self {
        Self { live, recording: None }
    }

    /// Reads the connected sessions once, ends what depends on those that are over, and starts to
    /// record the use of the others. Runs no statement without connected sessions.
    pub async fn look(&mut self, app: &App) -> anyhow::Result<()> {
        let mut used = Vec::new();
        for connected in self.live.connected().chunks(AT_ONCE) {
            let ids: Vec<_> = connected.iter().map(Connected::id).collect();
            let valid = queries::list_valid_any_account(app, &ids).await?;
            let valid: HashMap<SessionId, _> = valid.into_iter().map(|session| (session.id, session)).collect();
            for session in connected {
                match valid.get(&session.id()) {
                    Some(session) => used.push(*session),
                    None => session.end(),
                }
            }
        }
        used.retain(|session| rules::is_use_due(app, session.last_used_at));
        if !used.is_empty() && self.recording.as_ref().is_none_or(JoinHandle::is_finished) {
            let app = app.clone();
            self.recording = Some(tokio::spawn(async move {
                for used in used.chunks(AT_ONCE) {
                    rules::record_uses(&app, used).await;
                }
            }));
        }
        Ok(())
    }
}

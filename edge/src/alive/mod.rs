//! Which peers are still there: finds sockets whose peer has disappeared, and keeps quiet event
//! streams alive. A few tasks do this for all connections, so an idle one has no timer.
//!
//! Without a proxy, the kernel notices a peer that has disappeared
//! ([`listen`](crate::server)). Behind a proxy, the kernel only sees the proxy, and only messages
//! tell. So a socket that was silent for the keep-alive time is pinged, again after half of that
//! time, and dropped after the other half. Any frame of the peer counts, so a widget that sends its
//! own pings is never pinged.

mod beats;
mod pulse;
mod sweeper;
mod wheel;

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{config::HttpConfig, supervisor::Supervisor};

pub(crate) use beats::{Beat, Beats};
pub(crate) use pulse::{Pulse, Watched};
pub(crate) use sweeper::Sweeper;

/// All that is needed to know which peers are still there.
#[derive(Debug)]
pub(crate) struct Alive {
    pub sockets: Sweeper,
    pub streams: Arc<Beats>,
}

impl Alive {
    pub(crate) fn new(config: &HttpConfig) -> Self {
        Self {
            sockets: Sweeper::new(config.ws_keepalive, config.ws_init_timeout),
            streams: Arc::new(Beats::new(config.sse_keepalive)),
        }
    }

    /// Starts the tasks, until `stop`.
    pub(crate) fn start(&self, supervisor: &Supervisor, tasks: &TaskTracker, stop: &CancellationToken) {
        self.sockets.start(supervisor, tasks, stop);
        let (beats, until) = (Arc::clone(&self.streams), stop.clone());
        supervisor.spawn("comments of event streams", tasks, stop, move || {
            let (beats, until) = (Arc::clone(&beats), until.clone());
            async move {
                until.run_until_cancelled(beats.run()).await;
            }
        });
    }
}

/// A timer that leaves out what it has missed: after a pause of the whole process, peers get their
/// full time to answer.
fn every(period: Duration) -> tokio::time::Interval {
    let mut interval = tokio::time::interval(period);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    interval
}

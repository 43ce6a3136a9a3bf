//! Several servers with one database and one broker, while each of them fails.
//!
//! Run only when requested, one after another: `./scripts/test servers`. They need PostgreSQL and
//! nats-server, take minutes, and measure durations.

mod broker_away;
mod chats;
mod dashboards;
mod faults;
mod previous;
mod queue;
mod rolling;
mod sessions;
mod storm;

use std::time::Duration;

/// When the path is open again, every widget must show what the database has within this time.
const SOON: Duration = Duration::from_secs(2);

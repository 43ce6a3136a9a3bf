//! Several servers with one database and one broker, while each of them fails.
//!
//! Not run unless asked for, one after another: `./scripts/test servers`. They need PostgreSQL and nats-server, take minutes,
//! and measure how long things take.

mod broker_away;
mod dashboards;
mod faults;
mod queue;
mod rolling;
mod sessions;
mod storm;

use std::time::Duration;

/// How soon, once the path is whole again, every widget shows what the database says.
const SOON: Duration = Duration::from_secs(2);

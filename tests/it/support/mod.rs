//! Helpers of the stories.
//!
//! [`TestApp`] is a server on a free port, [`Account`] an account on it, [`Person`] a caller who
//! uses the public schema, [`Answer`] a response, [`Stream`] a subscription. [`servers::Servers`]
//! are several servers with one database and one broker, and [`crowd::Crowd`] are many widgets that
//! watch them. [`chat::Visitor`] writes to an account, and [`Replica`] is what a client has of a
//! conversation. Helpers that read or write the database directly have names that start with `db_`.

mod answer;
mod app;
pub mod broker;
pub mod chat;
pub mod cluster;
pub mod crowd;
mod database;
pub mod disk;
pub mod locks;
pub mod person;
pub mod pgbouncer;
pub mod postgres;
pub mod process;
pub mod proxy;
mod replica;
pub mod sdl;
pub mod servers;
pub mod smtp;
mod stream;
mod watchdog;
mod widget;

use std::time::Duration;

pub use answer::{Answer, granted, refusals};
pub use app::{Account, TestApp};
pub use database::{Database, is_postgres};
pub use person::{PASSWORD, Person, email_of, visitors_token};
pub use replica::Replica;
pub use stream::{EventStream, Stream};

/// Longer than anything that a story waits for, so a story that waits this long has failed.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Polls until the condition holds: for what the server does in the background after its answer.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    in_time(what, async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// Waits for a future, and fails after [`DEADLINE`].
pub async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future)
        .await
        .unwrap_or_else(|_elapsed| panic!("{what} did not come within {DEADLINE:?}"))
}

//! The people and places of the stories.
//!
//! [`TestApp`] is a server of one story's own on a free port, [`Account`] a company on it, [`Person`] somebody who acts through the
//! public schema, [`Answer`] what they get, [`Stream`] what they watch. [`servers::Servers`] are several with one database and one
//! broker, and [`crowd::Crowd`] those who look on. Whatever reaches past the schema into the database has a
//! name that starts with `db_`.

mod answer;
mod app;
pub mod broker;
pub mod cluster;
pub mod crowd;
mod database;
pub mod disk;
pub mod person;
pub mod pgbouncer;
mod postgres;
pub mod process;
pub mod proxy;
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
pub use person::{PASSWORD, Person, email_of};
pub use stream::{EventStream, Stream};

/// Longer than anything that a story waits for: whoever waits so long has failed.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Looks again until it is so: for what the server does in the background, after its answer.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    in_time(what, async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// Waits for something that has to come.
pub async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future)
        .await
        .unwrap_or_else(|_elapsed| panic!("{what} did not come within {DEADLINE:?}"))
}

//! Checks the brokers: connects to each as a server does, and publishes nothing.

use std::time::Duration;

use futures_util::future::join_all;

use super::report::{Line, ok, wrong};
use crate::{bus::remote::try_out, config::BusConfig};

const ANSWER_WITHIN: Duration = Duration::from_secs(5);

pub(super) async fn lines(config: &BusConfig) -> Vec<Line> {
    const SUBJECT: &str = "bus";
    let tried = config.brokers.iter().map(async |address| match try_out(config, address, ANSWER_WITHIN).await {
        Ok(()) => ok(SUBJECT, format!("{} accepts the connection", address.url())),
        Err(error) => wrong(SUBJECT, format!("DESKBELL_BUS_URL: {}: {error:#}", address.url())),
    });
    join_all(tried).await
}

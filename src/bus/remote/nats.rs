//! The NATS broker (core NATS), with one subject for all servers of an installation.
//!
//! A line is one connection. The NATS client would reconnect by itself, but takes long to notice a
//! broker that is reachable and does not answer. So a connection that fails is dropped, and the
//! next attempt goes to the next broker of the list.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use async_nats::{Client, ConnectOptions, Subject, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::Notify;

use super::{Broker, Line, STEP_TIMEOUT};
use crate::config::{BrokerAddress, BusConfig};

/// Number of received messages that may wait. Messages beyond it are lost, which shows as a gap in
/// the numbers.
const BACKLOG: usize = 16_384;

/// The brokers of one cluster.
#[derive(Debug)]
pub struct Nats {
    addresses: Vec<BrokerAddress>,
    next: AtomicUsize,
    subject: Subject,
}

impl Nats {
    #[must_use]
    pub fn new(config: &BusConfig) -> Self {
        // Servers that start together begin with different brokers.
        let next = AtomicUsize::new(rand::random_range(0..1_000));
        Self { addresses: config.brokers.clone(), next, subject: Subject::from(format!("{}.facts", config.prefix)) }
    }
}

/// One connection.
#[derive(Debug)]
pub struct NatsLine {
    client: Client,
    subscriber: Subscriber,
    subject: Subject,
    lost: Arc<Notify>,
}

impl Broker for Nats {
    type Line = NatsLine;

    async fn connect(&self) -> anyhow::Result<NatsLine> {
        // A command gets here without having started a server.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.addresses.len().max(1);
        let address = self.addresses.get(next).context("no broker is set")?;
        let lost = Arc::new(Notify::new());
        let loses = Arc::clone(&lost);
        let mut options = ConnectOptions::new()
            .name("deskbell")
            .connection_timeout(STEP_TIMEOUT)
            // Lets a dropped connection end by itself, even if its last bytes cannot be written.
            .ping_interval(Duration::from_secs(2))
            .max_reconnects(1)
            .ignore_discovered_servers()
            .subscription_capacity(BACKLOG)
            .event_callback(move |event| {
                if matches!(event, async_nats::Event::Disconnected | async_nats::Event::Closed) {
                    loses.notify_one();
                }
                std::future::ready(())
            });
        options = match (&address.user, &address.password) {
            (Some(user), Some(password)) => options.user_and_password(user.clone(), password.reveal().to_owned()),
            (Some(token), None) => options.token(token.clone()),
            (None, _) => options,
        };
        let client = options.connect(address.url()).await.context("connecting to the broker")?;
        let subscriber = client.subscribe(self.subject.clone()).await.context("subscribing")?;
        Ok(NatsLine { client, subscriber, subject: self.subject.clone(), lost })
    }
}

impl Line for NatsLine {
    async fn send(&mut self, message: Bytes) -> anyhow::Result<()> {
        self.client.publish(self.subject.clone(), message).await.context("publishing")
    }

    async fn receive(&mut self) -> Option<Bytes> {
        tokio::select! {
            message = self.subscriber.next() => message.map(|message| message.payload),
            () = self.lost.notified() => None,
        }
    }
}

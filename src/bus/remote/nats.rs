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
        Self { addresses: config.brokers.clone(), next, subject: subject(config) }
    }
}

fn subject(config: &BusConfig) -> Subject {
    Subject::from(format!("{}.facts", config.prefix))
}

fn options(address: &BrokerAddress) -> ConnectOptions {
    let options = ConnectOptions::new().name("deskbell");
    match (&address.user, &address.password) {
        (Some(user), Some(password)) => options.user_and_password(user.clone(), password.reveal().to_owned()),
        (Some(token), None) => options.token(token.clone()),
        (None, _) => options,
    }
}

/// How long a broker may take to refuse a subscription, which it does not confirm otherwise.
const REFUSED_WITHIN: Duration = Duration::from_millis(300);

/// Connects to one broker and subscribes, as a server does. Publishes nothing.
///
/// # Errors
/// Why no server could use the broker.
pub async fn try_out(config: &BusConfig, address: &BrokerAddress, within: Duration) -> anyhow::Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (tell, mut refusals) = tokio::sync::mpsc::channel(1);
    // The timeout below covers all steps.
    let options = options(address).connection_timeout(2 * within).max_reconnects(1).ignore_discovered_servers();
    let options = options.event_callback(move |event| {
        if let async_nats::Event::ServerError(error) = event {
            // The first one is enough.
            let _ = tell.try_send(error.to_string());
        }
        std::future::ready(())
    });
    let tried = async {
        // The error contains its cause.
        let client = options.connect(address.url()).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        let _subscriber = client.subscribe(subject(config)).await?;
        match tokio::time::timeout(REFUSED_WITHIN, refusals.recv()).await {
            Ok(Some(refusal)) => anyhow::bail!(refusal),
            Ok(None) | Err(_) => Ok(()),
        }
    };
    let late = |_elapsed| Err(anyhow::anyhow!("no answer within {} s", within.as_secs()));
    tokio::time::timeout(within, tried).await.unwrap_or_else(late)
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
        let options = options(address)
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

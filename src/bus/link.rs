//! The task that holds the line to the broker: tells what waits in the unsent facts, hears the others, and knows when either fails.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    BEAT, Broker, Fact, Line, PATIENCE, Peers, STEP_TIMEOUT, Server, Status,
    peers::{Noticed, Recent},
    wire::{Message, Read},
};
use crate::event::{Bus, Event};

/// A message stays well under the 1 MiB that brokers take, at 52 bytes a fact at most.
const FACTS_A_MESSAGE: usize = 1_000;
/// Time between two attempts to reach the broker, give or take half: servers that lost it together do not come back together.
const RETRY_EVERY: Duration = Duration::from_millis(250);
/// How long a command waits for its facts to be told.
const TELL_WITHIN: Duration = Duration::from_secs(2);

/// One server's end of the bus.
#[derive(Debug)]
pub struct Link<B, D> {
    broker: B,
    bus: Bus,
    status: Arc<Status>,
    server: Arc<D>,
    peers: Peers,
    me: Uuid,
    /// Of the last message.
    number: u64,
    /// The last messages, to know them again when they come back.
    sent: Recent,
}

impl<B: Broker, D: Server> Link<B, D> {
    pub fn new(broker: B, bus: Bus, status: Arc<Status>, server: Arc<D>) -> Self {
        Self {
            broker,
            bus,
            status,
            server,
            peers: Peers::default(),
            me: Uuid::new_v4(),
            number: 0,
            sent: Recent::default(),
        }
    }

    /// Holds the line until told to stop; opens a new one whenever it is lost.
    pub async fn run(mut self, stop: CancellationToken) {
        if self.status.connected() {
            // The link before this one failed, and what was sent since has not been received.
            self.lost();
        }
        let mut is_told = false;
        while !stop.is_cancelled() {
            let Err(error) = self.hold(&stop).await else { break };
            if self.status.connected() || !is_told {
                is_told = true;
                tracing::warn!(error = format!("{error:#}"), "the bus is away; the database is asked instead");
            }
            if self.status.connected() {
                self.lost();
            }
            let wait = RETRY_EVERY.mul_f64(rand::random_range(0.5..1.5));
            let _ = timeout(wait, stop.cancelled()).await;
        }
        self.status.set_whole(false);
    }

    fn lost(&self) {
        self.status.set_whole(false);
        self.status.set_peers(0);
        self.status.missed();
    }

    /// Holds one line until it fails or is no longer needed.
    async fn hold(&mut self, stop: &CancellationToken) -> anyhow::Result<()> {
        let mut line = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            line = self.connect() => line?,
        };
        // On a new line, others are new as well: whoever said something before, said it before we looked.
        self.peers.clear();
        if self.number > 0 {
            // What went into the line before may or may not have arrived: a number that nobody gets makes them look.
            self.number += 1;
        }
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unanswered = 0;
        let bus = self.bus.clone();
        let unsent = bus.unsent().context("a server that is alone has no bus")?;
        loop {
            tokio::select! {
                () = stop.cancelled() => return self.leave(&mut line).await,
                _ = beats.tick() => {
                    if unanswered >= PATIENCE {
                        bail!("what is sent does not come back");
                    }
                    unanswered += 1;
                    self.send(&mut line, Vec::new()).await?;
                    for _ in 0..self.peers.beat(PATIENCE) {
                        tracing::warn!("a server fell silent on the bus without a goodbye");
                        self.status.lost_a_peer();
                    }
                    self.status.set_peers(self.peers.count());
                }
                () = unsent.filled(), if self.status.connected() => self.tell(&mut line).await?,
                received = line.receive() => {
                    let received = received.context("the broker hung up")?;
                    if self.hear(&received) == Sender::Echo {
                        unanswered = 0;
                        if !self.status.connected() {
                            self.arrived();
                            // It may be full for longer than its sign says.
                            self.tell(&mut line).await?;
                        }
                    }
                }
            }
        }
    }

    /// Sends what is queued and leaves, within a time that people wait.
    pub async fn tell_once(mut self) -> anyhow::Result<()> {
        let told = async {
            let mut line = self.connect().await?;
            self.send(&mut line, Vec::new()).await?;
            // An echo of the first says that the line works both ways, one of the last that all between has arrived.
            self.echo(&mut line, 1).await?;
            self.leave(&mut line).await?;
            self.echo(&mut line, self.number).await
        };
        timeout(TELL_WITHIN, told).await.context("the broker does not answer")?
    }

    async fn echo(&self, line: &mut B::Line, number: u64) -> anyhow::Result<()> {
        loop {
            let received = line.receive().await.context("the broker hung up")?;
            let is_late = Message::decode(&received).is_some_and(|read| read.message.number >= number);
            if is_late && self.sent.has(&received) {
                return Ok(());
            }
        }
    }

    async fn connect(&self) -> anyhow::Result<B::Line> {
        timeout(2 * STEP_TIMEOUT, self.broker.connect()).await.context("the broker does not answer")?
    }

    /// Notes that the line works both ways.
    fn arrived(&self) {
        tracing::info!(bus.instance = %self.me, "the bus is whole");
        if let Some(unsent) = self.bus.unsent() {
            unsent.forget_taken();
        }
        self.status.set_whole(true);
        // What the others said before was not heard.
        self.status.look_again();
    }

    /// Says goodbye, so that nobody wonders about the silence.
    async fn leave(&mut self, line: &mut B::Line) -> anyhow::Result<()> {
        self.tell(line).await?;
        self.send(line, vec![Fact::Leaving]).await?;
        // A line that closes at once takes along what it has not written yet.
        sleep(BEAT / 5).await;
        Ok(())
    }

    /// Sends everything that waits. What is lost on the way leaves a gap in the numbers, or ends the line: either is noticed.
    async fn tell(&mut self, line: &mut B::Line) -> anyhow::Result<()> {
        let facts = self.bus.unsent().map(super::Unsent::take).unwrap_or_default();
        for facts in facts.chunks(FACTS_A_MESSAGE) {
            self.send(line, facts.to_vec()).await?;
        }
        Ok(())
    }

    async fn send(&mut self, line: &mut B::Line, facts: Vec<Fact>) -> anyhow::Result<()> {
        self.number += 1;
        self.status.sent.inc_by(facts.len() as u64);
        let message = Message { from: self.me, number: self.number, facts }.encode();
        self.sent.note(&message);
        timeout(STEP_TIMEOUT, line.send(Bytes::from(message))).await.context("the broker takes nothing")?
    }

    fn hear(&mut self, bytes: &[u8]) -> Sender {
        let Some(Read { message, ignored, is_torn }) = Message::decode(bytes) else {
            self.status.ignored.inc();
            // It may have said something of importance to us.
            self.status.look_again();
            return Sender::Other;
        };
        if message.from == self.me {
            if self.sent.has(bytes) {
                return Sender::Echo;
            }
            // Forged: it does not say that the line works, and what we changed we know.
            self.status.ignored.inc();
            return Sender::Other;
        }
        self.status.ignored.inc_by(ignored);
        let noticed = self.peers.heard(message.from, message.number, bytes);
        match noticed {
            Noticed::Repeated => return Sender::Other,
            Noticed::Doubtful | Noticed::Missing => self.status.missed(),
            Noticed::Unheard => self.status.look_again(),
            Noticed::Next if is_torn => self.status.missed(),
            Noticed::Next => {}
        }
        self.status.received.inc_by(message.facts.len() as u64);
        for fact in message.facts {
            match fact {
                Fact::Event(Event::AvailabilityChanged { account_id, version }) => {
                    self.bus.learn_version(account_id, version);
                }
                Fact::Event(event) => self.bus.deliver(event),
                Fact::LookAgain(Some(account_id)) => self.bus.look_again(account_id),
                Fact::LookAgain(None) => self.status.missed(),
                // Counted twice, these would slow sign-ins, and hide the silence of a server that is there.
                Fact::Taken(..) | Fact::Leaving if noticed == Noticed::Doubtful => {}
                Fact::Taken(token, count) => self.server.taken_elsewhere(token, count),
                Fact::Leaving => self.peers.left(message.from),
            }
        }
        Sender::Other
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    Echo,
    Other,
}

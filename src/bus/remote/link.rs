//! The task that owns the connection to the broker: it sends the unsent facts, receives those of
//! the peers, and detects when either direction fails.

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
use crate::bus::{Bus, PeerNews, PresenceFact, Topic};

/// Keeps a message well under the 1 MiB that brokers accept, at 52 bytes a fact or less.
const FACTS_A_MESSAGE: usize = 1_000;
/// Time between two connection attempts, plus or minus half: servers that lost the broker together
/// do not reconnect together.
const RETRY_EVERY: Duration = Duration::from_millis(250);
/// How long a command waits until its facts are sent.
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
    /// Number of the last message sent.
    number: u64,
    /// The last messages sent, to recognise their echoes.
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

    /// Keeps a connection open until cancelled; reconnects whenever it is lost.
    pub async fn run(mut self, stop: CancellationToken) {
        if self.status.connected() {
            // The previous link failed, and messages sent since then were not received.
            self.lost();
        }
        let mut is_told = false;
        while !stop.is_cancelled() {
            let Err(error) = self.hold(&stop).await else { break };
            if self.status.connected() || !is_told {
                is_told = true;
                tracing::warn!(error = format!("{error:#}"), "the bus is disconnected; polling the database instead");
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
        self.server.peer_news(PeerNews::CutOff);
    }

    /// Runs one connection until it fails or the server stops.
    async fn hold(&mut self, stop: &CancellationToken) -> anyhow::Result<()> {
        let mut line = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            line = self.connect() => line?,
        };
        // Forget the peers: messages that they sent before this connection existed were not
        // received.
        self.peers.clear();
        self.server.peer_news(PeerNews::CutOff);
        if self.number > 0 {
            // Messages on the previous connection may or may not have arrived. Skipping a number
            // makes the peers notice a gap and re-read.
            self.number += 1;
        }
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unanswered = 0;
        let bus = self.bus.clone();
        let unsent = bus.unsent().context("a single server has no bus")?;
        // The peers ask this server once they hear it, and it asks each of them.
        unsent.forget_present();
        loop {
            tokio::select! {
                () = stop.cancelled() => return self.leave(&mut line).await,
                _ = beats.tick() => {
                    if unanswered >= PATIENCE {
                        bail!("no echo of the messages sent");
                    }
                    unanswered += 1;
                    self.send(&mut line, Vec::new()).await?;
                    for silent in self.peers.beat(PATIENCE) {
                        tracing::warn!("a server fell silent on the bus without a goodbye; re-reading what it may have changed");
                        self.status.lost_a_peer();
                        self.server.peer_news(PeerNews::Gone(silent));
                    }
                    self.status.set_peers(self.peers.count());
                    if self.peers.has_previous() {
                        self.status.previous_heard();
                    }
                }
                () = unsent.filled(), if self.status.connected() => self.tell(&mut line).await?,
                received = line.receive() => {
                    let received = received.context("the broker hung up")?;
                    if self.hear(&received) == Sender::Echo {
                        unanswered = 0;
                        if !self.status.connected() {
                            self.arrived();
                            // The queue may hold facts for which it has already notified.
                            self.tell(&mut line).await?;
                        }
                    }
                }
            }
        }
    }

    /// Sends the queued facts and leaves, within [`TELL_WITHIN`].
    pub async fn tell_once(mut self) -> anyhow::Result<()> {
        let told = async {
            let mut line = self.connect().await?;
            self.send(&mut line, Vec::new()).await?;
            // An echo of the first message shows that both directions work; an echo of the last
            // one, that all messages before it have arrived.
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

    /// Records that both directions work.
    fn arrived(&self) {
        tracing::info!(bus.instance = %self.me, "the bus is connected");
        if let Some(unsent) = self.bus.unsent() {
            unsent.forget_taken();
        }
        self.status.set_whole(true);
        // Messages that peers sent before this moment were not received.
        self.status.look_again();
    }

    /// Says goodbye, so that no peer reports the silence as a failure.
    async fn leave(&mut self, line: &mut B::Line) -> anyhow::Result<()> {
        self.tell(line).await?;
        self.send(line, vec![Fact::Leaving]).await?;
        // Closing a connection at once discards what it has not written yet.
        sleep(BEAT / 5).await;
        Ok(())
    }

    /// Sends all queued facts. A message lost after that leaves a gap in the numbers or ends the
    /// connection; peers notice both.
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
        let message = Message { from: self.me, number: self.number, counts_versions: true, facts }.encode();
        self.sent.note(&message);
        timeout(STEP_TIMEOUT, line.send(Bytes::from(message))).await.context("the broker does not accept messages")?
    }

    fn hear(&mut self, bytes: &[u8]) -> Sender {
        let Some(Read { message, ignored, is_torn }) = Message::decode(bytes) else {
            self.status.ignored.inc();
            // The message may have contained facts that matter here.
            self.status.look_again();
            return Sender::Other;
        };
        if message.from == self.me {
            if self.sent.has(bytes) {
                return Sender::Echo;
            }
            // A forged message: it does not prove that the connection works, and this server
            // already knows its own changes.
            self.status.ignored.inc();
            return Sender::Other;
        }
        self.status.ignored.inc_by(ignored);
        let is_new = !self.peers.has(message.from);
        let noticed = self.peers.heard(&message, bytes);
        match noticed {
            Noticed::Repeated => return Sender::Other,
            Noticed::Doubtful | Noticed::Missing => self.status.missed(),
            Noticed::Unheard => self.status.look_again(),
            Noticed::Next if is_torn => self.status.missed(),
            Noticed::Next => {}
        }
        // What is not tracked is not missed when it falls silent, and is not believed.
        let is_tracked = self.peers.has(message.from);
        match noticed {
            _ if !is_tracked => {}
            _ if is_new => self.server.peer_news(PeerNews::Appeared(message.from)),
            Noticed::Doubtful | Noticed::Missing => self.server.peer_news(PeerNews::Doubtful(message.from)),
            _ if is_torn => self.server.peer_news(PeerNews::Doubtful(message.from)),
            _ => {}
        }
        self.status.received.inc_by(message.facts.len() as u64);
        for fact in message.facts {
            match fact {
                Fact::Changed(topic, version) => self.bus.hear(topic, version),
                // The same change is in the message as a version.
                Fact::Previous(_) if message.counts_versions => {}
                Fact::Previous(fact) => {
                    if fact.deliver(&self.bus) {
                        self.status.look_again();
                    }
                }
                Fact::LookAgain(Some(account_id)) => {
                    self.bus.look_again(Topic::Account(account_id));
                    self.bus.look_again(Topic::Availability(account_id));
                    // Its sessions are not known here.
                    self.status.look_again();
                }
                Fact::LookAgain(None) => self.status.missed(),
                // Counted twice, attempts would slow down sign-ins. A forged goodbye would hide the
                // silence of a live peer.
                // Late facts about presence may be the opposite of what is so now.
                Fact::Taken(..) | Fact::Presence(_) | Fact::Leaving if noticed == Noticed::Doubtful => {}
                Fact::Taken(token, count) => self.server.taken_elsewhere(token, count),
                Fact::Presence(_) if !is_tracked => {}
                // A request to another server.
                Fact::Presence(PresenceFact::WhoIsHere { whom: Some(whom), .. }) if whom != self.me => {}
                Fact::Presence(fact) => self.server.present_elsewhere(message.from, fact),
                Fact::Leaving => {
                    self.peers.left(message.from);
                    self.server.peer_news(PeerNews::Gone(message.from));
                }
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

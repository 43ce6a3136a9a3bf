//! Tests of several servers and an in-memory broker that can lose, repeat, delay and cut off
//! messages.

mod forged;
mod lost;
mod presence;
mod previous;

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use edge::metrics::Metrics;
use entity::{AccountId, OperatorId, SessionId};
use futures_util::FutureExt as _;
use tokio::{sync::mpsc, time::timeout};
use uuid::Uuid;

use super::{
    wire::{Fact, Message},
    *,
};
use crate::bus::{Delivery, Event, GONE, Listener, Topic};

/// Upper bound on every wait in the tests, on the paused clock: two seconds, as the documentation
/// promises.
const PROMISED: Duration = Duration::from_secs(2);

/// The state that the servers share.
#[derive(Debug, Default)]
struct World {
    lines: Mutex<Vec<(usize, mpsc::UnboundedSender<Bytes>)>>,
    /// The broker is down: connections break and cannot be opened.
    is_down: AtomicBool,
    /// Servers whose messages are lost in both directions, while their connections look intact.
    cut: Mutex<Vec<usize>>,
    /// Servers whose own messages are lost, while they receive those of others.
    muted: Mutex<Vec<usize>>,
    /// Number of next messages that are lost.
    lose: AtomicUsize,
    /// Number of next statements that panic.
    panic_statements: AtomicUsize,
    /// Number of next messages that make the sending task panic.
    panic: AtomicUsize,
    /// Every message is delivered twice.
    repeats: AtomicBool,
    /// The database.
    versions: Mutex<HashMap<Topic, i64>>,
    marks: Mutex<HashMap<AccountId, i64>>,
    statements: AtomicUsize,
}

impl World {
    fn goes_down(&self) {
        self.is_down.store(true, Ordering::Relaxed);
        self.lines.lock().unwrap().clear();
    }

    fn comes_back(&self) {
        self.is_down.store(false, Ordering::Relaxed);
    }

    fn cuts(&self, server: &RunningServer) {
        self.cut.lock().unwrap().push(server.index);
    }

    fn heals(&self) {
        self.cut.lock().unwrap().clear();
    }

    fn is_muted(&self, index: usize) -> bool {
        self.is_cut(index) || self.muted.lock().unwrap().contains(&index)
    }

    fn is_cut(&self, index: usize) -> bool {
        self.cut.lock().unwrap().contains(&index)
    }

    fn db_changes(&self, topic: Topic, version: i64) {
        self.versions.lock().unwrap().insert(topic, version);
    }
}

#[derive(Debug)]
struct PaperBroker(Arc<World>, usize);

#[derive(Debug)]
struct PaperLine(Arc<World>, usize, mpsc::UnboundedReceiver<Bytes>);

impl Broker for PaperBroker {
    type Line = PaperLine;

    #[expect(clippy::disallowed_methods, reason = "a test sends few messages")]
    async fn connect(&self) -> anyhow::Result<PaperLine> {
        anyhow::ensure!(!self.0.is_down.load(Ordering::Relaxed), "connection refused");
        if self.0.is_cut(self.1) {
            std::future::pending::<()>().await;
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        self.0.lines.lock().unwrap().push((self.1, sender));
        Ok(PaperLine(Arc::clone(&self.0), self.1, receiver))
    }
}

impl Line for PaperLine {
    async fn send(&mut self, message: Bytes) -> anyhow::Result<()> {
        let Self(world, from, _) = self;
        let panics = world.panic.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        assert!(!panics, "as the test wants");
        let is_lost = world.lose.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        if is_lost || world.is_muted(*from) {
            return Ok(());
        }
        let times = if world.repeats.load(Ordering::Relaxed) { 2 } else { 1 };
        for (to, line) in world.lines.lock().unwrap().iter().filter(|(to, _)| !world.is_cut(*to)) {
            for _ in 0..times {
                let _ = (to, line.send(message.clone()));
            }
        }
        Ok(())
    }

    async fn receive(&mut self) -> Option<Bytes> {
        self.2.recv().await
    }
}

#[derive(Clone, Debug)]
struct TestServer(Arc<World>, Arc<Mutex<Vec<(BucketId, u16)>>>, Arc<Mutex<Vec<Presence>>>);

/// What a server was told about presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Fact(Uuid, PresenceFact),
    News(PeerNews),
}

impl super::Server for TestServer {
    async fn versions(&self, kind: TopicKind, keys: &[Uuid]) -> anyhow::Result<Vec<(Uuid, i64)>> {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
        let panics = self
            .0
            .panic_statements
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok();
        assert!(!panics, "as the test wants");
        let versions = self.0.versions.lock().unwrap();
        Ok(keys.iter().filter_map(|key| versions.get(&kind.of(*key)).map(|version| (*key, *version))).collect())
    }

    async fn marks(&self, accounts: &[Uuid]) -> anyhow::Result<Vec<(Uuid, i64)>> {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
        let marks = self.0.marks.lock().unwrap();
        Ok(accounts.iter().filter_map(|id| marks.get(&AccountId(*id)).map(|mark| (*id, *mark))).collect())
    }

    fn taken_elsewhere(&self, token: BucketId, count: u16) {
        self.1.lock().unwrap().push((token, count));
    }

    fn present_elsewhere(&self, from: Uuid, fact: PresenceFact) {
        self.2.lock().unwrap().push(Presence::Fact(from, fact));
    }

    fn peer_news(&self, news: PeerNews) {
        self.2.lock().unwrap().push(Presence::News(news));
    }
}

struct RunningServer {
    index: usize,
    bus: Bus,
    server: TestServer,
    stop: CancellationToken,
    tasks: TaskTracker,
    supervisor: Supervisor,
}

impl RunningServer {
    fn starts(world: &Arc<World>, index: usize) -> Self {
        let bus = Bus::shared(&Metrics::new("deskbell"));
        let server = TestServer(Arc::clone(world), Arc::default(), Arc::default());
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let metrics = Metrics::new("deskbell");
        let supervisor = Supervisor::new(&metrics);
        let brokers = Arc::clone(world);
        join_over(move || PaperBroker(Arc::clone(&brokers), index), &bus, server.clone(), &supervisor, &tasks, &stop);
        Self { index, bus, server, stop, tasks, supervisor }
    }

    fn status(&self) -> &Status {
        self.bus.status().expect("shared")
    }

    async fn says_goodbye(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Starts servers that receive each other's messages.
async fn servers<const N: usize>() -> (Arc<World>, [RunningServer; N]) {
    let world = Arc::<World>::default();
    let servers = std::array::from_fn(|index| RunningServer::starts(&world, index));
    settled().await;
    for server in &servers {
        assert!(server.status().connected());
        assert_eq!(server.status().peers(), i64::try_from(N).expect("few") - 1);
    }
    (world, servers)
}

/// Waits until the effects of everything before have passed.
async fn settled() {
    tokio::time::sleep(2 * PROMISED).await;
}

async fn hears(listener: &mut Listener, what: &Event) {
    hears_within(PROMISED, listener, what).await;
}

/// Waits less time than a round takes to start.
async fn hears_at_once(listener: &mut Listener, what: &Event) {
    hears_within(Duration::from_millis(100), listener, what).await;
}

async fn hears_within(time: Duration, listener: &mut Listener, what: &Event) {
    let Event::Changed { version, .. } = what else { panic!("{what:?}") };
    let heard = async { while listener.next().await != Delivery::Version(*version) {} };
    timeout(time, heard).await.unwrap_or_else(|_| panic!("{what:?} was not received within {time:?}"));
}

async fn looks_again(listener: &mut Listener) {
    let lagged = async { while listener.next().await != Delivery::Lagged {} };
    timeout(PROMISED, lagged).await.expect("it should have received Lagged");
}

/// Connects a foreign writer to the bus. Returns its connection, and the id and last number of a
/// server as read there.
async fn writer(world: &Arc<World>, server: &RunningServer) -> (PaperLine, Uuid, u64) {
    let mut line = PaperBroker(Arc::clone(world), 9).connect().await.expect("a line");
    server.bus.publish(Topic::Account(AccountId::new()).at(2));
    loop {
        let Message { from, number, facts, .. } =
            Message::decode(&line.receive().await.expect("a message")).expect("ours").message;
        if !facts.is_empty() {
            return (line, from, number);
        }
    }
}

async fn forge(line: &mut PaperLine, from: Uuid, number: u64, facts: Vec<Fact>) {
    line.send(Message { from, number, counts_versions: true, facts }.encode().into()).await.expect("sent");
}

//! Tests of several servers and an in-memory broker that can lose, repeat, delay and cut off
//! messages.

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
struct TestServer(Arc<World>, Arc<Mutex<Vec<(BucketId, u16)>>>);

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
        let server = TestServer(Arc::clone(world), Arc::default());
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

#[tokio::test(start_paused = true)]
async fn what_one_server_says_all_others_hear_once() {
    let (world, [a, b, c]) = servers().await;
    world.repeats.store(true, Ordering::Relaxed);
    let session = Topic::Session(SessionId::new());
    let [mut at_a, mut at_b, mut at_c] = [&a, &b, &c].map(|server| server.bus.listen(session));

    let ended = session.gone();
    a.bus.publish(ended.clone());

    assert_eq!(at_a.next().now_or_never(), Some(Delivery::Version(GONE)), "local subscribers receive it at once");
    for listener in [&mut at_b, &mut at_c] {
        hears(listener, &ended).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    for listener in [&mut at_a, &mut at_b, &mut at_c] {
        assert!(listener.next().now_or_never().is_none(), "it is delivered once");
    }
    let token = BucketId { attempt: 0, bucket: 1, key: 7 };
    a.bus.took(token);
    settled().await;
    assert_eq!(*b.server.1.lock().unwrap(), [(token, 1)]);
    assert_eq!(*a.server.1.lock().unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_lost_is_noticed() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Availability(account_id));
    let changed = Topic::Availability(account_id).at(2);

    world.db_changes(Topic::Availability(account_id), 2);
    world.lose.store(1, Ordering::Relaxed);
    a.bus.publish(changed.clone());

    hears(&mut listener, &changed).await;
    assert_eq!(b.status().gaps.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_killed_between_its_commit_and_the_word_of_it_is_noticed() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Availability(account_id));

    world.db_changes(Topic::Availability(account_id), 2);
    world.cuts(&a);
    hears(&mut listener, &Topic::Availability(account_id).at(2)).await;

    // The server may only be cut off, so its further changes must be found as well.
    settled().await;
    world.db_changes(Topic::Availability(account_id), 3);
    hears(&mut listener, &Topic::Availability(account_id).at(3)).await;
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_worries_nobody() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Account(account_id));
    let changed = Topic::Account(account_id).at(2);
    let statements = world.statements.load(Ordering::Relaxed);

    a.bus.publish(changed.clone());
    a.says_goodbye().await;

    hears(&mut listener, &changed).await;
    settled().await;
    assert_eq!(b.status().gaps.get(), 0);
    assert_eq!(b.status().peers(), 0);
    assert_eq!(world.statements.load(Ordering::Relaxed), statements);
    let started = RunningServer::starts(&world, 2);
    settled().await;
    assert!(started.status().connected());
    assert_eq!(b.status().gaps.get(), 0, "a new server has sent no earlier messages");
}

#[tokio::test(start_paused = true)]
async fn while_the_broker_is_away_the_database_is_asked_and_then_all_is_as_before() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let (mut public, mut private) =
        (b.bus.listen(Topic::Availability(account_id)), b.bus.listen(Topic::Account(account_id)));

    world.goes_down();
    settled().await;
    assert!(!a.status().connected() && !b.status().connected());
    world.db_changes(Topic::Availability(account_id), 2);
    world.db_changes(Topic::Account(account_id), 7);
    a.bus.publish(Topic::Availability(account_id).at(2));
    hears(&mut public, &Topic::Availability(account_id).at(2)).await;
    hears(&mut private, &Topic::Account(account_id).at(7)).await;
    settled().await;
    private.catch_up();
    let statements = world.statements.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(private.next().now_or_never().is_none(), "nothing has changed");
    let statements = world.statements.load(Ordering::Relaxed) - statements;
    assert!((15..=25).contains(&statements), "two a second, and the other server has no subscribers: {statements}");

    world.comes_back();
    settled().await;
    assert!(a.status().connected() && b.status().connected());
    let changed = Topic::Account(account_id).at(8);
    a.bus.publish(changed.clone());
    hears(&mut private, &changed).await;
}

#[tokio::test(start_paused = true)]
async fn a_line_that_looks_fine_and_carries_nothing_is_given_up() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Availability(account_id));

    world.cuts(&b);
    tokio::time::sleep(PROMISED).await;
    assert!(!b.status().connected() && a.status().connected());
    world.db_changes(Topic::Availability(account_id), 2);
    a.bus.publish(Topic::Availability(account_id).at(2));
    hears(&mut listener, &Topic::Availability(account_id).at(2)).await;

    world.heals();
    tokio::time::sleep(PROMISED).await;
    assert!(b.status().connected());
    assert_eq!(a.status().peers(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_went_into_a_line_that_broke_is_noticed() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Availability(account_id));

    // Only one of two connections breaks, and the last message is lost with it. The server
    // reconnects before its peer notices the silence.
    world.db_changes(Topic::Availability(account_id), 2);
    world.lose.store(1, Ordering::Relaxed);
    a.bus.publish(Topic::Availability(account_id).at(2));
    tokio::task::yield_now().await;
    world.lines.lock().unwrap().retain(|(index, _)| *index != a.index);

    hears(&mut listener, &Topic::Availability(account_id).at(2)).await;
    settled().await;
    assert!(a.status().connected() && b.status().connected());
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

#[tokio::test(start_paused = true)]
async fn a_writer_to_the_bus_who_takes_a_number_first_delays_nothing() {
    let (world, [a, b]) = servers().await;
    let (account_id, session) = (AccountId::new(), Topic::Session(SessionId::new()));
    let (mut private, mut public) = (b.bus.listen(session), b.bus.listen(Topic::Availability(account_id)));
    let (mut line, from, number) = writer(&world, &a).await;
    let statements = || world.statements.load(Ordering::Relaxed);

    // Forges every number before the server uses it.
    for ahead in 1..500 {
        forge(&mut line, from, number + ahead, Vec::new()).await;
    }
    let (gaps, looked) = (b.status().gaps.get(), statements());
    let ended = session.gone();
    a.bus.publish(ended.clone());
    hears_at_once(&mut private, &ended).await;
    world.db_changes(Topic::Availability(account_id), 2);
    let changed = Topic::Availability(account_id).at(2);
    a.bus.publish(changed.clone());
    hears_at_once(&mut public, &changed).await;
    settled().await;
    assert!(b.status().gaps.get() > gaps && statements() > looked, "the subscribed accounts were compared");

    // A thousand requests within a second result in four rounds at most.
    let looked = statements();
    for back in 0..1_000 {
        forge(&mut line, from, number + 2_000 - back, vec![Fact::LookAgain(Some(AccountId::new()))]).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let looked = statements() - looked;
    assert!((2..=2 * 6).contains(&looked), "two statements a round: {looked}");
}

#[tokio::test(start_paused = true)]
async fn what_comes_under_a_number_that_was_there_counts_no_attempt_and_no_goodbye() {
    let (world, [a, b]) = servers().await;
    let (mut line, from, number) = writer(&world, &a).await;
    let token = BucketId { attempt: 0, bucket: 1, key: 7 };
    forge(&mut line, from, number, vec![Fact::Taken(token, 3), Fact::Leaving]).await;
    settled().await;
    for server in [&a, &b] {
        assert_eq!(*server.server.1.lock().unwrap(), [], "of {}", server.index);
        assert_eq!(server.status().peers(), 1, "of {}", server.index);
    }

    // Sent between two heartbeats, after which there are none.
    tokio::time::sleep(BEAT / 2).await;
    forge(&mut line, from, number, vec![Fact::Leaving]).await;
    world.cuts(&a);
    tokio::time::sleep(BEAT / 4).await;
    let gaps = b.status().gaps.get();
    settled().await;
    assert_eq!(b.status().gaps.get(), gaps + 1, "its silence is detected");
}

#[tokio::test(start_paused = true)]
async fn a_forged_echo_is_no_sign_that_the_line_works() {
    let (world, [a, b]) = servers().await;
    let (mut line, from, number) = writer(&world, &b).await;
    // The server's messages are no longer delivered, and the writer forges their echoes.
    world.muted.lock().unwrap().push(b.index);
    for ahead in 1..20 {
        forge(&mut line, from, number + ahead, Vec::new()).await;
        tokio::time::sleep(BEAT / 2).await;
    }
    assert!(!b.status().connected());
    assert!(a.status().connected());
}

#[tokio::test(start_paused = true)]
async fn a_link_or_a_round_that_panics_is_restarted_and_loses_nothing() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let mut listener = b.bus.listen(Topic::Availability(account_id));

    // The message is taken out of the queue, and lost with its task.
    world.db_changes(Topic::Availability(account_id), 2);
    world.panic.store(1, Ordering::Relaxed);
    a.bus.publish(Topic::Availability(account_id).at(2));
    hears(&mut listener, &Topic::Availability(account_id).at(2)).await;
    settled().await;
    assert!(a.status().connected() && b.status().connected());
    assert_eq!((a.status().peers(), b.status().peers()), (1, 1));
    assert_eq!(a.status().gaps.get(), 1, "messages in the meantime were missed");
    let [remark] = &a.supervisor.remarks()[..] else { panic!("{:?}", a.supervisor.remarks()) };
    assert!(remark.starts_with("task bus: restarted 1 time, last "), "{remark}");

    // Waits until no other cause requests rounds.
    tokio::time::sleep(Duration::from_secs(65)).await;
    world.db_changes(Topic::Availability(account_id), 3);
    world.panic_statements.store(1, Ordering::Relaxed);
    b.status().missed();
    hears(&mut listener, &Topic::Availability(account_id).at(3)).await;
    let remarks = b.supervisor.remarks();
    assert!(remarks.iter().any(|remark| remark.starts_with("task rounds: restarted 1 time, last ")), "{remarks:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_starts_without_its_broker() {
    let world = Arc::<World>::default();
    world.goes_down();
    let server = RunningServer::starts(&world, 0);
    let account_id = AccountId::new();
    let mut listener = server.bus.listen(Topic::Availability(account_id));
    world.db_changes(Topic::Availability(account_id), 5);
    hears(&mut listener, &Topic::Availability(account_id).at(5)).await;
    world.comes_back();
    tokio::time::sleep(PROMISED).await;
    assert!(server.status().connected());
}

#[tokio::test(start_paused = true)]
async fn many_accounts_are_looked_at_with_few_statements() {
    let world = Arc::<World>::default();
    world.goes_down();
    let server = RunningServer::starts(&world, 0);
    let listeners: Vec<_> = (0..10_000)
        .map(|_| {
            let account_id = AccountId::new();
            world.db_changes(Topic::Availability(account_id), 1);
            server.bus.listen(Topic::Availability(account_id))
        })
        .collect();
    settled().await;
    world.statements.store(0, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let statements = world.statements.load(Ordering::Relaxed);
    assert!((80..=110).contains(&statements), "ten a second: {statements}");
    drop(listeners);
}

#[tokio::test(start_paused = true)]
async fn a_command_tells_what_it_did_and_leaves_no_trace() {
    let (world, [a]) = servers().await;
    let session = Topic::Session(SessionId::new());
    let mut listener = a.bus.listen(session);
    let bus = Bus::shared(&Metrics::new("deskbell"));
    let ended = session.gone();
    bus.publish(ended.clone());
    let link = |bus: &Bus| {
        let status = Arc::clone(bus.status().expect("shared"));
        Link::new(
            PaperBroker(Arc::clone(&world), 1),
            bus.clone(),
            status,
            Arc::new(TestServer(Arc::clone(&world), Arc::default())),
        )
    };
    link(&bus).tell_once().await.expect("told");
    hears(&mut listener, &ended).await;
    settled().await;
    assert_eq!((a.status().peers(), a.status().gaps.get()), (0, 0));

    world.goes_down();
    link(&bus).tell_once().await.expect_err("there is no broker");
}

#[tokio::test(start_paused = true)]
async fn garbage_is_counted_and_nothing_else() {
    let (world, [a]) = servers().await;
    let mut line = PaperBroker(Arc::clone(&world), 9).connect().await.expect("a line");
    for garbage in [&b""[..], b"\x01", b"hello, is this the right subject?", &[0xff; 300]] {
        line.send(Bytes::copy_from_slice(garbage)).await.expect("sent");
    }
    settled().await;
    assert_eq!(a.status().ignored.get(), 4);
    assert_eq!((a.status().gaps.get(), a.status().peers()), (0, 0));
    assert!(a.status().connected());
}

/// A server of the previous version: its messages do not say that it counts versions.
struct PreviousServer {
    line: PaperLine,
    id: Uuid,
    number: u64,
}

impl PreviousServer {
    async fn starts(world: &Arc<World>) -> Self {
        let line = PaperBroker(Arc::clone(world), 9).connect().await.expect("a line");
        Self { line, id: Uuid::new_v4(), number: 0 }
    }

    async fn says(&mut self, facts: Vec<Fact>) {
        self.number += 1;
        let message = Message { from: self.id, number: self.number, counts_versions: false, facts };
        self.line.send(message.encode().into()).await.expect("sent");
    }

    async fn beats_for(&mut self, time: Duration) {
        for _ in 0..time.as_millis() / BEAT.as_millis() {
            self.says(Vec::new()).await;
            tokio::time::sleep(BEAT).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_server_of_the_previous_version_says_is_heard() {
    let (world, [a]) = servers().await;
    let (account_id, operator_id) = (AccountId::new(), OperatorId::new());
    let (mut private, mut public) =
        (a.bus.listen(Topic::Account(account_id)), a.bus.listen(Topic::Availability(account_id)));
    let [one, other] = [SessionId::new(), SessionId::new()];
    let mut sessions = [one, other].map(|id| a.bus.listen(Topic::Session(id)));
    world.db_changes(Topic::Session(one), 1);
    world.db_changes(Topic::Session(other), 1);
    let mut previous = PreviousServer::starts(&world).await;
    previous.says(Vec::new()).await;
    settled().await;

    let said = |fact| vec![Fact::Previous(fact)];
    previous.says(said(Previous::OperatorChanged { account_id, operator_id })).await;
    looks_again(&mut private).await;
    previous.says(said(Previous::AccountChanged { account_id })).await;
    looks_again(&mut private).await;
    previous.says(said(Previous::AvailabilityChanged { account_id, version: 9 })).await;
    hears_at_once(&mut public, &Topic::Availability(account_id).at(9)).await;
    previous.says(vec![Fact::LookAgain(Some(account_id))]).await;
    looks_again(&mut public).await;
    previous.says(said(Previous::SessionEnded { account_id, session_id: one })).await;
    hears_at_once(&mut sessions[0], &Topic::Session(one).gone()).await;
    settled().await;
    // Which sessions these are is in the database only.
    world.versions.lock().unwrap().remove(&Topic::Session(other));
    previous.says(said(Previous::SessionsEnded { account_id, operator_id, except: None })).await;
    hears(&mut sessions[1], &Topic::Session(other).gone()).await;

    // A server of this version sends both.
    settled().await;
    private.catch_up();
    let both =
        vec![Fact::Changed(Topic::Account(account_id), 5), Fact::Previous(Previous::AccountChanged { account_id })];
    forge(&mut previous.line, Uuid::new_v4(), 1, both).await;
    hears_at_once(&mut private, &Topic::Account(account_id).at(5)).await;
    assert_eq!(private.next().now_or_never(), None);
}

#[tokio::test(start_paused = true)]
async fn marks_are_compared_while_a_server_of_the_previous_version_is_heard() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let account = Topic::Account(account_id);
    world.db_changes(account, 4);
    world.marks.lock().unwrap().insert(account_id, -1);
    let mut listener = a.bus.listen(account);
    let heard = async |listener: &mut Listener| {
        settled().await;
        let heard = listener.next().now_or_never();
        listener.catch_up();
        heard
    };
    a.status().missed();
    assert_eq!(heard(&mut listener).await, Some(Delivery::Version(4)));
    // No server of the previous version is there.
    world.marks.lock().unwrap().insert(account_id, -2);
    a.status().missed();
    assert_eq!(heard(&mut listener).await, None);

    let mut previous = PreviousServer::starts(&world).await;
    let (looks, ()) = tokio::join!(looks_again(&mut listener), previous.beats_for(2 * PROMISED));
    let () = looks;
    listener.catch_up();
    // It changes something, and its message is lost.
    world.marks.lock().unwrap().insert(account_id, -3);
    previous.number += 1;
    tokio::join!(looks_again(&mut listener), previous.beats_for(2 * PROMISED));
    listener.catch_up();
    // It is cut off, and changes something.
    settled().await;
    listener.catch_up();
    world.marks.lock().unwrap().insert(account_id, -4);
    looks_again(&mut listener).await;

    // A minute later, versions are enough.
    tokio::time::sleep(Duration::from_secs(65)).await;
    a.status().missed();
    let _ = heard(&mut listener).await;
    world.marks.lock().unwrap().insert(account_id, -5);
    a.status().missed();
    assert_eq!(heard(&mut listener).await, None);
    world.db_changes(account, 5);
    a.status().missed();
    assert_eq!(heard(&mut listener).await, Some(Delivery::Version(5)));
    assert!(b.status().connected());
}

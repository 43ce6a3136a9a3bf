//! Visitors and operators write to each other while servers, broker, database and connections fail;
//! then the whole history is checked.
//!
//! Every client keeps what it sent, what was acknowledged, and a log of what it received
//! ([`replica`]). At the end these are compared with the database ([`judge`], [`history`]). A seed
//! determines what clients do and when something fails; the order in which threads and processes
//! get to it differs in each run.

mod desk;
mod history;
mod judge;
mod replica;
mod send;
mod trouble;
mod verdict;
mod visitor;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    str::FromStr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::Value;

use self::{
    desk::Desk,
    history::Archive,
    judge::{check, settle},
    send::{Caller, End, Sent},
    trouble::{SERVERS, Setting},
    verdict::{Fault, Verdict},
    visitor::Life,
};
use crate::{
    clock::now,
    line::Gone,
    place::{Account, global_id},
    random::Random,
    scenario::Bench,
};

/// After the last fault, both sides are right within this time. A debug build has more.
const RIGHT_WITHIN: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 5 });
/// A client that got no answer repeats for so long after everything is whole.
const GIVE_UP: Duration = Duration::from_secs(30);
/// Nothing changes any more if nothing has changed for this time.
const QUIET: Duration = Duration::from_millis(1_500);
const PROGRESS_EVERY: Duration = Duration::from_secs(30);

/// An error that clients make on purpose, to show that it is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inject {
    #[default]
    Nothing,
    /// A send without an answer is repeated under a new id: doubled.
    NewId,
    /// A send without an answer counts as sent: lost.
    NoRepeat,
    /// Clients subscribe with their first cursor, not with their last: doubled.
    OldCursor,
    /// Clients throw some items away, and keep their cursors: disordered.
    Skip,
    /// Visitors follow with tokens of other visitors: foreign.
    WrongToken,
}

impl FromStr for Inject {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        Ok(match name {
            "new-id" => Self::NewId,
            "no-repeat" => Self::NoRepeat,
            "old-cursor" => Self::OldCursor,
            "skip" => Self::Skip,
            "wrong-token" => Self::WrongToken,
            _ => anyhow::bail!("--inject is one of new-id, no-repeat, old-cursor, skip, wrong-token"),
        })
    }
}

/// A counter of all threads.
#[derive(Debug, Default)]
pub struct Count(AtomicUsize);

impl Count {
    /// Returns the value before.
    pub fn add(&self, more: usize) -> usize {
        self.0.fetch_add(more, Ordering::Relaxed)
    }

    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Keeps the greatest number of seconds.
    pub fn longest(&self, since: Duration) {
        let seconds = now().saturating_sub(since).as_secs();
        self.0.fetch_max(usize::try_from(seconds).unwrap_or(usize::MAX), Ordering::Relaxed);
    }
}

/// What happened, for the table.
#[derive(Debug, Default)]
pub struct Counts {
    pub visitors: Count,
    pub repeats: Count,
    pub cuts: Count,
    pub items: Count,
    pub resumes: Count,
    pub kills: Count,
    pub broker_kills: Count,
    pub path_cuts: Count,
    pub database_kills: Count,
    /// Seconds of the slowest start.
    pub server_start: Count,
    pub database_start: Count,
    /// Why subscriptions ended.
    gone: Mutex<BTreeMap<String, usize>>,
}

impl Counts {
    fn note_gone(&self, why: &str) {
        let line = why.lines().next().unwrap_or_default();
        *locked(&self.gone).entry(line.chars().take(100).collect()).or_default() += 1;
    }
}

/// A lock that a thread that panics leaves as it is: its panic ends the run anyway.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What all clients share.
#[derive(Debug)]
pub struct World {
    servers: [SocketAddr; SERVERS],
    accounts: Vec<Account>,
    /// The ids of each account's operators.
    operators: Vec<Vec<String>>,
    pub inject: Inject,
    pub counts: Counts,
    is_stopped: AtomicBool,
    is_over: AtomicBool,
    /// When everything that had failed was whole again, after the world had stopped.
    whole_at: Mutex<Option<Duration>>,
    verdict: Mutex<Verdict>,
    sent: Mutex<Vec<Sent>>,
    lives: Mutex<Vec<Arc<Life>>>,
}

impl World {
    fn new(setting: &Setting, inject: Inject) -> Self {
        let ids = |account: &Account| account.operators.iter().map(|id| global_id(*id)).collect();
        Self {
            servers: setting.addresses(),
            operators: setting.accounts.iter().map(ids).collect(),
            accounts: setting.accounts.clone(),
            inject,
            counts: Counts::default(),
            is_stopped: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            whole_at: Mutex::new(None),
            verdict: Mutex::default(),
            sent: Mutex::default(),
            lives: Mutex::default(),
        }
    }

    /// Nothing fails any more, and no client begins anything.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::SeqCst)
    }

    /// Everything was compared: followers end.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
    }

    /// When a client no longer repeats a send.
    fn gives_up(&self) -> Duration {
        locked(&self.whole_at).map_or(Duration::MAX, |at| at + GIVE_UP)
    }

    /// Waits. False once the world has stopped.
    pub fn pause(&self, time: Duration) -> bool {
        let until = now() + time;
        while !self.is_stopped() && now() < until {
            thread::sleep(until.saturating_sub(now()).min(Duration::from_millis(50)));
        }
        !self.is_stopped()
    }

    pub fn server(&self, random: &mut Random) -> SocketAddr {
        self.servers[random.below(SERVERS)]
    }

    pub fn widget_key(&self, account: usize) -> &str {
        &self.accounts[account].widget_key
    }

    /// The ids of an account's operators.
    pub fn operators(&self, account: usize) -> &[String] {
        &self.operators[account]
    }

    pub fn verdict(&self) -> MutexGuard<'_, Verdict> {
        locked(&self.verdict)
    }

    pub fn found(&self, fault: Fault, why: impl FnOnce() -> String) {
        self.verdict().found(fault, why);
    }

    fn note_sent(&self, sent: Sent) {
        locked(&self.sent).push(sent);
    }

    fn begun(&self, life: Arc<Life>) {
        locked(&self.lives).push(life);
    }

    /// The token of any visitor of an account.
    pub fn any_token(&self, account: usize, random: &mut Random) -> Option<String> {
        let lives = locked(&self.lives);
        let lives: Vec<_> = lives.iter().filter(|life| life.account == account).collect();
        random.pick(&lives).map(|life| life.caller.token.clone())
    }

    /// The field of an item of a subscription.
    pub fn item<'a>(&self, payload: &'a Value, field: &str) -> Result<&'a Value, Gone> {
        let item = &payload["data"][field];
        if payload.get("errors").is_some() || item.is_null() { Err(self.failed(payload)) } else { Ok(item) }
    }

    /// An error instead of an item. Servers that lose their database may have one.
    pub fn failed(&self, payload: &Value) -> Gone {
        let text = payload.to_string();
        if !text.contains("INTERNAL_SERVER_ERROR") {
            self.found(Fault::Broken, || format!("a subscription failed: {text}"));
        }
        Gone(text)
    }

    /// Prints what happened so far, on one line.
    fn progress(&self, began: Duration) {
        let counts = &self.counts;
        println!(
            "   {:>5} s {:>7} sends {:>6} repeats {:>8} items {:>5} kills {:>4} faults",
            now().saturating_sub(began).as_secs(),
            locked(&self.sent).len(),
            counts.repeats.get(),
            counts.items.get(),
            counts.kills.get() + counts.broker_kills.get() + counts.database_kills.get(),
            self.verdict().total()
        );
    }
}

/// How many clients there are.
#[derive(Clone, Copy, Debug)]
struct Load {
    visitors: usize,
    accounts: usize,
    operators: usize,
    time: Duration,
}

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let minutes = bench.minutes.unwrap_or(if bench.quick { 1.0 } else { 10.0 });
    let time = Duration::from_secs_f64(60.0 * minutes);
    let load = if bench.quick {
        Load { visitors: 10, accounts: 2, operators: 3, time }
    } else {
        Load { visitors: 30, accounts: 3, operators: 4, time }
    };
    let seed = bench.seed.unwrap_or_else(|| u64::try_from(now().as_nanos() & 0xffff_ffff).expect("32 bits"));
    println!(
        "\n== torture: {} visitors and {} operators of {} accounts, {SERVERS} servers, PostgreSQL and NATS, \
         {minutes} minutes, --seed {seed}",
        load.visitors,
        load.accounts * load.operators,
        load.accounts
    );
    let setting = Setting::start(&bench.deskbell, load.accounts, load.operators)?;
    let world = World::new(&setting, bench.inject);
    let archive = Archive::open(&setting.database_url)?;
    let settled = play(&world, &setting, &archive, load, seed)?;
    report(&world, settled);
    let faults = world.verdict().total();
    anyhow::ensure!(faults == 0, "{faults} faults; repeat with --seed {seed}");
    Ok(())
}

/// Runs all clients and all faults, then checks. Returns how long it took until all clients were
/// right.
fn play(world: &World, setting: &Setting, archive: &Archive, load: Load, seed: u64) -> anyhow::Result<Duration> {
    let mut random = Random::new(seed);
    let tokens = setting.sign_in_operators()?;
    let desks: Vec<_> = tokens
        .into_iter()
        .enumerate()
        .flat_map(|(account, tokens)| {
            tokens.into_iter().enumerate().map(move |(number, token)| (account, number, token))
        })
        .map(|(account, number, token)| Desk {
            account,
            number,
            id: world.operators(account)[number].clone(),
            caller: Caller { token, nth: 32 + account * load.operators + number },
            known: Mutex::default(),
            marks: Mutex::default(),
        })
        .collect();
    thread::scope(|scope| {
        let _curtain = Curtain { world, setting };
        let (mut actors, began) = (Vec::new(), now());
        for nth in 0..load.visitors {
            let numbers = random.fork();
            actors.push(scope.spawn(move || visitor::act(world, scope, numbers, nth)));
        }
        for desk in &desks {
            let (numbers, follows) = (random.fork(), random.fork());
            actors.push(scope.spawn(move || desk::act(world, desk, numbers)));
            scope.spawn(move || desk::follow(world, desk, follows));
        }
        let troubles = setting.trouble(world, scope, &mut random);
        while now() < began + load.time {
            world.pause(PROGRESS_EVERY.min((began + load.time).saturating_sub(now())));
            world.progress(began);
        }
        world.stop();
        // Everything that was broken is whole again.
        for trouble in troubles {
            trouble.wait()?;
        }
        *locked(&world.whole_at) = Some(now());
        for actor in actors {
            actor.join().map_err(|_| anyhow::anyhow!("a client panicked"))?;
        }
        let settled = settle(world, &desks, archive, &mut random);
        check(world, &desks, archive, &mut random)?;
        setting.count_panics(world);
        settled
    })
}

/// Ends all threads when it is dropped, also after an error.
#[derive(Debug)]
struct Curtain<'a> {
    world: &'a World,
    setting: &'a Setting,
}

impl Drop for Curtain<'_> {
    fn drop(&mut self) {
        self.world.stop();
        locked(&self.world.whole_at).get_or_insert_with(now);
        self.world.is_over.store(true, Ordering::SeqCst);
        self.setting.finish();
    }
}

fn report(world: &World, settled: Duration) {
    let counts = &world.counts;
    let sent = locked(&world.sent);
    let ends = |wanted: fn(&End) -> bool| sent.iter().filter(|sent| wanted(&sent.end)).count();
    println!(
        "   failures    {} servers and {} times the broker killed, {} times the database; {} times a server cut from \
         the broker; {} connections of clients cut",
        counts.kills.get(),
        counts.broker_kills.get(),
        counts.database_kills.get(),
        counts.path_cuts.get(),
        counts.cuts.get()
    );
    println!(
        "   slowest     start of a server {} s, of the database {} s",
        counts.server_start.get(),
        counts.database_start.get()
    );
    println!(
        "   sends       {} acknowledged, {} refused, {} unanswered; {} repeats of those without an answer",
        ends(|end| matches!(end, End::Acknowledged { .. })),
        ends(|end| matches!(end, End::Refused(_))),
        ends(|end| matches!(end, End::Unanswered)),
        counts.repeats.get()
    );
    println!(
        "   deliveries  {} items to {} visitors and {} operators; {} subscriptions continued from a cursor",
        counts.items.get(),
        counts.visitors.get(),
        world.operators.iter().map(Vec::len).sum::<usize>(),
        counts.resumes.get()
    );
    println!("   all right   {:.1} s after the last change, of {} s", settled.as_secs_f64(), RIGHT_WITHIN.as_secs());
    print!("{}", world.verdict());
    if world.verdict().total() > 0 {
        println!("   why subscriptions ended:");
        for (why, count) in locked(&counts.gone).iter() {
            println!("   {count:>6} {why}");
        }
    }
}

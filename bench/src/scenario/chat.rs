//! Conversations next to idle widgets: how long a message takes to the other side, and its cost.

use std::{collections::HashMap, fs::File, io::Write as _, path::Path, time::Duration};

use super::Bench;
use crate::{
    chat::{self, Chat, Ears, Posted, Side, Wants},
    chat_sql::Statements,
    clock::{Schedule, now},
    leftovers,
    numbers::{median_ms, ms, percentile, real, us},
    place::Wanted,
    process,
    report::{Report, Target},
    rig::Rig,
    server::Kind,
};

const WIDGETS: usize = 18_000;
pub(super) const CONVERSATIONS: usize = 200;
pub(super) const PER_SECOND: u32 = 100;
const SECONDS: u32 = 30;
/// Operators who answer: each follows 17 conversations, and may follow 20 documents.
pub(super) const ANSWERING: usize = 12;
const SENDERS: usize = 64;
const LOOP: Duration = Duration::from_secs(4);
/// Messages of each side, one after another, next to the bare loop.
const ALONE: usize = 200;
const READS: usize = 60;
const FOLLOWERS: [usize; 3] = [0, 1, 20];
/// How long to wait for the last frame.
pub(super) const LAST: Duration = Duration::from_secs(3);

#[derive(Debug, Default)]
struct Figures {
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
    answer_p99_ms: Vec<f64>,
    missing: Vec<f64>,
    repeated: Vec<f64>,
    followed_us: Vec<f64>,
    alone_us: Vec<f64>,
    bare_us: Vec<f64>,
    bare_read_us: Vec<f64>,
    statements: Vec<f64>,
    reads: [Vec<f64>; 2],
    operators: Vec<f64>,
    visitors: Vec<f64>,
    bare: Vec<f64>,
    fsync_us: Vec<f64>,
}

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let widgets = bench.size(WIDGETS);
    Report::heading(&format!(
        "chat: {CONVERSATIONS} conversations, {PER_SECOND} messages per second in all, next to {widgets} idle widgets"
    ));
    let mut figures = Figures::default();
    for _ in 0..bench.runs {
        let mut setup = bench.setup(Kind::Deskbell);
        setup.accounts = vec![Wanted { active: ANSWERING + SENDERS, inactive: 0 }];
        let mut rig = Rig::start(&setup)?;
        measure(&mut rig, widgets, bench.seconds(SECONDS), bench.times(ALONE), &mut figures)?;
        bench.finish(rig)?;
    }
    print(&mut bench.report, &figures);
    Ok(())
}

fn measure(rig: &mut Rig, widgets: usize, seconds: u32, alone: usize, figures: &mut Figures) -> anyhow::Result<()> {
    let (server, key) = (rig.server.address, rig.accounts[0].widget_key.clone());
    let operators = rig.sign_in_operators(0)?;
    let (answering, sending) = operators.split_at(ANSWERING);
    let chats = chat::begin(server, &key, answering, 0..CONVERSATIONS)?;
    rig.warm_up()?;
    rig.crowd.join(widgets, true, |_| 0)?;

    // Each operator joins.
    talk(rig, &chats, 0, 4)?;
    let ears = Ears::open(server, &pages(&chats))?;
    rig.rest(Duration::from_secs(1))?;
    let (cpu, first) = (rig.server.cpu()?, 10 * CONVERSATIONS);
    let posted = talk(rig, &chats, first, seconds)?;
    let cpu = rig.server.cpu_since(cpu)?;
    rig.rest(LAST)?;
    figures.followed_us.push(us(cpu) / real(posted.len()));
    note_latencies(&posted, &ears, figures);
    ears.close()?;
    let everyone = rig.crowd.live();
    rig.crowd.leave(everyone);

    let bare = chat::begin(server, &key, &operators[..1], CONVERSATIONS..CONVERSATIONS + 1)?.remove(0);
    // The operator joins.
    bare.send(&mut bare.asker(server, Side::Operator, 0), Side::Operator, 0)?;
    let url = rig.database_url().expect("Deskbell has a database");
    let mut statements = Statements::open(url, &bare)?;
    one_by_one(rig, &chats[0], &mut statements, alone, figures)?;
    reads(rig, &chats[1], answering, figures)?;

    for (side, rates) in [(Side::Operator, &mut figures.operators), (Side::Visitor, &mut figures.visitors)] {
        let begin = 2 * CONVERSATIONS + if side == Side::Visitor { SENDERS } else { 0 };
        let chats = chat::begin(server, &key, sending, begin..begin + SENDERS)?;
        rates.push(chat::send_in_loops(server, &chats, side, LOOP, 0)?);
    }
    figures.bare.push(statements.in_a_loop(LOOP)?);
    figures.fsync_us.push(fsync(leftovers::folder()?.path())?);
    Ok(())
}

/// Sends for some seconds, while the widgets are read.
fn talk(rig: &mut Rig, chats: &[Chat], first: usize, seconds: u32) -> anyhow::Result<Vec<Posted>> {
    let schedule = Schedule::new(now() + Duration::from_millis(100), PER_SECOND, PER_SECOND * seconds);
    let sending = chat::send_on(schedule, rig.server.address, chats, first);
    while !sending.is_done() {
        rig.rest(Duration::from_millis(20))?;
    }
    sending.join()
}

/// A page for each visitor, and one with several conversations for each operator.
pub(super) fn pages(chats: &[Chat]) -> Vec<Wants> {
    let mut desks: HashMap<&str, Wants> = HashMap::new();
    for chat in chats {
        let wants = chat.wants(Side::Operator);
        match desks.get_mut(chat.operator.as_str()) {
            Some(desk) => desk.subscriptions.extend(wants.subscriptions),
            None => drop(desks.insert(&chat.operator, wants)),
        }
    }
    chats.iter().map(|chat| chat.wants(Side::Visitor)).chain(desks.into_values()).collect()
}

fn note_latencies(posted: &[Posted], ears: &Ears, figures: &mut Figures) {
    // By number: the first frame of the other side, and frames of both sides.
    let mut frames: HashMap<usize, (Option<Duration>, usize)> = HashMap::new();
    let sides: HashMap<_, _> = posted.iter().map(|posted| (posted.number, posted.side)).collect();
    for heard in ears.take() {
        let (first, count) = frames.entry(heard.number).or_default();
        *count += 1;
        if sides.get(&heard.number).is_some_and(|side| *side != heard.side) {
            first.get_or_insert(heard.at);
        }
    }
    let mut latencies = Vec::with_capacity(posted.len());
    let mut answers: Vec<_> = posted.iter().map(|posted| posted.answered.saturating_sub(posted.due)).collect();
    let (mut missing, mut repeated) = (0, 0);
    for posted in posted {
        let (first, count) = frames.get(&posted.number).copied().unwrap_or_default();
        latencies.extend(first.map(|at| at.saturating_sub(posted.due)));
        // Both sides follow, the sender's as well.
        missing += 2_usize.saturating_sub(count);
        repeated += count.saturating_sub(2);
    }
    let value = |values: &mut [Duration], per_mille| percentile(values, per_mille).map_or(f64::NAN, ms);
    figures.p50_ms.push(value(&mut latencies, 500));
    figures.p99_ms.push(value(&mut latencies, 990));
    figures.answer_p99_ms.push(value(&mut answers, 990));
    figures.missing.push(real(missing));
    figures.repeated.push(real(repeated));
}

/// The CPU of a message without followers, in turn with that of its statements.
fn one_by_one(
    rig: &Rig,
    chat: &Chat,
    statements: &mut Statements,
    count: usize,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    const FIRST: usize = 100_000;
    let sides = [Side::Visitor, Side::Operator];
    let mut askers = sides.map(|side| chat.asker(rig.server.address, side, 0));
    for (side, asker) in sides.iter().zip(&mut askers) {
        chat.send(asker, *side, FIRST)?;
        statements.send(*side)?;
    }
    let (before, mut served, mut bare, mut read) = (rig.statements()?, Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for number in FIRST + 1..=FIRST + count {
        for (side, asker) in sides.iter().zip(&mut askers) {
            let cpu = rig.server.cpu()?;
            chat.send(asker, *side, number)?;
            served += rig.server.cpu_since(cpu)?;
            let cpu = process::own_cpu()?;
            statements.send(*side)?;
            bare += process::own_cpu_since(cpu)?;
            let cpu = process::own_cpu()?;
            statements.read()?;
            read += process::own_cpu_since(cpu)?;
        }
    }
    let messages = real(count * sides.len());
    figures.statements.push(real(rig.statements()? - before) / messages);
    figures.alone_us.push(us(served) / messages);
    figures.bare_us.push(us(bare) / messages);
    figures.bare_read_us.push(us(read) / messages);
    Ok(())
}

/// Statements of a message, less those without a follower.
fn reads(rig: &Rig, chat: &Chat, operators: &[String], figures: &mut Figures) -> anyhow::Result<()> {
    let mut counts = Vec::new();
    for (followers, nth) in FOLLOWERS.into_iter().zip(0..) {
        // Operators first, then pages of the visitor.
        let page = |nth: usize| match operators.get(nth) {
            Some(operator) => Wants { token: Some(operator.clone()), ..chat.wants(Side::Operator) },
            None => chat.wants(Side::Visitor),
        };
        let ears = Ears::open(rig.server.address, &(0..followers).map(page).collect::<Vec<_>>())?;
        let mut asker = chat.asker(rig.server.address, Side::Visitor, 0);
        let first = 200_000 + nth * READS;
        let before = rig.statements()?;
        for number in first..first + READS {
            chat.send(&mut asker, Side::Visitor, number)?;
            // Far enough apart that each is read separately.
            std::thread::sleep(Duration::from_millis(20));
        }
        counts.push(real(rig.statements()? - before) / real(READS));
        let received = ears.take().len();
        anyhow::ensure!(received == READS * followers, "{received} of {} frames", READS * followers);
        ears.close()?;
    }
    for (reads, count) in figures.reads.iter_mut().zip(&counts[1..]) {
        reads.push(count - counts[0]);
    }
    Ok(())
}

/// The time to write a page and to wait until the disk has it: the median.
fn fsync(folder: &Path) -> anyhow::Result<f64> {
    let mut file = File::create(folder.join("fsync"))?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let began = now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(now().saturating_sub(began));
    }
    Ok(median_ms(&mut times) * 1e3)
}

fn print(report: &mut Report, figures: &Figures) {
    report.row("from send to the other side's frame, p50", "ms", &figures.p50_ms, Target::None);
    report.row("answer to the sender, p99", "ms", &figures.answer_p99_ms, Target::None);
    report.row("fsync of the disk", "µs", &figures.fsync_us, Target::None);
    report.row("statements of a message without followers", "", &figures.statements, Target::None);
    report.row("server CPU per message with its followers", "µs", &figures.followed_us, Target::None);
    report.row("server CPU per message without followers", "µs", &figures.alone_us, Target::None);
    report.row("CPU of its statements in a bare loop", "µs", &figures.bare_us, Target::None);
    report.row("CPU of the statement that followers need", "µs", &figures.bare_read_us, Target::None);
    report.row(format!("{SENDERS} operators in a closed loop: messages"), "1/s", &figures.operators, Target::None);
    report.row(format!("{SENDERS} visitors in a closed loop: messages"), "1/s", &figures.visitors, Target::None);
    report.row("the statements in a bare loop: commits", "1/s", &figures.bare, Target::None);

    let most = |target| Target::AtMost { target, stretch: target };
    report.row("from send to the other side's frame, p99", "ms", &figures.p99_ms, most(50.0));
    report.row("frames missing", "", &figures.missing, most(0.0));
    report.row("frames repeated", "", &figures.repeated, most(0.0));
    report.ratio("server CPU of a message ÷ of its statements", &figures.alone_us, &figures.bare_us, most(3.0));
    let all: Vec<_> = figures.bare_us.iter().zip(&figures.bare_read_us).map(|(send, read)| send + read).collect();
    report.ratio("the same with followers, and their read", &figures.followed_us, &all, most(3.0));
    for (reads, followers) in figures.reads.iter().zip(&FOLLOWERS[1..]) {
        // Background tasks run a statement now and then.
        report.row(format!("reads per message with {followers} followers"), "", reads, most(1.1));
    }
    let least = Target::AtLeast { target: 0.4, stretch: 0.4 };
    report.ratio(format!("{SENDERS} operators ÷ bare loop"), &figures.operators, &figures.bare, least);
    report.ratio(format!("{SENDERS} visitors ÷ bare loop"), &figures.visitors, &figures.bare, least);
}

//! The fan-out of one account's widgets while conversations go on, next to the same without them.
//!
//! Conversations use the machine as well. So the raw server is measured next to the same
//! conversations, which are then those of a Deskbell without widgets. They are of another account:
//! a change of the account is also an item for each conversation of it that an operator follows,
//! and that cost is not measured here.

use std::{net::SocketAddr, time::Duration};

use super::{
    Bench,
    chat::{ANSWERING, CONVERSATIONS, LAST, PER_SECOND, pages},
    fan_out::{CHANGES, CHANGES_ALONE, EVERY, EVERY_ALONE, WIDGETS},
};
use crate::{
    chat::{self, Chat, Ears, Sending},
    clock::{Schedule, now},
    numbers::{median_ms, real, real64, us},
    place::{USUAL, Wanted},
    report::{Report, Target},
    rig::{Outcome, Rig},
    server::Kind,
};

/// Messages before the first that is followed: one of each side in each conversation.
const JOINED: usize = 2 * CONVERSATIONS;

/// What is measured without conversations, and while they go on.
#[derive(Debug, Default)]
struct Figures {
    cpu_us: Vec<f64>,
    per_second: Vec<f64>,
    alone_ms: Vec<f64>,
    answer_ms: Vec<f64>,
}

/// The figures of one server.
#[derive(Debug, Default)]
struct Measured {
    quiet: Figures,
    chatting: Figures,
    resident_kib: Vec<f64>,
}

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let widgets = bench.size(WIDGETS);
    let (changes, alone) = (bench.times(CHANGES), bench.times(CHANGES_ALONE));
    Report::heading(&format!(
        "fan-out-chat: {widgets} widgets of one account, {changes} changes per run without and with \
         {PER_SECOND} messages per second in {CONVERSATIONS} conversations"
    ));
    let (mut raw, mut deskbell, mut missing) = (Measured::default(), Measured::default(), Vec::new());
    for _ in 0..bench.runs {
        let mut setup = bench.setup(Kind::Deskbell);
        setup.accounts = vec![USUAL, Wanted { active: ANSWERING, inactive: 0 }];
        let mut desk = Rig::start(&setup)?;
        let mut talk = Talk::begin(&desk)?;
        let mut rig = Rig::start(&bench.setup(Kind::RAW))?;
        measure(&mut rig, &mut talk, widgets, [changes, alone], &mut raw)?;
        bench.finish(rig)?;
        measure(&mut desk, &mut talk, widgets, [changes, alone], &mut deskbell)?;
        desk.rest(LAST)?;
        missing.push(real(talk.end()?));
        bench.finish(desk)?;
    }
    print(&mut bench.report, &raw, &deskbell, &missing);
    Ok(())
}

fn print(report: &mut Report, raw: &Measured, deskbell: &Measured, missing: &[f64]) {
    for (name, measured) in [("raw", raw), ("deskbell", deskbell)] {
        for (chats, figures) in [("no chats", &measured.quiet), ("chats", &measured.chatting)] {
            report.row(format!("{name}, {chats}: server CPU per delivery"), "µs", &figures.cpu_us, Target::None);
            report.row(format!("{name}, {chats}: deliveries per second"), "1/s", &figures.per_second, Target::None);
            report.row(format!("{name}, {chats}: answer, no widgets"), "ms", &figures.alone_ms, Target::None);
            report.row(format!("{name}, {chats}: answer, all widgets"), "ms", &figures.answer_ms, Target::None);
        }
    }
    for (chats, raw, deskbell, targets) in [
        ("no chats", &raw.quiet, &deskbell.quiet, [Target::None; 3]),
        (
            "chats",
            &raw.chatting,
            &deskbell.chatting,
            [
                Target::AtMost { target: 1.1, stretch: 1.0 },
                Target::AtLeast { target: 0.9, stretch: 0.95 },
                Target::AtMost { target: 1.2, stretch: 1.0 },
            ],
        ),
    ] {
        let [cpu, rate, answer] = targets;
        report.ratio(format!("{chats}: CPU per delivery, deskbell ÷ raw"), &deskbell.cpu_us, &raw.cpu_us, cpu);
        report.ratio(format!("{chats}: deliveries/s, deskbell ÷ raw"), &deskbell.per_second, &raw.per_second, rate);
        report.ratio(
            format!("{chats}: the answer with all widgets ÷ none"),
            &deskbell.answer_ms,
            &deskbell.alone_ms,
            answer,
        );
    }
    let most = |target, stretch| Target::AtMost { target, stretch };
    report.row("chats: RSS per idle widget, server only", "KiB", &deskbell.resident_kib, most(2.0, 1.5));
    report.row("chats: frames missing", "", missing, most(0.0, 0.0));
}

/// Conversations of a Deskbell that both sides follow.
struct Talk {
    server: SocketAddr,
    chats: Vec<Chat>,
    ears: Ears,
    /// The number of the next message.
    next: usize,
}

impl Talk {
    fn begin(desk: &Rig) -> anyhow::Result<Self> {
        let server = desk.server.address;
        let operators = desk.sign_in_operators(1)?;
        let chats = chat::begin(server, &desk.accounts[1].widget_key, &operators, 0..CONVERSATIONS)?;
        // The operators join.
        chat::send_on(Schedule::new(now(), PER_SECOND, u32::try_from(JOINED)?), server, &chats, 0).join()?;
        let ears = Ears::open(server, &pages(&chats))?;
        Ok(Self { server, chats, ears, next: JOINED })
    }

    /// Sends for some time.
    fn goes_on(&mut self, time: Duration) -> Sending {
        let count = PER_SECOND * u32::try_from(time.as_millis().div_ceil(1000)).expect("seconds");
        let first = self.next;
        self.next += count as usize;
        chat::send_on(Schedule::new(now(), PER_SECOND, count), self.server, &self.chats, first)
    }

    /// Returns how many frames are missing: each message must arrive on both sides.
    fn end(self) -> anyhow::Result<usize> {
        let received = self.ears.take().iter().filter(|heard| heard.number >= JOINED).count();
        self.ears.close()?;
        Ok((2 * (self.next - JOINED)).saturating_sub(received))
    }
}

fn measure(
    rig: &mut Rig,
    talk: &mut Talk,
    widgets: usize,
    [changes, alone]: [usize; 2],
    figures: &mut Measured,
) -> anyhow::Result<()> {
    rig.warm_up()?;
    let times = |count, every: Duration| every * u32::try_from(count).expect("a few changes");
    let quiet = rig.changes(alone, EVERY_ALONE)?;
    figures.quiet.alone_ms.push(answer_ms(&quiet));
    let chatting = during(rig, talk.goes_on(times(alone, EVERY_ALONE)), EVERY_ALONE)?;
    figures.chatting.alone_ms.push(answer_ms(&chatting));

    let before = rig.server.resident()?;
    rig.crowd.join(widgets, true, |_| 0)?;
    rig.rest(Duration::from_secs(1))?;
    figures.resident_kib.push(real64(rig.server.resident()?.saturating_sub(before)) / 1024.0 / real(widgets));

    let cpu = rig.server.cpu()?;
    let quiet = rig.changes(changes, EVERY)?;
    figures.quiet.note(&quiet, rig.server.cpu_since(cpu)?, widgets);

    // The conversations alone, whose CPU is not that of deliveries.
    let cpu = rig.server.cpu()?;
    let sending = talk.goes_on(times(changes, EVERY));
    while !sending.is_done() {
        rig.rest(Duration::from_millis(20))?;
    }
    sending.join()?;
    let of_chats = rig.server.cpu_since(cpu)?;
    let cpu = rig.server.cpu()?;
    let chatting = during(rig, talk.goes_on(times(changes, EVERY)), EVERY)?;
    figures.chatting.note(&chatting, rig.server.cpu_since(cpu)?.saturating_sub(of_chats), widgets);
    Ok(())
}

/// Makes changes until all messages are sent.
fn during(rig: &mut Rig, sending: Sending, every: Duration) -> anyhow::Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    while !sending.is_done() {
        outcomes.extend(rig.changes(1, every)?);
    }
    sending.join()?;
    Ok(outcomes)
}

impl Figures {
    fn note(&mut self, changes: &[Outcome], cpu: Duration, widgets: usize) {
        self.cpu_us.push(us(cpu) / real(changes.iter().map(|change| change.received).sum::<usize>()));
        let mut spans: Vec<_> = changes.iter().map(|change| change.last.saturating_sub(change.first)).collect();
        self.per_second.push(real(widgets) / median_ms(&mut spans) * 1e3);
        self.answer_ms.push(answer_ms(changes));
    }
}

fn answer_ms(changes: &[Outcome]) -> f64 {
    median_ms(&mut changes.iter().map(|change| change.answered.saturating_sub(change.intended)).collect::<Vec<_>>())
}

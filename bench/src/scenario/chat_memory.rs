//! What a chat adds to the memory of an idle widget, and how soon chats are back after a restart.

use std::{thread, time::Duration};

use super::Bench;
use crate::{
    chat::{self, Chat, Side, Wants},
    clock::now,
    line::{Gone, Line, Said},
    numbers::{percentile, real, real64},
    place::Wanted,
    random::Random,
    report::{Report, Target},
    rig::Rig,
    server::Kind,
    widget,
    wire::Received,
};

const WIDGETS: usize = 4_000;
const RETURNING: usize = 1_000;
const WARM_UP: usize = 40;
/// A page with an open chat tries again at least this often.
const RETRY: Duration = Duration::from_secs(5);
const SETTLE: Duration = Duration::from_secs(2);
/// A chat is idle when nothing was written for this long: the server's `rest_after`, and a second.
const QUIET: Duration = Duration::from_secs(21);
const BACK_WITHIN: Duration = Duration::from_secs(30);
/// The server is away for this time.
const AWAY: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
struct Figures {
    widget_kib: Vec<f64>,
    chat_kib: Vec<f64>,
    opened_kib: Vec<f64>,
    back_p50_s: Vec<f64>,
    back_s: Vec<f64>,
    incomplete: Vec<f64>,
}

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let (widgets, returning) = (bench.size(WIDGETS), bench.size(RETURNING));
    Report::heading(&format!("chat-memory: {widgets} idle widgets with a chat, {returning} of them after a restart"));
    let mut figures = Figures::default();
    for _ in 0..bench.runs {
        // A server of its own for each kind, because it reuses the memory of those that have left.
        for document in [None, Some(widget::GLANCE), Some(widget::CHAT)] {
            let mut setup = bench.setup(Kind::Deskbell);
            setup.accounts = vec![Wanted { active: 10, inactive: 0 }];
            let mut rig = Rig::start(&setup)?;
            measure(&mut rig, widgets, returning, document, &mut figures)?;
            bench.finish(rig)?;
        }
    }
    let report = &mut bench.report;
    report.row("RSS per idle widget without a chat", "KiB", &figures.widget_kib, Target::None);
    let most = |target| Target::AtMost { target, stretch: target };
    report.row("RSS per idle widget with a chat", "KiB", &figures.chat_kib, most(6.0));
    report.row("RSS per idle widget whose chat was opened", "KiB", &figures.opened_kib, most(6.0));
    report.row("back after a restart, p50", "s", &figures.back_p50_s, Target::None);
    report.row("all back after a restart", "s", &figures.back_s, most(BACK_WITHIN.as_secs_f64()));
    report.row("chats that are not complete", "", &figures.incomplete, most(0.0));
    Ok(())
}

/// `document`: what the pages follow of the visitor's chat. `None`: they have none.
fn measure(
    rig: &mut Rig,
    widgets: usize,
    returning: usize,
    document: Option<&'static str>,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let key = rig.accounts[0].widget_key.clone();
    let variables = serde_json::json!({ "key": key });
    let page = |chat: Option<(&Chat, &'static str)>| {
        let mut subscriptions = vec![("availability", widget::SUBSCRIPTION, variables.clone())];
        subscriptions.extend(chat.map(|(_, document)| ("chat", document, variables.clone())));
        Wants { token: chat.map(|(chat, _)| chat.token.clone()), side: Side::Visitor, subscriptions }
    };
    let Some(document) = document else {
        let pages: Vec<_> = (0..widgets).map(|_| page(None)).collect();
        figures.widget_kib.push(kib(rig, &pages)?);
        return Ok(());
    };
    let operators = rig.sign_in_operators(0)?;
    let chats = chat::begin(rig.server.address, &key, &operators, 0..widgets)?;
    chat::read_each(rig.server.address, &chats)?;
    thread::sleep(QUIET);
    let pages: Vec<_> = chats.iter().map(|chat| page(Some((chat, document)))).collect();
    if document == widget::GLANCE {
        figures.chat_kib.push(kib(rig, &pages)?);
        return Ok(());
    }
    figures.opened_kib.push(kib(rig, &pages)?);
    restart(rig, &chats[..returning], figures)
}

fn open(rig: &Rig, pages: &[Wants]) -> anyhow::Result<Vec<Line>> {
    let mut received = Received::default();
    pages.iter().enumerate().map(|(nth, page)| page.open(rig.server.address, nth, &mut received)).collect()
}

/// Memory of the server for each of some pages. What it keeps of the first ones is not counted.
fn kib(rig: &Rig, pages: &[Wants]) -> anyhow::Result<f64> {
    drop(open(rig, &pages[..WARM_UP])?);
    thread::sleep(SETTLE);
    let before = rig.server.resident()?;
    let lines = open(rig, pages)?;
    thread::sleep(SETTLE);
    let after = rig.server.resident()?;
    drop(lines);
    Ok(real64(after.saturating_sub(before)) / 1024.0 / real(pages.len()))
}

/// A page that connects again until it has everything.
#[derive(Debug)]
struct Returning<'a> {
    chat: &'a Chat,
    line: Option<Line>,
    retry_at: Duration,
    cursor: Option<String>,
    last: i64,
    /// When it had the message that was sent after the restart.
    complete: Option<Duration>,
    /// Whether sequences continued without a gap, a repeat or a reset.
    is_whole: bool,
}

impl Returning<'_> {
    fn turn(&mut self, rig: &Rig, nth: usize, random: &mut Random, received: &mut Received) -> Result<(), Gone> {
        if self.line.is_none() {
            if now() < self.retry_at {
                return Ok(());
            }
            // The next attempt, if this one fails.
            self.retry_at = now() + random.between(RETRY / 2..RETRY);
            let line = Line::open(rig.server.address, nth, Some(&self.chat.token))?;
            // All pages share this thread.
            line.stream().set_nonblocking(true)?;
            self.line = Some(line);
        }
        let line = self.line.as_mut().expect("just opened");
        let (said, at) = line.hear(received)?;
        for said in said {
            match said {
                Said::Ready => {
                    let variables = serde_json::json!({ "key": self.chat.widget_key, "after": self.cursor });
                    line.subscribe(1, widget::CHAT, &variables)?;
                }
                Said::Item(_, item) if item.get("errors").is_none() => {
                    let item = &item["data"]["chat"];
                    self.is_whole &= item["isReset"] == false;
                    self.cursor = item["cursor"].as_str().map(str::to_owned);
                    for message in item["messages"].as_array().map(Vec::as_slice).unwrap_or_default() {
                        let sequence = message["sequence"].as_i64().unwrap_or_default();
                        self.is_whole &= sequence == self.last + 1;
                        self.last = sequence;
                        if message["author"] == "OPERATOR" {
                            self.complete.get_or_insert(at);
                        }
                    }
                }
                other => return Err(Gone(format!("{other:?}"))),
            }
        }
        Ok(())
    }
}

fn restart(rig: &mut Rig, chats: &[Chat], figures: &mut Figures) -> anyhow::Result<()> {
    let (mut random, mut received) = (Random::new(0), Received::default());
    let mut pages: Vec<_> = chats
        .iter()
        .map(|chat| Returning {
            chat,
            line: None,
            retry_at: Duration::ZERO,
            cursor: None,
            last: 0,
            complete: None,
            is_whole: true,
        })
        .collect();
    while pages.iter().any(|page| page.last == 0) {
        for (nth, page) in pages.iter_mut().enumerate() {
            page.turn(rig, nth, &mut random, &mut received).map_err(|gone| anyhow::anyhow!(gone.0))?;
        }
    }
    rig.server.kill();
    let began = now();
    let (mut server, mut answers) = (None, None);
    while pages.iter().any(|page| page.complete.is_none()) && now() < began + BACK_WITHIN + AWAY {
        if server.is_none() && now() > began + AWAY {
            rig.restart_server()?;
            server = Some(now());
            let (address, chats) = (rig.server.address, chats.to_vec());
            // Each conversation gets a message that the page lacks.
            answers = Some(thread::spawn(move || {
                for (nth, chat) in chats.iter().enumerate() {
                    chat.send(&mut chat.asker(address, Side::Operator, nth), Side::Operator, 1)?;
                }
                anyhow::Ok(())
            }));
        }
        for (nth, page) in pages.iter_mut().enumerate() {
            if page.complete.is_none() && page.turn(rig, nth, &mut random, &mut received).is_err() {
                page.line = None;
                page.retry_at = page.retry_at.max(now() + random.between(Duration::ZERO..RETRY));
            }
        }
        thread::sleep(Duration::from_millis(1));
    }
    if let Some(answers) = answers {
        answers.join().map_err(|_| anyhow::anyhow!("a client thread panicked"))??;
    }
    let since = began + AWAY;
    let mut back: Vec<_> = pages.iter().filter_map(|page| Some(page.complete?.saturating_sub(since))).collect();
    let whole = pages.iter().filter(|page| page.is_whole && page.complete.is_some()).count();
    figures.incomplete.push(real(pages.len() - whole));
    figures.back_p50_s.push(percentile(&mut back, 500).map_or(f64::NAN, |time| time.as_secs_f64()));
    figures.back_s.push(percentile(&mut back, 1000).map_or(f64::NAN, |time| time.as_secs_f64()));
    Ok(())
}

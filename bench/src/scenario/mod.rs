//! The scenarios: a file for each row of the table, or for a few rows that share a crowd.

mod chat;
mod chat_memory;
mod fair;
mod fan_out;
mod fan_out_chat;
mod honest;
mod idle;
mod operators;
mod others;
mod pages;
mod queries;
mod questions;
mod sign_in;
mod soak;
mod stalled;

use std::path::PathBuf;

use crate::{
    report::Report,
    rig::{Rig, Setup},
    server::Kind,
    torture::{self, Inject},
};

/// The options of a run, and its report.
#[derive(Debug)]
pub struct Bench {
    pub runs: usize,
    pub quick: bool,
    pub deskbell: PathBuf,
    pub postgres: bool,
    /// `None`: what is usual for the scenario.
    pub minutes: Option<f64>,
    /// Determines what happens at random; `None`: a different one in each run.
    pub seed: Option<u64>,
    pub inject: Inject,
    pub report: Report,
}

type Scenario = fn(&mut Bench) -> anyhow::Result<()>;

/// Name, description, whether it runs by default, and function of each scenario.
pub const ALL: &[(&str, &str, bool, Scenario)] = &[
    ("honest", "each counter reports the errors that a raw server makes on purpose", true, honest::run),
    (
        "fan-out",
        "one account's widgets: CPU per delivery, deliveries per second, RSS per widget, latency of the mutation",
        true,
        fan_out::run,
    ),
    ("fan-out-chat", "the same while 100 messages per second are sent, against without them", true, fan_out_chat::run),
    ("idle", "widgets that only send their pings: server CPU per widget and minute", true, idle::run),
    ("others", "CPU of a change with 17,000 widgets on 1,000 other accounts, against none", true, others::run),
    ("operators", "CPU of a change with 100 operators, against 3", true, operators::run),
    ("pages", "page loads: CPU of each, and p99 to the first state at 5,000 per second", true, pages::run),
    ("questions", "p99 of 200 queries per second while a change fans out", true, questions::run),
    (
        "fair",
        "a small query next to one client that uses its full quota: p50 and p99 against alone, for each kind of load",
        true,
        fair::run,
    ),
    ("sign-in", "64 clients sign in: sign-ins per second, and p99 of other queries", true, sign_in::run),
    ("stalled", "30 % of the widgets never read: p99 of the others, and kernel memory of each", true, stalled::run),
    (
        "queries",
        "a query and a mutation against the same statements without GraphQL; --postgres: also on PostgreSQL",
        true,
        queries::run,
    ),
    (
        "chat",
        "100 messages per second next to idle widgets: p99 to the other side, CPU, reads, senders",
        true,
        chat::run,
    ),
    ("chat-memory", "RSS of an idle widget with a chat; chats that are back after a restart", true, chat_memory::run),
    ("soak", "steady load for --minutes: whether memory stays flat", false, soak::run),
    (
        "torture",
        "chats on three servers while servers, broker, database and connections fail, for --minutes: nothing is lost",
        false,
        torture::run,
    ),
];

impl Bench {
    /// The full size, or a tenth of it with `--quick`.
    #[must_use]
    pub fn size(&self, full: usize) -> usize {
        if self.quick { full / 10 } else { full }
    }

    /// The full number of repetitions, or a third of it with `--quick`.
    #[must_use]
    pub fn times(&self, full: usize) -> usize {
        if self.quick { full.div_ceil(3) } else { full }
    }

    /// The full duration, or a third of it with `--quick`.
    #[must_use]
    pub fn seconds(&self, full: u32) -> u32 {
        if self.quick { full.div_ceil(3) } else { full }
    }

    fn setup(&self, kind: Kind) -> Setup<'_> {
        Setup::new(kind, &self.deskbell)
    }

    /// Ends a rig and adds up its faults. Faults of the other servers are only printed.
    fn finish(&mut self, rig: Rig) -> anyhow::Result<()> {
        let kind = rig.kind;
        let totals = rig.finish()?;
        if kind == Kind::Deskbell {
            self.report.totals.add(&totals);
        } else if totals.faults() > 0 {
            println!("   {}: {totals:?}", kind.name());
        }
        Ok(())
    }
}

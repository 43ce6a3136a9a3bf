//! What is measured: a file a row of the table, or a few rows that share a crowd.

mod fair;
mod fan_out;
mod honest;
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
};

/// What all scenarios are run with.
#[derive(Debug)]
pub struct Bench {
    pub runs: usize,
    pub quick: bool,
    pub deskbell: PathBuf,
    pub postgres: bool,
    pub minutes: u64,
    pub report: Report,
}

type Scenario = fn(&mut Bench) -> anyhow::Result<()>;

/// A name, what it is about, and whether it is run when nobody names it.
pub const ALL: &[(&str, &str, bool, Scenario)] = &[
    ("honest", "the counters see what the raw server is told to do wrong", true, honest::run),
    (
        "fan-out",
        "one account's widgets: CPU a delivery, deliveries a second, RSS a widget, the mutation's answer",
        true,
        fan_out::run,
    ),
    ("others", "what a change costs with 17,000 widgets on 1,000 other accounts, against none", true, others::run),
    ("operators", "what a change costs with 100 operators, against 3", true, operators::run),
    ("pages", "page loads: CPU each, and p99 to the first state of 5,000 a second", true, pages::run),
    ("questions", "p99 of 200 queries a second while a change fans out", true, questions::run),
    (
        "fair",
        "a small query next to one client that takes all it may, in each way: p50 and p99 against alone",
        true,
        fair::run,
    ),
    ("sign-in", "64 clients signing in: how many a second, and p99 of other queries", true, sign_in::run),
    ("stalled", "30 % of widgets never read: the others' p99, and kernel memory each", true, stalled::run),
    (
        "queries",
        "a query and a mutation against the same statements without GraphQL; --postgres: there as well",
        true,
        queries::run,
    ),
    ("soak", "--minutes of steady load: is memory flat", false, soak::run),
];

impl Bench {
    /// The full size, or a tenth of it.
    #[must_use]
    pub fn size(&self, full: usize) -> usize {
        if self.quick { full / 10 } else { full }
    }

    /// How often something is repeated within a run, or a third of it.
    #[must_use]
    pub fn times(&self, full: usize) -> usize {
        if self.quick { full.div_ceil(3) } else { full }
    }

    /// How long something goes on, or a third of it.
    #[must_use]
    pub fn seconds(&self, full: u32) -> u32 {
        if self.quick { full.div_ceil(3) } else { full }
    }

    fn setup(&self, kind: Kind) -> Setup<'_> {
        Setup::new(kind, &self.deskbell)
    }

    /// Ends a rig, and counts what went wrong in it; the peers' faults are their own.
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

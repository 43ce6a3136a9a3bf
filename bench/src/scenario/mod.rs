//! What is measured: a file a row of the table, or a few rows that share a crowd.

mod fan_out;
mod honest;

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
    ("fan-out", "one account's widgets: CPU a delivery, deliveries a second, RSS a widget, the mutation's answer", true, fan_out::run),
];

impl Bench {
    /// The full size, or a tenth of it.
    #[must_use]
    pub fn size(&self, full: usize) -> usize {
        if self.quick { full / 10 } else { full }
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

//! The cost of a change while thousands of widgets watch other accounts. It must not rise: events
//! go to the subscribers of their account only.

use std::time::Duration;

use super::Bench;
use crate::{
    numbers::{ms, real},
    place::USUAL,
    report::{Report, Target},
    rig::Rig,
    server::Kind,
};

const ACCOUNTS: usize = 1_000;
const OTHERS: usize = 17_000;
const OWN: usize = 1_000;
pub(super) const CHANGES: usize = 20;
const EVERY: Duration = Duration::from_millis(250);

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let (own, others, accounts) = (bench.size(OWN), bench.size(OTHERS), bench.size(ACCOUNTS));
    Report::heading(&format!(
        "others: a change for {own} widgets, with {others} on {accounts} other accounts and without"
    ));
    let changes = bench.times(CHANGES);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        let mut setup = bench.setup(Kind::Deskbell);
        setup.accounts = vec![USUAL; accounts + 1];
        let mut rig = Rig::start(&setup)?;
        rig.warm_up()?;
        rig.crowd.join(own, true, |_| 0)?;
        alone.push(cpu_of_a_change(&mut rig, changes)?);
        rig.crowd.join(others, true, |nth| 1 + nth % accounts)?;
        beside.push(cpu_of_a_change(&mut rig, changes)?);
        bench.finish(rig)?;
    }
    let report = &mut bench.report;
    report.row("server CPU of a change, no other accounts' widgets", "ms", &alone, Target::None);
    report.row("server CPU of a change, with other accounts' widgets", "ms", &beside, Target::None);
    report.ratio(
        "a change with widgets on other accounts ÷ none",
        &beside,
        &alone,
        Target::AtMost { target: 1.2, stretch: 1.05 },
    );
    Ok(())
}

/// The server's CPU time of one change, in milliseconds.
pub(super) fn cpu_of_a_change(rig: &mut Rig, changes: usize) -> anyhow::Result<f64> {
    rig.rest(Duration::from_secs(1))?;
    let before = rig.server.cpu()?;
    rig.changes(changes, EVERY)?;
    Ok(ms(rig.server.cpu_since(before)?) / real(changes))
}

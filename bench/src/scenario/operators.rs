//! The cost of a change if an account has a hundred operators and a widget shows five: the state is
//! read and rendered once, not once for each widget.

use super::{
    Bench,
    others::{CHANGES, cpu_of_a_change},
};
use crate::{
    place::{USUAL, Wanted},
    report::{Report, Target},
    rig::Rig,
    server::Kind,
};

const WIDGETS: usize = 18_000;

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let widgets = bench.size(WIDGETS);
    Report::heading(&format!(
        "operators: {widgets} widgets that ask for five, of an account with 100 active operators and with 3"
    ));
    let changes = bench.times(CHANGES);
    let mut of = [(USUAL, Vec::new()), (Wanted { active: 100, ..USUAL }, Vec::new())];
    for _ in 0..bench.runs {
        for (wanted, figures) in &mut of {
            let mut setup = bench.setup(Kind::Deskbell);
            setup.accounts = vec![*wanted];
            let mut rig = Rig::start(&setup)?;
            rig.warm_up()?;
            rig.crowd.join(widgets, true, |_| 0)?;
            figures.push(cpu_of_a_change(&mut rig, changes)?);
            bench.finish(rig)?;
        }
    }
    let [(_, few), (_, many)] = &of;
    let report = &mut bench.report;
    report.row("server CPU per change, 3 operators", "ms", few, Target::None);
    report.row("server CPU per change, 100 operators", "ms", many, Target::None);
    report.ratio("100 operators ÷ 3, operators(first: 5)", many, few, Target::AtMost { target: 1.15, stretch: 1.05 });
    Ok(())
}

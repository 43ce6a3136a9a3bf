//! The raw server makes each kind of error for one widget: exactly the counter of that kind must
//! report it.

use std::time::Duration;

use super::Bench;
use crate::{
    peer::Fault,
    rig::{Rig, Setup},
    server::Kind,
    tally::Totals,
};

const CHANGES: u64 = 3;
const WIDGETS: usize = 100;

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    println!("\n== honest: the raw server makes {CHANGES} errors for one of {WIDGETS} widgets");
    let deskbell = &bench.deskbell;
    // Run concurrently, because most of the time is spent waiting for deliveries that do not come.
    std::thread::scope(|scope| {
        let faults: Vec<_> = [("nothing", Fault::None)]
            .into_iter()
            .chain(Fault::ALL)
            .map(|(name, fault)| (name, fault, scope.spawn(move || count(&Setup::new(Kind::Raw(fault), deskbell)))))
            .collect();
        for (name, fault, counting) in faults {
            let counted = counting.join().map_err(|_| anyhow::anyhow!("{name} panicked"))??;
            println!("   {name:<10} {counted:?}");
            let expected = expected(fault);
            anyhow::ensure!(counted == expected, "{name}: expected {expected:?}");
        }
        Ok(())
    })
}

fn expected(fault: Fault) -> Totals {
    let all = CHANGES * WIDGETS as u64;
    let right = Totals { deliveries: all, ..Totals::default() };
    match fault {
        Fault::None => right,
        Fault::Missing => Totals { deliveries: all - CHANGES, missing: CHANGES, stale: 1, ..right },
        Fault::Duplicate => Totals { deliveries: all + CHANGES, duplicate: CHANGES, ..right },
        Fault::Late => Totals { late: CHANGES, ..right },
        Fault::Foreign => Totals { foreign: CHANGES, missing: CHANGES, stale: 1, ..right },
        // Each change delivers the previous state: first a duplicate, then states that are late.
        Fault::Stale => Totals { duplicate: 1, missing: 1, late: CHANGES - 1, stale: 1, ..right },
    }
}

fn count(setup: &Setup<'_>) -> anyhow::Result<Totals> {
    let mut rig = Rig::start(setup)?;
    rig.crowd.join(WIDGETS, true, |_| 0)?;
    for _ in 0..CHANGES {
        rig.change()?;
    }
    rig.rest(Duration::from_millis(100))?;
    rig.finish()
}

//! The raw server is told to do wrong to one widget, in each way there is: the counter of that way has to say so, and no other.

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
    println!("\n== honest: the raw server does wrong to one of {WIDGETS} widgets, {CHANGES} times");
    let all = CHANGES * WIDGETS as u64;
    let right = Totals { deliveries: all, ..Totals::default() };
    for (name, fault) in [("nothing", Fault::None)].into_iter().chain(Fault::ALL) {
        let expected = match fault {
            Fault::None => right.clone(),
            Fault::Missing => Totals { deliveries: all - CHANGES, missing: CHANGES, stale: 1, ..right.clone() },
            Fault::Duplicate => Totals { deliveries: all + CHANGES, duplicate: CHANGES, ..right.clone() },
            Fault::Late => Totals { late: CHANGES, ..right.clone() },
            Fault::Foreign => Totals { foreign: CHANGES, missing: CHANGES, stale: 1, ..right.clone() },
            // Each time the one before: what it was shown already, then what came too late.
            Fault::Stale => Totals { duplicate: 1, missing: 1, late: CHANGES - 1, stale: 1, ..right.clone() },
        };
        let mut rig = Rig::start(&Setup::new(Kind::Raw(fault), &bench.deskbell))?;
        rig.crowd.join(WIDGETS, true, |_| 0)?;
        for _ in 0..CHANGES {
            rig.change()?;
        }
        rig.rest(Duration::from_millis(100))?;
        let counted = rig.finish()?;
        println!("   {name:<10} {counted:?}");
        anyhow::ensure!(counted == expected, "{name}: expected {expected:?}");
    }
    Ok(())
}

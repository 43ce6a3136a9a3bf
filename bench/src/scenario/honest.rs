//! A raw server makes each kind of error for one widget, or for a few: exactly the counter of that
//! kind must report it.

use std::time::Duration;

use super::Bench;
use crate::{
    heartbeat::Rhythm,
    peer::Fault,
    rig::{Rig, Setup},
    server::Kind,
    tally::Totals,
};

const CHANGES: u64 = 3;
const WIDGETS: usize = 100;
/// Each widget sends one ping.
const ONE_PING: Rhythm = Rhythm {
    first: Duration::from_millis(500),
    after: Duration::from_hours(1)..Duration::from_hours(2),
    within: Duration::from_secs(1),
};
/// Longer than the last ping and the wait for its pong take.
const PINGED: Duration = Duration::from_secs(3);

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    println!("\n== honest: a raw server makes {CHANGES} errors for widgets of {WIDGETS}");
    let deskbell = &bench.deskbell;
    let right = [("deliveries", Kind::RAW), ("pongs", Kind::RawIdle(Fault::None))];
    let wrong = Fault::ALL.map(|(name, fault)| match fault {
        Fault::Unanswered => (name, Kind::RawIdle(fault)),
        fault => (name, Kind::Raw(fault)),
    });
    // Run concurrently, because most of the time is spent waiting for deliveries that do not come.
    std::thread::scope(|scope| {
        let counts: Vec<_> = right
            .into_iter()
            .chain(wrong)
            .map(|(name, kind)| (name, kind, scope.spawn(move || count(&Setup::new(kind, deskbell)))))
            .collect();
        for (name, kind, counting) in counts {
            let counted = counting.join().map_err(|_| anyhow::anyhow!("{name} panicked"))??;
            println!("   {name:<10} {counted:?}");
            let expected = expected(kind);
            anyhow::ensure!(counted == expected, "{name}: expected {expected:?}");
        }
        Ok(())
    })
}

fn expected(kind: Kind) -> Totals {
    let all = CHANGES * WIDGETS as u64;
    let right = Totals { deliveries: all, ..Totals::default() };
    let fault = match kind {
        Kind::Raw(fault) => fault,
        Kind::RawIdle(fault) => {
            let unanswered = if fault == Fault::Unanswered { Fault::MUTE as u64 } else { 0 };
            return Totals { pongs: WIDGETS as u64 - unanswered, unanswered, ..Totals::default() };
        }
        Kind::Plain | Kind::Deskbell => Fault::None,
    };
    match fault {
        Fault::None | Fault::Unanswered => right,
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
    if matches!(setup.kind, Kind::RawIdle(_)) {
        rig.crowd.send_pings(ONE_PING);
        rig.crowd.join(WIDGETS, true, |_| 0)?;
        rig.rest(PINGED)?;
        return rig.finish();
    }
    rig.crowd.join(WIDGETS, true, |_| 0)?;
    for _ in 0..CHANGES {
        rig.change()?;
    }
    rig.rest(Duration::from_millis(100))?;
    rig.finish()
}

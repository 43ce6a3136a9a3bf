//! Widgets that stop reading: their effect on the others, and the kernel memory of each.
//!
//! They connect first, and changes are sent until their sockets accept nothing more. Then the same
//! readers are measured twice: next to them, and after they have left.

use std::{collections::HashSet, time::Duration};

use super::Bench;
use crate::{
    numbers::{ms, percentile, real, real64},
    process,
    report::{Report, Target},
    rig::Rig,
    server::Kind,
};

const READERS: usize = 12_600;
const STALLED: usize = 5_400;
/// More changes than any socket can hold.
const FILLING: usize = 80;
const FILL_EVERY: Duration = Duration::from_millis(110);
const CHANGES: usize = 10;
const EVERY: Duration = Duration::from_millis(500);

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let (readers, stalled) = (bench.size(READERS), bench.size(STALLED));
    Report::heading(&format!("stalled: {readers} widgets that read, next to {stalled} that do not"));
    let changes = bench.times(CHANGES);
    let (mut beside, mut alone, mut kernel_kib, mut left) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        let mut setup = bench.setup(Kind::Deskbell);
        // Otherwise they would be disconnected before they are measured.
        setup.settings.push(("SEND_TIMEOUT", "10m"));
        let mut rig = Rig::start(&setup)?;
        rig.crowd.join(stalled, false, |_| 0)?;
        rig.changes(FILLING, FILL_EVERY)?;
        rig.crowd.join(readers, true, |_| 0)?;
        beside.push(p99(&mut rig, changes)?);

        let theirs: HashSet<String> = rig.crowd.stalled().map(|address| address.to_string()).collect();
        let of_theirs = |line: &str| line.split_whitespace().nth(3).is_some_and(|peer| theirs.contains(peer));
        let (there, bytes) = process::socket_memory(rig.server.address.port(), of_theirs)?;
        left.push(real(there));
        kernel_kib.push(real64(bytes) / 1024.0 / real(there));

        rig.crowd.leave(stalled);
        rig.rest(Duration::from_secs(1))?;
        alone.push(p99(&mut rig, changes)?);
        bench.finish(rig)?;
    }
    let report = &mut bench.report;
    report.row("p99 of the readers, next to stalled widgets", "ms", &beside, Target::None);
    report.row("p99 of the readers, without stalled widgets", "ms", &alone, Target::None);
    report.row("stalled widgets still connected", "", &left, Target::None);
    report.ratio(
        "30 % never read: the others' p99, with ÷ without",
        &beside,
        &alone,
        Target::AtMost { target: 1.1, stretch: 1.1 },
    );
    let kernel = Target::AtMost { target: 16.0, stretch: 16.0 };
    report.row("kernel memory of a widget that never reads", "KiB", &kernel_kib, kernel);
    Ok(())
}

fn p99(rig: &mut Rig, changes: usize) -> anyhow::Result<f64> {
    rig.rest(Duration::from_secs(1))?;
    rig.crowd.take_deliveries();
    rig.changes(changes, EVERY)?;
    Ok(percentile(&mut rig.crowd.take_deliveries(), 990).map_or(f64::NAN, ms))
}

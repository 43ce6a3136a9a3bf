//! A steady load for minutes: changes, widgets that come and go, and pings at the default interval.
//! Memory must stay flat.

use std::time::Duration;

use super::Bench;
use crate::{
    clock::now,
    numbers::{ms, percentile, real64},
    report::{Report, Target},
    rig::Rig,
    server::{DEFAULT, Kind},
};

const WIDGETS: usize = 10_000;
/// A hundredth of the widgets leaves and is replaced each second.
const CHURN: usize = 100;
const PRINT_EVERY: Duration = Duration::from_secs(30);

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let widgets = bench.size(WIDGETS);
    let churn = (widgets / CHURN).max(1);
    let minutes = bench.minutes.unwrap_or(10.0);
    println!(
        "\n== soak: {widgets} widgets, one change and {churn} reconnecting widgets per second, for {minutes} minutes"
    );
    let mut setup = bench.setup(Kind::Deskbell);
    setup.settings.push(("WS_KEEPALIVE", DEFAULT));
    let mut rig = Rig::start(&setup)?;
    rig.warm_up()?;
    rig.crowd.join(widgets, true, |_| 0)?;
    let began = now();
    let (mut changes, mut printed, mut memory) = (0, now(), Vec::new());
    println!(
        "   {:>6} {:>8} {:>8} {:>10} {:>8} {:>9} {:>7}",
        "s", "widgets", "changes", "deliveries", "p99 ms", "RSS MiB", "faults"
    );
    while now() < began + Duration::from_secs_f64(60.0 * minutes) {
        let second = now();
        rig.change()?;
        changes += 1;
        rig.crowd.leave(churn);
        rig.crowd.join(churn, true, |_| 0)?;
        rig.rest(Duration::from_secs(1).saturating_sub(now().saturating_sub(second)))?;
        if now() >= printed + PRINT_EVERY {
            printed += PRINT_EVERY;
            let resident = rig.server.resident()?;
            memory.push(real64(resident));
            let p99 = percentile(&mut rig.crowd.take_deliveries(), 990).map_or(f64::NAN, ms);
            rig.crowd.take_arrivals();
            let (live, totals) = (rig.crowd.live(), rig.crowd.totals_mut().clone());
            let (seconds, mib) = (now().saturating_sub(began).as_secs(), real64(resident) / 1_048_576.0);
            println!(
                "   {seconds:>6} {live:>8} {changes:>8} {:>10} {p99:>8.1} {mib:>9.1} {:>7}",
                totals.deliveries,
                totals.faults()
            );
        }
    }
    bench.finish(rig)?;
    // The first half minute is not compared, because memory still grows.
    if let [_, settled, .., last] = memory[..] {
        Report::heading("soak");
        bench.report.row(
            "memory at the end ÷ after a minute",
            "×",
            &[last / settled],
            Target::AtMost { target: 1.05, stretch: 1.02 },
        );
    }
    Ok(())
}

//! Page loads: connect, upgrade, `connection_init`, `subscribe`, first state. Measures the cost of
//! one, and the latency of thousands at once.

use std::time::Duration;

use super::Bench;
use crate::{
    clock::{Schedule, now},
    numbers::{ms, percentile, real, us},
    process,
    report::{Report, Target},
    rig::Rig,
    server::Kind,
};

const LOADS: usize = 8_000;
const PER_SECOND: u32 = 5_000;
const SECONDS: u32 = 2;

#[derive(Debug, Default)]
struct Figures {
    cpu_us: Vec<f64>,
    generator_us: Vec<f64>,
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
}

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let loads = bench.size(LOADS);
    Report::heading(&format!(
        "pages: {loads} page loads for their cost; then {PER_SECOND} per second for {SECONDS} s on a schedule"
    ));
    let mut all =
        [(Kind::RAW, Figures::default()), (Kind::Plain, Figures::default()), (Kind::Deskbell, Figures::default())];
    for _ in 0..bench.runs {
        for (kind, figures) in &mut all {
            let mut rig = Rig::start(&bench.setup(*kind))?;
            measure(&mut rig, loads, figures)?;
            bench.finish(rig)?;
        }
    }
    for (kind, figures) in &all {
        let name = kind.name();
        bench.report.row(format!("{name}: server CPU per page load"), "µs", &figures.cpu_us, Target::None);
        bench.report.row(format!("{name}: generator CPU per page load"), "µs", &figures.generator_us, Target::None);
        if *kind != Kind::Plain {
            bench.report.row(format!("{name}: p50 to the first state"), "ms", &figures.p50_ms, Target::None);
            bench.report.row(format!("{name}: p99 to the first state"), "ms", &figures.p99_ms, Target::None);
        }
    }
    let [(_, raw), (_, plain), (_, deskbell)] = &all;
    let report = &mut bench.report;
    report.ratio("CPU per page load, plain ÷ raw", &plain.cpu_us, &raw.cpu_us, Target::None);
    report.ratio(
        "CPU per page load, deskbell ÷ raw",
        &deskbell.cpu_us,
        &raw.cpu_us,
        Target::AtMost { target: 1.15, stretch: 1.1 },
    );
    report.row(
        "5,000 page loads/s: p99 to the first state",
        "ms",
        &deskbell.p99_ms,
        Target::AtMost { target: 30.0, stretch: 15.0 },
    );
    Ok(())
}

fn measure(rig: &mut Rig, loads: usize, figures: &mut Figures) -> anyhow::Result<()> {
    rig.warm_up()?;
    let (server, generator) = (rig.server.cpu()?, process::own_cpu()?);
    rig.crowd.join(loads, true, |_| 0)?;
    figures.cpu_us.push(us(rig.server.cpu_since(server)?) / real(loads));
    figures.generator_us.push(us(process::own_cpu_since(generator)?) / real(loads));
    rig.crowd.leave(usize::MAX);
    rig.rest(Duration::from_secs(2))?;

    // The plain server handles less than 5,000 a second, and would fall further and further behind.
    if rig.kind == Kind::Plain {
        return Ok(());
    }
    rig.crowd.take_arrivals();
    rig.crowd.join_on(Schedule::new(now() + Duration::from_millis(50), PER_SECOND, PER_SECOND * SECONDS), 0)?;
    let mut arrivals = rig.crowd.take_arrivals();
    figures.p50_ms.push(percentile(&mut arrivals, 500).map_or(f64::NAN, ms));
    figures.p99_ms.push(percentile(&mut arrivals, 990).map_or(f64::NAN, ms));
    Ok(())
}

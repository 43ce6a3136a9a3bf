//! One account with all widgets: the cost of a delivery, the rate of deliveries, the memory of an
//! idle widget, and whether the operator who makes the change has to wait.

use std::time::Duration;

use super::Bench;
use crate::{
    numbers::{median_ms, real, real64, us},
    process,
    report::{Report, Target},
    rig::Rig,
    server::Kind,
};

pub(super) const WIDGETS: usize = 18_000;
pub(super) const CHANGES: usize = 10;
/// Five times Deskbell's shortest time between two pushes.
pub(super) const EVERY: Duration = Duration::from_millis(500);
pub(super) const CHANGES_ALONE: usize = 30;
pub(super) const EVERY_ALONE: Duration = Duration::from_millis(50);

#[derive(Debug, Default)]
struct Figures {
    cpu_us: Vec<f64>,
    per_second: Vec<f64>,
    last_ms: Vec<f64>,
    resident_kib: Vec<f64>,
    alone_ms: Vec<f64>,
    answer_ms: Vec<f64>,
    generator_us: Vec<f64>,
}

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let widgets = bench.size(WIDGETS);
    let (changes, alone) = (bench.times(CHANGES), bench.times(CHANGES_ALONE));
    Report::heading(&format!("fan-out: {widgets} widgets of one account, {changes} changes per run"));
    let mut all =
        [(Kind::RAW, Figures::default()), (Kind::Plain, Figures::default()), (Kind::Deskbell, Figures::default())];
    for _ in 0..bench.runs {
        for (kind, figures) in &mut all {
            let mut rig = Rig::start(&bench.setup(*kind))?;
            measure(&mut rig, widgets, [changes, alone], figures)?;
            bench.finish(rig)?;
        }
    }
    for (kind, figures) in &all {
        let name = kind.name();
        let report = &mut bench.report;
        report.row(format!("{name}: server CPU per delivery"), "µs", &figures.cpu_us, Target::None);
        report.row(format!("{name}: generator CPU per delivery"), "µs", &figures.generator_us, Target::None);
        report.row(format!("{name}: deliveries per second"), "1/s", &figures.per_second, Target::None);
        report.row(format!("{name}: change sent to last widget"), "ms", &figures.last_ms, Target::None);
        report.row(format!("{name}: RSS per idle widget"), "KiB", &figures.resident_kib, Target::None);
        report.row(format!("{name}: answer to a change, no widgets"), "ms", &figures.alone_ms, Target::None);
        report.row(format!("{name}: answer to a change, all widgets"), "ms", &figures.answer_ms, Target::None);
    }
    let [(_, raw), (_, plain), (_, deskbell)] = &all;
    let report = &mut bench.report;
    report.ratio("server CPU per delivery, plain ÷ raw", &plain.cpu_us, &raw.cpu_us, Target::None);
    report.ratio(
        "server CPU per delivery, deskbell ÷ raw",
        &deskbell.cpu_us,
        &raw.cpu_us,
        Target::AtMost { target: 1.1, stretch: 1.0 },
    );
    report.ratio(
        "deliveries/s until the last has it, deskbell ÷ raw",
        &deskbell.per_second,
        &raw.per_second,
        Target::AtLeast { target: 0.9, stretch: 0.95 },
    );
    report.row(
        "RSS per idle widget, server only",
        "KiB",
        &deskbell.resident_kib,
        Target::AtMost { target: 2.0, stretch: 1.5 },
    );
    report.ratio(
        "the mutation's answer with all widgets ÷ none",
        &deskbell.answer_ms,
        &deskbell.alone_ms,
        Target::AtMost { target: 1.2, stretch: 1.0 },
    );
    Ok(())
}

fn measure(rig: &mut Rig, widgets: usize, [changes, alone]: [usize; 2], figures: &mut Figures) -> anyhow::Result<()> {
    rig.warm_up()?;
    let alone = rig.changes(alone, EVERY_ALONE)?;
    figures.alone_ms.push(median_ms(
        &mut alone.iter().map(|change| change.answered.saturating_sub(change.intended)).collect::<Vec<_>>(),
    ));

    let before = rig.server.resident()?;
    rig.crowd.join(widgets, true, |_| 0)?;
    rig.rest(Duration::from_secs(1))?;
    figures.resident_kib.push(real64(rig.server.resident()?.saturating_sub(before)) / 1024.0 / real(widgets));

    let (server, generator) = (rig.server.cpu()?, process::own_cpu()?);
    let changes = rig.changes(changes, EVERY)?;
    let (server, generator) = (rig.server.cpu_since(server)?, process::own_cpu_since(generator)?);
    let deliveries = real(changes.iter().map(|change| change.received).sum::<usize>());
    figures.cpu_us.push(us(server) / deliveries);
    figures.generator_us.push(us(generator) / deliveries);
    let mut spans: Vec<_> = changes.iter().map(|change| change.last.saturating_sub(change.first)).collect();
    figures.per_second.push(real(widgets) / median_ms(&mut spans) * 1e3);
    figures.last_ms.push(median_ms(
        &mut changes.iter().map(|change| change.last.saturating_sub(change.intended)).collect::<Vec<_>>(),
    ));
    figures.answer_ms.push(median_ms(
        &mut changes.iter().map(|change| change.answered.saturating_sub(change.intended)).collect::<Vec<_>>(),
    ));
    Ok(())
}

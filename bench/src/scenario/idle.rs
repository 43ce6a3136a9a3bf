//! Widgets to which nothing happens: what each costs per minute, with the intervals of real
//! widgets, next to the least that any server can do.

use std::time::Duration;

use super::Bench;
use crate::{
    clock::now,
    heartbeat::Rhythm,
    numbers::{ms, percentile, real, real64, us},
    peer::Fault,
    process,
    report::{Report, Target},
    rig::Rig,
    server::{DEFAULT, Kind},
};

const WIDGETS: usize = 18_000;
const WARM_UP: usize = 200;
const SETTLE: Duration = Duration::from_secs(2);
/// Two intervals of a widget, or one.
const WINDOW: Duration = Duration::from_secs(80);
const WINDOW_QUICK: Duration = Duration::from_secs(40);

#[derive(Debug, Default)]
struct Figures {
    exchange_us: Vec<f64>,
    minute_us: Vec<f64>,
    generator_us: Vec<f64>,
    exchanges: Vec<f64>,
    pinged: Vec<f64>,
    p99_ms: Vec<f64>,
    resident_kib: Vec<f64>,
}

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let widgets = bench.size(WIDGETS);
    let window = if bench.quick { WINDOW_QUICK } else { WINDOW };
    Report::heading(&format!("idle: {widgets} widgets that only send their pings, for {} s", window.as_secs()));
    let mut all = [Kind::RawIdle(Fault::None), Kind::Deskbell].map(|kind| (kind, Figures::default()));
    for _ in 0..bench.runs {
        for (kind, figures) in &mut all {
            let mut setup = bench.setup(*kind);
            setup.settings.push(("WS_KEEPALIVE", DEFAULT));
            let mut rig = Rig::start(&setup)?;
            measure(&mut rig, widgets, window, figures)?;
            bench.finish(rig)?;
        }
    }
    for (kind, figures) in &all {
        let name = kind.name();
        let report = &mut bench.report;
        report.row(format!("{name}: server CPU per exchange"), "µs", &figures.exchange_us, Target::None);
        report.row(format!("{name}: server CPU per widget-minute"), "µs", &figures.minute_us, Target::None);
        report.row(format!("{name}: generator CPU per widget-minute"), "µs", &figures.generator_us, Target::None);
        report.row(format!("{name}: exchanges per widget-minute"), "", &figures.exchanges, Target::None);
        report.row(format!("{name}: p99 from ping to pong"), "ms", &figures.p99_ms, Target::None);
        report.row(format!("{name}: RSS per idle widget"), "KiB", &figures.resident_kib, Target::None);
    }
    let [(_, raw), (_, deskbell)] = &all;
    let report = &mut bench.report;
    report.ratio(
        "server CPU of an idle widget, deskbell ÷ raw-idle",
        &deskbell.minute_us,
        &raw.minute_us,
        Target::AtMost { target: 1.5, stretch: 1.2 },
    );
    report.row(
        "server CPU of an idle widget per minute",
        "µs",
        &deskbell.minute_us,
        Target::AtMost { target: 45.0, stretch: 30.0 },
    );
    report.row(
        "pings of the server per widget-minute",
        "",
        &deskbell.pinged,
        Target::AtMost { target: 0.0, stretch: 0.0 },
    );
    Ok(())
}

fn measure(rig: &mut Rig, widgets: usize, window: Duration, figures: &mut Figures) -> anyhow::Result<()> {
    // `Rig::warm_up` makes changes, which raw-idle does not deliver.
    rig.crowd.join(WARM_UP, true, |_| 0)?;
    rig.crowd.leave(WARM_UP);
    rig.rest(SETTLE)?;

    let before = rig.server.resident()?;
    rig.crowd.send_pings(Rhythm::OF_A_WIDGET);
    rig.crowd.join(widgets, true, |_| 0)?;
    rig.rest(SETTLE)?;
    figures.resident_kib.push(real64(rig.server.resident()?.saturating_sub(before)) / 1024.0 / real(widgets));

    rig.crowd.take_pongs();
    rig.crowd.take_pinged();
    let (server, generator, began) = (rig.server.cpu()?, process::own_cpu()?, now());
    rig.rest(window)?;
    let took = now().saturating_sub(began);
    let (server, generator) = (rig.server.cpu_since(server)?, process::own_cpu_since(generator)?);
    let widget_minutes = real(widgets) * took.as_secs_f64() / 60.0;
    let mut pongs = rig.crowd.take_pongs();
    figures.exchange_us.push(us(server) / real(pongs.len()));
    figures.minute_us.push(us(server) / widget_minutes);
    figures.generator_us.push(us(generator) / widget_minutes);
    figures.exchanges.push(real(pongs.len()) / widget_minutes);
    figures.pinged.push(real(rig.crowd.take_pinged()) / widget_minutes);
    figures.p99_ms.push(percentile(&mut pongs, 990).map_or(f64::NAN, ms));
    Ok(())
}

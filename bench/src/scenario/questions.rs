//! Queries while a change fans out: the dashboard must not wait for the widgets.

use std::time::Duration;

use super::Bench;
use crate::{
    ask::ask_on,
    clock::{Schedule, now},
    numbers::{ms, percentile, real},
    report::{Report, Target},
    rig::Rig,
    server::Kind,
};

const WIDGETS: usize = 10_000;
const PER_SECOND: u32 = 200;
const SECONDS: u32 = 10;
const EVERY: Duration = Duration::from_millis(500);
pub(super) const QUERY: &str = "{ account { name seats { used limit } } viewer { name isActive } }";

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let (widgets, seconds) = (bench.size(WIDGETS), bench.seconds(SECONDS));
    Report::heading(&format!(
        "questions: {PER_SECOND} queries per second for {seconds} s while changes fan out to {widgets} widgets"
    ));
    let (mut quiet, mut meanwhile, mut counted) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        let mut rig = Rig::start(&bench.setup(Kind::Deskbell))?;
        rig.warm_up()?;
        rig.crowd.join(widgets, true, |_| 0)?;
        rig.rest(Duration::from_secs(1))?;

        let start = now() + Duration::from_millis(100);
        let mut calm = ask_on(Schedule::new(start, PER_SECOND, PER_SECOND * 2), &rig.asker(1), QUERY);
        rig.rest(Duration::from_secs(2))?;
        let mut calm: Vec<_> = calm.join()?.into_iter().map(|(_, took)| took).collect();
        quiet.push(percentile(&mut calm, 990).map_or(f64::NAN, ms));

        let start = now() + Duration::from_millis(100);
        let mut asked = ask_on(Schedule::new(start, PER_SECOND, PER_SECOND * seconds), &rig.asker(1), QUERY);
        let mut changes = Vec::new();
        while now() < start + Duration::from_secs(u64::from(seconds)) {
            changes.extend(rig.changes(1, EVERY)?);
        }
        let answers = asked.join()?;
        // Only the queries that were sent during a change: all others would hide them.
        let during = |asked: Duration| changes.iter().any(|change| (change.intended..=change.last).contains(&asked));
        let mut during: Vec<_> =
            answers.into_iter().filter(|(asked, _)| during(*asked)).map(|(_, took)| took).collect();
        counted.push(real(during.len()));
        meanwhile.push(percentile(&mut during, 990).map_or(f64::NAN, ms));
        bench.finish(rig)?;
    }
    let report = &mut bench.report;
    report.row("p99 of a query, no changes", "ms", &quiet, Target::None);
    report.row("queries sent during a change", "", &counted, Target::None);
    let target = Target::AtMost { target: 12.0, stretch: 8.0 };
    report.row("p99 of 200 queries/s while a change fans out", "ms", &meanwhile, target);
    Ok(())
}

//! A query and a mutation, against the same statements without GraphQL, and the number of
//! statements.

use std::time::Duration;

use serde_json::json;

use super::Bench;
use crate::{
    ask::Asker,
    clock::now,
    numbers::{median_ms, real, us},
    place::{Wanted, global_id},
    postgres::Cluster,
    process,
    report::{Report, Target},
    rig::Rig,
    server::Kind,
    sql::Statements,
};

const PAGES: [u32; 3] = [10, 50, 100];
const QUERIES: usize = 1_000;
const MUTATIONS: usize = 100;
/// Large enough to fill every page.
const ACCOUNT: Wanted = Wanted { active: 120, inactive: 1 };

const LIST: &str = "query List($first: Int!) { account { operators(first: $first) { nodes { id name email } } } }";
const ACTIVATE: &str = "mutation($id: ID!) { activateOperator(input: { operatorId: $id }) { operator { id isActive } \
     userErrors { __typename } } }";
const DEACTIVATE: &str = "mutation($id: ID!) { deactivateOperator(input: { operatorId: $id }) { operator { id isActive } \
     userErrors { __typename } } }";

/// The cost of one operation on one side.
#[derive(Debug, Default)]
struct Cost {
    /// CPU time of the process that runs the statements.
    cpu_us: Vec<f64>,
    /// Time until it is done; the median of a run.
    takes_us: Vec<f64>,
}

impl Cost {
    fn note(&mut self, cpu: Duration, mut took: Vec<Duration>) {
        self.cpu_us.push(us(cpu) / real(took.len()));
        self.takes_us.push(median_ms(&mut took) * 1e3);
    }
}

#[derive(Debug, Default)]
struct Figures {
    served: Cost,
    bare: Cost,
    statements: Vec<f64>,
}

impl Figures {
    fn note(&mut self, side: Side, count: usize) {
        self.statements.push(real(side.statements) / real(count));
        self.served.note(side.served_cpu, side.served);
        self.bare.note(side.bare_cpu, side.bare);
    }
}

/// The operations of one kind in one run.
#[derive(Debug, Default)]
struct Side {
    served: Vec<Duration>,
    served_cpu: Duration,
    statements: usize,
    bare: Vec<Duration>,
    bare_cpu: Duration,
}

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    one_database(bench, "SQLite", || Ok(None))?;
    if bench.postgres {
        let mut cluster = Cluster::start()?;
        one_database(bench, "PostgreSQL", || cluster.database().map(Some))?;
    }
    Ok(())
}

fn one_database(
    bench: &mut Bench,
    name: &str,
    mut database: impl FnMut() -> anyhow::Result<Option<String>>,
) -> anyhow::Result<()> {
    Report::heading(&format!("queries on {name}: one after another, against the same statements without GraphQL"));
    let mut lists = PAGES.map(|first| (first, Figures::default()));
    let (mut activate, mut deactivate) = (Figures::default(), Figures::default());
    for _ in 0..bench.runs {
        let mut setup = bench.setup(Kind::Deskbell);
        setup.accounts = vec![ACCOUNT];
        setup.database_url = database()?;
        let rig = Rig::start(&setup)?;
        let bare = Statements::open(rig.database_url().expect("Deskbell has a database"), &rig.accounts[0])?;
        let mut asker = rig.asker(0);
        for (first, figures) in &mut lists {
            list(&rig, &mut asker, &bare, *first, bench.size(QUERIES), figures)?;
        }
        mutate(&rig, &mut asker, &bare, bench.size(MUTATIONS), [&mut activate, &mut deactivate])?;
        drop(bare);
        bench.finish(rig)?;
    }
    for (first, figures) in &lists {
        print(bench, &format!("operators(first: {first})"), figures);
    }
    print(bench, "activateOperator", &activate);
    print(bench, "deactivateOperator", &deactivate);
    let [(_, few), .., (_, many)] = &lists;
    // The mail worker also runs a statement now and then.
    let same = Target::AtMost { target: 1.02, stretch: 1.02 };
    bench.report.ratio(format!("{name}: statements of a page of 100 ÷ of 10"), &many.statements, &few.statements, same);
    Ok(())
}

fn print(bench: &mut Bench, what: &str, figures: &Figures) {
    let Figures { served, bare, statements } = figures;
    let report = &mut bench.report;
    report.row(format!("{what}: statements"), "", statements, Target::None);
    report.row(format!("{what}: answer"), "µs", &served.takes_us, Target::None);
    report.row(format!("{what}: the statements alone"), "µs", &bare.takes_us, Target::None);
    report.ratio(format!("{what}: answer ÷ statements alone"), &served.takes_us, &bare.takes_us, Target::None);
    report.row(format!("{what}: server CPU"), "µs", &served.cpu_us, Target::None);
    report.row(format!("{what}: CPU of the statements alone"), "µs", &bare.cpu_us, Target::None);
}

fn list(
    rig: &Rig,
    asker: &mut Asker,
    bare: &Statements,
    first: u32,
    count: usize,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let variables = json!({ "first": first });
    let once = |asker: &mut Asker| {
        let sent = now();
        let (data, at) = asker.graphql(LIST, &variables)?;
        let nodes = data["account"]["operators"]["nodes"].as_array().map_or(0, Vec::len);
        anyhow::ensure!(nodes == first as usize, "{nodes} of {first} operators");
        anyhow::Ok(at.saturating_sub(sent))
    };
    for _ in 0..20 {
        once(asker)?;
        bare.list(u64::from(first))?;
    }
    let (statements, mut side) = (rig.statements()?, Side::default());
    for _ in 0..count {
        let cpu = rig.server.cpu()?;
        side.served.push(once(asker)?);
        side.served_cpu += rig.server.cpu_since(cpu)?;
        let cpu = process::own_cpu()?;
        side.bare.push(bare.list(u64::from(first))?);
        side.bare_cpu += process::own_cpu_since(cpu)?;
    }
    side.statements = rig.statements()? - statements;
    figures.note(side, count);
    Ok(())
}

/// The two sides alternate, so that a temporarily slow machine or disk affects both.
fn mutate(
    rig: &Rig,
    asker: &mut Asker,
    bare: &Statements,
    count: usize,
    figures: [&mut Figures; 2],
) -> anyhow::Result<()> {
    let id = *rig.accounts[0].operators.last().expect("operators");
    let variables = json!({ "id": global_id(id) });
    let mut sums = [Side::default(), Side::default()];
    for _ in 0..count {
        for (side, (active, field, mutation)) in
            sums.iter_mut().zip([(true, "activateOperator", ACTIVATE), (false, "deactivateOperator", DEACTIVATE)])
        {
            let (statements, cpu, sent) = (rig.statements()?, rig.server.cpu()?, now());
            let (_, at) = asker.mutate(field, mutation, &variables)?;
            side.served.push(at.saturating_sub(sent));
            side.served_cpu += rig.server.cpu_since(cpu)?;
            side.statements += rig.statements()? - statements;
            // Undo the server's change, so that the bare statements find the same state.
            if active {
                asker.mutate("deactivateOperator", DEACTIVATE, &variables)?;
            } else {
                asker.mutate("activateOperator", ACTIVATE, &variables)?;
            }
            let cpu = process::own_cpu()?;
            side.bare.push(bare.set_active(id, active)?);
            side.bare_cpu += process::own_cpu_since(cpu)?;
        }
    }
    for (figures, side) in figures.into_iter().zip(sums) {
        figures.note(side, count);
    }
    Ok(())
}

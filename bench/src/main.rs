//! `deskbell-bench`: `./scripts/bench` builds and runs it.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use deskbell_bench::{
    leftovers,
    peer::{self, Fault},
    report::Report,
    scenario::{ALL, Bench},
    torture::Inject,
    wire,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve", "plain"] => serve(peer::plain::serve()),
        ["serve", "raw"] => serve(peer::raw::serve(Fault::None)),
        ["serve", "raw", fault] => {
            fault.parse().map_err(anyhow::Error::msg).and_then(|fault| serve(peer::raw::serve(fault)))
        }
        ["serve", "raw-idle"] => peer::raw_idle::serve(Fault::None),
        ["serve", "raw-idle", fault] => fault.parse().map_err(anyhow::Error::msg).and_then(peer::raw_idle::serve),
        ["help"] => {
            println!("{}", help());
            Ok(())
        }
        arguments => bench(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Multi-threaded with one thread a core, like every server under test.
fn serve(server: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(server)
}

fn bench(arguments: &[&str]) -> anyhow::Result<()> {
    let beside = std::env::current_exe()?.with_file_name("deskbell");
    let mut bench = Bench {
        runs: 0,
        quick: false,
        deskbell: beside,
        postgres: false,
        minutes: None,
        seed: None,
        inject: Inject::Nothing,
        report: Report::default(),
    };
    let (mut chosen, mut rest) = (Vec::new(), arguments.iter());
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().with_context(|| format!("{argument} needs a value"));
        match *argument {
            "--quick" => bench.quick = true,
            "--postgres" => bench.postgres = true,
            "--runs" => bench.runs = value()?.parse().context("--runs")?,
            "--minutes" => bench.minutes = Some(value()?.parse().context("--minutes")?),
            "--seed" => bench.seed = Some(value()?.parse().context("--seed")?),
            "--inject" => bench.inject = value()?.parse()?,
            "--deskbell" => bench.deskbell = PathBuf::from(value()?),
            name => {
                chosen.push(
                    ALL.iter()
                        .find(|(known, ..)| *known == name)
                        .with_context(|| format!("There is no {name:?}. {}", help()))?,
                );
            }
        }
    }
    if bench.runs == 0 {
        bench.runs = if bench.quick { 1 } else { 5 };
    }
    if chosen.is_empty() {
        chosen = ALL.iter().filter(|(_, _, usual, _)| *usual).collect();
    }
    anyhow::ensure!(bench.deskbell.exists(), "{} is not built", bench.deskbell.display());
    leftovers::clear_on_signal()?;
    let files = wire::raise_file_limit()?;
    anyhow::ensure!(
        files >= 19_000 || bench.quick,
        "18,000 widgets need as many open files, and {files} are allowed: try --quick"
    );
    for (name, _, _, run) in chosen {
        let began = std::time::Instant::now();
        run(&mut bench).with_context(|| (*name).to_owned())?;
        println!("   ({name}: {} s)", began.elapsed().as_secs());
    }
    bench.report.print();
    Ok(())
}

fn help() -> String {
    let scenarios: Vec<_> = ALL.iter().map(|(name, about, ..)| format!("  {name:<12} {about}")).collect();
    format!("The scenarios:\n{}", scenarios.join("\n"))
}

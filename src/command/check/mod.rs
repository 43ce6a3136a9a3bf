//! `deskbell check`: reads the settings, tries what they lead to, and prints a line for each
//! result. It changes nothing: no file, no row, no lock, and no message that a server reads.
//!
//! Connections are tried at the same time, each for a few seconds at most, and the lines have a
//! fixed order.

mod addresses;
mod bus;
mod database;
mod machine;
mod mail;
mod ready;
mod report;

use std::{process::ExitCode, sync::Arc};

use anyhow::bail;
use clap::{Arg, ArgAction, ArgMatches};

use self::report::{Line, Verdict, note, ok, wrong};
use super::output::print;
use crate::{
    config::{Config, Fault},
    log,
    plans::Plans,
};

const SETTINGS: &str = "settings";

/// The description in `deskbell --help`.
pub const ABOUT: &str = "Check the settings and what they lead to; changes nothing";

/// The description in `deskbell check --help`.
pub const HELP: &str = "Check the settings and what they lead to: database, addresses, proxies, mail, bus and machine.\n\nPrints a line for each result. `ok` works, `note` works and may not be what you want, `wrong` does not work, and the line names the setting to change. Changes nothing: no file, no migration, no lock. May run next to a server.\n\nExit status: 0 if nothing is wrong, 1 if something is, 2 if a setting is invalid.";

pub fn args() -> Vec<Arg> {
    vec![
        Arg::new("ready").long("ready").action(ArgAction::SetTrue).help(
            "Only ask the running server at DESKBELL_LISTEN on this machine whether it is ready, and print its answer; the exit status is 0 if it is. For the health check of a container",
        ),
        Arg::new("send-to")
            .long("send-to")
            .value_name("ADDRESS")
            .conflicts_with("ready")
            .help("Also send a test mail to this address"),
    ]
}

/// Whether only the running server is asked.
pub fn is_about_readiness(matches: &ArgMatches) -> bool {
    matches.get_flag("ready")
}

/// Runs the checks that the arguments request. `unknown` are the variables that are not settings.
pub async fn run(config: Config, matches: &ArgMatches, unknown: &[String]) -> anyhow::Result<()> {
    if is_about_readiness(matches) {
        return ready::run(&config).await;
    }
    // Set explicitly before the first TLS connection, as when a server starts.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut report = Report::default();
    report.add(about_unknown(unknown))?;
    report.add([ok(SETTINGS, "all are valid")])?;

    let (config, send_to) = (Arc::new(config), matches.get_one::<String>("send-to").cloned());
    let (of, to) = (Arc::clone(&config), send_to);
    let mail = tokio::spawn(async move { mail::lines(&of, to.as_deref()).await });
    let of = Arc::clone(&config);
    let bus = tokio::spawn(async move {
        match &of.bus {
            Some(bus) => Some(bus::lines(bus).await),
            None => None,
        }
    });
    let of = Arc::clone(&config);
    let look = tokio::spawn(async move { database::look(&of).await });

    report.add(addresses::listen(&config).await)?;
    report.add([addresses::public_url(&config), addresses::proxies(&config)])?;
    let look = look.await?;
    report.add(look.database())?;
    report.add(look.migrations())?;
    report.add([look.sign_up(&config), plans(&config)])?;
    report.add(mail.await?)?;
    report.add(bus.await?.unwrap_or_else(|| vec![look.without_bus(&config)]))?;
    report.add([machine::open_files(&config), look.clock()])?;
    report.end()
}

/// Reports invalid settings. Without valid ones, nothing else can be checked.
pub fn invalid(faults: &[Fault], unknown: &[String]) -> ExitCode {
    let lines = about_unknown(unknown).chain(faults.iter().map(|fault| wrong(SETTINGS, fault.to_string())));
    if let Err(error) = Report::default().add(lines) {
        log::complain(format_args!("deskbell: {error:#}"));
    }
    ExitCode::from(super::USAGE)
}

fn about_unknown(unknown: &[String]) -> impl Iterator<Item = Line> {
    unknown.iter().map(|fault| note(SETTINGS, fault.as_str()))
}

fn plans(config: &Config) -> Line {
    let names: Vec<_> = config.plans.all().iter().map(|plan| plan.name.as_str()).collect();
    let about = match config.plans.single() {
        Some(_) => "every account has all seats",
        None if config.plans == Plans::published() => "DESKBELL_PLANS=unlimited gives every account all seats",
        None => "as in DESKBELL_PLANS",
    };
    ok("plans", format!("{}: {about}", names.join(", ")))
}

/// Prints lines, and counts what is wrong.
#[derive(Debug, Default)]
struct Report {
    wrong: usize,
}

impl Report {
    fn add(&mut self, lines: impl IntoIterator<Item = Line>) -> anyhow::Result<()> {
        let lines: Vec<_> = lines.into_iter().collect();
        self.wrong += lines.iter().filter(|line| line.verdict == Verdict::Wrong).count();
        print(lines.iter().map(ToString::to_string).collect::<String>())
    }

    fn end(self) -> anyhow::Result<()> {
        match self.wrong {
            0 => Ok(()),
            1 => bail!("1 check found a fault"),
            wrong => bail!("{wrong} checks found a fault"),
        }
    }
}

//! The command line: `serve` (the default), `demo`, `check`, `migrate`, `schema`, `account create`,
//! `operator reset-password`, `operator set-address`.

mod account;
mod check;
mod demo;
mod first_run;
mod operator;
mod output;
mod serve;
mod service_manager;
mod typed_password;

use std::{collections::HashSet, process::ExitCode};

use clap::{ArgMatches, Command};

use crate::{
    app::db::InUse,
    config::{Config, settings},
    log,
};

/// Exit status for a wrong setting, a wrong command line, or a database that another server uses.
const USAGE: u8 = 2;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let _flushed = log::FlushOnDrop;
    let matches = cli().get_matches();
    if let Some(("schema", _)) = matches.subcommand() {
        return ended(output::print_while_read(crate::schema::sdl()));
    }
    let (name, matches) = matches.subcommand().unwrap_or(("serve", &matches));
    // `account create` and the commands of `operator` have their settings one level down.
    let (name, matches) = match matches.subcommand() {
        Some((below, matches)) => (format!("{name} {below}"), matches),
        None => (name.to_owned(), matches),
    };
    let unknown = unknown_variables();
    // Its report has these lines.
    let is_report = name == "check" && !check::is_about_readiness(matches);
    for line in unknown.iter().filter(|_| !is_report) {
        log::complain(format_args!("deskbell: {line}"));
    }
    let config = match Config::read(&settings::Values::of(matches)) {
        Ok(config) => config,
        Err(faults) if is_report => return check::invalid(&faults, &unknown),
        Err(faults) => {
            for fault in faults {
                log::complain(format_args!("deskbell: {fault}"));
            }
            return ExitCode::from(USAGE);
        }
    };
    log::start(&config.log);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return ended(Err(error.into())),
    };
    let done = runtime.block_on(run(&name, matches, config, &unknown));
    // Work that no longer matters, such as a delivery to a relay that does not answer, must not
    // delay the exit.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    ended(done)
}

async fn run(name: &str, matches: &ArgMatches, config: Config, unknown: &[String]) -> anyhow::Result<()> {
    match name {
        "serve" => Box::pin(serve::run(config)).await,
        "demo" => Box::pin(demo::run(config)).await,
        "check" => Box::pin(check::run(config, matches, unknown)).await,
        "migrate" => serve::migrate(config).await,
        "account create" => account::create(config, matches).await,
        "operator reset-password" => operator::reset_password(config, matches).await,
        "operator set-address" => operator::set_address(config, matches).await,
        _ => unreachable!("clap knows no other command"),
    }
}

fn ended(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::complain(format_args!("deskbell: {}", format!("{error:#}").replace('\n', " ")));
            if error.is::<InUse>() { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
        }
    }
}

/// One line for each unknown name, which is most likely a typing error.
#[expect(clippy::disallowed_methods, reason = "reads the names of variables, not their values")]
fn unknown_variables() -> Vec<String> {
    let known: HashSet<_> = settings::known().iter().map(settings::Setting::variable).collect();
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names
        .filter(|name| name.starts_with("DESKBELL_") && !name.starts_with("DESKBELL_TEST_"))
        .filter(|name| !known.contains(name))
        .map(|name| format!("{name} is not a setting of this version and is not read"))
        .collect()
}

fn cli() -> Command {
    let with_settings =
        |name: &'static str, about: &'static str| Command::new(name).about(about).args(settings::args());
    Command::new("deskbell")
        .version(env!("CARGO_PKG_VERSION"))
        .about("GraphQL server with real-time subscriptions for the operators of a website's live chat")
        .long_about("GraphQL server with real-time subscriptions for the operators of a website's live chat.\n\nWithout a command it runs the server. Each setting is an environment variable DESKBELL_NAME or a flag --name; `deskbell serve --help` lists them.")
        .args(settings::args().map(|arg| arg.hide(true)))
        // Flags before a command would have no effect: the command has its own flags.
        .args_conflicts_with_subcommands(true)
        .subcommand(with_settings("serve", "Run the server (the default)"))
        .subcommand(with_settings("demo", "Run a server with an example account and its website on a temporary database, and print how to reach them"))
        .subcommand(with_settings("check", check::ABOUT).long_about(check::HELP).args(check::args()))
        .subcommand(with_settings("migrate", "Run the pending database migrations and exit; `serve` also runs them"))
        .subcommand(Command::new("schema").about("Print the GraphQL schema"))
        .subcommand(
            Command::new("account")
                .about("Manage accounts")
                .subcommand_required(true)
                .subcommand(with_settings("create", "Create an account, even if sign-up is closed").args(account::args())),
        )
        .subcommand(
            Command::new("operator")
                .about("Manage operators")
                .subcommand_required(true)
                .subcommand(with_settings("reset-password", "Set an operator's password and end all their sessions").args(operator::args()))
                .subcommand(
                    with_settings("set-address", "Set an operator's e-mail address, such as that of an owner who lost access to theirs")
                        .args(operator::address_args()),
                ),
        )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_sound() {
        super::cli().debug_assert();
    }
}

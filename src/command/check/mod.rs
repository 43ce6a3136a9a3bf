//! `deskbell check`.

mod ready;

use clap::{Arg, ArgAction, ArgMatches};

use crate::config::Config;

pub fn args() -> Vec<Arg> {
    vec![Arg::new("ready").long("ready").action(ArgAction::SetTrue).required(true).help(
        "Ask the running server at DESKBELL_LISTEN on this machine whether it is ready, and print its answer; the exit status is 0 if it is. For the health check of a container",
    )]
}

/// Runs the checks that the arguments request.
pub async fn run(config: Config, _matches: &ArgMatches) -> anyhow::Result<()> {
    ready::run(&config).await
}

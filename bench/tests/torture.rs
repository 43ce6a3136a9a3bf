//! Short runs of `./scripts/bench torture`, with the debug program of the server.
//!
//! Run only when requested, by `./scripts/test servers`, which builds that program: they need
//! PostgreSQL and nats-server, and take minutes.

use std::process::{Command, Output};

/// Runs it with the small load.
fn torture(options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell-bench"));
    let output = command.args(["torture", "--quick"]).args(options).output().expect("the program was built");
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
fn nothing_is_lost_or_doubled_while_everything_fails() {
    assert!(torture(&["--minutes", "1"]).status.success());
}

/// The count of a kind of fault, in a run that must fail.
fn found(fault: &str, options: &[&str]) -> usize {
    let output = torture(options);
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&output.stdout);
    let count =
        printed.lines().find_map(|line| line.trim().strip_prefix(fault)?.split_whitespace().next()?.parse().ok());
    count.expect("the table has the fault")
}

#[test]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
fn clients_that_repeat_under_a_new_id_are_found() {
    assert!(found("doubled", &["--minutes", "0.25", "--inject", "new-id"]) > 0);
}

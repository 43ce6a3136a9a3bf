//! A log that cannot be written loses log lines and nothing else.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    process::Stdio,
};

use serde_json::json;

use crate::support::{
    process::{Folder, Program},
    smtp::SmtpSink,
};

const PASSWORD: &str = "seven-otters-juggle-plums";

/// A device on which every write fails with ENOSPC.
fn full_device() -> Stdio {
    File::create("/dev/full").expect("Linux has this device").into()
}

/// An address that was free a moment ago, for a program whose log is not read.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound")
}

/// The value of a metric.
async fn figure(metrics: SocketAddr, name: &str) -> u64 {
    let text = reqwest::get(format!("http://{metrics}/metrics")).await.expect("an answer").text().await.expect("text");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().expect("a count")
}

/// Starts a server with this standard error.
async fn serve(folder: &Folder, stderr: Stdio, settings: &[(&str, &str)]) -> (Program, SocketAddr) {
    let (address, metrics) = (free_address(), free_address());
    let (listen, metrics_listen) = (address.to_string(), metrics.to_string());
    let mut all = vec![("LISTEN", listen.as_str()), ("METRICS_LISTEN", &metrics_listen)];
    all.extend(settings);
    let mut program = Program::spawn_into(folder.command(&["serve"], &all), "", Stdio::piped(), stderr);
    program.answers(address).await;
    (program, metrics)
}

async fn asks_for_recovery(program: &Program, email: &str) {
    let ask =
        "mutation($email: String!) { requestPasswordRecovery(input: { email: $email }) { userErrors { __typename } } }";
    let answer = program.ask(None, ask, json!({ "email": email })).await;
    assert_eq!(answer["data"]["requestPasswordRecovery"]["userErrors"], json!([]), "{answer}");
}

#[tokio::test]
async fn on_a_full_disk_the_server_starts_serves_and_stops_normally() {
    let folder = Folder::new();
    let (program, metrics) = serve(&folder, full_device(), &[]).await;
    program.sign_up("ada@acme.example", PASSWORD).await;
    assert_eq!(reqwest::get(program.url("/readyz")).await.expect("an answer").status(), 200);
    let lost = figure(metrics, "deskbell_log_lines_lost_total").await;
    assert!(lost > 0, "{lost}");
    program.signal("TERM");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert_eq!(folder.files(), ["deskbell.db"], "the journal of SQLite is merged into the file");
}

#[tokio::test]
async fn a_log_reader_that_is_gone_stops_neither_mail_nor_the_shutdown() {
    // The first recipient is deferred, which logs a line.
    let mut relay = SmtpSink::answering(|line| line.starts_with("RCPT TO:<ada@").then_some("450 4.2.0 later")).await;
    let folder = Folder::new();
    let (reader, stderr) = std::io::pipe().expect("a pipe");
    let smtp = relay.url();
    let (program, metrics) = serve(&folder, stderr.into(), &[("SMTP_URL", &smtp), ("SIGN_UP", "on")]).await;
    for email in ["ada@acme.example", "bob@beta.example"] {
        program.sign_up(email, PASSWORD).await;
    }
    drop(reader);

    // Each worker gets a mail to defer.
    for _ in 0..3 {
        asks_for_recovery(&program, "ada@acme.example").await;
    }
    crate::support::eventually("the deferred mails", async || {
        figure(metrics, "deskbell_log_lines_lost_total").await >= 3
    })
    .await;
    asks_for_recovery(&program, "bob@beta.example").await;
    assert_eq!(relay.next().await.to, "bob@beta.example");
    program.signal("TERM");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
}

#[tokio::test]
async fn a_log_reader_that_does_not_read_delays_no_request() {
    let folder = Folder::new();
    let (reader, stderr) = std::io::pipe().expect("a pipe");
    let (program, metrics) = serve(&folder, stderr.into(), &[("LOG", "trace")]).await;
    // Far more than the pipe and the queue hold: each line contains the path.
    let long = "x".repeat(30_000);
    crate::support::eventually("a full queue", async || {
        let answer = reqwest::get(program.url(&format!("/{long}"))).await.expect("an answer");
        assert_eq!(answer.status(), 404);
        figure(metrics, "deskbell_log_lines_lost_total").await > 0
    })
    .await;
    program.sign_up("ada@acme.example", PASSWORD).await;
    program.signal("TERM");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");

    // A later reader gets the log from its beginning, and only the last line may be incomplete.
    let lines: Vec<_> = BufReader::new(reader).lines().map_while(Result::ok).collect();
    assert!(lines.iter().rev().skip(1).all(|line| line.starts_with("20")), "{lines:?}");
}

#[tokio::test]
async fn a_command_whose_output_cannot_be_printed_fails_with_one_line() {
    for command in [&["schema"][..], &["migrate"]] {
        let folder = Folder::new();
        let ended = Program::spawn_into(folder.command(command, &[]), "", full_device(), Stdio::piped()).ended().await;
        assert_eq!(ended.code(), Some(1), "{command:?}: {ended:?}");
        let last = ended.error_lines().last().copied().unwrap_or_default();
        assert!(last.starts_with("deskbell: standard output cannot be written: "), "{command:?}: {ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{command:?}: {ended:?}");
    }
    let folder = Folder::new();
    let (reader, stdout) = std::io::pipe().expect("a pipe");
    drop(reader);
    let ended = Program::spawn_into(folder.command(&["schema"], &[]), "", stdout.into(), Stdio::piped()).ended().await;
    assert_eq!((ended.code(), ended.stderr.as_str()), (Some(0), ""), "a reader that stops early is no error");
}

#[tokio::test]
async fn a_demo_whose_output_cannot_be_printed_keeps_serving() {
    let folder = Folder::new();
    let program =
        Program::spawn_into(folder.command(&["demo"], &[("LISTEN", "127.0.0.1:0")]), "", full_device(), Stdio::piped());
    program.logs("the instructions could not be printed").await;
    program.signal("TERM");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
}

//! `deskbell check`: what it reports, and that it changes nothing.

mod database;
mod faults;
mod ready;
mod unchanged;

use std::{process::Command, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::Instant,
};

use crate::support::{
    Database,
    postgres::free_port,
    process::{Ended, Folder, Program},
    smtp::SmtpSink,
};

/// All checks together take less.
const WITHIN: Duration = Duration::from_secs(20);

/// Settings that pass all checks apart from those of the database and of mail, on a machine with a
/// low limit on open files.
fn local(port: u16) -> [(&'static str, String); 2] {
    [("LISTEN", format!("127.0.0.1:{port}")), ("MAX_CONNECTIONS", "100".to_owned())]
}

/// Runs `deskbell check` with [`local`] settings and these. It ends in time and shows no secret.
async fn check(folder: &Folder, args: &[&str], settings: &[(&str, &str)]) -> Ended {
    check_by(|command| command, folder, args, settings).await
}

/// [`check`] of a command that is changed first.
async fn check_by(
    change: impl FnOnce(Command) -> Command,
    folder: &Folder,
    args: &[&str],
    settings: &[(&str, &str)],
) -> Ended {
    let local = local(free_port());
    let settings: Vec<_> =
        local.iter().map(|(name, value)| (*name, value.as_str())).chain(settings.iter().copied()).collect();
    let began = Instant::now();
    let ended = Program::spawn(change(folder.command(&[&["check"], args].concat(), &settings)), "").ended().await;
    assert!(began.elapsed() < WITHIN, "{:?}: {ended:?}", began.elapsed());
    for output in [&ended.stdout, &ended.stderr] {
        for secret in ["swordfish", "c3dvcmRmaXNo", "AGFkYQBzd29yZGZpc2g"] {
            assert!(!output.contains(secret), "{secret} is shown: {ended:?}");
        }
    }
    ended
}

/// The same command as the argument of another program.
fn through(program: &[&str], command: &Command) -> Command {
    let mut through = Command::new(program[0]);
    through.args(&program[1..]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => through.env(name, value),
            None => through.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        through.current_dir(folder);
    }
    through
}

/// For root, without the right to read and write all files.
fn unprivileged(command: Command) -> Command {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    if id.stdout.trim_ascii() != b"0" {
        return command;
    }
    through(&["setpriv", "--bounding-set=-all", "--inh-caps=-all"], &command)
}

/// The beginning of each line: what it says about which subject.
fn verdicts(ended: &Ended) -> Vec<String> {
    let words =
        |line: &str| line.split(':').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    ended.stdout.lines().map(words).collect()
}

/// The only line that says that something is wrong.
fn the_fault(ended: &Ended) -> &str {
    let wrong: Vec<_> = ended.stdout.lines().filter(|line| line.starts_with("wrong ")).collect();
    let [line] = wrong[..] else { panic!("{ended:?}") };
    assert_eq!((ended.code(), ended.stderr.as_str()), (Some(1), "deskbell: 1 check found a fault\n"), "{ended:?}");
    line
}

/// A program on a free port that answers every request with these bytes. Returns its address.
async fn answers(bytes: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async move {
        // Ends with the runtime of the test.
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let read = stream.read(&mut [0; 1024]).await;
                if bytes.is_empty() {
                    std::future::pending::<()>().await;
                }
                // The program may have ended.
                let _written = stream.write_all(bytes.as_bytes()).await;
                drop(read);
            });
        }
    });
    address
}

#[tokio::test]
async fn a_server_that_is_set_up_well_has_a_line_for_each_check() {
    let (database, folder, sink) = (Database::fresh().await, Folder::new(), SmtpSink::start().await);
    let (url, relay) = (database.url(), sink.url());
    let settings = [("DATABASE_URL", url.reveal()), ("SMTP_URL", relay.as_str()), ("MAIL_FROM", "chat@acme.example")];
    let ended = check(&folder, &[], &settings).await;
    let subjects = [
        "settings",
        "listen",
        "public URL",
        "proxies",
        "database",
        "migrations",
        "sign-up",
        "plans",
        "mail",
        "bus",
        "open files",
        "clock",
    ];
    assert_eq!(verdicts(&ended), subjects.map(|subject| format!("ok {subject}")), "{ended:?}");
    assert_eq!((ended.code(), ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(folder.files(), [""; 0]);
}

#[tokio::test]
async fn a_test_mail_is_sent_if_requested_and_no_mail_otherwise() {
    let (folder, mut sink) = (Folder::new(), SmtpSink::start().await);
    let relay = sink.url().replace("//", "//ada:swordfish@");
    let settings = [("SMTP_URL", relay.as_str()), ("MAIL_FROM", "chat@acme.example")];
    assert_eq!(check(&folder, &[], &settings).await.code(), Some(0));
    let ended = check(&folder, &["--send-to", "eve@acme.example"], &settings).await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(
        ended.stdout.contains("ok     mail: a test mail to eve@acme.example was handed to the relay\n"),
        "{ended:?}"
    );
    let mail = sink.next().await;
    assert_eq!(mail.to, "eve@acme.example");
    assert!(mail.text.contains("deskbell check --send-to") && mail.text.contains("http://127.0.0.1:"), "{mail:?}");

    for (to, settings, part) in [
        ("eve@acme.example", &[][..], "DESKBELL_SMTP_URL is not set"),
        ("eve", &settings, "--send-to is not a mail address"),
    ] {
        let ended = check(&folder, &["--send-to", to], settings).await;
        assert!(the_fault(&ended).contains(part), "{ended:?}");
    }
    assert_eq!(folder.files(), [""; 0]);
}

#[tokio::test]
async fn invalid_settings_are_all_reported_and_nothing_else_is_checked() {
    let folder = Folder::new();
    let settings = [
        ("LISTEN", "here"),
        ("SMTP_URL", "smtp://ada:swordfish@"),
        ("RECOVERY_TTL", "soon"),
        ("SMTP_PASSWORD", "swordfish"),
    ];
    let ended = check(&folder, &[], &settings).await;
    assert_eq!((ended.code(), ended.stderr.as_str()), (Some(2), ""), "{ended:?}");
    assert_eq!(ended.stdout.lines().count(), 4, "{ended:?}");
    for name in ["LISTEN", "SMTP_URL", "RECOVERY_TTL"] {
        assert!(ended.stdout.contains(&format!("wrong  settings: DESKBELL_{name}: ")), "{name}: {ended:?}");
    }
    assert!(ended.stdout.starts_with("note   settings: DESKBELL_SMTP_PASSWORD is not a setting"), "{ended:?}");
}

#[tokio::test]
async fn a_running_server_is_no_fault() {
    let (database, folder) = (Database::fresh().await, Folder::new());
    let url = database.url();
    let program = folder.serve(&[("DATABASE_URL", url.reveal()), ("METRICS_LISTEN", "127.0.0.1:0")]).await;
    let (listen, metrics) = (program.address().to_string(), program.metrics_url());
    let metrics = metrics.trim_start_matches("http://").trim_end_matches("/metrics");
    let ended =
        check(&folder, &[], &[("LISTEN", &listen), ("METRICS_LISTEN", metrics), ("DATABASE_URL", url.reveal())]).await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    for address in [listen.as_str(), metrics] {
        assert!(ended.stdout.contains(&format!("ok     listen: a server runs at {address}\n")), "{ended:?}");
    }
    assert!(ended.stdout.contains("ok     migrations: all are applied\n"), "{ended:?}");
}

//! A server under a service manager such as systemd, which this test plays.

use std::{path::PathBuf, time::Duration};

use tempfile::TempDir;
use tokio::{
    net::UnixDatagram,
    time::{Instant, timeout},
};

use crate::support::{
    Database, is_postgres,
    postgres::Postgres,
    process::{Folder, Program},
};

/// The time of the watchdog in these stories.
const WATCHDOG: Duration = Duration::from_millis(400);
/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The socket of a service manager.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
    _folder: TempDir,
}

impl Manager {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("notify");
        Self { socket: UnixDatagram::bind(&path).expect("bind"), path, _folder: folder }
    }

    /// Starts a server, whose watchdog belongs to this process, or to its own if there is none.
    fn start(&self, folder: &Folder, settings: &[(&str, &str)], watchdog_pid: Option<&str>) -> Program {
        let mut command = folder.command(&["serve"], &[("LISTEN", "127.0.0.1:0")]);
        command.envs(settings.iter().map(|(name, value)| (format!("DESKBELL_{name}"), value)));
        command.env("NOTIFY_SOCKET", &self.path).env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string());
        command.env_remove("WATCHDOG_PID");
        command.envs(watchdog_pid.map(|pid| ("WATCHDOG_PID", pid)));
        Program::spawn(command, "")
    }

    /// Waits for the next message.
    async fn next(&self) -> String {
        let mut message = [0; 4096];
        let received = timeout(PATIENCE, self.socket.recv(&mut message)).await.expect("a message").expect("received");
        String::from_utf8(message[..received].to_vec()).expect("text")
    }

    /// Receives messages until one has this line.
    async fn until(&self, line: &str) -> Vec<String> {
        let mut messages = vec![self.next().await];
        while !messages.last().is_some_and(|last| last.lines().any(|has| has == line)) {
            messages.push(self.next().await);
        }
        messages
    }
}

#[tokio::test]
async fn a_server_reports_that_it_is_ready_that_it_lives_and_that_it_stops() {
    let (manager, database, folder) = (Manager::new(), Database::fresh().await, Folder::new());
    let url = database.url();
    let mut program = manager.start(&folder, &[("DATABASE_URL", url.reveal())], None);
    let started = manager.until("READY=1").await;
    assert!(started[0].starts_with("STATUS=opening the database\n"), "{started:?}");
    assert_eq!(started.len(), 2, "the watchdog is pinged once the server is ready: {started:?}");
    let address = program.listens().await;
    let status = format!("STATUS=listening on {address}, public URL http://{address}/\n");
    assert!(started[1].starts_with(&status), "{started:?}");
    // Ready means that a request is answered, not that it will be.
    assert_eq!(reqwest::get(program.url("/readyz")).await.expect("an answer").status(), 200);

    let began = Instant::now();
    for _ in 0..4 {
        assert_eq!(manager.next().await.trim_end(), "WATCHDOG=1");
    }
    assert!(began.elapsed() >= WATCHDOG, "at half of the time, not in a loop: {:?}", began.elapsed());

    program.signal("TERM");
    let last = manager.until("STOPPING=1").await;
    assert!(last[..last.len() - 1].iter().all(|message| message == "WATCHDOG=1\n"), "{last:?}");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(!ended.stderr.contains("service manager"), "{ended:?}");
}

#[tokio::test]
async fn a_watchdog_of_another_process_is_not_pinged() {
    let (manager, database, folder) = (Manager::new(), Database::fresh().await, Folder::new());
    let url = database.url();
    let program = manager.start(&folder, &[("DATABASE_URL", url.reveal())], Some("1"));
    manager.until("READY=1").await;
    tokio::time::sleep(2 * WATCHDOG).await;
    program.signal("TERM");
    assert_eq!(manager.until("STOPPING=1").await.len(), 1);
    program.ended().await;
}

#[tokio::test]
async fn a_service_manager_that_is_gone_stops_no_server() {
    let (manager, database, folder) = (Manager::new(), Database::fresh().await, Folder::new());
    let url = database.url();
    std::fs::remove_file(&manager.path).expect("the socket exists");
    let mut program = manager.start(&folder, &[("DATABASE_URL", url.reveal())], None);
    program.listens().await;
    assert_eq!(reqwest::get(program.url("/readyz")).await.expect("an answer").status(), 200);
    assert!(program.log().contains("the service manager cannot be notified"), "{}", program.log());
    program.signal("TERM");
    assert_eq!(program.ended().await.code(), Some(0));
}

#[tokio::test]
async fn an_outage_of_the_database_is_no_reason_to_restart_the_server() {
    // SQLite has no server that could be down.
    if !is_postgres() {
        return;
    }
    let postgres = tokio::task::spawn_blocking(Postgres::start).await.expect("PostgreSQL starts");
    let (manager, folder) = (Manager::new(), Folder::new());
    let mut program = manager.start(&folder, &[("DATABASE_URL", &postgres.url("postgres"))], None);
    manager.until("READY=1").await;
    program.listens().await;
    postgres.kill();
    let unready = async {
        while reqwest::get(program.url("/readyz")).await.expect("an answer").status() != 503 {
            manager.until("WATCHDOG=1").await;
        }
    };
    timeout(PATIENCE, unready).await.expect("the server notices");
    // Those that were sent before the outage wait in the socket.
    while timeout(Duration::from_millis(1), manager.socket.readable()).await.is_ok()
        && manager.socket.try_recv(&mut [0; 4096]).is_ok()
    {}
    for _ in 0..4 {
        assert_eq!(manager.next().await, "WATCHDOG=1\n");
    }
}

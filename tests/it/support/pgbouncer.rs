//! `PgBouncer` in front of a PostgreSQL server.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::{eventually, postgres::free_port, watchdog::Watchdog};

/// A running `pgbouncer`. Killed when dropped.
#[derive(Debug)]
pub struct PgBouncer {
    child: Child,
    /// Dropped before the process is waited for.
    watchdog: Option<Watchdog>,
    port: u16,
    _folder: TempDir,
}

impl PgBouncer {
    /// Starts it in front of the PostgreSQL server on this port. `settings` are more lines of its
    /// configuration.
    pub async fn start(postgres: u16, settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let file = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={postgres} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             auth_type = any\nunix_socket_dir =\n{settings}\n"
        );
        fs::write(&file, text).expect("our folder");
        let mut command = program(&file, folder.path());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.expect("pgbouncer runs: install the package pgbouncer");
        let watchdog = Some(Watchdog::over(&child));
        let pooler = Self { child, watchdog, port, _folder: folder };
        eventually("pgbouncer", async || {
            tokio::time::sleep(Duration::from_millis(10)).await;
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        })
        .await;
        pooler
    }

    /// The URL of a database behind it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        self.watchdog = None;
        let _reaped = self.child.wait();
    }
}

/// It refuses to run as root, like PostgreSQL.
fn program(file: &Path, folder: &Path) -> Command {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    // Debian's folder is not on the PATH of every user.
    let mut folders = std::env::split_paths(&folders).chain([PathBuf::from("/usr/sbin")]);
    let program = folders.find_map(|folder| Some(folder.join("pgbouncer")).filter(|program| program.exists()));
    let mut command = Command::new(program.unwrap_or_else(|| "pgbouncer".into()));
    let id = Command::new("id").arg("-u").output().expect("id runs");
    if id.stdout.trim_ascii() == b"0" {
        command.args(["-u", "postgres"]);
        for path in [folder, file] {
            let owned = Command::new("chown").arg("postgres").arg(path).status().expect("chown runs");
            assert!(owned.success(), "as root, the user postgres is needed to run pgbouncer");
        }
    }
    command.arg(file).current_dir("/");
    command
}

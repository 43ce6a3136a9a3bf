//! A PostgreSQL server for the tests: a new cluster on a free port, which can be killed and
//! restarted.
//!
//! It stops when the process ends for any reason: a watchdog holds the other end of a pipe, and
//! when the pipe closes it stops the cluster and removes its folder.

use std::{
    ffi::OsStr,
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Enough for a small pool of each concurrent story, and for stories with races.
const MAX_CONNECTIONS: u32 = 800;
/// How long the child processes of a killed server may take to end.
const UP_AGAIN: Duration = Duration::from_secs(15);

/// A server that runs until it is killed or dropped.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    folder: PathBuf,
    account: Account,
    port: u16,
    /// Its standard input is the pipe. It closes when this is dropped, or when this process ends.
    _watchdog: Child,
}

impl Postgres {
    pub fn start() -> Self {
        let bin = bin();
        let folder =
            tempfile::Builder::new().prefix("deskbell-postgres-").tempdir().expect("a temporary folder").keep();
        let account = Account::of_this_process();
        account.own(&folder);
        let watchdog = watch(&bin, &folder, &account);
        let data = folder.join("data");
        let flags =
            ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"];
        account.run(&bin.join("initdb"), flags.map(OsStr::new).into_iter().chain([OsStr::new("-D"), data.as_os_str()]));
        let mut server = Self { bin, folder, account, port: 0, _watchdog: watchdog };
        for _ in 0..5 {
            server.port = free_port();
            fs::write(data.join("postgresql.auto.conf"), settings(server.port, &server.folder))
                .expect("the settings are written");
            // Another process may have taken the port since it was found free.
            if server.is_started() {
                return server;
            }
        }
        panic!("PostgreSQL did not start: {}", server.log());
    }

    /// The URL of a database on this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Kills the postmaster with SIGKILL. Its child processes end when they notice.
    pub fn kill(&self) {
        let file = fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("the server runs");
        let pid = file.lines().next().expect("the first line is the process");
        let killed = Command::new("kill").args(["-s", "KILL", pid]).status().expect("the program kill exists");
        assert!(killed.success(), "no process to kill");
    }

    /// Whether a process listens on its port.
    pub fn is_there(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    /// Restarts it with its port and data.
    pub fn restart(&self) {
        let began = Instant::now();
        while !self.is_started() {
            // Child processes of the killed server still hold its shared memory.
            assert!(began.elapsed() < UP_AGAIN, "PostgreSQL did not come back: {}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn is_started(&self) -> bool {
        let (data, log) = (self.folder.join("data"), self.folder.join("log"));
        let arguments = ["start", "-w", "-s", "-D"].map(OsStr::new);
        self.account
            .command(
                &self.bin.join("pg_ctl"),
                arguments.into_iter().chain([data.as_os_str(), OsStr::new("-l"), log.as_os_str()]),
            )
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("pg_ctl runs")
            .success()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

/// Durability is off, since no data must survive a crash of the machine.
fn settings(port: u16, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{folder}'\nmax_connections = {MAX_CONNECTIONS}\n\
         fsync = off\nfull_page_writes = off\nautovacuum = off\nshared_buffers = '64MB'\nmax_wal_size = '256MB'\n"
    )
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// The folder of PostgreSQL's programs: Debian's newest version, or the folder of `initdb` on the
/// PATH.
fn bin() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .max_by_key(|bin| bin.parent().and_then(|version| version.file_name()?.to_str()?.parse::<u32>().ok()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    newest
        .or_else(|| std::env::split_paths(&path).find(|folder| folder.join("initdb").exists()))
        .expect("PostgreSQL was not found: install the package postgresql, or add the folder of initdb to PATH")
}

/// The user who runs the cluster, since PostgreSQL refuses to run as root.
#[derive(Debug)]
struct Account {
    is_root: bool,
}

impl Account {
    fn of_this_process() -> Self {
        let id = Command::new("id").arg("-u").output().expect("id runs");
        Self { is_root: id.stdout.trim_ascii() == b"0" }
    }

    fn own(&self, folder: &Path) {
        if self.is_root {
            let owned = Command::new("chown").arg("postgres").arg(folder).status().expect("chown runs");
            assert!(owned.success(), "as root, the user postgres is needed to run PostgreSQL");
        }
    }

    fn command<'a>(&self, program: &Path, arguments: impl Iterator<Item = &'a OsStr>) -> Command {
        let mut command = if self.is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // The user `postgres` may have no access to the folder that the tests run in.
        command.args(arguments).current_dir("/").stdin(Stdio::null());
        command
    }

    fn run<'a>(&self, program: &Path, arguments: impl Iterator<Item = &'a OsStr>) {
        let output =
            self.command(program, arguments).output().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    }
}

/// Stops the cluster and removes its folder when this process has ended, even if it was killed.
fn watch(bin: &Path, folder: &Path, account: &Account) -> Child {
    // Ctrl-C reaches the whole process group, and the watchdog must outlive the others.
    const SCRIPT: &str = r#"
        trap '' HUP INT TERM
        cat >/dev/null
        pg_ctl=$1 folder=$2; shift 2
        "$@" "$pg_ctl" stop -s -m immediate -D "$folder/data"
        rm -rf "$folder"
    "#;
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "watchdog"]).arg(bin.join("pg_ctl")).arg(folder);
    command.args(if account.is_root { &["runuser", "-u", "postgres", "--"][..] } else { &["env"] });
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("sh runs")
}

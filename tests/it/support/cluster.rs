//! A throw-away PostgreSQL cluster, one a test process, started when the first story asks for it.
//!
//! It dies with the process however that ends: a watchdog holds the other end of a pipe, and when the pipe closes it stops the
//! cluster and removes its folder. A thread with a runtime of its own makes and drops databases, since a runtime goes with its
//! story and would take its connections along.

use std::{
    ffi::OsStr,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
};

use deskbell::{
    config::{DatabaseConfig, Secret},
    db::Db,
};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};
use tokio::sync::{mpsc, oneshot};

/// Enough for a small pool of each of the stories that run at once, and for those that race.
const MAX_CONNECTIONS: u32 = 800;
/// The migrated database that every story gets a copy of.
const TEMPLATE: &str = "story";

enum Errand {
    Make(oneshot::Sender<String>),
    Drop(String),
}

struct Cluster {
    errands: mpsc::UnboundedSender<Errand>,
    base_url: String,
    /// Its standard input is the pipe: it closes when this process ends, and only then.
    _watchdog: Child,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// Drops a database when it is dropped itself.
#[derive(Debug)]
pub struct Dropped(String);

impl Drop for Dropped {
    fn drop(&mut self) {
        if let Some(cluster) = CLUSTER.get() {
            // If the thread is gone, so is the process in a moment, and the cluster with it.
            let _ = cluster.errands.send(Errand::Drop(std::mem::take(&mut self.0)));
        }
    }
}

/// A new database with the schema in it: its address, and what drops it.
pub async fn database() -> (String, Dropped) {
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let (reply, made) = oneshot::channel();
    assert!(cluster.errands.send(Errand::Make(reply)).is_ok(), "the cluster's thread has died: see above");
    let name = made.await.expect("the cluster's thread made a database");
    (format!("{}/{name}?sslmode=disable", cluster.base_url), Dropped(name))
}

impl Cluster {
    fn start() -> Self {
        let bin = bin();
        let folder = tempfile::Builder::new().prefix("deskbell-postgres-").tempdir().expect("a temporary folder").keep();
        let account = Account::of_this_process();
        account.own(&folder);
        let watchdog = watch(&bin, &folder, &account);
        let data = folder.join("data");
        let flags = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"];
        account.run(&bin.join("initdb"), flags.map(OsStr::new).into_iter().chain([OsStr::new("-D"), data.as_os_str()]));

        let port = (0..5).find_map(|_| {
            let port = free_port();
            fs::write(data.join("postgresql.auto.conf"), settings(port, &folder)).expect("the settings are written");
            let log = folder.join("log");
            let arguments = ["start", "-w", "-s", "-D"].map(OsStr::new);
            let started = account
                .command(&bin.join("pg_ctl"), arguments.into_iter().chain([data.as_os_str(), OsStr::new("-l"), log.as_os_str()]))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .expect("pg_ctl runs");
            // Somebody may have taken the port since it was found free.
            started.success().then_some(port)
        });
        let Some(port) = port else { panic!("PostgreSQL did not start: {}", fs::read_to_string(folder.join("log")).unwrap_or_default()) };

        let base_url = format!("postgres://postgres@127.0.0.1:{port}");
        let (errands, received) = mpsc::unbounded_channel();
        let url = base_url.clone();
        thread::Builder::new()
            .name("cluster".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(keep(url, received));
            })
            .expect("a thread");
        Self { errands, base_url, _watchdog: watchdog }
    }
}

/// Makes and drops databases for as long as the process lives.
async fn keep(base_url: String, mut errands: mpsc::UnboundedReceiver<Errand>) {
    let mut options = ConnectOptions::new(format!("{base_url}/postgres?sslmode=disable"));
    options.max_connections(1).sqlx_logging(false);
    let admin = sea_orm::Database::connect(options).await.expect("the cluster answers");
    execute(&admin, &format!("CREATE DATABASE {TEMPLATE}")).await;
    let config = DatabaseConfig { url: Secret::new(format!("{base_url}/{TEMPLATE}?sslmode=disable")), pool: 2 };
    let db = Db::connect(&config).await.expect("the template opens");
    db.migrate().await.expect("the template is migrated");
    // A database that somebody is connected to cannot be copied.
    db.close().await.expect("the template closes");

    let mut made = 0;
    while let Some(errand) = errands.recv().await {
        match errand {
            Errand::Make(reply) => {
                made += 1;
                let name = format!("{TEMPLATE}_{made}");
                execute(&admin, &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
                // The story may have been given up.
                let _ = reply.send(name);
            }
            Errand::Drop(name) => execute(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await,
        }
    }
}

async fn execute(admin: &DatabaseConnection, statement: &str) {
    admin.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Nothing here has to outlive a crash.
fn settings(port: u16, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{folder}'\nmax_connections = {MAX_CONNECTIONS}\n\
         fsync = off\nfull_page_writes = off\nautovacuum = off\nshared_buffers = '64MB'\nmax_wal_size = '256MB'\n"
    )
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// Where PostgreSQL's programs are: the newest of Debian's, or wherever `initdb` is found.
fn bin() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .max_by_key(|bin| bin.parent().and_then(|version| version.file_name()?.to_str()?.parse::<u32>().ok()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    newest
        .or_else(|| std::env::split_paths(&path).find(|folder| folder.join("initdb").exists()))
        .expect("PostgreSQL's programs: install the package postgresql, or put initdb on the PATH")
}

/// Who runs the cluster: PostgreSQL refuses to run as root.
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
        // The folder that the tests are started in may be closed to that user.
        command.args(arguments).current_dir("/").stdin(Stdio::null());
        command
    }

    fn run<'a>(&self, program: &Path, arguments: impl Iterator<Item = &'a OsStr>) {
        let output = self.command(program, arguments).output().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    }
}

/// Stops the cluster and removes its folder when this process is gone, killed or not.
fn watch(bin: &Path, folder: &Path, account: &Account) -> Child {
    // Ctrl-C reaches the whole group of processes; the watchdog has to outlive the others.
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

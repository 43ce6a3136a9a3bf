//! A temporary PostgreSQL cluster with the default durability settings, so that the cost of a
//! durable commit counts.
//!
//! A watchdog stops it and removes its folder when this process ends for any reason.

use std::{
    ffi::OsStr,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::Context as _;

#[derive(Debug)]
pub struct Cluster {
    port: u16,
    bin: PathBuf,
    folder: PathBuf,
    databases: usize,
    watchdog: Child,
}

impl Cluster {
    pub fn start() -> anyhow::Result<Self> {
        let bin = bin().context("PostgreSQL's programs: install the package postgresql, or put initdb on the PATH")?;
        let folder = tempfile::Builder::new().prefix("deskbell-bench-postgres-").tempdir()?.keep();
        let watchdog = watch(&bin, &folder)?;
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut cluster = Self { port, bin, folder, databases: 0, watchdog };
        let data = cluster.folder.join("data");
        let flags = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-instructions", "-D"]
            .map(OsStr::new);
        run(cluster.command("initdb").args(flags).arg(&data))?;
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\nshared_buffers = '128MB'\n",
            cluster.folder.display()
        );
        fs::write(data.join("postgresql.auto.conf"), settings)?;
        cluster.databases = 0;
        cluster.begin()?;
        Ok(cluster)
    }

    fn begin(&self) -> anyhow::Result<()> {
        let (data, log) = (self.folder.join("data"), self.folder.join("log"));
        run(self.command("pg_ctl").args(["start", "-w", "-s", "-D"]).arg(data).arg("-l").arg(log))
    }

    /// Ends all of its processes at once, without a checkpoint.
    pub fn kill(&self) -> anyhow::Result<()> {
        run(self.command("pg_ctl").args(["stop", "-s", "-m", "immediate", "-D"]).arg(self.folder.join("data")))
    }

    /// Starts it again after [`Cluster::kill`]: it recovers what was committed.
    pub fn restart(&self) -> anyhow::Result<()> {
        self.begin()
    }

    /// The URL of a new, empty database.
    pub fn database(&mut self) -> anyhow::Result<String> {
        self.databases += 1;
        let name = format!("bench_{}", self.databases);
        let host = ["-h", "127.0.0.1", "-U", "postgres", "-p"];
        run(self.command("createdb").args(host).arg(self.port.to_string()).arg(&name))?;
        Ok(format!("postgres://postgres@127.0.0.1:{}/{name}?sslmode=disable", self.port))
    }

    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            // PostgreSQL refuses to run as root.
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").stdin(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Closing the pipe makes the watchdog stop the cluster.
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    // The server keeps its streams open, so only wait for the exit of this command.
    let status =
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().with_context(|| format!("{command:?}"))?;
    anyhow::ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// The newest version that Debian installs, or the one of the `initdb` in the PATH.
fn bin() -> Option<PathBuf> {
    let versions =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let newest = versions
        .filter(|bin| bin.join("initdb").exists())
        .max_by_key(|bin| bin.parent().and_then(|version| version.file_name()?.to_str()?.parse::<u32>().ok()));
    newest.or_else(|| std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("initdb").exists()))
}

fn watch(bin: &Path, folder: &Path) -> anyhow::Result<Child> {
    // Ctrl-C reaches the whole process group; the watchdog must outlive the others.
    const SCRIPT: &str = r#"
        trap '' HUP INT TERM
        cat >/dev/null
        pg_ctl=$1 folder=$2; shift 2
        "$@" "$pg_ctl" stop -s -m immediate -D "$folder/data"
        rm -rf "$folder"
    "#;
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "watchdog"]).arg(bin.join("pg_ctl")).arg(folder);
    command.args(if is_root() { &["runuser", "-u", "postgres", "--"][..] } else { &["env"] });
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command.spawn()?)
}
